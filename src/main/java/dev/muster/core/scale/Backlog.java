package dev.muster.core.scale;

import dev.muster.core.state.ClusterState;
import dev.muster.core.state.Fit;
import dev.muster.core.state.Group;
import dev.muster.core.state.Held;
import dev.muster.core.state.Job;
import dev.muster.core.state.JobId;
import dev.muster.core.state.JobSpec;
import dev.muster.core.state.Node;
import dev.muster.core.state.Task;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/// Tasks that wait for room, job by job. A task counts for one group only: machines on their way have claims on it.
final class Backlog {
    /// What was only just submitted is placed in a moment where there is room.
    private static final Duration SETTLED = Duration.ofSeconds(30);
    /// Machines of a group that are asked whether a job would fit; they are much alike.
    private static final int SAMPLES = 8;

    private final List<Line> lines = new ArrayList<>();

    private static final class Line {
        final JobSpec spec;
        final int waiting;
        int unclaimed;

        Line(JobSpec spec, int waiting) {
            this.spec = spec;
            this.waiting = waiting;
            this.unclaimed = waiting;
        }
    }

    /// Not what is pinned to a node or has machines of its own, waits after a failure, or is only just there; nor what needs
    /// several nodes at once: those dial one another, and nobody dials a rented machine.
    static Backlog of(ClusterState state, Instant now) {
        Backlog backlog = new Backlog();
        for (JobId id : state.work().waitingJobs()) {
            Job job = state.work().jobs().require(id);
            if (counts(job, now)) backlog.add(state, job, now);
        }
        return backlog;
    }

    /// Walks along a job's tasks: to look each waiting one up would take three times as long.
    private void add(ClusterState state, Job job, Instant now) {
        int waiting = 0;
        for (Task task : state.work().tasksOf(job.id()).values()) if (ready(task, now)) waiting++;
        if (waiting > 0) lines.add(new Line(job.spec(), waiting));
    }

    private static boolean counts(Job job, Instant now) {
        return job.status() == Job.Status.OPEN
                && job.spec().node().isEmpty()
                && job.spec().run().isEmpty()
                && !job.spec().gang()
                && job.stopping().isEmpty()
                && !now.isBefore(job.submittedAt().plus(SETTLED));
    }

    private static boolean ready(Task task, Instant now) {
        return task.status() == Task.Status.WAITING
                && (task.notBefore().isEmpty() || !now.isBefore(task.notBefore().get()));
    }

    /// All that its machines could take.
    int waiting(Crew crew) {
        int sum = 0;
        for (Line line : lines) if (takes(crew, line.spec)) sum += line.waiting;
        return sum;
    }

    /// What its machines could take, and no machine is on its way for.
    int unclaimed(Crew crew) {
        int sum = 0;
        for (Line line : lines) if (line.unclaimed > 0 && takes(crew, line.spec)) sum += line.unclaimed;
        return sum;
    }

    void claim(Crew crew, int tasks) {
        int rest = tasks;
        for (Line line : lines) {
            if (rest <= 0) return;
            if (!takes(crew, line.spec)) continue;
            int taken = Math.min(rest, line.unclaimed);
            line.unclaimed -= taken;
            rest -= taken;
        }
    }

    /// As far as is known: of a group without machines, only its cards and its role are.
    private static boolean takes(Crew crew, JobSpec spec) {
        Group group = crew.group();
        if (!group.role().accepts(spec.kind())) return false;
        List<Node> joined = crew.joined();
        if (joined.isEmpty()) return spec.resources().gpus() <= group.gpuCount();
        for (int sample = 0; sample < Math.min(SAMPLES, joined.size()); sample++)
            if (Fit.fits(spec, joined.get(sample), Held.NOTHING)) return true;
        return false;
    }
}
