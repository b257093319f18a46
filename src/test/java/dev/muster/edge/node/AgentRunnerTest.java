package dev.muster.edge.node;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.core.agent.LocalAttempt;
import dev.muster.core.state.ArtifactKind;
import dev.muster.core.state.Attempt;
import dev.muster.core.state.AttemptId;
import dev.muster.core.state.Bytes;
import dev.muster.core.state.ClusterState;
import dev.muster.core.state.Command;
import dev.muster.core.state.ConfigKey;
import dev.muster.core.state.Endpoints;
import dev.muster.core.state.Hardware;
import dev.muster.core.state.JobKind;
import dev.muster.core.state.JobSpec;
import dev.muster.core.state.NodeId;
import dev.muster.core.state.Role;
import dev.muster.core.state.Sha256;
import dev.muster.core.state.Sync;
import dev.muster.core.state.Task;
import dev.muster.edge.archive.Tar;
import dev.muster.edge.config.NodeConfig;
import dev.muster.edge.wire.Wire;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

@Tag("slow")
class AgentRunnerTest extends AgentHarness {
    @Test
    void aSavedFileThatNobodyHoldsIsLeftOutAndThatIsSaid() throws Exception {
        NodeId gone = new NodeId("n2");
        order(new Command.JoinNode(
                gone, "other", Role.MIXED, Hardware.cpus(4, Bytes.gib(8)), 4, new Endpoints("127.0.0.1", 1, 2, 3)));
        JobSpec spec = JobSpec.of("job", JobKind.OTHER, List.of("sh", "-c", "exit ${MUSTER_RESUMED:-0}"))
                .saving(new Sync(List.of("elo.db"), Sync.EVERY_DEFAULT));
        order(new Command.SubmitJob(spec));
        AttemptId first = AttemptId.parse("j1.0.1");
        order(new Command.PlaceTask(first, gone));
        long token = attempt(first).token();
        Attempt.Stored file = new Attempt.Stored("elo.db", new Sha256("a".repeat(64)), 5);
        assertThat(order(new Command.SaveProgress(first, token, 1, List.of(file), List.of())))
                .isInstanceOf(Member.Answer.Done.class);
        order(new Command.RemoveNode(gone));
        AttemptId second = AttemptId.parse("j1.0.2");
        assertThat(order(new Command.PlaceTask(second, N1))).isInstanceOf(Member.Answer.Done.class);
        Attempt ended = ended(second);
        assertThat(ended.status()).isEqualTo(Attempt.Status.SUCCEEDED);
        assertThat(ended.note()).isEqualTo("it began without elo.db: nobody holds it");
    }

    @Test
    void aSuccessIsReportedWithItsStoredOutputsAndCountedMatches() throws Exception {
        AttemptId id = place(shell(
                "echo $MUSTER_JOB $MUSTER_TASK $MUSTER_ATTEMPT $MUSTER_NODE $MUSTER_CONFIG_KEY {task} $SEED [$MUSTER_TOKEN] > out/who.txt;"
                        + " echo '{\"matches\":[{\"player\":\"a\",\"opponent\":\"b\",\"wins\":2,\"draws\":1,\"losses\":0}]}' > m.json",
                """
                {"config":"hex8_2p","env":{"SEED":"{attempt}"},"matches":"m.json",
                 "outputs":[{"path":"out/who.txt","required":true},{"path":"maybe.txt","required":false}]}"""));

        Attempt done = ended(id);

        assertThat(done.status()).as(done.note()).isEqualTo(Attempt.Status.SUCCEEDED);
        assertThat(done.outputs()).extracting(Attempt.Stored::path).containsExactly("out/who.txt");
        try (var in = agent.artifacts.open(done.outputs().getFirst().sha())) {
            assertThat(new String(in.readAllBytes(), StandardCharsets.UTF_8))
                    .isEqualTo("j1 j1.0 j1.0.1 n1 hex8_2p j1.0 j1.0.1 []\n");
        }
        assertThat(replica.state().files().held(done.outputs().getFirst().sha()))
                .isTrue();
        assertThat(replica.state().ratings().of(new ConfigKey("hex8_2p"))).hasSize(1);
        Eventually.await(
                "the journal to let go", PATIENCE, () -> agent.journal.all().isEmpty());
        Path job = data.resolve("jobs").resolve(id.toString());
        Eventually.await("its directory to go", PATIENCE, () -> Files.notExists(job));
        assertThat(new Outputs(N1, replica, agent.supervisor, agent.artifacts, agent.client)
                        .here(id, 0, 100)
                        .ended())
                .isTrue();
    }

    @Test
    void aSecretIsAVariableOfTheProcessAndOfNothingElse() throws Exception {
        String env = """
                {"env": {"KEY": "a-{secret:API}", "AGAIN": "{secret:API}"}, "max_attempts": 1}""";
        Attempt none = ended(place(shell("true", env)));
        assertThat(none.note())
                .startsWith("before the start: expected the secret API in ")
                .contains("mode 600");
        Path file = Files.createDirectories(data.resolve("secrets")).resolve("API");
        Files.writeString(file, "s3cret-of-ours\n");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r--r--"));
        assertThat(ended(place(shell("true", env))).note()).contains("others may; `chmod 600 ");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
        Attempt told = ended(place(shell("test ${#KEY} = 16 || exit 2; echo key is $AGAIN; exit 7", env)));
        assertThat(told.note()).isEqualTo("exited with 7: key is {secret:API}");
        assertThat(replica.state().toString()).doesNotContain("s3cret");
        try (Stream<Path> written = Files.walk(data.resolve("jobs"))) {
            for (Path one : written.filter(Files::isRegularFile).toList())
                assertThat(Files.readString(one, StandardCharsets.ISO_8859_1)).doesNotContain("s3cret");
        }
    }

    private Attempt.Stored put(String name, byte[] bytes) throws IOException {
        Path file = Files.write(data.resolve(name), bytes);
        Attempt.Stored stored = agent.artifacts.store(name, file);
        Member.Answer answer = order(
                new Command.PutArtifact(stored.sha(), stored.size(), name, ArtifactKind.OTHER, Optional.empty(), N1));
        assertThat(answer).isInstanceOf(Member.Answer.Done.class);
        return stored;
    }

    @Test
    void anArchiveIsUnpackedAndCopiesMayBeWrittenTo() throws Exception {
        Files.createDirectories(data.resolve("project/lib"));
        Files.writeString(data.resolve("project/lib/a.sh"), "echo of the archive");
        Files.writeString(data.resolve("project/step"), "old");
        ByteArrayOutputStream packed = new ByteArrayOutputStream();
        Tar.pack(data.resolve("project"), List.of("lib/a.sh", "step"), packed);
        Attempt.Stored code = put("code.tgz", packed.toByteArray());
        Attempt.Stored step = put("step", "7".getBytes(StandardCharsets.UTF_8));
        JobSpec job = shell("sh lib/a.sh > out; cat step >> out; echo 8 > step", """
                {"outputs": [{"path": "out", "required": true}]}""");
        JobSpec.Input copy = new JobSpec.Input(step.sha(), "step", JobSpec.As.COPY);
        JobSpec.Input unpack = new JobSpec.Input(code.sha(), ".", JobSpec.As.UNPACK);
        Attempt done = ended(place(job.with(job.command(), job.env(), List.of(copy, unpack))));
        assertThat(done.status()).as(done.note()).isEqualTo(Attempt.Status.SUCCEEDED);
        assertThat(agent.artifacts.path(done.outputs().getFirst().sha())).hasContent("of the archive\n7");
        assertThat(agent.artifacts.path(step.sha())).hasContent("7");
        JobSpec.Input none = new JobSpec.Input(step.sha(), ".", JobSpec.As.UNPACK);
        Attempt failed = ended(place(job.with(job.command(), job.env(), List.of(none))));
        assertThat(failed.note()).contains("before the start: input").contains("cannot be unpacked");
    }

    @Test
    void aResultsFileIsReadAsNumbers() {
        String spec = """
                {"results": "r.json"}""";
        Attempt done = ended(place(shell("""
                echo '{"loss": NaN, "eval": {"nrmse": 0.04, "name": "x"}}' > r.json""", spec)));
        assertThat(done.status()).as(done.note()).isEqualTo(Attempt.Status.SUCCEEDED);
        assertThat(done.results().asMap())
                .containsOnlyKeys("loss", "eval.nrmse")
                .containsEntry("eval.nrmse", 0.04);
        assertThat(done.results().require("loss")).isNaN();
        Attempt none = ended(place(shell("true", spec)));
        assertThat(none.status()).isEqualTo(Attempt.Status.FAILED);
        assertThat(none.note()).contains("expected results in r.json, but the process left none");
        Attempt list = ended(place(shell("echo '[1]' > r.json", spec)));
        assertThat(list.note()).contains("expected names and numbers in r.json");
    }

    @Test
    void whyAProcessFailedStandsInItsNote() {
        String once = """
                {"max_attempts": 1}""";
        Attempt done = ended(place(shell(
                "echo 'torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 2.00 GiB' >&2; echo bye; exit 1",
                once)));
        assertThat(done.failure()).isEqualTo("GPU_MEMORY");
        assertThat(done.note()).startsWith("exited with 1: bye").contains("out of GPU memory: torch.OutOfMemoryError");
        assertThat(ended(place(shell("exit 3", once))).failure()).isEmpty();
    }

    @Test
    void aFailureIsReportedWithItsStatusAndLastLine() {
        Attempt done = ended(place(shell("echo first; echo the last words >&2; exit 3", "{}")));

        assertThat(done.status()).isEqualTo(Attempt.Status.FAILED);
        assertThat(done.exitCode()).hasValue(3);
        assertThat(done.note()).isEqualTo("exited with 3: the last words");
    }

    @Test
    void aMissingOutputIsAFailureThatNamesIt() {
        Attempt done = ended(place(shell("true", "{\"outputs\":[{\"path\":\"games.db\",\"required\":true}]}")));

        assertThat(done.status()).isEqualTo(Attempt.Status.FAILED);
        assertThat(done.note()).isEqualTo("expected output games.db, but the process left none; not tried again");
        assertThat(task(done).status()).isEqualTo(Task.Status.FAILED);
    }

    @Test
    void aLinkToSomewhereElseIsNoOutput() {
        Attempt done = ended(
                place(shell("ln -s /etc/hostname stolen", "{\"outputs\":[{\"path\":\"stolen\",\"required\":true}]}")));

        assertThat(done.status()).isEqualTo(Attempt.Status.FAILED);
        assertThat(done.note()).startsWith("expected output stolen in the working directory");
    }

    @Test
    void matchesThatAreNoneFailTheAttempt() {
        Attempt done =
                ended(place(shell("echo '{\"matches\":[{\"payer\":\"a\"}]}' > m.json", "{\"matches\":\"m.json\"}")));

        assertThat(done.status()).isEqualTo(Attempt.Status.FAILED);
        assertThat(done.note()).contains("m.json").contains("payer");
    }

    @Test
    void aStoppedJobEndsItsProcess() {
        AttemptId id = place(shell("sleep 600", "{}"));
        running(id);

        order(new Command.StopJob(id.task().job()));

        assertThat(ended(id).status()).isEqualTo(Attempt.Status.STOPPED);
        assertThat(attempt(id).note()).contains("job stopped");
    }

    @Test
    void aCommandThatDoesNotExistSaysSo() {
        Attempt done = ended(place(Wire.jobSpec(
                Wire.read("{\"name\":\"x\",\"kind\":\"OTHER\",\"command\":[\"no-such-program\"]}", JsonNode.class))));

        assertThat(done.status()).isEqualTo(Attempt.Status.FAILED);
        assertThat(done.note()).isEqualTo("exited with 127 (command not found: no-such-program); not tried again");
        assertThat(task(done).status()).isEqualTo(Task.Status.FAILED);
    }

    @Test
    void aProgramsOwn127IsTriedAgain() {
        Attempt done = ended(place(shell("echo not ours; exit 127", "{}")));

        assertThat(done.note()).isEqualTo("exited with 127: not ours");
        assertThat(task(done).status()).isEqualTo(Task.Status.WAITING);
    }

    private Task task(Attempt attempt) {
        return replica.state().work().tasks().require(attempt.id().task());
    }

    @Test
    void anInputThatNobodyGivesFailsTheAttemptAndAStopEndsTheWaiting() throws Exception {
        AttemptId first = place(shell("echo made > model", "{\"outputs\":[{\"path\":\"model\",\"required\":true}]}"));
        var sha = ended(first).outputs().getFirst().sha();
        AttemptId reader = place(shell("cat in/model > copy", """
                {"inputs":[{"artifact":"%s","path":"in/model"}],"outputs":[{"path":"copy","required":true}]}""".formatted(sha)));
        assertThat(ended(reader).outputs().getFirst().sha()).isEqualTo(sha);

        Eventually.await("both forgotten", PATIENCE, () -> agent.journal.all().isEmpty());
        agent.close();
        Path file = agent.artifacts.path(sha);
        Files.delete(file);
        agent = new Running(NodeConfig.Limits.DEFAULT);
        AttemptId stuck =
                place(shell("true", "{\"inputs\":[{\"artifact\":\"%s\",\"path\":\"model\"}]}".formatted(sha)));
        Eventually.await(
                "it is prepared", PATIENCE, () -> agent.journal.find(stuck).isPresent());
        order(new Command.StopJob(stuck.task().job()));

        assertThat(ended(stuck).status()).isEqualTo(Attempt.Status.STOPPED);
    }

    @Test
    void anAttemptGoesOnWhileTheAgentIsAwayAndItsResultIsReportedWhenTheClusterIsBack() {
        AttemptId id = place(shell(
                "while [ ! -e go ]; do sleep 0.05; done; echo done > out",
                "{\"outputs\":[{\"path\":\"out\",\"required\":true}]}"));
        running(id);
        quorum = false;
        agent.close();

        agent = reopened();
        assertThat(agent.journal.find(id).map(LocalAttempt::phase)).contains(LocalAttempt.Phase.RUNNING);
        touch(agent.journal.work(id).resolve("go"));
        Eventually.await(
                "the end is journaled",
                PATIENCE,
                () -> agent.journal
                        .find(id)
                        .filter(known -> known.phase() == LocalAttempt.Phase.ENDED)
                        .isPresent());
        assertThat(attempt(id).status()).isEqualTo(Attempt.Status.RUNNING);

        quorum = true;
        assertThat(ended(id).status()).isEqualTo(Attempt.Status.SUCCEEDED);
        assertThat(attempt(id).outputs()).hasSize(1);
    }

    @Test
    void anOlderStateThanTheOneActedOnBeginsNothing() throws Exception {
        AttemptId id = place(shell("true", "{}"));
        ClusterState placed = replica.state();
        ended(id);
        Eventually.await(
                "the journal to let go", PATIENCE, () -> agent.journal.all().isEmpty());
        agent.close();

        Replica older = new Replica();
        older.replace(placed);
        assertThat(placed.revision())
                .isLessThan(RevisionFloor.open(data.resolve("revision")).value());
        agent = new Running(NodeConfig.Limits.DEFAULT);
        AgentRunner.Means means = new AgentRunner.Means(
                N1,
                4,
                older,
                RevisionFloor.open(data.resolve("revision")),
                agent.journal,
                agent.artifacts,
                new Fetcher(N1, agent.artifacts, agent.swarm, older, () -> {}),
                agent.links,
                InstantSource.system());
        try (AgentRunner behind = new AgentRunner(
                means, new Reporter(N1, (order, timeout) -> order(order), older, agent.runs::refused), agent.runs)) {
            behind.decideAndDo();
            assertThat(agent.journal.all().isEmpty()).isTrue();
        }
    }

    @Test
    void theAttemptWithTheMostProcessesIsStoppedWhenAllTogetherAreTooMany() throws Exception {
        AttemptId quiet = place(shell("sleep 600", "{}"));
        AttemptId loud = place(shell("for i in 1 2 3 4 5 6 7 8; do sleep 600 & done; wait", "{\"max_attempts\":1}"));
        running(quiet);
        running(loud);
        agent.close();
        agent = new Running(new NodeConfig.Limits(5, Duration.ZERO, 1));

        Eventually.await("it is stopped", PATIENCE, () -> {
            agent.vitals.look();
            return !attempt(loud).status().isActive();
        });

        assertThat(attempt(loud).status()).isEqualTo(Attempt.Status.STOPPED);
        assertThat(attempt(loud).note()).contains("limit of 5");
        assertThat(attempt(quiet).status()).isEqualTo(Attempt.Status.RUNNING);
    }

    @Test
    void aJobThatLeavesABrokenModelHasFailedAndNothingIsStored() throws Exception {
        AttemptId id = place(
                shell(
                        "printf 'PK\\003\\004cut' > model.pth",
                        "{\"config\":\"hex8_2p\",\"max_attempts\":1,\"outputs\":[{\"path\":\"model.pth\",\"required\":true}]}"));
        assertThat(ended(id).status()).isEqualTo(Attempt.Status.FAILED);
        assertThat(attempt(id).note())
                .contains("output model.pth is no whole model")
                .contains("cut off");
        assertThat(replica.state().files().artifacts().isEmpty()).isTrue();
    }

    @Test
    void aPromotedModelIsPointedAtByALinkThatOutlivesTheAgent() throws Exception {
        AttemptId id = place(shell(
                "echo weights > model",
                "{\"config\":\"hex8_2p\",\"outputs\":[{\"path\":\"model\",\"required\":true}]}"));
        var sha = ended(id).outputs().getFirst().sha();

        order(new Command.PromoteModel(new ConfigKey("hex8_2p"), sha, Optional.empty(), 0));

        Path link = data.resolve("models").resolve("ringrift_best_hex8_2p.pth");
        Eventually.await("the link", PATIENCE, () -> Files.isSymbolicLink(link));
        assertThat(Files.readString(link)).isEqualTo("weights\n");
        agent.close();
        agent = new Running(NodeConfig.Limits.DEFAULT);
        assertThat(agent.links.all().require(new ConfigKey("hex8_2p"))).isEqualTo(sha);
    }

    private Running reopened() {
        try {
            return new Running(NodeConfig.Limits.DEFAULT);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private static void touch(Path file) {
        try {
            Files.createFile(file);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void secretsAreDeletedAndThoseOfOthersStay() throws IOException {
        Path secrets = Files.createDirectories(agent.dirs.secrets().folder());
        for (String name : List.of("WANDB", "OTHER")) Files.writeString(secrets.resolve(name), "hush");
        for (int time = 0; time < 2; time++) agent.runs.forgetSecrets(Set.of("WANDB", "NONE"));
        assertThat(secrets).isDirectoryContaining("glob:**OTHER").isDirectoryNotContaining("glob:**WANDB");
    }
}
