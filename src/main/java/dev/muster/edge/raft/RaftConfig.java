package dev.muster.edge.raft;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/// How one voter runs.
///
/// @param self this voter: the address the others reach it by
/// @param bindHost the address to listen on; a wildcard such as `0.0.0.0` where `self.host()` is not an address of
///     this machine
/// @param dir this voter's own directory; everything Raft keeps is below it
/// @param cluster the cluster's name: voters of differently named clusters do not talk to each other
/// @param initialVoters the first voters of a new cluster, the same on each of them. Counts only while `dir` is
///     empty. Empty: wait until the leader adds this voter. A voter that has lost its directory must come back with
///     an empty list and be readmitted ([RaftVoter#readmit]), never with the first one: it would vote as if it had
///     promised nothing
/// @param timing how fast it notices and gives up
/// @param snapshotEvery entries between two snapshots
/// @param keepEntries entries kept in the log below the newest snapshot
/// @param tls mutual TLS between voters; without it anybody who can reach the port can be a voter
public record RaftConfig(
        VoterAddress self,
        String bindHost,
        Path dir,
        String cluster,
        List<VoterAddress> initialVoters,
        Timing timing,
        long snapshotEvery,
        long keepEntries,
        Optional<Tls> tls) {

    /// Entries between snapshots. At 100 entries/s one every three minutes; with 400-byte entries about 8 MB of log
    /// to replay.
    public static final long SNAPSHOT_EVERY = 20_000;

    /// Entries kept behind the newest snapshot, so that a voter that restarts (20 s at 500 entries/s) catches up from
    /// the log.
    public static final long KEEP_ENTRIES = 10_000;

    /// Largest entry in bytes; a bigger one is refused. Ratis ships entries in batches of 1 MiB at most, with a
    /// little room for its frame.
    public static final int ENTRY_MAX_BYTES = (1 << 20) - (64 << 10);

    public RaftConfig {
        Objects.requireNonNull(self, "self");
        Objects.requireNonNull(bindHost, "bindHost");
        dir = dir.toAbsolutePath().normalize();
        Objects.requireNonNull(cluster, "cluster");
        initialVoters = List.copyOf(initialVoters);
        Objects.requireNonNull(timing, "timing");
        Objects.requireNonNull(tls, "tls");
        if (!initialVoters.isEmpty() && !initialVoters.contains(self))
            throw new IllegalArgumentException("expected " + self + " among the first voters, found " + initialVoters);
        if (initialVoters.stream().map(VoterAddress::id).distinct().count() != initialVoters.size())
            throw new IllegalArgumentException("two voters have the same id: " + initialVoters);
        if (snapshotEvery < 1 || keepEntries < 0)
            throw new IllegalArgumentException("snapshotEvery must be at least 1 and keepEntries at least 0, not "
                    + snapshotEvery + " and " + keepEntries);
    }

    /// A voter that founds a new cluster together with the others of `initialVoters`.
    public static RaftConfig founding(VoterAddress self, Path dir, String cluster, List<VoterAddress> initialVoters) {
        if (initialVoters.isEmpty()) throw new IllegalArgumentException("a new cluster needs at least one voter");
        return new RaftConfig(
                self,
                self.host(),
                dir,
                cluster,
                initialVoters,
                Timing.DEFAULT,
                SNAPSHOT_EVERY,
                KEEP_ENTRIES,
                Optional.empty());
    }

    /// A voter that waits to be added, or that is already one and restarts: what its directory says counts.
    public static RaftConfig joining(VoterAddress self, Path dir, String cluster) {
        return new RaftConfig(
                self,
                self.host(),
                dir,
                cluster,
                List.of(),
                Timing.DEFAULT,
                SNAPSHOT_EVERY,
                KEEP_ENTRIES,
                Optional.empty());
    }

    public RaftConfig withBindHost(String host) {
        return new RaftConfig(self, host, dir, cluster, initialVoters, timing, snapshotEvery, keepEntries, tls);
    }

    public RaftConfig withTiming(Timing newTiming) {
        return new RaftConfig(self, bindHost, dir, cluster, initialVoters, newTiming, snapshotEvery, keepEntries, tls);
    }

    public RaftConfig withSnapshots(long every, long keep) {
        return new RaftConfig(self, bindHost, dir, cluster, initialVoters, timing, every, keep, tls);
    }

    public RaftConfig withTls(Tls newTls) {
        return new RaftConfig(
                self, bindHost, dir, cluster, initialVoters, timing, snapshotEvery, keepEntries, Optional.of(newTls));
    }

    /// How fast a voter notices and gives up.
    ///
    /// @param electionMin shortest silence of the leader after which a voter campaigns; heartbeats go out at half of
    ///     it
    /// @param electionMax longest; also how long a leader that hears no majority goes on leading
    /// @param stepDownWait how long a voter that has just stopped leading lets others go first
    /// @param proposeTimeout how long a proposal may take before its fate is called unknown
    /// @param changeTimeout how long a change of voters may take; a new voter may need a whole snapshot first
    public record Timing(
            Duration electionMin,
            Duration electionMax,
            Duration stepDownWait,
            Duration proposeTimeout,
            Duration changeTimeout) {
        /// Chosen by measuring on two cores with `RaftBench`: from the SIGKILL of a leader to the first proposal
        /// applied at the next one it takes 0.8 s (median), 1.4 s after a split vote. Longer timeouts cost twice: a
        /// follower looks only when its own one ends, and may then have to wait for another. A leader that the
        /// machine does not run for `stepDownWait` steps down, hence no shorter.
        public static final Timing DEFAULT = new Timing(
                Duration.ofMillis(300),
                Duration.ofMillis(600),
                Duration.ofSeconds(1),
                Duration.ofSeconds(4),
                Duration.ofMinutes(2));

        public Timing {
            if (electionMin.toMillis() < 50 || electionMax.compareTo(electionMin) <= 0)
                throw new IllegalArgumentException(
                        "expected 50ms <= electionMin < electionMax, found " + electionMin + " and " + electionMax);
            if (!stepDownWait.isPositive() || !proposeTimeout.isPositive() || !changeTimeout.isPositive())
                throw new IllegalArgumentException("stepDownWait, proposeTimeout and changeTimeout must be positive");
        }
    }

    /// Mutual TLS: each voter shows `certificate` and takes only peers whose certificate `authority` signed. PEM
    /// files, the key in PKCS#8.
    public record Tls(Path key, Path certificate, Path authority) {}
}
