package dev.muster.edge.node;

import dev.muster.core.agent.LocalAttempt;
import dev.muster.core.plan.Soft;
import dev.muster.edge.config.NodeConfig;
import dev.muster.edge.process.Supervisor;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.SortedMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Measures the node every two seconds, and stops the attempt with the most processes when all together are too many.
final class Vitals implements AutoCloseable {
    private static final Duration EVERY = Duration.ofSeconds(2);
    private static final Logger LOG = LoggerFactory.getLogger(Vitals.class);

    private final Gauges gauges;
    private final Supervisor supervisor;
    private final AttemptJournal journal;
    private final AttemptRuns runs;
    private final NodeConfig.Limits limits;
    private final Thread thread = Thread.ofVirtual().name("vitals").unstarted(this::run);
    private volatile Soft.Telemetry telemetry = Soft.Telemetry.UNKNOWN;

    Vitals(Gauges gauges, Supervisor supervisor, AttemptJournal journal, AttemptRuns runs, NodeConfig.Limits limits) {
        this.gauges = gauges;
        this.supervisor = supervisor;
        this.journal = journal;
        this.runs = runs;
        this.limits = limits;
    }

    void start() {
        look();
        thread.start();
    }

    Soft.Telemetry telemetry() {
        return telemetry;
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
            SortedMap<String, Integer> processes = supervisor.processCounts();
            int all = processes.values().stream().mapToInt(Integer::intValue).sum();
            telemetry = gauges.sample(all);
            if (all > limits.processes()) stopLargest(processes, all);
        } catch (IOException | RuntimeException e) {
            LOG.warn("vitals.unknown reason=\"{}\"", e.toString());
        }
    }

    /// One at a time: what is being stopped already counts as gone.
    private void stopLargest(SortedMap<String, Integer> processes, int all) {
        int leaving = 0;
        Optional<LocalAttempt> largest = Optional.empty();
        int most = 0;
        for (LocalAttempt attempt : journal.all().values()) {
            int count = processes.getOrDefault(JobProcess.key(attempt.id(), attempt.token()), 0);
            if (attempt.phase() == LocalAttempt.Phase.STOPPING) leaving += count;
            if (attempt.phase() == LocalAttempt.Phase.RUNNING && count > most) {
                largest = Optional.of(attempt);
                most = count;
            }
        }
        if (all - leaving <= limits.processes() || largest.isEmpty()) return;
        String why = "the attempts of this node have " + all + " processes, more than its limit of "
                + limits.processes() + ", and this one has the most (" + most + ")";
        LOG.warn("attempt.runaway attempt={} why=\"{}\"", largest.get().id(), why);
        runs.stop(largest.get().id(), why, Optional.of(limits.jobGrace()));
    }

    @Override
    public void close() {
        thread.interrupt();
    }
}
