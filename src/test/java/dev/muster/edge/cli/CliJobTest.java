package dev.muster.edge.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.core.plan.Soft;
import dev.muster.core.plan.Wait;
import dev.muster.core.state.Attempt;
import dev.muster.core.state.AttemptId;
import dev.muster.core.state.Command;
import dev.muster.core.state.JobId;
import dev.muster.core.state.NodeId;
import dev.muster.core.state.Sha256;
import dev.muster.core.state.Table;
import dev.muster.core.state.Traces;
import dev.muster.edge.http.ApiServer;
import dev.muster.edge.http.ApiSettings;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;

class CliJobTest extends CliHarness {
    @Test
    void aJobIsWrittenByOptionsOverAFile() throws IOException {
        Path file = Files.writeString(folder.resolve("job.yaml"), """
                name: play
                kind: selfplay
                tasks: 2
                command: [play, --games, 100]
                env: {SEED: "1"}
                """);
        Result result = run(
                "job",
                "run",
                "-f",
                file.toString(),
                "--tasks",
                "3",
                "--cpus",
                "0.5",
                "--memory",
                "1GiB",
                "-e",
                "A=b=c",
                "--output",
                "games.jsonl",
                "--node",
                "n2",
                "--timeout",
                "1h",
                "--dry-run",
                "--json");
        assertThat(result.exit()).as(result.err()).isEqualTo(Exit.DONE);
        assertThat(result.out().replaceAll("\\s+", " "))
                .contains("\"tasks\": 3")
                .contains("\"cpu_millis\": 500, \"memory\": 1073741824")
                .contains("\"env\": { \"SEED\": \"1\", \"A\": \"b=c\" }")
                .contains("\"command\": [ \"play\", \"--games\", 100 ]")
                .contains("\"timeout\": \"1h\"")
                .contains("\"node\": \"n2\"");
        assertThat(run("job", "run", "-f", file.toString()).out()).isEqualTo("j1 is submitted\n");
        assertThat(member.state().work().jobs().require(new JobId(1)).spec().env())
                .containsEntry("SEED", "1");
        stdin = "name: [";
        assertThat(run("job", "run", "-f", "-").err())
                .contains("-: line 1, column")
                .contains("expected YAML");
        stdin = "prioritty: 3\ncommand: [x]\n";
        Result unknown = run("job", "run", "-f", "-");
        assertThat(unknown.exit()).isEqualTo(Exit.USAGE);
        assertThat(unknown.err()).contains("prioritty: unknown key; did you mean priority?");
        assertThat(run("job", "run").err()).contains("expected a command");
        assertThat(run("job", "run", "-f", "absent.yaml").err())
                .contains("expected to read absent.yaml, but there is no such file");
        assertThat(run("job", "run", "--cpus", "two", "--", "x").err()).contains("expected --cpus to be cores");
        for (String negative : List.of("--cpus", "--tasks", "--gpus", "--memory", "--priority", "--max-attempts")) {
            Result refused = run("job", "run", negative, "-1", "--", "x");
            assertThat(refused.exit()).as(negative).isEqualTo(Exit.USAGE);
            assertThat(refused.err())
                    .as(negative)
                    .contains("expected ")
                    .contains("-1")
                    .doesNotContainPattern("[a-z]{2}[A-Z]");
        }
        assertThat(run("job", "run", "--tasks", "two", "--", "x").err())
                .contains("expected --tasks to be a whole number");
        assertThat(run("job", "run", "--tasks", "0", "--", "x").exit()).isEqualTo(Exit.USAGE);
        assertThat(run("job", "run", "--node", "http://n1:8770", "--", "x").err())
                .contains("write --api");
    }

    @Test
    void aDryRunRefusesWhatASubmissionWouldRefuse() {
        for (String job : List.of(
                "prioritty: 3\ncommand: [x]\n",
                "priority: 300\ncommand: [x]\n",
                "tasks: 0\ncommand: [x]\n",
                "grace: soon\ncommand: [x]\n",
                "resources: {cpus: -1}\ncommand: [x]\n",
                "outputs: [../x]\ncommand: [x]\n",
                "inputs: ['" + OTHER + ":in.bin']\ncommand: [x]\n")) {
            stdin = job;
            Result real = run("job", "run", "-f", "-");
            Result dry = run("job", "run", "-f", "-", "--dry-run");
            assertThat(real.exit()).as(job).isNotEqualTo(Exit.DONE);
            assertThat(dry).as(job).isEqualTo(real);
        }
        Result never = run("job", "run", "--gpus", "8", "--dry-run", "--", "train");
        assertThat(never.exit()).isEqualTo(Exit.NOT_HEALTHY);
        assertThat(never.err()).contains("no node can ever run this job").contains("gpu1 has 2 gpus, needs 8");
        assertThat(member.state().work().jobs().isEmpty()).isTrue();
    }

    @Test
    void theSameRequestIdIsTheSameJob() {
        assertThat(run("job", "run", "--request-id", "r1", "--", "x").out()).isEqualTo("j1 is submitted\n");
        assertThat(run("job", "run", "--request-id", "r1", "--", "x").out()).isEqualTo("j1 is submitted\n");
        assertThat(run("job", "run", "--", "x").out()).isEqualTo("j2 is submitted\n");
        assertThat(run("job", "run", "--request-id", "two words", "--", "x").exit())
                .isEqualTo(Exit.USAGE);
        member.readOnly = Optional.of("1 of 3 voters answers");
        assertThat(run("job", "run", "--request-id", "r7", "--", "x").err())
                .contains("give the same command with --request-id r7 to find out");
        assertThat(run("loop", "stop", "hex8_2p").err()).contains("with --request-id ");
    }

    @Test
    void theCommandAfterTheFirstWordIsNotOurs() {
        assertThat(run("job", "run", "--name", "n", "python3", "x.py", "--tasks", "9", "--help")
                        .exit())
                .isEqualTo(Exit.DONE);
        assertThat(member.state().work().jobs().require(new JobId(1)).spec().command())
                .containsExactly("python3", "x.py", "--tasks", "9", "--help");
        assertThat(member.state().work().jobs().require(new JobId(1)).spec().tasks())
                .isEqualTo(1);
        assertThat(run("--node", env.get("MUSTER_NODE"), "job", "run", "--node", "n3", "--", "x")
                        .exit())
                .isEqualTo(Exit.DONE);
        assertThat(member.state().work().jobs().require(new JobId(2)).spec().node())
                .contains(new NodeId("n3"));
        assertThat(run("--api", env.get("MUSTER_NODE"), "job", "run", "-o", "name", "--", "x")
                        .out())
                .isEqualTo("j3\n");
    }

    @Test
    void aJobThatNoNodeCanEverRunExitsWithThree() {
        Result result = run("job", "run", "--gpus", "8", "--wait", "--", "train");
        assertThat(result.exit()).isEqualTo(Exit.NOT_HEALTHY);
        assertThat(result.out()).isEqualTo("j1 is submitted\n");
        assertThat(result.err()).contains("gpu1 has 2 gpus, needs 8");
    }

    @Test
    void waitingTellsHowTheJobEnded() {
        atPause = endsAs(Attempt.Status.SUCCEEDED);
        Result result = run("job", "run", "--wait", "--", "x");
        assertThat(result.exit()).isEqualTo(Exit.DONE);
        assertThat(result.err())
                .isEqualTo("j1 waiting: 1 waiting, 0 running, 0 done, 0 failed\n"
                        + "j1 running: 0 waiting, 1 running, 0 done, 0 failed\n"
                        + "j1 succeeded: 0 waiting, 0 running, 1 done, 0 failed\n");
        atPause = endsAs(Attempt.Status.FAILED);
        assertThat(run("job", "run", "--max-attempts", "1", "--wait", "--", "x").exit())
                .isEqualTo(Exit.JOB_FAILED);
        atPause = times -> member.order(new Command.StopJob(newest()));
        assertThat(run("job", "run", "--wait", "--", "x").exit()).isEqualTo(Exit.CANCELLED);
        atPause = times -> member.now = member.now.plusSeconds(1);
        Result late = run("job", "run", "--wait", "--timeout-wait", "5s", "--", "x");
        assertThat(late.exit()).isEqualTo(Exit.NOT_FINISHED);
        assertThat(late.err()).contains("j4 has not ended in time; it goes on");
        atPause = endsAs(Attempt.Status.SUCCEEDED);
        assertThat(run("job", "run", "--wait", "--json", "--", "x").out()).contains("\"status\": \"SUCCEEDED\"");
    }

    @Test
    void aNodeThatRestartsDoesNotEndTheWaiting() {
        atPause = times -> {
            if (times == 0) server.close();
            if (times == 1) {
                server = ApiServer.start(
                        new ApiSettings("127.0.0.1", port(), TOKEN, "1.2.3", () -> Soft.Telemetry.UNKNOWN),
                        member,
                        member);
                member.order(new Command.StopJob(newest()));
            }
        };
        Result result = run("job", "run", "--wait", "--", "x");
        assertThat(result.exit()).isEqualTo(Exit.CANCELLED);
        assertThat(result.err()).contains("trying again, the job goes on");
    }

    @Test
    void jobsAreListedShownExplainedAndStopped() {
        run("job", "run", "--name", "play", "--config", "hex8_2p", "--kind", "selfplay", "--tasks", "2", "--", "play");
        member.waits = Optional.of(List.of(new Wait("j1.0", Wait.Reason.NO_ROOM, "all 3 nodes are full")));
        member.lines = Optional.of(
                List.of("n1 runs 4 of at most 4 jobs", "n2 runs 4 of at most 4 jobs", "n3 runs 4 of at most 4 jobs"));
        assertThat(run("job", "list").out()).contains("j1   play  selfplay  hex8_2p  waiting");
        assertThat(run("job", "list", "--status", "failed", "-o", "name").out()).isEmpty();
        assertThat(run("job", "list", "--status", "done").exit()).isEqualTo(Exit.USAGE);
        assertThat(run("job", "show", "j1").out()).contains("Tasks     2: 2 waiting");
        assertThat(run("job", "explain", "j1").out())
                .contains(
                        "2 tasks (j1.0 to j1.1): all 3 nodes that could run it are busy: each runs 4 of at most 4 jobs\n")
                .contains("  n1 runs 4 of at most 4 jobs\n");
        assertThat(run("job", "show", "j9").exit()).isEqualTo(Exit.NOT_FOUND);
        assertThat(run("job", "stop", "j1").err()).contains("2 waiting tasks are cancelled");
        member.lines =
                Optional.of(List.of("n1 runs 4 of at most 4 jobs", "n2 runs 4 of at most 4 jobs", "n3 is draining"));
        assertThat(run("job", "explain", "j1").out())
                .contains("none of the 3 nodes that could run it takes it now: 2 nodes: each runs 4 of at most 4 jobs;"
                        + " n3 is draining\n");
        assertThat(run("job", "stop", "j1", "--yes").out()).isEqualTo("j1 is being stopped\n");
        assertThat(run("job", "list").out()).contains("cancelled");
        assertThat(run("job", "show", "j1").out()).contains("0 done, 0 failed, 2 cancelled");
    }

    @Test
    void logsArePrintedAndFollowedToTheEnd() {
        run("job", "run", "--", "x");
        assertThat(run("job", "logs", "j1").exit()).isEqualTo(Exit.NOT_FINISHED);
        AttemptId attempt = member.place("j1", 0, "n2");
        member.start(attempt);
        member.output.put(attempt, "one\n".getBytes(StandardCharsets.UTF_8));
        assertThat(run("job", "logs", "j1").out()).isEqualTo("one\n");
        atPause = times -> {
            if (times > 0) return;
            member.output.put(attempt, "one\ntwo\n".getBytes(StandardCharsets.UTF_8));
            member.finish(
                    attempt, new Attempt.Ending(Attempt.Status.SUCCEEDED, OptionalInt.of(0), List.of(), List.of(), ""));
        };
        assertThat(run("job", "logs", "-f", "j1.0").out()).isEqualTo("one\ntwo\n");
        assertThat(run("job", "logs", "j1.0.1").out()).isEqualTo("one\ntwo\n");
        assertThat(run("job", "logs", "j1.7").exit()).isEqualTo(Exit.NOT_FOUND);
        run("job", "run", "--tasks", "2", "--", "x");
        member.place("j2", 0, "n2");
        member.place("j2", 1, "n2");
        assertThat(run("job", "logs", "-f", "j2").err()).contains("only one can be followed");
    }

    @Test
    void membersOfATaskOnSeveralNodesAreShownAndReadByTheirRanks() {
        assertThat(run("job", "run", "--nodes", "2", "--", "x").exit()).isEqualTo(Exit.DONE);
        AttemptId first = AttemptId.parse("j1.0.1");
        member.order(new Command.PlaceGang(first, List.of(new NodeId("n2"), new NodeId("n1"))));
        member.start(first);
        member.output.put(first, "leads\n".getBytes(StandardCharsets.UTF_8));
        member.output.put(first.member(1), "follows\n".getBytes(StandardCharsets.UTF_8));
        assertThat(run("job", "show", "j1").out())
                .contains("Needs     1 cpus on each of 2 nodes at once\n")
                .contains("Tasks     1: 0 waiting, 1 running")
                .containsPattern("j1.0.1 +0 n2 +running")
                .containsPattern("j1.0.1.1 +1 n1 +placed");
        assertThat(run("job", "logs", "j1").out()).isEqualTo("leads\n");
        assertThat(run("job", "logs", "j1", "--rank", "1").out()).isEqualTo("follows\n");
        assertThat(run("job", "logs", "j1.0.1", "--rank", "1").out()).isEqualTo("follows\n");
        assertThat(run("job", "logs", "j1.0.1.1").out()).isEqualTo("follows\n");
        Result wrong = run("job", "logs", "j1", "--rank", "2");
        assertThat(wrong.exit()).isEqualTo(Exit.USAGE);
        assertThat(wrong.err()).contains("expected a rank of 0 to 1, for j1 runs on 2 nodes, but found 2");
    }

    @Test
    void nodesThatCannotBeAreRefusedInWords() {
        for (String nodes : List.of("0", "65")) {
            Result result = run("job", "run", "--nodes", nodes, "--", "x");
            assertThat(result.exit()).as(result.err()).isEqualTo(Exit.USAGE);
            assertThat(result.err()).contains("expected 1 to 64 nodes, but found");
        }
        Result pinned = run("job", "run", "--nodes", "2", "--node", "n1", "--", "x");
        assertThat(pinned.exit()).isEqualTo(Exit.USAGE);
        assertThat(pinned.err()).contains("expected no node to run on where a task has 2, but found \"n1\"");
        Result tooMany = run("job", "run", "--nodes", "9", "--", "x");
        assertThat(tooMany.exit()).isEqualTo(Exit.NOT_HEALTHY);
        assertThat(tooMany.err()).contains("needs 9 nodes at once, and 4 of 4 could be one");
        stdin = "command: [x]\nnodes: 65\n";
        assertThat(run("job", "run", "-f", "-").err())
                .contains("stdin:2: nodes: expected a whole number of 1 to 64, but found \"65\"");
    }

    @Test
    void allThatIsWrongWithAJobFileIsToldAtOnce() {
        stdin = """
                comand: [play]
                tasks: many
                resources: {cpu: 2}
                outputs: [../x]
                """;
        Result result = run("job", "run", "-f", "-");
        assertThat(result.exit()).isEqualTo(Exit.USAGE);
        assertThat(result.err()).startsWith("muster: 5 problems in the job:\n");
        assertThat(result.err())
                .contains("stdin:1: comand: unknown key; did you mean command?")
                .contains("stdin:2: tasks: expected a whole number of 1 to 10000, but found \"many\"")
                .contains("stdin:3: resources.cpu: unknown key; did you mean resources.cpus?")
                .contains("stdin:4: outputs: expected a path inside the working directory, but found \"../x\"")
                .contains("stdin: command: expected a program");
    }

    @Test
    void aKeyThatStandsTwiceIsAnErrorWithItsLine() {
        stdin = "command: [play]\ntasks: 2\ntasks: 3\n";
        assertThat(run("job", "run", "-f", "-").err())
                .contains("line 3")
                .contains("expected each key once, but found \"tasks\" again");
    }

    @Test
    void aJobFileThatIsNoTextIsNamedWithoutTheProgramsOwnWords() throws IOException {
        Path binary = Files.write(folder.resolve("job.bin"), new byte[] {1, 0, 2, (byte) 0xff});
        for (String file : List.of(
                folder.toString(), binary.toString(), folder.resolve("none").toString())) {
            Result result = run("job", "run", "-f", file);
            assertThat(result.exit()).isEqualTo(Exit.USAGE);
            assertThat(result.err()).contains(file).doesNotContain("Exception").doesNotContain("java.");
        }
    }

    @Test
    void aJobForANodeThatIsNotThereNamesOnlyThat() {
        assertThat(run("job", "run", "--node", "n99", "--dry-run", "--", "x").err())
                .isEqualTo("muster: no node can ever run this job as it is: no node n99\n");
    }

    @Test
    void theOutputOfANodeThatDoesNotAnswerIsReadFromACopyOfIt() {
        run("job", "run", "--", "x");
        AttemptId attempt = member.place("j1", 0, "gpu1");
        member.start(attempt);
        Attempt.Stored log = new Attempt.Stored("logs/" + attempt + ".log", new Sha256("0e".repeat(32)), 5);
        member.finish(
                attempt,
                new Attempt.Ending(
                                Attempt.Status.SUCCEEDED,
                                OptionalInt.of(0),
                                List.of(),
                                List.of(),
                                "exit 0",
                                false,
                                Table.empty(),
                                "")
                        .with(new Traces(List.of(log), Table.empty(), Optional.empty())));
        member.output.put(attempt, "said\n".getBytes(StandardCharsets.UTF_8));
        member.soft = Optional.of(Soft.leadingSince(member.now));
        member.now = member.now.plusSeconds(3_600);
        assertThat(run("job", "logs", "j1").err()).as("only gpu1 holds it").contains("only it has this output");
        member.order(new Command.ConfirmReplica(log.sha(), new NodeId("n1")));
        Result result = run("job", "logs", "j1");
        assertThat(result.err()).isEmpty();
        assertThat(result.out()).isEqualTo("said\n");
    }

    @Test
    void theOutputOnANodeThatDoesNotAnswerSaysWhichToStart() {
        run("job", "run", "--", "x");
        member.start(member.place("j1", 0, "gpu1"));
        member.soft = Optional.of(Soft.leadingSince(member.now.minusSeconds(60)));
        Result result = run("job", "logs", "j1");
        assertThat(result.exit()).isEqualTo(Exit.ERROR);
        assertThat(result.err())
                .startsWith("muster: gpu1 does not answer, and only it has this output; start its agent");
    }
}
