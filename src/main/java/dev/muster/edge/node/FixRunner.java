package dev.muster.edge.node;

import dev.muster.core.check.Check;
import dev.muster.core.check.FixTurn;
import dev.muster.core.check.Fixes;
import dev.muster.core.check.LocalFix;
import dev.muster.core.state.ClusterState;
import dev.muster.core.state.Fix;
import dev.muster.core.state.FixKind;
import dev.muster.core.state.NodeId;
import dev.muster.edge.check.Child;
import dev.muster.edge.check.Examiner;
import java.io.IOException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Carries out the fixes that the log orders for this node, each once, and tells whether they helped: the check that
/// asked for it is looked at again.
final class FixRunner implements AutoCloseable {
    private static final Duration TICK = Duration.ofSeconds(1);
    /// Packages of some gigabytes from far away.
    private static final Duration INSTALL_MAX = Duration.ofMinutes(10);

    private static final Duration CLOCK_MAX = Duration.ofSeconds(20);
    /// A time server is asked and answers within this, or not at all.
    private static final int SYNC_LOOKS = 15;

    private static final Duration SYNC_EVERY = Duration.ofSeconds(2);

    private static final Logger LOG = LoggerFactory.getLogger(FixRunner.class);

    /// What fixes are made with.
    ///
    /// @param install as [dev.muster.edge.config.CheckSettings#install]
    record Tools(NodeId self, Examiner examiner, Child child, Shelf shelf, RoomMaker room, List<String> install) {}

    /// Makes room on the disk, as far as there is something that may go.
    interface RoomMaker {
        void make() throws IOException;
    }

    private final Tools tools;
    private final Replica replica;
    private final RevisionFloor floor;
    private final FixJournal journal;
    private final Reporter reporter;
    private final InstantSource clock;
    private final Thread thread = Thread.ofVirtual().name("fixes").unstarted(this::run);
    private boolean told;

    FixRunner(
            Tools tools,
            Replica replica,
            RevisionFloor floor,
            FixJournal journal,
            Reporter reporter,
            InstantSource clock) {
        this.tools = tools;
        this.replica = replica;
        this.floor = floor;
        this.journal = journal;
        this.reporter = reporter;
        this.clock = clock;
    }

    void start() {
        thread.start();
    }

    private void run() {
        try {
            recover();
            while (true) {
                turn();
                Thread.sleep(TICK);
            }
        } catch (InterruptedException e) {
            LOG.debug("closed", e);
        }
    }

    /// What an agent before this one began may be half done. It is not begun again: whether it helped is looked at.
    private void recover() throws InterruptedException {
        for (LocalFix fix : journal.all().values())
            if (fix.end().isEmpty()) ended(fix, verified(fix.kind(), "the agent was restarted meanwhile"));
    }

    /// One look at what is ordered; a fix is carried out before it returns.
    void turn() throws InterruptedException {
        ClusterState state = replica.state();
        if (!floor.admits(state)) return;
        try {
            for (FixTurn.Turn turn : FixTurn.decide(state, tools.self(), journal.all())) {
                switch (turn) {
                    case FixTurn.Turn.Begin(Fix fix) -> begin(state, fix);
                    case FixTurn.Turn.Report(var order) -> reporter.report(order);
                    case FixTurn.Turn.Discard(long token) -> {
                        floor.raise(state.revision());
                        journal.discard(token);
                    }
                }
            }
            told = false;
        } catch (IOException | RuntimeException e) {
            if (!told) LOG.error("fix.broken reason=\"{}\" then=\"tried again\"", e.toString());
            told = true;
        }
    }

    private void begin(ClusterState state, Fix fix) throws IOException, InterruptedException {
        LocalFix local = new LocalFix(fix.token(), fix.kind(), Optional.empty());
        floor.raise(state.revision());
        journal.write(local);
        LOG.info("fix.begun token={} kind={}", fix.token(), fix.kind());
        ended(local, carryOut(fix.kind()));
    }

    private Fix.Ended carryOut(FixKind kind) throws InterruptedException {
        try {
            return verified(kind, act(kind));
        } catch (IOException | RuntimeException e) {
            return end(false, String.valueOf(e.getMessage()));
        }
    }

    /// @return what was done, for people
    private String act(FixKind kind) throws IOException, InterruptedException {
        return switch (kind) {
            case RELINK -> relink();
            case COLLECT -> {
                tools.room().make();
                yield "what nothing needs was deleted";
            }
            case SYNC_CLOCK -> {
                command(List.of("timedatectl", "set-ntp", "true"), CLOCK_MAX);
                yield "timedatectl set-ntp true";
            }
            case INSTALL -> {
                if (tools.install().isEmpty()) throw new IOException("node.yaml names no checks.install any more");
                yield command(tools.install(), INSTALL_MAX);
            }
        };
    }

    private String relink() throws IOException {
        Shelf.Links made = tools.shelf().link(tools.self());
        if (!made.why().isEmpty()) throw new IOException(made.why());
        String did = made.links().stream()
                .filter(link -> !link.state().equals("OK"))
                .map(link -> link.config() + ": " + String.join("; ", link.did()))
                .collect(Collectors.joining(", "));
        return did.isEmpty() ? "all names were right" : did;
    }

    private String command(List<String> words, Duration max) throws IOException, InterruptedException {
        Child.Done done = tools.child().run(words, Map.of(), max);
        if (done.late()) throw new IOException(words.getFirst() + " was killed after " + max.toSeconds() + " s");
        if (done.exit() != 0)
            throw new IOException(words.getFirst() + " ended with " + done.exit() + ": " + done.lastLine());
        return done.lastLine().isEmpty() ? words.getFirst() + " did it" : done.lastLine();
    }

    private Fix.Ended verified(FixKind kind, String did) throws InterruptedException {
        Optional<Check> still = still(kind);
        for (int look = 1; kind == FixKind.SYNC_CLOCK && still.isPresent() && look < SYNC_LOOKS; look++) {
            Thread.sleep(SYNC_EVERY);
            still = still(kind);
        }
        return still.isEmpty()
                ? end(true, did)
                : end(false, did + "; still: " + still.get().text());
    }

    private Optional<Check> still(FixKind kind) throws InterruptedException {
        switch (kind) {
            case INSTALL -> tools.examiner().round(true);
            case SYNC_CLOCK -> tools.examiner().askSync(true);
            case RELINK, COLLECT -> {}
        }
        tools.examiner().forgetLook();
        return Fixes.failing(tools.examiner().look(), kind);
    }

    private Fix.Ended end(boolean done, String note) {
        String line = note.replaceAll("\\s+", " ").strip();
        return new Fix.Ended(clock.instant(), done, line.substring(0, Math.min(line.length(), Fix.NOTE_MAX)));
    }

    private void ended(LocalFix fix, Fix.Ended end) {
        LOG.info("fix.ended token={} kind={} done={} note=\"{}\"", fix.token(), fix.kind(), end.done(), end.note());
        try {
            journal.write(new LocalFix(fix.token(), fix.kind(), Optional.of(end)));
        } catch (IOException e) {
            LOG.error("fix.not-noted token={} reason=\"{}\"", fix.token(), e.toString());
        }
    }

    @Override
    public void close() {
        thread.interrupt();
    }
}
