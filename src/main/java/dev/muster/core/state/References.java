package dev.muster.core.state;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// What still needs an artifact: open jobs' inputs, models and their history, the loops' games and candidates.
public final class References {
    /// Versions of each model that every node keeps besides the current one: rolling back to them takes no transfer.
    static final int VERSIONS_KEPT = 3;

    /// How an [Actor] that submits jobs for runs and loops begins.
    private static final String LEADER = "leader:";

    private final Map<Sha256, String> users = new HashMap<>();

    private References() {}

    /// Everything, with a model's whole history.
    public static References of(ClusterState state) {
        return of(state, Model.HISTORY_MAX);
    }

    /// Everything, with what the jobs that are kept have read and made, whether they have ended or not, and what is on its
    /// way to the nodes.
    public static References kept(ClusterState state) {
        References found = of(state);
        for (Job job : state.work().jobs().values()) found.job(state, job, "job " + job.id());
        for (Distribution distribution : state.models().distributions().values())
            found.users.put(distribution.sha(), "model " + distribution.config());
        return found;
    }

    /// Everything, with what the jobs that people submitted have read and made. Those of runs count with their runs, those
    /// of loops with their loops, and no longer: their jobs may be remembered after them.
    static References listed(ClusterState state) {
        References found = of(state);
        for (Job job : state.work().jobs().values())
            if (!job.submitter().startsWith(LEADER)) found.job(state, job, "job " + job.id());
        return found;
    }

    /// What work may ask for at any moment: of a model only the current version and the last few.
    static References lately(ClusterState state) {
        return of(state, VERSIONS_KEPT + 1);
    }

    private static References of(ClusterState state, int versions) {
        References found = new References();
        for (Job job : state.work().jobs().values()) {
            if (job.status() != Job.Status.OPEN) continue;
            found.job(state, job, "open job " + job.id());
        }
        for (Model model : state.models().models().values()) {
            for (Model.Version version : last(model.history(), versions))
                found.users.put(version.sha(), "model " + model.config());
        }
        for (Loop loop : state.loops().loops().values()) found.loop(state, loop);
        for (Run run : state.runs().runs().values()) found.run(state, run);
        return found;
    }

    private void job(ClusterState state, Job job, String user) {
        for (JobSpec.Input input : job.spec().inputs()) users.put(input.artifact(), user);
        made(state, job, user);
    }

    private void made(ClusterState state, Job job, String user) {
        JobOrders.outputs(state, job.id())
                .forEach(output -> users.put(output.getValue().sha(), user));
        for (Attempt attempt : state.work().attemptsOf(job.id()).values())
            for (Attempt.Stored file : attempt.traces().evidence()) users.put(file.sha(), user);
        if (job.spec().sync().isEmpty()) return;
        for (Task task : state.work().tasksOf(job.id()).values()) {
            for (Sha256 version : state.work().savedOf(task).versions()) users.put(version, user);
        }
    }

    private static <T> List<T> last(List<T> all, int count) {
        return all.subList(Math.max(0, all.size() - count), all.size());
    }

    /// What it has made stays as long as it is listed, also what a stage that is done keeps no more while its job does; what
    /// it works with, while it is open or may be resumed.
    private void run(ClusterState state, Run run) {
        for (Run.Stage stage : run.stages()) {
            stage.job().flatMap(state.work().jobs()::find).ifPresent(job -> made(state, job, "run " + run.id()));
            for (Attempt.Stored file : stage.outputs()) users.put(file.sha(), "run " + run.id());
            for (Attempt.Stored file : stage.saved()) users.put(file.sha(), "run " + run.id());
            for (Attempt.Stored file : stage.traces().evidence()) users.put(file.sha(), "run " + run.id());
        }
        if (run.status() == Run.Status.SUCCEEDED) return;
        for (RunSpec.Stage stage : run.spec().stages())
            for (JobSpec.Input input : stage.job().inputs()) users.put(input.artifact(), "run " + run.id());
    }

    private void loop(ClusterState state, Loop loop) {
        int oldest = loop.generation() - loop.spec().gamesWindow();
        Table<GenerationId, Generation> kept = state.loops()
                .generations()
                .range(new GenerationId(loop.config(), oldest), new GenerationId(loop.config(), Integer.MAX_VALUE));
        for (Generation generation : kept.values()) {
            for (Sha256 games : generation.games()) users.put(games, "loop " + loop.config());
            generation.candidate().ifPresent(candidate -> users.put(candidate.sha(), "loop " + loop.config()));
        }
        loop.job()
                .ifPresent(job -> JobOrders.outputs(state, job)
                        .forEach(output -> users.put(output.getValue().sha(), "loop " + loop.config())));
    }

    /// Is it a version of a file that was saved on the way of a job, and has been replaced since? With [#kept] only.
    public boolean spent(Artifact artifact) {
        return artifact.progress() && !artifact.pinned() && !users.containsKey(artifact.sha());
    }

    /// Who needs it, or empty.
    public Optional<String> find(Sha256 sha) {
        return Optional.ofNullable(users.get(sha));
    }
}
