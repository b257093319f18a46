package dev.muster.edge.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.muster.core.plan.DiskFloor;
import dev.muster.core.state.Attempt;
import dev.muster.core.state.AttemptId;
import dev.muster.core.state.Command;
import dev.muster.core.state.Job;
import dev.muster.core.state.JobId;
import dev.muster.core.state.TaskId;
import dev.muster.edge.wire.Wire;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/// Real agents whose disk is really full.
@Tag("slow")
@Timeout(value = 5, unit = TimeUnit.MINUTES)
class FullDiskTest {
    /// Of a disk of 96 MiB.
    private static final DiskFloor FLOOR = new DiskFloor(32 << 20, 16 << 20);

    @TempDir
    Path base;

    @Test
    void theJobThatFillsTheDiskEndsAndTheOthersGoOn() throws Exception {
        try (SmallDisk disk = SmallDisk.mount(base.resolve("v1"), 96);
                Cluster cluster = new Cluster(base, 1)) {
            cluster.disk = FLOOR;
            cluster.startAll("v1");
            NodeRuntime node = cluster.node("v1");
            Path go = base.resolve("go");
            JobId other = submitted(
                    node,
                    "echo weights > model; echo said; while [ ! -e " + go + " ]; do sleep 0.1; done",
                    "{\"path\":\"model\",\"required\":true}");
            running(node, other);

            // It never gives up, and never ends by itself.
            JobId filler = submitted(
                    node, "while true; do head -c 1000000 /dev/zero >> big 2>/dev/null || sleep 0.01; done", "");
            Attempt filled = ended(node, filler);

            assertThat(filled.status()).isEqualTo(Attempt.Status.FAILED);
            assertThat(filled.note())
                    .startsWith("disk full: v1 had ")
                    .contains("MiB", "the most of those that ran there; its directory was freed");
            assertThat(work(cluster, filler)).doesNotExist();
            assertThat(disk.path().toFile().getUsableSpace()).isGreaterThan(FLOOR.work());
            Eventually.await(
                    () -> "ready: " + node.unready(),
                    Cluster.PATIENCE,
                    () -> node.unready().isEmpty());
            assertThat(attempt(node, other).orElseThrow().status()).isEqualTo(Attempt.Status.RUNNING);

            JobId quick = submitted(node, "cat /dev/zero > big", ""); // ends by itself, of the full disk
            Attempt quickly = ended(node, quick);
            assertThat(quickly.status()).isEqualTo(Attempt.Status.FAILED);
            assertThat(quickly.note()).contains("disk").contains("its directory was freed");
            assertThat(work(cluster, quick)).doesNotExist();

            Eventually.await(
                    "the ballast is there again",
                    Cluster.PATIENCE,
                    () -> Files.exists(cluster.data("v1").resolve("ballast")));
            Files.createFile(go);
            Attempt well = ended(node, other);
            assertThat(well.status()).isEqualTo(Attempt.Status.SUCCEEDED);
            assertThat(well.outputs()).hasSize(1);
            assertThat(ended(node, submitted(node, "true", "")).status()).isEqualTo(Attempt.Status.SUCCEEDED);
        }
    }

    @Test
    void aDiskThatSomebodyElseFilledStopsNoJobAndTakesNoWork() throws Exception {
        try (SmallDisk disk = SmallDisk.mount(base.resolve("v1"), 96);
                Cluster cluster = new Cluster(base, 1)) {
            cluster.disk = FLOOR;
            cluster.startAll("v1");
            NodeRuntime node = cluster.node("v1");
            Path go = base.resolve("go");
            JobId job = submitted(
                    node,
                    "head -c 2000000 /dev/zero > model; while [ ! -e " + go + " ]; do sleep 0.1; done",
                    "{\"path\":\"model\",\"required\":true}");
            running(node, job);

            Path foreign = disk.path().resolve("foreign");
            Files.write(foreign, new byte[76 << 20]);
            Eventually.await(
                    () -> "not ready",
                    Cluster.PATIENCE,
                    () -> node.unready()
                            .filter(why -> why.startsWith("disk full: expected at least 32MiB free"))
                            .isPresent());
            JobId waits = submitted(node, "true", "");
            Eventually.await(
                    () -> "it waits for room: " + node.explain(new TaskId(waits, 0)),
                    Cluster.PATIENCE,
                    () -> node.explain(new TaskId(waits, 0))
                            .orElseThrow()
                            .toString()
                            .contains("of disk free"));
            Files.createFile(go); // its result does not fit yet

            assertThat(attempt(node, job).orElseThrow().status()).isEqualTo(Attempt.Status.RUNNING);
            Eventually.await(
                    () -> "its process ends",
                    Cluster.PATIENCE,
                    () -> ProcessHandle.of(
                                    attempt(node, job).orElseThrow().pid().orElseThrow())
                            .isEmpty());
            Files.delete(foreign);

            assertThat(ended(node, job).status()).isEqualTo(Attempt.Status.SUCCEEDED);
            assertThat(ended(node, waits).status()).isEqualTo(Attempt.Status.SUCCEEDED);
            assertThat(node.unready()).isEmpty();
        }
    }

    @Test
    void aVoterWithAFullDiskStepsAsideAndCatchesUpOnceThereIsRoom() throws Exception {
        for (boolean leads : new boolean[] {true, false}) {
            Path base = Files.createDirectory(this.base.resolve(leads ? "leader" : "follower"));
            try (SmallDisk disk = SmallDisk.mount(base.resolve("v1"), 96);
                    Cluster cluster = new Cluster(base, 3)) {
                cluster.disk = FLOOR;
                cluster.startAll("v1", "v2", "v3");
                while (cluster.leader().self().name().equals("v1") != leads) moveLead(cluster);
                NodeRuntime small = cluster.node("v1");
                Path foreign = disk.path().resolve("foreign");
                SmallDisk.fill(foreign);

                NodeRuntime other = cluster.node("v2");
                fillLog(disk, small, other);
                assertThat(small.unready().orElseThrow()).contains("No space left", "Make room");
                Eventually.await(
                        "the two others lead",
                        Cluster.PATIENCE,
                        () -> !cluster.leader().self().equals(small.self())
                                && other.standing().readOnly().isEmpty());
                JobId without = submitted(other, "true", "");
                assertThat(ended(other, without).node().name()).isNotEqualTo("v1");

                disk.resize(256);
                Eventually.await(
                        () -> "it votes and has caught up: " + small.unready() + small.standing(),
                        Cluster.PATIENCE,
                        () -> small.unready().isEmpty()
                                && small.servesFollowers()
                                && small.state().revision() >= other.state().revision());
                assertThat(small.state().work().jobs().keys())
                        .isEqualTo(other.state().work().jobs().keys());
                // With it a majority, without v3: what it says counts again.
                cluster.stop("v3");
                assertThat(ended(other, submitted(other, "true", "")).status()).isEqualTo(Attempt.Status.SUCCEEDED);
            }
        }
    }

    @Test
    void theOnlyVoterGoesOnByItselfOnceThereIsRoom() throws Exception {
        try (SmallDisk disk = SmallDisk.mount(base.resolve("v1"), 96);
                Cluster cluster = new Cluster(base, 1)) {
            cluster.disk = FLOOR;
            cluster.startAll("v1");
            NodeRuntime node = cluster.node("v1");
            JobId before = submitted(node, "true", "");
            ended(node, before);
            SmallDisk.fill(disk.path().resolve("foreign"));
            fillLog(disk, node, node);

            disk.resize(256);
            Eventually.await(
                    () -> "it leads: " + node.unready() + node.standing(),
                    Cluster.PATIENCE,
                    () -> node.unready().isEmpty()
                            && node.standing().leading()
                            && node.standing().readOnly().isEmpty());
            assertThat(node.state().work().jobs().require(before).status()).isEqualTo(Job.Status.SUCCEEDED);
            assertThat(ended(node, submitted(node, "true", "")).status()).isEqualTo(Attempt.Status.SUCCEEDED);
        }
    }

    @Test
    void anAgentDoesNotBeginOnAFullDiskAndSaysSo() throws Exception {
        try (SmallDisk disk = SmallDisk.mount(base.resolve("v1"), 8);
                Cluster cluster = new Cluster(base, 1)) {
            SmallDisk.fill(disk.path().resolve("foreign"));

            assertThatThrownBy(() -> cluster.start("v1"))
                    .isInstanceOfSatisfying(
                            StartFailure.class,
                            why -> assertThat(why.exitCode()).isEqualTo(StartFailure.ERROR))
                    .hasMessageContaining("but it is full; make some and start again: nothing was lost");
        }
    }

    private static boolean cannotVote(NodeRuntime node) {
        return node.unready().filter(why -> why.contains("it cannot vote")).isPresent();
    }

    private static final int AHEAD_MAX = 20;

    /// Orders until the log is full. What the ballast gave up goes to somebody else.
    private static void fillLog(SmallDisk disk, NodeRuntime small, NodeRuntime other) throws Exception {
        // Nobody has that many GPUs, so no process starts.
        Command large = new Command.SubmitJob(Wire.jobSpec(Wire.read(
                "{\"name\":\"large\",\"kind\":\"OTHER\",\"resources\":{\"gpus\":99},\"command\":[\"true\",\""
                        + "x".repeat(20_000) + "\"]}",
                JsonNode.class)));
        int orders = 0;
        while (!cannotVote(small)) {
            assertThat(++orders).as("the log is full by now").isLessThan(1_000);
            if (disk.path().toFile().getUsableSpace() > 0)
                SmallDisk.fill(disk.path().resolve("more" + orders));
            other.submit(Cluster.order(large), Duration.ofSeconds(2));
            // The two others need no third, and would be far ahead of a slow disk.
            Eventually.await(
                    "it keeps up, or is full",
                    Cluster.PATIENCE,
                    () -> cannotVote(small)
                            || small.state().revision() + AHEAD_MAX
                                    >= other.state().revision());
        }
    }

    private static void moveLead(Cluster cluster) throws Exception {
        String leader = cluster.leader().self().name();
        cluster.stop(leader);
        cluster.leader();
        cluster.startAll(leader);
    }

    private static Path work(Cluster cluster, JobId job) {
        return cluster.data("v1")
                .resolve("jobs")
                .resolve(new AttemptId(new TaskId(job, 0), 1).toString())
                .resolve("work");
    }

    private static JobId submitted(NodeRuntime node, String script, String output) {
        Member.Answer answer = node.submit(Cluster.order(written(script, output)), Duration.ofSeconds(40));
        assertThat(answer).isInstanceOf(Member.Answer.Done.class);
        return JobId.parse(((Member.Answer.Done) answer).created());
    }

    private static Command written(String script, String output) {
        return new Command.SubmitJob(Wire.jobSpec(Wire.read(
                "{\"name\":\"job\",\"kind\":\"OTHER\",\"max_attempts\":1,\"command\":[\"sh\",\"-c\",\"" + script
                        + "\"],\"outputs\":[" + output + "]}",
                JsonNode.class)));
    }

    private static Optional<Attempt> attempt(NodeRuntime node, JobId job) {
        return node.state().work().attemptsOf(job).values().stream().reduce((first, second) -> second);
    }

    private static void running(NodeRuntime node, JobId job) {
        Eventually.await(
                () -> job + " runs",
                Cluster.PATIENCE,
                () -> attempt(node, job)
                        .filter(found -> found.status() == Attempt.Status.RUNNING)
                        .isPresent());
    }

    private static Attempt ended(NodeRuntime node, JobId job) {
        Eventually.await(
                () -> job + " ends: " + attempt(node, job),
                Cluster.PATIENCE,
                () -> node.state().work().jobs().require(job).status() != Job.Status.OPEN);
        return attempt(node, job).orElseThrow();
    }
}
