package dev.muster.edge.node;

import dev.muster.core.state.Command;
import dev.muster.core.state.DeltaOf;
import dev.muster.core.state.MadeDelta;
import dev.muster.core.state.NodeId;
import dev.muster.core.state.Sha256;
import dev.muster.edge.artifact.Draft;
import dev.muster.edge.artifact.PutResult;
import dev.muster.edge.delta.Delta;
import dev.muster.edge.delta.DeltaEncoder;
import dev.muster.edge.delta.Sample;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.Set;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Makes deltas between files of this node's store, one after the other, where a sample says that it is worth while. What
/// came of it is told to the cluster, also when it is nothing, so that nobody tries again.
///
/// Works on a platform thread: the scheduler shares the processors between it and the carriers of all virtual threads, so
/// however long it computes, heartbeats are sent.
final class DeltaMaker implements AutoCloseable {
    /// Then it is given up, and whole files are sent.
    private static final int TRIES_MAX = 3;
    private static final int TOLD_MAX = 64;
    private static final Duration PAUSE = Duration.ofSeconds(5);
    /// The encoder's own bound is 0.1 % and 1 KiB above the new file.
    private static final long SPARE_BYTES = 64 << 10;

    private static final Logger LOG = LoggerFactory.getLogger(DeltaMaker.class);

    private final NodeId self;
    private final Artifacts artifacts;
    private final Consumer<Command> report;
    private Optional<Thread> thread = Optional.empty();
    private final Map<DeltaOf, Failure> failures = new HashMap<>();
    /// Until the cluster's state shows them, a moment later or, without a leader, hours.
    private final SequencedMap<DeltaOf, MadeDelta> told = new LinkedHashMap<>();

    private record Failure(int times, long untilNanos) {}

    /// @param report tells the cluster, for as long as it takes
    DeltaMaker(NodeId self, Artifacts artifacts, Consumer<Command> report) {
        this.self = self;
        this.artifacts = artifacts;
        this.report = report;
    }

    /// Begins, unless another one is being made or this one failed lately, or tells once more what came of it. Returns at
    /// once.
    synchronized void make(DeltaOf of) {
        MadeDelta known = told.get(of);
        if (known != null && known.sha().map(artifacts::has).orElse(true)) {
            report.accept(new Command.RecordDelta(of, known));
            return;
        }
        failures.keySet().retainAll(Set.of(of)); // the others are made by now, or nobody has use for them
        Failure failure = failures.get(of);
        boolean paused = failure != null && failure.untilNanos() - System.nanoTime() > 0;
        if (paused || thread.filter(Thread::isAlive).isPresent()) return;
        thread = Optional.of(Thread.ofPlatform()
                .daemon()
                .priority(Thread.MIN_PRIORITY)
                .name("delta-maker")
                .start(() -> tried(of)));
    }

    private void tried(DeltaOf of) {
        try {
            tell(of, made(of));
        } catch (IOException | RuntimeException | LinkageError | OutOfMemoryError e) {
            failed(of, e);
        }
    }

    /// Pairs of which it is remembered that they failed.
    synchronized int remembered() {
        return failures.size();
    }

    private synchronized void tell(DeltaOf of, MadeDelta made) {
        failures.remove(of);
        if (told.size() >= TOLD_MAX) told.remove(told.sequencedKeySet().getFirst());
        told.put(of, made);
        report.accept(new Command.RecordDelta(of, made));
    }

    private synchronized void failed(DeltaOf of, Throwable e) {
        if (Thread.currentThread().isInterrupted()) return; // this node ends
        Failure last = failures.get(of);
        int times = last == null ? 1 : last.times() + 1;
        boolean givenUp = times >= TRIES_MAX;
        LOG.warn(
                "delta.not-made artifact={} base={} times={} reason=\"{}\" then=\"{}\"",
                of.artifact().brief(),
                of.base().brief(),
                times,
                e.toString(),
                givenUp ? "whole files are sent" : "tried again");
        failures.put(
                of,
                new Failure(times, System.nanoTime() + PAUSE.multipliedBy(times).toNanos()));
        if (givenUp) tell(of, MadeDelta.none(self));
    }

    private MadeDelta made(DeltaOf of) throws IOException {
        if (!Delta.available()) return none(of, "Zstandard's native library does not work here");
        Path base = artifacts.path(of.base());
        Path artifact = artifacts.path(of.artifact());
        double likely = Sample.estimate(base, artifact);
        if (!Delta.worthwhile(likely)) return none(of, String.format(Locale.ROOT, "a sample comes to %.2f", likely));
        long size = Files.size(artifact);
        try (Draft draft = artifacts.draft(size + size / 1000 + SPARE_BYTES)) {
            DeltaEncoder.Result result = DeltaEncoder.encode(base, artifact, draft.path());
            check(of, result);
            if (!result.worthwhile()) return none(of, String.format(Locale.ROOT, "it comes to %.2f", result.ratio()));
            PutResult.Stored stored = draft.keep();
            Sha256 sha = new Sha256(stored.sha256().hex());
            artifacts.arrived(sha);
            LOG.info(
                    "delta.made artifact={} base={} delta={} bytes={} ratio={} seconds={}",
                    of.artifact().brief(),
                    of.base().brief(),
                    sha.brief(),
                    stored.size(),
                    String.format(Locale.ROOT, "%.4f", result.ratio()),
                    result.took().toMillis() / 1000.0);
            return new MadeDelta(Optional.of(sha), stored.size(), self);
        }
    }

    private MadeDelta none(DeltaOf of, String why) {
        LOG.info(
                "delta.none artifact={} base={} reason=\"{}\"",
                of.artifact().brief(),
                of.base().brief(),
                why);
        return MadeDelta.none(self);
    }

    /// The encoder has read both files: what is wrong here would make every receiver's result wrong.
    private void check(DeltaOf of, DeltaEncoder.Result result) throws IOException {
        if (!result.header().oldSha().equals(of.base())) throw damaged(of.base());
        if (!result.header().newSha().equals(of.artifact())) throw damaged(of.artifact());
    }

    private IOException damaged(Sha256 sha) {
        artifacts.doubt(sha);
        return new IOException("expected " + sha.brief() + " on this disk, but found something else");
    }

    /// What is being made is given up.
    @Override
    public synchronized void close() {
        thread.ifPresent(Thread::interrupt);
    }
}
