package dev.muster.edge.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.core.plan.Soft;
import dev.muster.core.plan.Wait;
import dev.muster.core.state.Attempt;
import dev.muster.core.state.AttemptId;
import dev.muster.core.state.Bytes;
import dev.muster.core.state.Command;
import dev.muster.core.state.ConfigKey;
import dev.muster.core.state.Endpoints;
import dev.muster.core.state.Hardware;
import dev.muster.core.state.JobId;
import dev.muster.core.state.Match;
import dev.muster.core.state.NodeId;
import dev.muster.core.state.Role;
import dev.muster.core.state.Sha256;
import dev.muster.edge.http.ApiServer;
import dev.muster.edge.http.ApiSettings;
import dev.muster.edge.http.InMemoryMember;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CliTest {
    private static final String TOKEN = "the-token";
    private static final Sha256 MODEL = new Sha256("ab".repeat(32));
    private static final Sha256 OTHER = new Sha256("cd".repeat(32));

    private final InMemoryMember member = InMemoryMember.ofFour();
    private final Map<String, String> env = new HashMap<>();
    private String stdin = "";
    private boolean terminal;
    private Programs programs = Programs.none();
    private Consumer<Integer> atPause = times -> {};
    private int pausesMax = 200;
    private ApiServer server;

    @TempDir
    Path folder;

    @BeforeEach
    void start() {
        server = ApiServer.start(
                new ApiSettings(
                        "127.0.0.1",
                        0,
                        TOKEN,
                        "1.2.3",
                        () -> Soft.Telemetry.UNKNOWN,
                        () -> member.now,
                        ApiSettings.READ_LIMIT),
                member,
                member);
        env.put("MUSTER_NODE", "http://127.0.0.1:" + server.port());
        env.put("MUSTER_TOKEN", TOKEN);
        env.put("HOME", folder.toString());
        env.put("USER", "ann");
    }

    @AfterEach
    void stop() {
        server.close();
    }

    private record Result(int exit, String out, String err) {}

    private Result run(String... words) {
        return run(new ByteArrayOutputStream(), words);
    }

    private Result run(OutputStream sink, String... words) {
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        int[] pauses = {0};
        Shell shell = new Shell(
                new PrintStream(sink, true, StandardCharsets.UTF_8),
                new PrintStream(err, true, StandardCharsets.UTF_8),
                new ByteArrayInputStream(stdin.getBytes(StandardCharsets.UTF_8)),
                env,
                () -> terminal,
                () -> member.now,
                duration -> {
                    atPause.accept(pauses[0]++);
                    return pauses[0] < pausesMax;
                },
                programs);
        int exit = new Cli(() -> "1.2.3").run(words, shell);
        return new Result(exit, sink.toString(), err.toString(StandardCharsets.UTF_8));
    }

    // ---- what people mistype

    @Test
    void aMistypedCommandOrOptionIsAnsweredWithTheNearestOne() {
        assertThat(run("noed", "list")).satisfies(result -> {
            assertThat(result.exit()).isEqualTo(Exit.USAGE);
            assertThat(result.err()).contains("unknown command noed; did you mean node?");
        });
        assertThat(run("node", "lsit").err()).contains("unknown command lsit; did you mean list?");
        assertThat(run("job", "run", "--prioritty", "3", "--", "x").err())
                .contains("unknown option --prioritty; did you mean --priority?");
        assertThat(run("job", "run", "--prioritty", "3", "--", "x").exit()).isEqualTo(Exit.USAGE);
        assertThat(run("node", "show").exit()).isEqualTo(Exit.USAGE);
        assertThat(run("node", "show", "a", "b").err()).contains("unexpected argument \"b\"");
        assertThat(run("node").err())
                .contains("expected a verb after `muster node`")
                .contains("drain");
        assertThat(run("job", "list", "-o", "xml").err()).contains("-o table, wide, json, yaml or name");
        assertThat(run("status", "--timeout", "soon").err()).contains("--timeout: expected a duration such as 45s");
    }

    @Test
    void helpIsPrintedForEveryCommand() {
        assertThat(run("--help").exit()).isEqualTo(Exit.DONE);
        assertThat(run().exit()).isEqualTo(Exit.USAGE);
        assertThat(run("help").out()).contains("Exit codes:").contains("doctor");
        assertThat(run("help", "job", "run").out()).contains("--max-attempts");
        assertThat(run("help", "job", "rnu").exit()).isEqualTo(Exit.USAGE);
        assertThat(run("job", "run", "--help").out())
                .isEqualTo(run("help", "job", "run").out());
        assertThat(run("--version").out()).isEqualTo("muster 1.2.3\n");
        assertThat(run("completion").out()).contains("complete -F");
    }

    // ---- whom to ask, and with what token

    @Test
    void aWrongTokenIsNotAllowed() {
        assertThat(run("--token", "wrong", "node", "list").exit()).isEqualTo(Exit.NOT_ALLOWED);
        assertThat(run("node", "list", "--token", "wrong").exit()).isEqualTo(Exit.NOT_ALLOWED);
        env.remove("MUSTER_TOKEN");
        assertThat(run("node", "list").err()).contains("found no token");
        assertThat(run("status").exit()).isEqualTo(Exit.DONE);
    }

    @Test
    void theTokenComesFromWhereItIsFoundFirst() throws IOException {
        Path file = Files.writeString(folder.resolve("token"), TOKEN + "\n");
        env.remove("MUSTER_TOKEN");
        for (String name : List.of("MUSTER_TOKEN_FILE", "RINGRIFT_CLUSTER_AUTH_TOKEN_FILE")) {
            env.put(name, file.toString());
            assertThat(run("node", "list").exit()).as(name).isEqualTo(Exit.DONE);
            env.remove(name);
        }
        env.put("RINGRIFT_CLUSTER_AUTH_TOKEN", TOKEN);
        assertThat(run("node", "list").exit()).isEqualTo(Exit.DONE);
        env.put("MUSTER_TOKEN", "wrong");
        assertThat(run("node", "list").exit()).isEqualTo(Exit.NOT_ALLOWED);
        env.remove("MUSTER_TOKEN");
        env.remove("RINGRIFT_CLUSTER_AUTH_TOKEN");
        env.put("MUSTER_TOKEN_FILE", folder.resolve("absent").toString());
        assertThat(run("node", "list").exit()).isEqualTo(Exit.USAGE);
    }

    @Test
    void theContextFileNamesNodesThatAreTriedInTurn() throws IOException {
        env.remove("MUSTER_NODE");
        env.remove("MUSTER_TOKEN");
        Path file = folder.resolve(".config/muster/context.json");
        Files.createDirectories(file.getParent());
        Files.writeString(
                file,
                "{\"nodes\": [\"http://127.0.0.1:" + closedPort() + "\", \"127.0.0.1:" + server.port()
                        + "\"], \"token\": \"" + TOKEN + "\"}");
        assertThat(run("node", "list").exit()).isEqualTo(Exit.DONE);
        Files.writeString(file, "{\"hosts\": []}");
        assertThat(run("node", "list").err()).contains("expected the keys nodes and token, but found hosts");
        Files.writeString(file, "{\"node\": \"127.0.0.1:" + server.port() + "\", \"token\": \"" + TOKEN + "\"}");
        assertThat(run("node", "list").exit()).isEqualTo(Exit.DONE);
        Files.writeString(file, "{");
        assertThat(run("node", "list").exit()).isEqualTo(Exit.USAGE);
    }

    private static int closedPort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        }
    }

    @Test
    void whenNobodyAnswersItSaysWhomItAsked() throws IOException {
        Result result = run("--node", "127.0.0.1:" + closedPort(), "--json", "status");
        assertThat(result.exit()).isEqualTo(Exit.ERROR);
        assertThat(result.err()).startsWith("{\"code\":\"UNREACHABLE\",\"message\":\"no node answers: 127.0.0.1:");
        assertThat(run("--node", "not a url", "status").err()).contains("expected http://host:port");
    }

    // ---- reads

    @Test
    void theClusterIsShown() {
        assertThat(run("status").out())
                .contains("Leader  n1 (term 3, revision 6)")
                .contains("gpu1");
        assertThat(run("status").exit()).isEqualTo(Exit.DONE);
        assertThat(run("node", "list", "-o", "name").out()).isEqualTo("gpu1\nn1\nn2\nn3\n");
        assertThat(run("node", "list", "-o", "wide").out()).contains("127.0.0.1:8770");
        assertThat(run("node", "show", "gpu1").out()).contains("0 of 2x RTX 4090 24GiB held");
        assertThat(run("node", "show", "gpu1", "--json").out()).contains("\"gpu_name\": \"RTX 4090\"");
        assertThat(run("node", "show", "gpu1", "-o", "yaml").out()).contains("  gpu_name: RTX 4090\n");
        assertThat(run("node", "show", "none").exit()).isEqualTo(Exit.NOT_FOUND);
        assertThat(run("voter", "list").out()).startsWith("Quorum: 3 of 3 voters alive, 2 needed");
        assertThat(run("voter", "list", "-o", "name").out()).isEqualTo("n1\nn2\nn3\n");
        assertThat(run("events").out()).contains("NODE_JOINED node=n1");
        assertThat(run("events", "--type", "LEADER_ELECTED", "-o", "name").out())
                .isEqualTo("6\n");
    }

    @Test
    void withoutAQuorumStatusExitsWithThreeAndOrdersWithOne() {
        member.readOnly = Optional.of("no quorum: 1 of 3 voters");
        Result status = run("status");
        assertThat(status.exit()).isEqualTo(Exit.NOT_HEALTHY);
        assertThat(status.out()).startsWith("READ-ONLY  no quorum: 1 of 3 voters");
        assertThat(run("voter", "list").exit()).isEqualTo(Exit.NOT_HEALTHY);
        Result list = run("node", "list");
        assertThat(list.exit()).isEqualTo(Exit.DONE);
        assertThat(list.err()).contains("read-only: no quorum");
        Result order = run("node", "drain", "n2", "--json");
        assertThat(order.exit()).isEqualTo(Exit.ERROR);
        assertThat(order.err()).contains("\"code\":\"UNAVAILABLE\"");
    }

    @Test
    void watchingShowsAgainWhatChanged() {
        pausesMax = 3;
        atPause = times -> member.order(
                times == 0 ? new Command.DrainNode(new NodeId("n2")) : new Command.UndrainNode(new NodeId("n2")));
        String out = run("node", "list", "--watch").out();
        assertThat(out.split("NODE ", -1)).hasSize(4);
        pausesMax = 1;
        atPause = times -> {};
        assertThat(run("node", "show", "--watch", "n2").out()).contains("n2");
        assertThat(run("node", "show", "--watch", "5s", "n2").out()).contains("n2");
        assertThat(run("node", "show", "n2", "--watch=5s").out()).contains("n2");
        assertThat(run("job", "list", "-w").exit()).isEqualTo(Exit.DONE);
    }

    // ---- orders

    @Test
    void nodesAreDrainedAndBroughtBack() {
        assertThat(run("node", "drain", "n2", "--why", "new disk").out()).isEqualTo("n2 takes no new work\n");
        assertThat(member.given.getLast().why()).isEqualTo("new disk");
        assertThat(member.given.getLast().actor().toString()).isEqualTo("person:ann");
        assertThat(run("node", "undrain", "n2").exit()).isEqualTo(Exit.DONE);
        assertThat(run("node", "unretire", "n2").exit()).isEqualTo(Exit.ERROR);
        assertThat(run("node", "drain", "none").exit()).isEqualTo(Exit.NOT_FOUND);
        assertThat(run("voter", "add", "gpu1").exit()).isEqualTo(Exit.DONE);
        assertThat(run("voter", "remove", "gpu1", "--yes").exit()).isEqualTo(Exit.DONE);
    }

    @Test
    void whatDestroysAsksFirst() {
        Result refused = run("node", "remove", "gpu1");
        assertThat(refused.exit()).isEqualTo(Exit.USAGE);
        assertThat(refused.err()).contains("Remove gpu1 (alive)").contains("expected --yes");
        Result dry = run("node", "remove", "gpu1", "--dry-run");
        assertThat(dry.exit()).isEqualTo(Exit.DONE);
        assertThat(dry.out()).contains("Remove gpu1");
        terminal = true;
        stdin = "n\n";
        assertThat(run("node", "remove", "gpu1").err()).contains("Go on? [y/N]").contains("nothing was done");
        assertThat(run("node", "retire", "gpu1").exit()).isEqualTo(Exit.ERROR);
        assertThat(member.given).isEmpty();
        stdin = "yes\n";
        assertThat(run("node", "retire", "gpu1").out()).isEqualTo("gpu1 is retired\n");
        terminal = false;
        assertThat(run("node", "remove", "gpu1", "--yes").out()).isEqualTo("gpu1 is removed\n");
        assertThat(run("node", "remove", "n2", "-y").exit()).isEqualTo(Exit.REFUSED);
        assertThat(run("node", "remove", "n2", "-y").err()).contains("`muster voter remove n2` first");
    }

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
                "--input",
                OTHER + ":in.bin",
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
        assertThat(unknown.err()).contains("unknown key \"prioritty\"").contains("did you mean \"priority\"?");
        assertThat(run("job", "run").err()).contains("expected a command");
        assertThat(run("job", "run", "-f", "absent.yaml").err()).contains("expected a file absent.yaml");
        assertThat(run("job", "run", "--cpus", "two", "--", "x").err()).contains("expected --cpus to be cores");
        assertThat(run("job", "run", "--tasks", "two", "--", "x").err())
                .contains("expected --tasks to be a whole number");
        assertThat(run("job", "run", "--tasks", "0", "--", "x").exit()).isEqualTo(Exit.USAGE);
        assertThat(run("job", "run", "--node", "http://n1:8770", "--", "x").err())
                .contains("write --api");
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

    private JobId newest() {
        return member.state().work().jobs().last().orElseThrow();
    }

    private Consumer<Integer> endsAs(Attempt.Status status) {
        return times -> {
            if (times == 0) member.start(member.place(newest().toString(), 0, "n2"));
            if (times != 1) return;
            AttemptId attempt = AttemptId.parse(newest() + ".0.1");
            member.finish(attempt, new Attempt.Ending(status, OptionalInt.of(0), List.of(), List.of(), ""));
        };
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

    private int port() {
        String node = env.get("MUSTER_NODE");
        return Integer.parseInt(node.substring(node.lastIndexOf(':') + 1));
    }

    @Test
    void jobsAreListedShownExplainedAndStopped() {
        run("job", "run", "--name", "play", "--config", "hex8_2p", "--kind", "selfplay", "--tasks", "2", "--", "play");
        member.waits = Optional.of(List.of(new Wait("j1.0", Wait.Reason.NO_ROOM, "all 3 nodes are full")));
        member.lines = Optional.of(List.of("n1 runs 4 of at most 4 jobs"));
        assertThat(run("job", "list").out()).contains("j1   play  selfplay  hex8_2p  waiting");
        assertThat(run("job", "list", "--status", "failed", "-o", "name").out()).isEmpty();
        assertThat(run("job", "list", "--status", "done").exit()).isEqualTo(Exit.USAGE);
        assertThat(run("job", "show", "j1").out()).contains("Tasks     2: 2 waiting");
        assertThat(run("job", "explain", "j1").out())
                .contains("j1.0  no room    all 3 nodes are full")
                .contains("  n1 runs 4 of at most 4 jobs\n");
        assertThat(run("job", "show", "j9").exit()).isEqualTo(Exit.NOT_FOUND);
        assertThat(run("job", "stop", "j1").err()).contains("2 waiting tasks are cancelled");
        assertThat(run("job", "stop", "j1", "--yes").out()).isEqualTo("j1 is being stopped\n");
        assertThat(run("job", "list").out()).contains("cancelled");
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
    void modelsArePromotedAndRolledBack() {
        run("job", "run", "--config", "hex8_2p", "--", "x");
        AttemptId attempt = member.place("j1", 0, "n2");
        member.start(attempt);
        member.finish(
                attempt,
                new Attempt.Ending(
                        Attempt.Status.SUCCEEDED,
                        OptionalInt.of(0),
                        List.of(new Attempt.Stored("a.bin", MODEL, 10), new Attempt.Stored("b.bin", OTHER, 20)),
                        List.of(),
                        ""));
        assertThat(run("model", "promote", "hex8_2p", "abababab").exit()).isEqualTo(Exit.USAGE);
        assertThat(run("model", "promote", "hex8_2p", "abababab", "--yes").exit())
                .isEqualTo(Exit.DONE);
        assertThat(run("model", "promote", "hex8_2p", OTHER.hex(), "--yes", "--why", "better")
                        .exit())
                .isEqualTo(Exit.DONE);
        assertThat(run("model", "list").out()).contains("hex8_2p  cdcdcdcdcdcd");
        assertThat(run("model", "show", "hex8_2p").out()).contains("Missing on   gpu1, n1, n3");
        assertThat(run("model", "rollback", "hex8_2p", "--dry-run").out())
                .isEqualTo("Roll hex8_2p back from cdcdcdcdcdcd to abababababab.\n");
        assertThat(run("model", "rollback", "hex8_2p", "-y").out())
                .isEqualTo("hex8_2p is rolled back to abababababab\n");
        assertThat(run("model", "history", "hex8_2p").out())
                .contains("abababababab *")
                .contains("rollback")
                .contains("better");
        assertThat(run("model", "promote", "hex8_2p", "0".repeat(64), "-y").exit())
                .isEqualTo(Exit.REFUSED);
        assertThat(run("model", "show", "none").exit()).isEqualTo(Exit.NOT_FOUND);
    }

    @Test
    void ratingsAndLoopsAreShown() throws IOException {
        member.order(new Command.RecordMatches(
                new ConfigKey("hex8_2p"), List.of(new Match(MODEL.hex(), "random", 90, 0, 10))));
        assertThat(run("rating", "list").out())
                .contains("hex8_2p  abababababab")
                .contains("random");
        assertThat(run("rating", "list", "--config", "other", "-o", "name").out())
                .isEmpty();
        assertThat(run("rating", "show", "hex8_2p").out()).contains("abababababab  random");
        Path file = Files.writeString(folder.resolve("loop.yaml"), """
                config: hex8_2p
                selfplay: {command: [play], outputs: [games.jsonl]}
                training: {command: [train], outputs: [model.bin]}
                evaluation: {command: [evaluate], matches: matches.json}
                """);
        assertThat(run("loop", "start", "-f", file.toString()).out()).startsWith("the loop of hex8_2p runs");
        assertThat(run("loop", "list").out()).contains("hex8_2p  running");
        assertThat(run("loop", "show", "hex8_2p").out()).contains("hex8_2p#1");
        assertThat(run("loop", "stop", "hex8_2p").exit()).isEqualTo(Exit.DONE);
        assertThat(run("loop", "show", "none").exit()).isEqualTo(Exit.NOT_FOUND);
        assertThat(run("loop", "start").err()).contains("expected -f FILE");
        stdin = "config: hex8_2p\nselfplay: {command: [play]}\n";
        assertThat(run("loop", "start", "-f", "-").err()).contains("training: expected an object, but found nothing");
        stdin = "selfplay: {}\n";
        assertThat(run("loop", "start", "-f", "-").err()).contains("expected the key config");
    }

    @Test
    void eventsAreFollowedAcrossARestart() {
        atPause = times -> {
            if (times > 0) return;
            server = ApiServer.start(
                    new ApiSettings("127.0.0.1", port(), TOKEN, "1.2.3", () -> Soft.Telemetry.UNKNOWN), member, member);
            member.order(new Command.DrainNode(new NodeId("n2")));
        };
        pausesMax = 2;
        ClosingAfter sink = new ClosingAfter("NODE_JOINED node=n1", () -> server.close());
        ClosingAfter second = new ClosingAfter("NODE_DRAINING", () -> server.close());
        Result result = run(new Both(sink, second), "events", "--follow");
        assertThat(result.exit()).isEqualTo(Exit.DONE);
        assertThat(result.out()).containsOnlyOnce("LEADER_ELECTED").contains("NODE_DRAINING node=n2");
        assertThat(result.err()).contains("the stream broke");
    }

    /// Runs something once a text was printed.
    private static final class ClosingAfter extends ByteArrayOutputStream {
        private final String text;
        private final Runnable then;
        private boolean done;

        ClosingAfter(String text, Runnable then) {
            this.text = text;
            this.then = then;
        }

        @Override
        public void flush() {
            if (done || !toString(StandardCharsets.UTF_8).contains(text)) return;
            done = true;
            then.run();
        }
    }

    private static final class Both extends ByteArrayOutputStream {
        private final List<OutputStream> sinks;

        Both(OutputStream... sinks) {
            this.sinks = List.of(sinks);
        }

        @Override
        public synchronized void write(byte[] bytes, int offset, int length) {
            super.write(bytes, offset, length);
            try {
                for (OutputStream sink : sinks) {
                    sink.write(bytes, offset, length);
                    sink.flush();
                }
            } catch (IOException e) {
                throw new AssertionError(e);
            }
        }
    }

    @Test
    void aReaderThatLeavesEndsTheCommandSilently() {
        OutputStream broken = new OutputStream() {
            @Override
            public void write(int letter) throws IOException {
                throw new IOException("Broken pipe");
            }

            @Override
            public String toString() {
                return "";
            }
        };
        Result result = run(broken, "node", "list", "--watch");
        assertThat(result.exit()).isEqualTo(Exit.DONE);
        assertThat(result.err()).isEmpty();
    }

    // ---- doctor

    @Test
    void theDoctorFindsWhatIsWrongAndSaysWhatToDo() {
        Result result = run("doctor");
        assertThat(result.exit()).isEqualTo(Exit.NOT_HEALTHY);
        assertThat(result.out())
                .contains("ok    quorum: 3 of 3 voters alive, 2 needed; leader n1")
                .contains("fail  n2: http://127.0.0.1:8770 cannot be reached from here")
                .contains("ok    token: accepted");
        member.readOnly = Optional.of("no quorum");
        assertThat(run("doctor").out()).contains("fail  quorum: no quorum (1 of 3 voters alive, 2 needed)");
        assertThat(run("doctor", "--token", "wrong").out()).contains("fail  token: expected the cluster's token");
        assertThat(run("doctor", "--json").out()).contains("\"healthy\": false");
    }

    @Test
    void theDoctorIsContentWithAHealthyCluster() {
        for (String node : List.of("n1", "n2", "n3")) {
            member.order(new Command.JoinNode(
                    new NodeId(node),
                    node + "-identity",
                    Role.MIXED,
                    Hardware.cpus(4, Bytes.gib(8)),
                    4,
                    new Endpoints("127.0.0.1", server.port(), 8767, 8771)));
        }
        Result result = run("doctor");
        assertThat(result.exit()).as(result.out()).isEqualTo(Exit.DONE);
        assertThat(result.out()).doesNotContain("warn").contains("answers, clock within");
    }

    // ---- what others do

    @Test
    void nodeOptionsReachTheProgramThatRunsTheNode() {
        Programs.Options[] seen = new Programs.Options[1];
        Programs.Program program = (options, shell) -> {
            seen[0] = options;
            return 7;
        };
        programs = new Programs(program, program, program, program, program, program);
        assertThat(run("up", "--name", "n9", "--api-port", "1234", "--data", "/d")
                        .exit())
                .isEqualTo(7);
        assertThat(seen[0])
                .isEqualTo(new Programs.Options(Path.of("/d"), Map.of("name", "n9", "ports.api", "1234"), List.of()));
        run("cluster", "join", "n1:8770", "n2:8770", "--name", "n9");
        assertThat(seen[0].words()).containsExactly("n1:8770", "n2:8770");
        assertThat(seen[0].data()).isEqualTo(folder.resolve(".local/share/muster"));
        for (String[] words : new String[][] {{"down"}, {"demo"}, {"cluster", "init"}, {"cluster", "token"}}) {
            assertThat(run(words).exit()).isEqualTo(7);
        }
        assertThat(run("cluster", "join").exit()).isEqualTo(Exit.USAGE);
        programs = Programs.none();
        assertThat(run("up").exit()).isEqualTo(Exit.ERROR);
    }

    @Test
    void noCommandWaitsLongerThanItWasTold() throws IOException {
        try (ServerSocket silent = new ServerSocket(0)) {
            Result result = run("--node", "127.0.0.1:" + silent.getLocalPort(), "--timeout", "100ms", "status");
            assertThat(result.exit()).isEqualTo(Exit.ERROR);
            assertThat(result.err()).contains("Read timed out");
        }
    }
}
