package dev.muster.edge.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.muster.core.state.Attempt;
import dev.muster.core.state.AttemptId;
import dev.muster.core.state.ClusterState;
import dev.muster.core.state.Command;
import dev.muster.core.state.ConfigKey;
import dev.muster.core.state.Event;
import dev.muster.core.state.Job;
import dev.muster.core.state.JobId;
import dev.muster.core.state.NodeId;
import dev.muster.core.state.TaskId;
import dev.muster.edge.config.Token;
import dev.muster.edge.wire.Wire;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/// Three voters and a worker, all real, in this process.
@Tag("slow")
class NodeRuntimeTest {
    @TempDir
    Path base;

    @Test
    void quickJobsGivenAtAWorkerAllRunOnceAlsoWhenTheLeaderGoes() throws Exception {
        try (Cluster cluster = new Cluster(base, 3)) {
            cluster.startAll("v1", "v2", "v3", "w1");
            NodeRuntime worker = cluster.node("w1");
            List<JobId> jobs = new ArrayList<>();
            for (int i = 0; i < 50; i++)
                jobs.add(submitted(worker, Cluster.job("quick", "sh", "-c", "echo hello from {attempt}")));
            allSucceedOnce(worker, jobs);
            AttemptId first = new AttemptId(new TaskId(jobs.getFirst(), 0), 1);
            for (NodeRuntime node : cluster.running.values()) {
                assertThat(new String(node.logs(first, 0, 1000).bytes(), StandardCharsets.UTF_8))
                        .isEqualTo("hello from " + first + "\n");
                assertThat(node.logs(first, 0, 1000).ended()).isTrue();
            }
            Eventually.await(
                    "the worker hears the leader's view",
                    Cluster.PATIENCE,
                    () -> worker.soft().isPresent() && worker.waits().isPresent());

            cluster.stop(cluster.leader().self().name());
            List<JobId> more = new ArrayList<>();
            for (int i = 0; i < 10; i++) more.add(submitted(worker, pinned("true", "w1"))); // the leader was a node too
            allSucceedOnce(worker, more);
        }
    }

    private static int kept(NodeRuntime node, String job) {
        try {
            Set<String> words = Set.of('"' + job + '"');
            return node.history(0, Instant.MIN, 10, words, entry -> entry.event() instanceof Event.JobSubmitted)
                    .size();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// What is written down in an earlier term waits minutes for somebody who looks whether it was done.
    @Test
    void ordersThatComeWhileALeaderIsElectedAreOfItsTerm() throws Exception {
        try (Cluster cluster = new Cluster(base, 1)) {
            NodeRuntime voter = cluster.start("v1");
            List<Thread> people = new ArrayList<>();
            for (int i = 0; i < 100; i++)
                people.add(Thread.startVirtualThread(
                        () -> voter.submit(Cluster.order(Cluster.job("early", "true")), Cluster.PATIENCE)));
            for (Thread person : people) person.join();
            List<Class<?>> events = new ArrayList<>();
            voter.state()
                    .journal()
                    .from(0)
                    .forEach(entry -> events.add(entry.event().getClass()));
            assertThat(events.indexOf(Event.LeaderElected.class))
                    .isBetween(0, events.indexOf(Event.JobSubmitted.class) - 1);
            Eventually.await(
                    "events are kept",
                    Cluster.PATIENCE,
                    () -> kept(voter, "j1") == 1 && kept(voter, "j" + people.size()) == 1);
        }
    }

    @Test
    void withoutAMajorityJobsGoOnReadsAnswerAndOrdersAreRefusedInWords() throws Exception {
        try (Cluster cluster = new Cluster(base, 3)) {
            cluster.startAll("v1", "v2", "v3", "w1");
            NodeRuntime worker = cluster.node("w1");
            Path go = base.resolve("go");
            JobId job = submitted(worker, pinned("while [ ! -e " + go + " ]; do sleep 0.1; done; echo finished", "w1"));
            Eventually.await(
                    "it runs",
                    Cluster.PATIENCE,
                    () -> attempt(worker, job)
                            .map(Attempt::status)
                            .filter(status -> status == Attempt.Status.RUNNING)
                            .isPresent());
            long pid = attempt(worker, job).orElseThrow().pid().orElseThrow();

            cluster.stop("v2");
            cluster.stop("v3");
            NodeRuntime voter = cluster.node("v1");
            Eventually.await(
                    () -> "both say read-only: " + voter.standing() + worker.standing(),
                    Cluster.PATIENCE,
                    () -> voter.standing().readOnly().isPresent()
                            && worker.standing().readOnly().isPresent());
            assertThat(voter.standing().readOnly().get()).contains("1 of 3 voters answers, 2 are needed");
            Eventually.await(
                    () -> "both know the same voters: " + voter.standing() + worker.standing(),
                    Cluster.PATIENCE,
                    () -> voter.standing().votersHeard().equals(List.of(new NodeId("v1")))
                            && worker.standing().votersHeard().equals(List.of(new NodeId("v1"))));
            assertThat(worker.standing().voterHeardAt().get(new NodeId("v2")))
                    .isBefore(worker.standing().voterHeardAt().get(new NodeId("v1")));
            assertThat(worker.state().work().jobs().has(job)).isTrue();
            long start = System.nanoTime();
            Member.Answer no = worker.submit(Cluster.order(Cluster.job("no", "true")), Duration.ofSeconds(30));
            assertThat(no)
                    .isInstanceOfSatisfying(
                            Member.Answer.Unavailable.class,
                            why -> assertThat(why.message()).contains("read-only"));
            assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(15));
            assertThat(ProcessHandle.of(pid)).isPresent();
            Files.createFile(go);
            Eventually.await(
                    "it ends", Cluster.PATIENCE, () -> ProcessHandle.of(pid).isEmpty());

            cluster.start("v2");
            cluster.start("v3");

            Eventually.await(
                    () -> "its result arrives: " + attempt(voter, job),
                    Cluster.PATIENCE,
                    () -> attempt(voter, job)
                            .map(Attempt::status)
                            .filter(status -> status == Attempt.Status.SUCCEEDED)
                            .isPresent());
            assertThat(voter.state().work().attemptsOf(job).size()).isEqualTo(1);
        }
    }

    @Test
    void aWorkerBecomesAVoterAndStopsBeingOne() throws Exception {
        try (Cluster cluster = new Cluster(base, 1)) {
            cluster.startAll("v1", "w1");
            NodeRuntime founder = cluster.node("v1");
            NodeRuntime worker = cluster.node("w1");
            NodeId w1 = worker.self();

            assertThat(founder.submit(Cluster.order(new Command.AddVoter(w1)), Duration.ofSeconds(10)))
                    .isInstanceOf(Member.Answer.Done.class);
            Eventually.await(
                    () -> "w1 votes: " + worker.standing()
                            + founder.state().fleet().voters(),
                    Cluster.PATIENCE,
                    () -> worker.standing().voter()
                            && worker.state().fleet().voters().contains(w1)
                            && worker.servesFollowers());

            assertThat(founder.submit(Cluster.order(new Command.RemoveVoter(w1)), Duration.ofSeconds(10)))
                    .isInstanceOf(Member.Answer.Done.class);
            Eventually.await(
                    () -> "w1 follows: " + worker.standing(),
                    Cluster.PATIENCE,
                    () -> !worker.standing().voter()
                            && worker.standing().readOnly().isEmpty()
                            && !worker.state().fleet().voters().contains(w1));
            Path log = cluster.data("w1").resolve("raft");
            Eventually.await("its log is put aside", Cluster.PATIENCE, () -> Files.notExists(log));
            submitted(worker, Cluster.job("still", "true"));
        }
    }

    @Test
    void aFileTravelsToTheNodeThatNeedsItAndAPromotedModelToAll() throws Exception {
        try (Cluster cluster = new Cluster(base, 1)) {
            cluster.startAll("v1", "w1");
            NodeRuntime worker = cluster.node("w1");
            JobId maker = submitted(worker, written("""
                    {"name":"make","kind":"OTHER","command":["sh","-c","echo weights > model"],"node":"v1",
                     "config":"hex8_2p","outputs":[{"path":"model","required":true}]}"""));
            allSucceedOnce(worker, List.of(maker));
            Attempt.Stored model =
                    attempt(worker, maker).orElseThrow().outputs().getFirst();

            JobId reader = submitted(worker, written("""
                    {"name":"read","kind":"OTHER","command":["cmp","model","model"],"node":"w1",
                     "inputs":[{"artifact":"%s","path":"model"}]}""".formatted(model.sha())));
            allSucceedOnce(worker, List.of(reader));
            Command promotion = new Command.PromoteModel(new ConfigKey("hex8_2p"), model.sha(), Optional.empty(), 0);
            assertThat(worker.submit(Cluster.order(promotion), Duration.ofSeconds(20)))
                    .isInstanceOf(Member.Answer.Done.class);

            for (String name : List.of("v1", "w1")) {
                Path link = cluster.data(name).resolve("models").resolve("ringrift_best_hex8_2p.pth");
                Eventually.await(() -> name + " points at it", Cluster.PATIENCE, () -> Files.exists(link));
                assertThat(Files.readString(link)).isEqualTo("weights\n");
            }
            Eventually.await(
                    "the cluster knows both copies",
                    Cluster.PATIENCE,
                    () -> worker.state()
                                    .files()
                                    .artifacts()
                                    .require(model.sha())
                                    .receipts()
                                    .size()
                            == 2);
        }
    }

    @Test
    void aWrongTokenATakenNameAPortAndALockedDirectoryAreToldApart() throws Exception {
        try (Cluster cluster = new Cluster(base, 1)) {
            cluster.startAll("v1", "w1");

            NodeRuntime stranger = cluster.start("w2", new Token("another-token"));
            assertThatThrownBy(stranger::awaitEnd)
                    .isInstanceOfSatisfying(
                            StartFailure.class,
                            why -> assertThat(why.exitCode()).isEqualTo(4))
                    .hasMessageContaining("token");
            assertThatThrownBy(() -> cluster.start("w1"))
                    .isInstanceOf(StartFailure.class)
                    .hasMessageContaining("only agent");
            cluster.stop("w2");
            cluster.stop("w1");
            Files.move(cluster.data("w1"), cluster.data("moved"));
            NodeRuntime impostor = cluster.start("w1");
            assertThatThrownBy(impostor::awaitEnd)
                    .isInstanceOfSatisfying(
                            StartFailure.class,
                            why -> assertThat(why.exitCode()).isEqualTo(1))
                    .hasMessageContaining("another machine");
        }
    }

    private static Command pinned(String script, String node) {
        return written("{\"name\":\"long\",\"kind\":\"OTHER\",\"command\":[\"sh\",\"-c\",\"" + script
                + "\"],\"node\":\"" + node + "\"}");
    }

    private static Command written(String spec) {
        return new Command.SubmitJob(Wire.jobSpec(Wire.read(spec, JsonNode.class)));
    }

    private static JobId submitted(NodeRuntime node, Command job) {
        Member.Answer answer = node.submit(Cluster.order(job), Duration.ofSeconds(20));
        assertThat(answer).isInstanceOf(Member.Answer.Done.class);
        return JobId.parse(((Member.Answer.Done) answer).created());
    }

    private static Optional<Attempt> attempt(NodeRuntime node, JobId job) {
        return node.state().work().attemptsOf(job).values().stream().reduce((first, second) -> second);
    }

    private static void allSucceedOnce(NodeRuntime node, List<JobId> jobs) {
        Eventually.await(
                () -> "all to end: " + open(node.state(), jobs),
                Cluster.PATIENCE,
                () -> open(node.state(), jobs).isEmpty());
        for (JobId job : jobs) {
            assertThat(node.state().work().jobs().require(job).status()).isEqualTo(Job.Status.SUCCEEDED);
            assertThat(node.state().work().attemptsOf(job).size()).isEqualTo(1);
        }
    }

    private static List<Job> open(ClusterState state, List<JobId> jobs) {
        return jobs.stream()
                .map(id -> state.work().jobs().find(id))
                .flatMap(Optional::stream)
                .filter(job -> job.status() == Job.Status.OPEN)
                .toList();
    }
}
