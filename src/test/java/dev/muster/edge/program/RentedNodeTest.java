package dev.muster.edge.program;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.muster.core.rent.Charge;
import dev.muster.core.rent.Offer;
import dev.muster.core.rent.OfferQuery;
import dev.muster.core.rent.Rented;
import dev.muster.core.rent.Usage;
import dev.muster.core.state.Actor;
import dev.muster.core.state.Attempt;
import dev.muster.core.state.Command;
import dev.muster.core.state.Envelope;
import dev.muster.core.state.Group;
import dev.muster.core.state.Instance;
import dev.muster.core.state.InstanceId;
import dev.muster.core.state.Job;
import dev.muster.core.state.JobKind;
import dev.muster.core.state.JobSpec;
import dev.muster.core.state.Market;
import dev.muster.core.state.Money;
import dev.muster.core.state.NodeId;
import dev.muster.core.state.Rent;
import dev.muster.core.state.Role;
import dev.muster.core.state.Run;
import dev.muster.core.state.RunId;
import dev.muster.core.state.RunSpec;
import dev.muster.core.state.Table;
import dev.muster.edge.config.NodeConfig;
import dev.muster.edge.local.OwnBundle;
import dev.muster.edge.local.SshFleet;
import dev.muster.edge.node.Member;
import dev.muster.edge.node.NodeRuntime;
import dev.muster.edge.provider.Provider;
import dev.muster.edge.provider.Providers;
import dev.muster.edge.provider.Surroundings;
import dev.muster.edge.provider.Wiretap;
import dev.muster.edge.rent.RentDesk;
import dev.muster.edge.vastsim.LocalBoot;
import dev.muster.edge.vastsim.SimSettings;
import dev.muster.edge.vastsim.VastSim;
import dev.muster.edge.wire.Wire;
import dev.muster.market.MarketSettings;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// One voter in this process and a market with real sshd and real agents behind it: a machine from the order in the log to
/// the last bill, brought there by the planners and the desk alone.
@Tag("slow")
@Execution(ExecutionMode.CONCURRENT)
class RentedNodeTest {
    private static final String KEY = "test-key-of-the-market";
    private static final Duration WAIT = Duration.ofMinutes(3);
    /// Virtual seconds in a real one: an image is pulled in seconds, and a test is not a month.
    private static final double SPEED = 60;

    private Path folder;
    private VastSim sim;
    private Map<String, String> env;
    private Provider vast;
    private MachineGauges gauges;
    private RentDesk desk;
    private NodeRuntime voter;

    @BeforeEach
    void start() throws Exception {
        SshFleet.missing().ifPresent(why -> assumeTrue(false, why));
        folder = Files.createTempDirectory("rented-");
        MarketSettings market = MarketSettings.calm(Instant.now());
        sim = VastSim.start(
                new SimSettings("127.0.0.1", 0, KEY, 7, SPEED, false, market),
                LocalBoot.in(folder.resolve("instances")));
        SshFleet.key(folder.resolve("key"));
        Path home = OwnBundle.make(folder.resolve("program"));
        env = Map.of(
                "VAST_URL", sim.url("127.0.0.1"),
                "VAST_API_KEY", KEY,
                "VAST_SSH_KEY", folder.resolve("key").toString(),
                "VAST_SSH_USER", System.getProperty("user.name"),
                "MUSTER_HOME", home.toString(),
                "HOME", folder.toString());
        vast = new Providers(
                        env,
                        () -> {
                            throw new IllegalStateException("no file of hosts is asked for");
                        },
                        Surroundings.system(Wiretap.OFF))
                .of("vast");
        NodeConfig config = config(folder.resolve("v1"));
        gauges = new MachineGauges(config.data());
        desk = Renting.desk(config, env);
        voter = NodeRuntime.start(config, HttpServers::open, gauges, desk);
        until(
                () -> "a leader: " + voter.standing(),
                () -> voter.standing().leading()
                        && voter.state().fleet().nodes().has(new NodeId("v1")));
    }

    private static NodeConfig config(Path data) throws Exception {
        Map<String, String> flags = new TreeMap<>();
        Files.createDirectories(data);
        Files.writeString(data.resolve("token"), "a-token-of-this-test\n");
        flags.putAll(Map.of("name", "v1", "token_file", "token", "cluster_id", "rented"));
        for (String port : List.of("api", "artifacts", "raft", "gossip")) flags.put("ports." + port, free());
        flags.put("voters.v1.host", "127.0.0.1");
        flags.put("voters.v1.api", flags.get("ports.api"));
        flags.put("voters.v1.raft", flags.get("ports.raft"));
        return NodeConfig.load(data, flags, Map.of());
    }

    private static String free() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return Integer.toString(socket.getLocalPort());
        }
    }

    @AfterEach
    void end() throws Exception {
        if (voter != null) voter.close();
        if (desk != null) desk.close();
        if (gauges != null) gauges.close();
        if (vast != null) vast.close();
        if (sim != null) sim.close();
        if (folder == null) return;
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) Files.deleteIfExists(file);
        }
    }

    private Member.Answer.Done order(Command command) {
        Member.Answer answer = voter.submit(Envelope.of(Actor.person("ann"), "test", command), Duration.ofSeconds(10));
        assertThat(answer).isInstanceOf(Member.Answer.Done.class);
        return (Member.Answer.Done) answer;
    }

    private InstanceId rent() throws Exception {
        Offer offer = vast.offers(OfferQuery.DEFAULT.first(5)).offers().getFirst();
        Rent rent = new Rent(
                "vast",
                offer.id(),
                offer.machine(),
                offer.gpus().name(),
                offer.gpus().count(),
                Optional.empty(),
                offer.cost(20, Usage.NONE),
                new Money(1_000),
                20,
                "muster/worker",
                Role.MIXED);
        return new InstanceId(Long.parseLong(order(new Command.RentInstance(
                        Optional.empty(),
                        rent,
                        Optional.empty(),
                        voter.state().rentals().scaling().windowsAt(Instant.now())))
                .created()
                .substring(1)));
    }

    private Instance instance(InstanceId id) {
        return voter.state().rentals().instances().require(id);
    }

    private void until(Supplier<String> what, BooleanSupplier so) throws InterruptedException {
        long end = System.nanoTime() + WAIT.toNanos();
        while (!so.getAsBoolean()) {
            if (System.nanoTime() > end) throw new AssertionError("waited " + WAIT + " in vain for " + what.get());
            Thread.sleep(100);
        }
    }

    private String told(InstanceId id) {
        return instance(id) + "; " + voter.waits() + "; "
                + voter.soft().map(soft -> soft.renting().tried().toString()).orElse("");
    }

    private boolean joined(InstanceId id) {
        return instance(id)
                .node()
                .filter(node -> voter.state().fleet().nodes().has(node))
                .isPresent();
    }

    @Test
    void aMachineFromTheOrderToTheLastBill() throws Exception {
        InstanceId id = rent();
        until(() -> "its node to join: " + told(id), () -> joined(id));
        NodeId node = instance(id).node().orElseThrow();
        assertThat(voter.state().fleet().enrolments().has(node)).isFalse();
        String job = order(new Command.SubmitJob(JobSpec.of("hello", JobKind.OTHER, List.of("sh", "-c", "exit 0"))))
                .created();
        until(
                () -> job + " to be done",
                () -> voter.state().work().jobs().values().stream()
                        .allMatch(one -> one.status() == Job.Status.SUCCEEDED));

        order(new Command.EndInstance(id, false));
        until(() -> "it to end: " + told(id), () -> !instance(id).open());
        assertThat(vast.list()).isEmpty();
        assertThat(voter.state().fleet().nodes().has(node)).isFalse();
        until(
                () -> "the last charge: " + told(id),
                () -> instance(id)
                        .bill()
                        .charged()
                        .filter(upTo -> !upTo.isBefore(
                                instance(id).ended().orElseThrow().at()))
                        .isPresent());
        Money charged = Money.ZERO;
        for (Charge charge : vast.charges(
                Instant.now().minus(Duration.ofDays(2)), Instant.now().plus(Duration.ofDays(9))))
            charged = charged.plus(charge.amount());
        assertThat(charged).isGreaterThan(Money.ZERO);
        assertThat(instance(id).bill().total(Instant.now())).isEqualTo(charged);
        assertThat(voter.state().rentals().ledger().since(Instant.EPOCH)).isEqualTo(charged);
    }

    @Test
    void aMachineWhoseOrderWasLostIsFoundAndIsTheSameNodeAfterAStop() throws Exception {
        fault("{\"endpoint\":\"PUT /api/v0/asks/\",\"drop\":\"after\"}");
        InstanceId id = rent();
        until(() -> "its node to join: " + told(id), () -> joined(id));
        assertThat(vast.list())
                .extracting(Rented::label)
                .containsExactly(instance(id).label());
        NodeId node = instance(id).node().orElseThrow();
        String identity = voter.state().fleet().nodes().require(node).identity();

        order(new Command.StopInstance(id));
        until(() -> "it to stop: " + told(id), () -> instance(id).phase(true) == Instance.Phase.STOPPED);
        order(new Command.StartInstance(id, voter.state().rentals().scaling().windowsAt(Instant.now())));
        Instant started = Instant.now();
        until(
                () -> "its node to be heard again: " + told(id),
                () -> voter.soft()
                        .flatMap(soft -> soft.heard().find(node))
                        .filter(heard -> heard.at().isAfter(started))
                        .isPresent());
        assertThat(voter.state().fleet().nodes().require(node).identity()).isEqualTo(identity);
    }

    /// Counts to 30, two steps in a second, and goes on where it was.
    private static final String TRAINS = """
            n=$(cat step 2>/dev/null || echo 0)
            echo "$n" >> starts
            while [ "$n" -lt 30 ]; do
              n=$((n + 1))
              echo "{\\"step\\": $n, \\"loss\\": 0.$((99 - n))}" >> log.jsonl
              echo "$n" > tmp && mv tmp step
              sleep 0.5
            done
            cp step model
            """;

    private static final String EVALUATES = """
            echo "{\\"steps\\": $(cat model)}" > r.json
            """;

    private static RunSpec.Stage stage(String name, JobKind kind, String script, String more) {
        ObjectNode job = Wire.MAPPER.valueToTree(JobSpec.of(name, kind, List.of("sh", "-ec", script)));
        Wire.merge(job, Wire.read(more, JsonNode.class));
        return new RunSpec.Stage(name, Wire.jobSpec(job), Optional.empty(), false);
    }

    private Run run(RunId id) {
        return voter.state().runs().runs().require(id);
    }

    /// What an attempt's files hold now.
    private String text(List<Attempt.Stored> files, String path) throws Exception {
        Attempt.Stored file = files.stream()
                .filter(one -> one.path().equals(path))
                .findFirst()
                .orElseThrow();
        try (InputStream in = voter.shelf().open(file.sha())) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    @Test
    void aTrainingRunGoesOnWhereItsMachineWasLost() throws Exception {
        RunId id = new RunId("run_1");
        RunSpec.Stage train = stage("train", JobKind.TRAINING, TRAINS, """
                {"resources": {"gpus": 1, "cpu_millis": 100},
                 "sync": {"paths": ["step", "starts", "log.jsonl"], "every": "10s"},
                 "outputs": [{"path": "model", "required": true}, {"path": "starts", "required": true},
                             {"path": "log.jsonl", "required": true}]}""");
        RunSpec.Stage eval = stage("eval", JobKind.EVALUATION, EVALUATES, """
                {"resources": {"gpus": 1, "cpu_millis": 100}, "results": "r.json"}""");
        Group machine = new Group(
                id.name(), "vast", List.of(), 1, "", 1, 1, 1, Money.ofDollars(2), Market.ON_DEMAND, Role.MIXED, 20, "");
        order(new Command.LaunchRun(
                id,
                new RunSpec(
                        "counting",
                        List.of(train, eval),
                        Optional.of(machine),
                        Optional.of(Money.ofDollars(50)),
                        Optional.empty(),
                        3,
                        RunSpec.After.END,
                        Optional.empty(),
                        Optional.empty(),
                        Table.empty()),
                false));
        InstanceId first = new InstanceId(1);
        until(
                () -> "a save: " + voter.waits() + run(id),
                () -> saved().size() == 3 && saved().stream().allMatch(this::held));
        // Its host is gone, and the market with it.
        vast.destroy(instance(first).rented().orElseThrow());
        until(() -> "the end: " + voter.waits() + run(id), () -> !run(id).open());
        assertThat(run(id).status()).as(run(id).note()).isEqualTo(Run.Status.SUCCEEDED);
        assertThat(run(id).stages().getLast().results().require("steps")).isEqualTo(30);
        List<Attempt.Stored> left = run(id).stages().getFirst().outputs();
        // Files are not saved at the same moment: between two of them the program may have gone a step on.
        List<String> rows = text(left, "log.jsonl").lines().toList();
        assertThat(rows).hasSizeBetween(29, 31);
        assertThat(rows.getLast()).contains("30");
        List<Integer> starts =
                text(left, "starts").lines().map(Integer::valueOf).toList();
        assertThat(starts).hasSize(2).startsWith(0);
        assertThat(starts.getLast()).isPositive();

        until(
                () -> "its machines' last bills: " + voter.waits() + run(id),
                () -> run(id).cost().isPresent());
        assertThat(vast.list()).isEmpty();
        Money charged = Money.ZERO;
        for (Charge charge : vast.charges(
                Instant.now().minus(Duration.ofDays(2)), Instant.now().plus(Duration.ofDays(9))))
            charged = charged.plus(charge.amount());
        assertThat(run(id).cost()).contains(charged);
    }

    private List<Attempt.Stored> saved() {
        return voter.state().work().attempts().values().stream()
                .flatMap(attempt -> attempt.saved().files().values().stream())
                .toList();
    }

    private boolean held(Attempt.Stored saved) {
        return voter.state()
                .files()
                .artifacts()
                .find(saved.sha())
                .filter(file -> file.receipts().has(new NodeId("v1")))
                .isPresent();
    }

    private void fault(String body) throws Exception {
        try (HttpClient client = HttpClient.newHttpClient()) {
            HttpRequest request = HttpRequest.newBuilder(URI.create(sim.url("127.0.0.1") + "/sim/faults"))
                    .header("Authorization", "Bearer " + KEY)
                    .POST(HttpRequest.BodyPublishers.ofString(body))
                    .build();
            assertThat(client.send(request, BodyHandlers.ofString()).statusCode())
                    .isEqualTo(200);
        }
    }
}
