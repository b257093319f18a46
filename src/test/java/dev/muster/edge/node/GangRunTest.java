package dev.muster.edge.node;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.core.state.Attempt;
import dev.muster.core.state.AttemptId;
import dev.muster.core.state.Command;
import dev.muster.core.state.Job;
import dev.muster.core.state.JobId;
import dev.muster.core.state.JobSpec;
import dev.muster.core.state.Task;
import dev.muster.core.state.TaskId;
import dev.muster.edge.wire.Wire;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.io.TempDirDeletionStrategy;

/// One task on two real nodes at once, whose members talk to each other.
@Tag("slow")
class GangRunTest {
    @TempDir(deletionStrategy = TempDirDeletionStrategy.IgnoreFailures.class)
    Path base;

    /// [Meeting] on two nodes.
    private static JobSpec meeting(String... args) throws Exception {
        Path classes = Path.of(Meeting.class
                .getProtectionDomain()
                .getCodeSource()
                .getLocation()
                .toURI());
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-cp",
                classes.toString(),
                Meeting.class.getName()));
        command.addAll(List.of(args));
        String written = """
                {"name":"meet","kind":"OTHER","command":["true"],"nodes":2,"grace":"5s",
                 "outputs":[{"path":"met.txt","required":true}]}""";
        JobSpec spec = Wire.jobSpec(Wire.MAPPER.readTree(written));
        return spec.with(command, Map.of(), List.of());
    }

    private static Job run(NodeRuntime node, JobSpec spec) {
        Member.Answer answer = node.submit(Cluster.order(new Command.SubmitJob(spec)), Duration.ofSeconds(30));
        JobId id = JobId.parse(((Member.Answer.Done) answer).created());
        Eventually.await(
                () -> "it ends: " + node.state().work().tasksOf(id)
                        + node.state().work().attemptsOf(id),
                Cluster.PATIENCE,
                () -> node.state().work().jobs().require(id).status() != Job.Status.OPEN);
        return node.state().work().jobs().require(id);
    }

    private static String log(NodeRuntime node, String attempt) throws Exception {
        return new String(node.logs(AttemptId.parse(attempt), 0, 10_000).bytes(), StandardCharsets.UTF_8);
    }

    @Test
    void membersOnTwoNodesMeet() throws Exception {
        try (Cluster cluster = new Cluster(base, 1)) {
            cluster.startAll("v1", "w1");
            NodeRuntime node = cluster.node("w1");
            Job job = run(node, meeting());
            assertThat(job.status()).isEqualTo(Job.Status.SUCCEEDED);
            List<Attempt> members =
                    List.copyOf(node.state().work().attemptsOf(job.id()).values());
            assertThat(members).map(Attempt::status).containsOnly(Attempt.Status.SUCCEEDED);
            assertThat(members).map(member -> member.node().name()).containsExactlyInAnyOrder("v1", "w1");
            String other = members.get(1).node().name();
            assertThat(log(node, "j1.0.1")).contains("met rank 1 on " + other);
            assertThat(log(node, "j1.0.1.1")).contains("told: we are 2");
            assertThat(members.get(0).outputs()).map(Attempt.Stored::path).containsExactly("met.txt");
            assertThat(members.get(1).outputs()).isEmpty();
        }
    }

    @Test
    void whenOneFailsTheOtherIsEndedAndBothRunAgain() throws Exception {
        try (Cluster cluster = new Cluster(base, 1)) {
            cluster.startAll("v1", "w1");
            NodeRuntime node = cluster.node("v1");
            Job job = run(node, meeting(base.resolve("failed").toString()));
            assertThat(job.status()).isEqualTo(Job.Status.SUCCEEDED);
            Task task = node.state().work().tasks().require(TaskId.parse("j1.0"));
            assertThat(task.attempts()).isEqualTo(2);
            assertThat(task.failures()).isOne();
            assertThat(node.state().work().attempts().require(AttemptId.parse("j1.0.1")))
                    .satisfies(waited -> {
                        assertThat(waited.status()).isEqualTo(Attempt.Status.LOST);
                        assertThat(waited.note()).contains("rank 1 on ").contains("exited with 3");
                    });
            assertThat(node.state().work().attempts().require(AttemptId.parse("j1.0.1.1")))
                    .satisfies(failed -> {
                        assertThat(failed.status()).isEqualTo(Attempt.Status.FAILED);
                        assertThat(failed.exitCode()).hasValue(3);
                    });
        }
    }
}
