package dev.muster.edge.http;

import static dev.muster.edge.http.Route.get;
import static dev.muster.edge.http.Route.order;

import dev.muster.core.state.Artifact;
import dev.muster.core.state.AttemptId;
import dev.muster.core.state.ClusterState;
import dev.muster.core.state.Command;
import dev.muster.core.state.ConfigKey;
import dev.muster.core.state.Job;
import dev.muster.core.state.JobId;
import dev.muster.core.state.JobSpec;
import dev.muster.core.state.NodeId;
import dev.muster.core.state.Replicas;
import dev.muster.core.state.Task;
import dev.muster.edge.http.Routes.Ordered;
import dev.muster.edge.node.Member;
import dev.muster.edge.view.ArtifactRow;
import dev.muster.edge.view.ExplainView;
import dev.muster.edge.view.JobRow;
import dev.muster.edge.view.Picture;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// Jobs, their output, and the files they left.
final class JobRoutes {
    private static final long LIST_DEFAULT = 100;
    private static final long LIST_MAX = 5_000;
    /// Of one answer with output: far below a 64 MiB heap, and a screenful many times over.
    static final int LOGS_MAX = 1 << 20;
    private static final int LOGS_DEFAULT = 64 << 10;

    private JobRoutes() {}

    /// @param total jobs that match, of which the newest are listed
    record Jobs(List<JobRow> jobs, int total) {}

    /// @param placeable some node, were it empty and in service, could take the job's tasks
    record Submitted(JobId job, boolean placeable, Optional<String> whyNot, long revision) {}

    /// What submitting a job would do.
    ///
    /// @param placeable some node, were it empty and in service, could take the job's tasks
    /// @param spec      the job with all its defaults
    record Checked(boolean placeable, Optional<String> whyNot, JobSpec spec) {}

    record Artifacts(List<ArtifactRow> artifacts, int total) {}

    static List<Route> of(Api api) {
        return List.of(
                get("/v1/jobs", "Jobs, the newest first.", Jobs.class, call -> Reply.ok(list(api.picture(), call)))
                        .asking(Map.of(
                                "status", "open, succeeded, failed or cancelled",
                                "config", "a config key",
                                "limit", "at most so many, " + LIST_DEFAULT + " unless told")),
                order("POST", "/v1/jobs", "Submit a job.", Submitted.class, call -> submit(api, call))
                        .taking(JobSpec.class),
                order(
                                "POST",
                                "/v1/jobs/check",
                                "What submitting this job would do, by the state this node knows; nothing is changed.",
                                Checked.class,
                                call -> check(api, call))
                        .taking(JobSpec.class),
                get(
                        "/v1/jobs/{id}",
                        "One job, its tasks and attempts.",
                        JobRow.Detail.class,
                        call -> Reply.ok(JobRow.Detail.of(api.picture(), job(api, call)))),
                get(
                        "/v1/jobs/{id}/explain",
                        "Why each waiting task waits.",
                        ExplainView.class,
                        call -> explain(api, call)),
                order(
                        "POST",
                        "/v1/jobs/{id}/stop",
                        "Cancel waiting tasks and stop running ones.",
                        Ordered.class,
                        call -> {
                            JobId id = call.path("id", JobId::parse);
                            return Reply.ok(new Ordered(api.orders()
                                    .give(call, new Command.StopJob(id))
                                    .revision()));
                        }),
                get(
                                "/v1/attempts/{id}/logs",
                                "An attempt's output as raw bytes; the headers Muster-Log-From, Muster-Log-Next"
                                        + " and Muster-Log-Ended tell where it is.",
                                Void.class,
                                call -> logs(api, call))
                        .asking(Map.of("from", "absolute offset, 0 unless told", "max", "bytes at most")),
                get(
                                "/v1/artifacts",
                                "Files known to the cluster.",
                                Artifacts.class,
                                call -> artifacts(api.picture(), call))
                        .asking(Map.of(
                                "config",
                                "a config key",
                                "limit",
                                "at most so many, " + LIST_DEFAULT + " unless told",
                                "skip",
                                "so many of the newest are left out, none unless told")),
                get("/v1/artifacts/{sha}", "One file and who holds it.", ArtifactRow.class, call -> {
                    Artifact found = ArtifactRoutes.find(api, call);
                    return Reply.ok(ArtifactRow.of(api.picture().state(), found));
                }));
    }

    private static Jobs list(Picture picture, Call call) {
        Optional<Job.Status> status = call.query("status", JobRoutes::status);
        Optional<ConfigKey> config = call.query("config", ConfigKey::new);
        long limit = call.number("limit", LIST_DEFAULT, 1, LIST_MAX);
        List<Job> matching = new ArrayList<>();
        for (Job job : picture.state().work().jobs().values()) {
            boolean fits = status.map(wanted -> job.status() == wanted).orElse(true)
                    && config.map(wanted -> job.spec().config().equals(Optional.of(wanted)))
                            .orElse(true);
            if (fits) matching.add(job);
        }
        Collections.reverse(matching);
        Map<JobId, Integer> running = JobRow.running(picture.state());
        List<JobRow> rows = matching.stream()
                .limit(limit)
                .map(job -> JobRow.of(picture.state(), job, running.getOrDefault(job.id(), 0)))
                .toList();
        return new Jobs(rows, matching.size());
    }

    private static Job.Status status(String text) {
        try {
            return Job.Status.valueOf(text.toUpperCase(Locale.ROOT));
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(
                    "expected open, succeeded, failed or cancelled, but found \"" + text + "\"", e);
        }
    }

    /// The same reading and the same handling as [#submit], on a copy that nobody keeps.
    private static Reply check(Api api, Call call) throws IOException {
        ObjectNode written = (ObjectNode) call.object(Call.ORDER_MAX);
        JobSpec spec = spec(written);
        api.orders().tryOut(call, written, new Command.SubmitJob(spec));
        Optional<String> never = ExplainView.neverFits(api.picture(), spec);
        return Reply.ok(new Checked(never.isEmpty(), never, spec));
    }

    private static JobSpec spec(ObjectNode written) {
        ObjectNode job = written.deepCopy();
        job.remove("why");
        return read(job);
    }

    private static Reply submit(Api api, Call call) throws IOException {
        ObjectNode written = (ObjectNode) call.object(Call.ORDER_MAX);
        JobSpec spec = spec(written);
        Orders.Done done = api.orders().give(call, written, new Command.SubmitJob(spec));
        Optional<String> never = ExplainView.neverFits(api.picture(), spec);
        return Reply.ok(new Submitted(JobId.parse(done.created()), never.isEmpty(), never, done.revision()));
    }

    private static JobSpec read(JsonNode written) {
        try {
            return Forms.job(written);
        } catch (JacksonException e) {
            throw Malformed.value(e, written);
        } catch (IllegalArgumentException e) {
            throw Problem.invalid(e.getMessage(), "");
        }
    }

    static Job job(Api api, Call call) {
        JobId id = call.path("id", JobId::parse);
        return api.picture()
                .state()
                .work()
                .jobs()
                .find(id)
                .orElseThrow(() -> Problem.notFound(
                        "no job " + id + "; it never was, or it ended long ago and was forgotten",
                        "`muster job list` shows those there are"));
    }

    private static Reply explain(Api api, Call call) {
        Job job = job(api, call);
        Picture picture = api.picture();
        return Reply.ok(ExplainView.of(picture, job, api.member().waits(), lines(api, picture, job)));
    }

    /// What each node says of its first waiting task; empty without a leader, and where none waits.
    static Optional<List<String>> lines(Api api, Picture picture, Job job) {
        return picture.state().work().tasksOf(job.id()).values().stream()
                .filter(task -> task.status() == Task.Status.WAITING)
                .map(Task::id)
                .findFirst()
                .flatMap(task -> api.member().explain(task));
    }

    private static Reply logs(Api api, Call call) throws IOException {
        AttemptId id = call.path("id", AttemptId::parse);
        long from = call.number("from", 0, 0, Long.MAX_VALUE);
        int max = (int) call.number("max", LOGS_DEFAULT, 1, LOGS_MAX);
        return part(output(api, id, from, max));
    }

    /// @throws Problem when nobody has it, or nobody who has it answers
    static Member.LogPart output(Api api, AttemptId id, long from, int max) throws IOException {
        if (!api.picture().state().work().attempts().has(id)) {
            throw Problem.notFound(
                    "no attempt " + id, "`muster job show " + id.task().job() + "` lists its attempts");
        }
        NodeId owner = api.picture().state().work().attempts().require(id).node();
        // Without a word from it, asking it would only take long.
        if (api.picture().silent(owner) && !keptElsewhere(api.picture().state(), id, owner)) throw onlyThere(owner);
        try {
            return api.member().logs(id, from, max);
        } catch (IOException e) {
            if (owner.equals(api.picture().self())) throw e;
            throw onlyThere(owner);
        }
    }

    /// Does another node give what was kept of it?
    private static boolean keptElsewhere(ClusterState state, AttemptId id, NodeId owner) {
        return state.work().attempts().require(id).traces().log(id).stream()
                .flatMap(log -> Replicas.givers(state, log.sha()).stream())
                .anyMatch(giver -> !giver.equals(owner));
    }

    private static Problem onlyThere(NodeId owner) {
        return Problem.of(
                503,
                "UNREACHABLE",
                owner + " does not answer, and only it has this output; start its agent",
                "`muster node show " + owner + "` shows since when it is silent");
    }

    static Reply part(Member.LogPart part) {
        return new Reply.Raw(
                200,
                "application/octet-stream",
                part.bytes(),
                Map.of(
                        "Muster-Log-From", Long.toString(part.from()),
                        "Muster-Log-Next", Long.toString(part.from() + part.bytes().length),
                        "Muster-Log-Ended", Boolean.toString(part.ended())));
    }

    private static Reply artifacts(Picture picture, Call call) {
        Optional<ConfigKey> config = call.query("config", ConfigKey::new);
        long limit = call.number("limit", LIST_DEFAULT, 1, LIST_MAX);
        long skip = call.number("skip", 0, 0, Long.MAX_VALUE);
        List<Artifact> matching = picture.state().files().artifacts().values().stream()
                .filter(file -> config.map(wanted -> file.config().equals(Optional.of(wanted)))
                        .orElse(true))
                .sorted((one, other) -> other.storedAt().compareTo(one.storedAt())) // stable, so pages fit together
                .toList();
        return Reply.ok(new Artifacts(
                matching.stream()
                        .skip(skip)
                        .limit(limit)
                        .map(file -> ArtifactRow.of(picture.state(), file))
                        .toList(),
                matching.size()));
    }
}
