package dev.muster.edge.node;

import dev.muster.core.agent.AgentAction;
import dev.muster.core.agent.Deltas;
import dev.muster.core.agent.Evictions;
import dev.muster.core.agent.LocalAttempt;
import dev.muster.core.agent.LocalView;
import dev.muster.core.agent.Repairs;
import dev.muster.core.state.Actor;
import dev.muster.core.state.Attempt;
import dev.muster.core.state.Bytes;
import dev.muster.core.state.ClusterState;
import dev.muster.core.state.Command;
import dev.muster.core.state.Envelope;
import dev.muster.core.state.JobSpec;
import dev.muster.core.state.NodeId;
import dev.muster.core.state.Sha256;
import dev.muster.core.state.Strike;
import dev.muster.edge.artifact.PutResult;
import dev.muster.edge.artifact.VerifyResult;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.BiFunction;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Looks after this node's files: fetches the copies that it is to have, makes room when there are too many, and reads one
/// file after the other again to find those whose bytes have changed.
final class Caretaker implements AutoCloseable {
    private static final Duration TICK = Duration.ofSeconds(1);
    private static final int COLLECT_EVERY_TICKS = 10;
    private static final int VERIFY_EVERY_TICKS = 60;
    private static final int CLEAR_EVERY_TICKS = 3600;
    /// One less than the fetcher takes at once: copies leave a place for current models and for inputs of jobs.
    private static final int FETCHES_MAX = Fetcher.AT_ONCE_MAX - 1;
    /// Making room stops this far below the limit, or it would begin anew with each file.
    private static final double ROOM_SHARE = 0.05;

    private static final Duration RELEASE_MAX = Duration.ofSeconds(15);

    private static final Logger LOG = LoggerFactory.getLogger(Caretaker.class);

    /// What the caretaker works with.
    ///
    /// @param artifactsMax bytes of the store above which it makes room
    record Means(
            NodeId self,
            Replica replica,
            RevisionFloor floor,
            LocalFiles files,
            Fetcher fetcher,
            ModelLinks links,
            AttemptJournal journal,
            Room room,
            long artifactsMax,
            InstantSource clock,
            BiFunction<Envelope, Duration, Member.Answer> submit) {}

    private final Means means;
    private final Reporter reporter;
    private final DeltaMaker deltas;
    private final Thread thread = Thread.ofVirtual().name("caretaker").unstarted(this::run);
    private Optional<Sha256> verified = Optional.empty();
    private final Map<Sha256, Strike> reread = new HashMap<>();
    private boolean told;

    Caretaker(Means means, Reporter reporter) {
        this.means = means;
        this.reporter = reporter;
        this.deltas = new DeltaMaker(means.self(), means.files(), reporter::report);
    }

    void start() {
        thread.start();
    }

    private void run() {
        try {
            for (long tick = 1; ; tick++) {
                Thread.sleep(TICK);
                try {
                    repair();
                    readDoubted();
                    reread();
                    if (tick % COLLECT_EVERY_TICKS == 0) collect();
                    if (tick % VERIFY_EVERY_TICKS == 0) verifyNext();
                    if (tick % CLEAR_EVERY_TICKS == 0) clear();
                } catch (IOException | RuntimeException e) {
                    if (!told) LOG.error("caretaker.broken", e);
                    told = true;
                }
            }
        } catch (InterruptedException e) {
            LOG.debug("closed", e);
        }
    }

    /// The newest state, unless it is older than what this node has acted on.
    private Optional<ClusterState> state() {
        return Optional.of(means.replica().state()).filter(means.floor()::admits);
    }

    void repair() {
        ClusterState state = state().orElse(null);
        if (state == null) return;
        LocalView local = new LocalView(
                means.self(),
                means.journal().all(),
                means.files().held(),
                means.fetcher().fetching(),
                means.links().all());
        means.fetcher().keepOnly(sha -> Repairs.wanted(state, local, sha));
        means.files().keepOnly(sha -> Repairs.wanted(state, local, sha));
        copies(state, local);
        deltas(state, local);
        spent(state, local);
    }

    /// Nobody is told: the leader forgets them soon.
    private void spent(ClusterState state, LocalView local) {
        for (Sha256 sha : Repairs.spent(state, local)) {
            try {
                means.files().delete(sha);
                LOG.debug("{} was replaced by a later save", sha);
            } catch (IOException e) {
                LOG.warn("artifact.not-deleted sha={} reason=\"{}\"", sha.brief(), e.toString());
            }
        }
    }

    private void copies(ClusterState state, LocalView local) {
        for (AgentAction action : Repairs.decide(
                state,
                local,
                FETCHES_MAX - local.fetching().size(),
                means.fetcher().resting())) {
            if (action instanceof AgentAction.Report(Command command)) reporter.report(command);
            if (action instanceof AgentAction.Fetch(Sha256 sha, long size, List<NodeId> holders))
                means.fetcher().fetch(sha, holders);
        }
    }

    private void deltas(ClusterState state, LocalView local) {
        Deltas.Chores chores = Deltas.decide(state, local);
        chores.make().ifPresent(deltas::make);
        for (Sha256 spent : chores.spent()) {
            try {
                means.files().delete(spent);
                LOG.info("delta.dropped sha={}", spent.brief());
            } catch (IOException e) {
                LOG.warn("delta.not-dropped sha={} reason=\"{}\"", spent.brief(), e.toString());
            }
        }
    }

    /// Something that was made from these came out wrong.
    private void readDoubted() throws IOException {
        for (Sha256 sha : means.files().doubted()) verify(sha);
    }

    /// Others found chunks that this node gave to be damaged: it reads those files again, once for each time it is told.
    void reread() throws IOException {
        ClusterState state = state().orElse(null);
        if (state == null) return;
        reread.keySet().removeIf(sha -> !state.files().strikes().has(sha));
        for (Sha256 sha : state.files().strikes().keys()) {
            Optional<Strike> strike = state.files()
                    .strike(sha, means.self())
                    .filter(against -> against.fresh(state.at()) && !against.equals(reread.get(sha)));
            if (strike.isEmpty() || !means.files().has(sha)) continue;
            reread.put(sha, strike.get());
            VerifyResult result = verify(sha);
            if (result instanceof VerifyResult.Verified)
                LOG.warn(
                        "artifact.accused sha={} found=whole reason=\"others got {} damaged chunks of it from here\""
                                + " then=\"look at this machine's memory and network\"",
                        sha.brief(),
                        strike.get().times());
        }
    }

    /// Makes room when the store is larger than it may be, or the disk is nearly full; on the way it finds files that are
    /// gone or were cut short.
    void collect() throws IOException {
        collect(0);
    }

    /// The same, until so many bytes are free on the disk, as far as there is something that may go.
    synchronized void collect(long wanted) throws IOException {
        ClusterState state = state().orElse(null);
        if (state == null) return;
        for (Sha256 sha : means.files().held()) if (means.files().changed(sha)) written(sha);
        Set<Sha256> lost = new HashSet<>(means.files().held());
        List<Evictions.Candidate> files = new ArrayList<>();
        long size = 0;
        for (PutResult.Stored stored : means.files().list()) {
            Sha256 sha = new Sha256(stored.sha256().hex());
            lost.remove(sha);
            if (cut(state, sha, stored.size())) continue;
            files.add(new Evictions.Candidate(sha, stored.size(), means.files().lastUsed(sha)));
            size += stored.size();
        }
        for (Sha256 sha : lost) verify(sha);
        long need = need(size, wanted);
        Instant now = means.clock().instant();
        for (Evictions.Candidate file : Evictions.decide(state, means.self(), files, own(), need, now)) {
            release(state, file);
        }
    }

    private void written(Sha256 sha) throws IOException {
        LOG.warn(
                "artifact.written sha={} reason=\"somebody wrote to the store's file\" then=\"read again\"",
                sha.brief());
        verify(sha);
    }

    /// A file of another length than the cluster knows needs no reading to be found out.
    private boolean cut(ClusterState state, Sha256 sha, long found) throws IOException {
        boolean other = state.files()
                .artifacts()
                .find(sha)
                .filter(artifact -> artifact.size() != found)
                .isPresent();
        return other && !(verify(sha) instanceof VerifyResult.Verified);
    }

    private long need(long size, long wanted) {
        long over = size - means.artifactsMax();
        long free = means.room().free();
        long lacking = free < 0 ? 0 : Math.max(wanted, means.room().floor().work()) - free;
        long need = Math.max(over, lacking);
        return need <= 0 ? 0 : need + (long) (ROOM_SHARE * Math.min(means.artifactsMax(), size));
    }

    /// What attempts of this node read, or have left and not reported yet.
    private Set<Sha256> own() {
        Set<Sha256> own = new HashSet<>();
        for (LocalAttempt attempt : means.journal().all().values()) {
            for (JobSpec.Input input : attempt.spec().inputs()) own.add(input.artifact());
            for (Attempt.Stored file : attempt.saved().files().values()) own.add(file.sha());
            attempt.ending().stream()
                    .flatMap(end -> Stream.concat(end.outputs().stream(), end.traces().evidence().stream()))
                    .forEach(file -> own.add(file.sha()));
        }
        return own;
    }

    private void release(ClusterState state, Evictions.Candidate file) throws IOException {
        if (!state.files().artifacts().has(file.sha())) {
            means.files().delete(file.sha());
            LOG.info("artifact.collected sha={} size={} why=unknown", file.sha().brief(), new Bytes(file.size()));
            return;
        }
        means.files().hide(file.sha());
        Member.Answer answer = means.submit()
                .apply(
                        Envelope.of(
                                Actor.node(means.self()),
                                "makes room",
                                new Command.ReleaseReplica(file.sha(), means.self())),
                        RELEASE_MAX);
        if (answer instanceof Member.Answer.Done) {
            means.files().delete(file.sha());
            LOG.info("artifact.collected sha={} size={}", file.sha().brief(), new Bytes(file.size()));
        } else {
            means.files().show(file.sha());
            LOG.info("artifact.not-collected sha={} reason=\"{}\"", file.sha().brief(), answer);
        }
    }

    /// The next file in the order of the hashes: a store of a thousand files is through in a day.
    private void verifyNext() throws IOException {
        TreeSet<Sha256> held = new TreeSet<>(means.files().held());
        if (held.isEmpty()) return;
        Sha256 next = verified.map(held::higher).orElse(held.first());
        verified = Optional.of(next == null ? held.first() : next);
        verify(verified.get());
        means.links().reread(verified.get());
    }

    /// What is on the disk for files that nobody asks for any more.
    synchronized void clear() throws IOException {
        means.fetcher().clear();
        means.files().clearQuarantine();
    }

    /// Reads a file again. What does not have its hash is no longer held, nor played with; the cluster is told, and whoever
    /// is to hold it fetches it again.
    VerifyResult verify(Sha256 sha) throws IOException {
        VerifyResult result = means.files().verify(sha);
        if (result instanceof VerifyResult.Corrupt corrupt) {
            LOG.error(
                    "artifact.corrupt sha={} found={} quarantined={} then=\"fetched again\"",
                    sha,
                    corrupt.found(),
                    corrupt.quarantined());
            means.links().withdraw(sha, corrupt.quarantined());
            means.files().clearQuarantine();
        }
        if (!(result instanceof VerifyResult.Verified)) repair();
        else if (!means.files().changed(sha)) means.links().verified(sha);
        return result;
    }

    @Override
    public void close() {
        thread.interrupt();
        deltas.close();
    }
}
