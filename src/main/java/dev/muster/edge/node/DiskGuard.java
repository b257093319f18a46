package dev.muster.edge.node;

import dev.muster.core.agent.LocalAttempt;
import dev.muster.core.agent.LocalAttempt.Phase;
import dev.muster.core.state.Bytes;
import dev.muster.core.state.NodeId;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Looks every second whether the disk is full, and stops the attempt that filled it. One at a time: the next look tells
/// whether that was enough. Where somebody else filled it, no attempt is stopped.
final class DiskGuard implements AutoCloseable {
    private static final Duration EVERY = Duration.ofSeconds(1);
    /// A full disk hurts everybody on the machine: no job gets longer than this to end by itself.
    private static final Duration GRACE_MAX = Duration.ofSeconds(10);
    /// Clocks of files are coarse.
    private static final Duration SLACK = Duration.ofSeconds(1);
    /// An attempt is to blame only for more than this share of the reserve.
    private static final int BLAME_SHARE = 4;

    private static final Logger LOG = LoggerFactory.getLogger(DiskGuard.class);

    private record Suspect(LocalAttempt attempt, Footprint footprint) {}

    private final NodeId self;
    private final Room room;
    private final AttemptJournal journal;
    private final AttemptRuns runs;
    private final InstantSource clock;
    private final Thread thread = Thread.ofVirtual().name("disk").unstarted(this::run);
    /// Since when the disk filled up: the last time that there was plenty, or the first look. How much there was then is
    /// unknown when the first look found the disk full.
    private Instant since = Instant.EPOCH;
    private OptionalLong freeThen = OptionalLong.empty();
    private boolean looked;
    private boolean told;

    DiskGuard(NodeId self, Room room, AttemptJournal journal, AttemptRuns runs, InstantSource clock) {
        this.self = self;
        this.room = room;
        this.journal = journal;
        this.runs = runs;
        this.clock = clock;
    }

    void start() {
        look();
        thread.start();
    }

    private void run() {
        try {
            while (true) {
                Thread.sleep(EVERY);
                look();
            }
        } catch (InterruptedException e) {
            LOG.debug("closed", e);
        }
    }

    void look() {
        try {
            long free = room.free();
            if (free < 0) return;
            boolean full = free < room.floor().reserve();
            if (free >= room.floor().work() || (!looked && !full)) {
                since = clock.instant().minus(SLACK);
                freeThen = OptionalLong.of(free);
            }
            looked = true;
            if (full) full(free);
            else roomy(free);
        } catch (RuntimeException e) {
            LOG.error("disk.broken", e);
        }
    }

    private void roomy(long free) {
        if (told) LOG.info("disk.room-again free={}", new Bytes(free));
        told = false;
        room.restock();
    }

    private void full(long free) {
        room.relieve();
        if (runs.makingRoom()) return;
        List<Suspect> suspects = suspects();
        Optional<Suspect> culprit = culprit(suspects, free);
        if (culprit.isPresent()) stop(culprit.get(), free);
        else if (!told) {
            LOG.error(
                    "disk.full free={} then=\"nothing begins here; no job is stopped, since no job here wrote it"
                            + "\" do=\"make room on the disk of the data directory\"",
                    new Bytes(free));
        }
        told = true;
    }

    private List<Suspect> suspects() {
        List<Suspect> suspects = new ArrayList<>();
        for (LocalAttempt attempt : journal.all().values()) {
            if (attempt.phase() == Phase.RUNNING) suspects.add(new Suspect(attempt, runs.footprint(attempt, since)));
        }
        return suspects;
    }

    /// The one that wrote the most, if all together wrote at least half of what is gone.
    private Optional<Suspect> culprit(List<Suspect> suspects, long free) {
        long wrote =
                suspects.stream().mapToLong(one -> one.footprint().recent()).sum();
        long gone = freeThen.isPresent()
                ? freeThen.getAsLong() - free
                : 2 * room.floor().reserve();
        if (2 * wrote < gone) return Optional.empty();
        return suspects.stream()
                .filter(one -> one.footprint().recent() > room.floor().reserve() / BLAME_SHARE)
                .max(Comparator.comparingLong(one -> one.footprint().recent()));
    }

    private void stop(Suspect culprit, long free) {
        LocalAttempt attempt = culprit.attempt();
        String why = AttemptRuns.DISK_FULL + self + " had " + new Bytes(free) + " left, less than limits.disk_reserve ("
                + new Bytes(room.floor().reserve()) + "), and this job had written "
                + new Bytes(culprit.footprint().bytes())
                + ", the most of those that ran there; its directory was freed";
        LOG.error("disk.full free={} then=\"attempt {} is stopped\"", new Bytes(free), attempt.id());
        Duration grace = attempt.spec().grace();
        runs.stopForRoom(attempt.id(), why, grace.compareTo(GRACE_MAX) < 0 ? grace : GRACE_MAX);
    }

    @Override
    public void close() {
        thread.interrupt();
    }
}
