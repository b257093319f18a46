package dev.muster.edge.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.core.plan.Alerting;
import dev.muster.core.plan.Alerting.Way;
import dev.muster.core.plan.Soft;
import dev.muster.core.state.AlertLevel;
import dev.muster.core.state.Bytes;
import dev.muster.core.state.Command;
import dev.muster.core.state.ConfigKey;
import dev.muster.core.state.Endpoints;
import dev.muster.core.state.Hardware;
import dev.muster.core.state.Match;
import dev.muster.core.state.NodeId;
import dev.muster.core.state.Role;
import dev.muster.edge.http.ApiServer;
import dev.muster.edge.http.ApiSettings;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;

class CliTest extends CliHarness {
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

    /// picocli takes each description for a format, and complains of those that are none on the real stderr.
    @Test
    void noHelpHasAFormatThatIsNone() {
        PrintStream before = System.err;
        ByteArrayOutputStream said = new ByteArrayOutputStream();
        System.setErr(new PrintStream(said, true, StandardCharsets.UTF_8));
        try {
            assertThat(helped(Catalog.whole())).isGreaterThan(60);
        } finally {
            System.setErr(before);
        }
        assertThat(said.toString(StandardCharsets.UTF_8)).isEmpty();
        assertThat(run("offer", "search", "--help").out()).contains("0.95, which is 95%, or 95");
    }

    private static int helped(CommandSpec spec) {
        assertThat(Usage.of(spec)).isNotEmpty().doesNotContain("%%");
        int count = 1;
        for (CommandLine below : spec.subcommands().values()) count += helped(below.getCommandSpec());
        return count;
    }

    @Test
    void helpIsPrintedForEveryCommand() {
        assertThat(run("--help").exit()).isEqualTo(Exit.DONE);
        assertThat(run().exit()).isEqualTo(Exit.USAGE);
        assertThat(run("help").out()).contains("Exit codes:").contains("doctor");
        assertThat(run("help", "job", "run").out()).contains("--max-attempts");
        assertThat(run("vastsim", "--help").out()).contains("--speed").doesNotContain("--context");
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
        Path other = Files.writeString(
                folder.resolve("other.json"),
                "{\"node\": \"127.0.0.1:" + server.port() + "\", \"token\": \"" + TOKEN
                        + "\", \"owner\": {\"pid\": 7}}");
        Files.writeString(file, "{");
        assertThat(run("node", "list").exit()).isEqualTo(Exit.USAGE);
        env.put("MUSTER_CONTEXT", other.toString());
        assertThat(run("node", "list").exit()).isEqualTo(Exit.DONE);
        env.put("MUSTER_CONTEXT", "absent.json");
        assertThat(run("node", "list").err()).contains("expected a context in absent.json");
        env.put("MUSTER_NODE", "127.0.0.1:" + closedPort());
        assertThat(run("--context", other.toString(), "node", "list").exit()).isEqualTo(Exit.DONE);
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
    void withoutAQuorumStatusExitsWithThreeAndAnOrderOfUnknownFateWithSix() {
        member.readOnly = Optional.of("no quorum: 1 of 3 voters");
        Result status = run("status");
        assertThat(status.exit()).isEqualTo(Exit.NOT_HEALTHY);
        assertThat(status.out()).startsWith("READ-ONLY  no quorum: 1 of 3 voters");
        assertThat(run("voter", "list").exit()).isEqualTo(Exit.NOT_HEALTHY);
        Result list = run("node", "list");
        assertThat(list.exit()).isEqualTo(Exit.DONE);
        assertThat(list.err()).contains("read-only: no quorum");
        Result order = run("node", "drain", "n2", "--json");
        assertThat(order.exit()).isEqualTo(Exit.UNKNOWN);
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
        assertThat(run("node", "show", "--watch=2", "n2").out()).contains("n2");
        assertThat(run("node", "show", "n2", "--watch=soon").err()).contains("--watch: expected a duration");
        assertThat(run("job", "list", "-w").exit()).isEqualTo(Exit.DONE);
    }

    // ---- orders

    @Test
    void nodesAreDrainedAndBroughtBack() {
        assertThat(run("node", "drain", "n2", "--why", "new disk").out()).isEqualTo("n2 takes no new work\n");
        assertThat(member.given.getLast().why()).isEqualTo("new disk");
        assertThat(member.given.getLast().actor().toString()).isEqualTo("person:ann@n1.lan");
        env.put("USER", "Zoë Ångström");
        env.remove("HOSTNAME");
        run("node", "drain", "n2", "-y");
        assertThat(member.given.getLast().actor().toString()).startsWith("person:Zo-ngstr-m@");
        env.put("MUSTER_ACTOR", "nightly-bot");
        run("node", "drain", "n2");
        assertThat(member.given.getLast().actor().toString()).isEqualTo("person:nightly-bot");
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
        assertThat(run("loop", "stop", "hex8_2p", "-y").exit()).isEqualTo(Exit.DONE);
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
        assertThat(result.exit()).as(result.out()).isEqualTo(Exit.DONE);
        assertThat(result.out())
                .contains("ok    quorum: 3 of 3 voters alive, 2 needed; leader n1")
                .contains("warn  n2: alive, says n1, but this machine cannot reach http://127.0.0.1:8770: ")
                .contains("ok    token: accepted");
        assertThat(run("doctor", "--token", "wrong").out()).contains("fail  token: expected the cluster's token");
        assertThat(run("doctor", "--token", "wrong", "--json").out()).contains("\"healthy\": false");
    }

    @Test
    void theDoctorAndTheListOfVotersSayTheSameOfEachVoter() {
        member.readOnly = Optional.of("1 of 3 voters answers, 2 are needed; running jobs go on");
        assertThat(run("voter", "list").out())
                .contains("n1     alive                   follower")
                .contains("n2     not heard from for 12s  follower")
                .contains("n3     never heard from        follower");
        Result doctor = run("doctor");
        assertThat(doctor.exit()).isEqualTo(Exit.NOT_HEALTHY);
        assertThat(doctor.out())
                .contains("fail  quorum: read-only: 1 of 3 voters answers, 2 are needed; running jobs go on\n")
                .contains("fail  n2: not heard from for 12s, says n1\n")
                .contains("fail  n3: never heard from, says n1\n")
                .contains("not heard: n2")
                .doesNotContain("ok    nodes:")
                .containsOnlyOnce("read-only")
                .containsOnlyOnce("jobs go on");
        assertThat(run("status").out()).containsOnlyOnce("jobs go on").containsIgnoringCase("read-only");
        assertThat(run("job", "list").err()).containsOnlyOnce("read-only");
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
        Way slack = new Way("slack", "slack", EnumSet.allOf(AlertLevel.class), List.of(), List.of());
        member.soft = Optional.of(member.allHeard().withAlerting(Alerting.NOTHING.with(List.of(slack))));
        Instant end = Instant.now().plusSeconds(10);
        while (!run("alert", "list").out().contains("slack (slack)"))
            assertThat(Instant.now()).isBefore(end);
        Result result = run("doctor");
        assertThat(result.exit()).as(result.out()).isEqualTo(Exit.DONE);
        assertThat(result.out()).doesNotContain("warn").contains("answers, clock within");
    }

    @Test
    void theDoctorGoesByTheFloorsThatTheSchedulerHas() {
        Soft soft = member.allHeard();
        long[] free = {Bytes.mib(1000).count(), Bytes.gib(3).count()};
        for (int i = 0; i < free.length; i++) {
            NodeId node = new NodeId("n" + (i + 2));
            Soft.Heard heard = soft.heard().require(node);
            Soft.Telemetry load = new Soft.Telemetry(0.1, 0.1, 0.2, free[i], Double.NaN, Double.NaN, 0);
            soft = soft.withHeard(node, new Soft.Heard(heard.at(), heard.revision(), heard.attempts(), load));
        }
        member.soft = Optional.of(soft);
        String out = run("doctor").out();
        long giveUpAt = System.nanoTime() + 10_000_000_000L; // the server looks again every now and then
        while (!out.contains("disk full") && System.nanoTime() < giveUpAt)
            out = run("doctor").out();
        assertThat(out)
                .contains("fail  n2: disk full: 1000MiB free, keeps 1GiB (policy.disk_free_min)")
                .contains("warn  n3: disk nearly full: 3GiB free")
                .contains("nodes: 2 of 4 nodes heard and not short of disk");
    }

    // ---- what others do

    @Test
    void nodeOptionsReachTheProgramThatRunsTheNode() {
        Programs.Options[] seen = new Programs.Options[1];
        Programs.Program program = (options, shell) -> {
            seen[0] = options;
            return 7;
        };
        programs = new Programs(program, program, program, program, program, program, program);
        assertThat(run("up", "--name", "n9", "--api-port", "1234", "--data", "/d")
                        .exit())
                .isEqualTo(7);
        assertThat(seen[0])
                .isEqualTo(new Programs.Options(Path.of("/d"), Map.of("name", "n9", "ports.api", "1234"), List.of()));
        run("cluster", "join", "n1:8770", "n2:8770", "--name", "n9");
        assertThat(seen[0].words()).containsExactly("n1:8770", "n2:8770");
        assertThat(seen[0].data()).isEqualTo(folder.resolve(".local/share/muster"));
        for (String[] words :
                new String[][] {{"down"}, {"demo"}, {"vastsim"}, {"cluster", "init"}, {"cluster", "token"}}) {
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
