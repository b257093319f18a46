package dev.muster.sim;

import dev.muster.core.hosts.HostStatus;
import dev.muster.core.hosts.ImportPlan;
import dev.muster.core.hosts.Wish;
import dev.muster.core.plan.Wait;
import dev.muster.core.state.ArtifactKind;
import dev.muster.core.state.Bytes;
import dev.muster.core.state.ClusterState;
import dev.muster.core.state.Command;
import dev.muster.core.state.ConfigKey;
import dev.muster.core.state.Desired;
import dev.muster.core.state.GenerationId;
import dev.muster.core.state.Hardware;
import dev.muster.core.state.JobId;
import dev.muster.core.state.Node;
import dev.muster.core.state.NodeId;
import dev.muster.core.state.Role;
import dev.muster.core.state.Sha256;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/// The words of a scenario, one line each. The world begins with `begin`, or with the first `run`.
///
///     voters 3                                    v1 v2 v3, which run no jobs unless they are given a role
///     nodes 2 gpus=8 cpus=64 role=mixed region=eu n1 n2
///     begin                                       all is switched on; the first ten seconds are not recorded
///     forget-after 1h                             instead of the policy's
///     deaf                                        nothing is pushed, no change wakes the leader
///     submit train tasks=2 gpus=1 run=30s exits=1,0 priority=50 config=hex8_2p kind=training node=n1 sync=games.jsonl every=20s
///     submit train nodes=2                        each task on two nodes at once
///     lose-answers 1                              of the next orders
///     stop j1 · drain n1 · undrain n1 · retire n1 · unretire n1 · remove n1 · fence n1
///     voter-add n1 · voter-remove v1
///     token n9 secret ttl=1m role=training voter=yes · enrol n9 secret · revoke n9
///     import n1=retired n2=offline override=2     a file of hosts with these words; what is left alone is recorded
///     loop hex8_2p gains=60,-80 run=20s generations=2 train-exits=1,1,0 · loop-stop hex8_2p
///     put n1 model-a hex8_2p size=4GiB             a model file that nobody made, held by n1
///     promote hex8_2p#1 · promote hex8_2p model-a · rollback hex8_2p
///     fill-disk n1 · empty-disk n1
///     adopt n1 · end i1                           its machine is rented; it is to go
///     fix n1 relink                               puts something right, if it may and can be: stuck n1 says it cannot
///     crash-agent n1 · start-agent n1 · power-off n1 · power-on n1 · reboot n1 · wipe n1 · lose-disk v1
///     copy n1                                      of its data directory, started on another machine
///     gossip-gone n1 · gossip-back n1              what gossip tells the leader, rightly or not
///     partition v1,n1 | v2,v3 · cut v1 v2 · slow n1 500ms · lag v1 10s · heal
///     run 20s · why j1 · show
///
/// [RentScript] has those about rented machines, [RunScript] those about training runs.
final class Script {
    /// By then there is a leader, and everybody has joined.
    private static final Duration BEGINNING = Duration.ofSeconds(10);
    private static final Duration REBOOT = Duration.ofSeconds(20);

    private final World world;
    private final RentScript rents;
    private boolean begun;
    private int voters;
    private int workers;

    Script(World world) {
        this.world = world;
        this.rents = new RentScript(world);
    }

    /// @throws IllegalArgumentException when the line is not understood
    void perform(String line) {
        Words words = Words.of(line);
        switch (words.verb()) {
            case "voters" -> add(words, true);
            case "nodes" -> add(words, false);
            case "forget-after" -> world.forgetAfter(Scenario.duration(words.arg(0)));
            case "stuck" -> world.node(words.node(0)).fixes().stick();
            case "deaf" -> world.deaf();
            case "begin" -> {
                run(BEGINNING);
                world.story().drain();
            }
            case "run" -> run(Scenario.duration(words.arg(0)));
            case "partition" -> world.network().partition(groups(line));
            case "cut" -> world.network().cut(words.node(0), words.node(1));
            case "slow" ->
                world.network().slow(words.node(0), (int)
                        Scenario.duration(words.arg(1)).toMillis());
            case "lag" -> {
                long ms = Scenario.duration(words.arg(1)).toMillis();
                world.consensus().voter(words.node(0)).ifPresent(voter -> voter.lagMs = ms);
            }
            case "heal" -> world.network().heal();
            case "lose-answers" -> world.desk().loseAnswers(Integer.parseInt(words.arg(0)));
            case "channel-down" -> world.people().down(words.arg(0), Scenario.duration(words.arg(1)));
            case "nobody-listens" -> world.people().nobody();
            case "heard" -> heard();
            case "why" -> why(words.arg(0));
            case "show" -> show();
            case "runs" -> RunScript.show(world);
            case "put" -> put(words);
            case "import" -> importHosts(words);
            case "fill-disk", "empty-disk" ->
                words.args().forEach(name -> fill(world.node(new NodeId(name)), words.verb()));
            case "copy" -> new SimCopy(world, words.node(0)).start();
            case "gossip-gone", "gossip-back" -> words.args().forEach(name -> gossip(new NodeId(name), words.verb()));
            case "crash-agent", "start-agent", "power-off", "power-on", "reboot", "wipe", "lose-disk" ->
                words.args().forEach(name -> machine(words.verb(), world.node(new NodeId(name))));
            default -> {
                if (!rents.perform(words)) order(words);
            }
        }
    }

    private void run(Duration time) {
        if (!begun) world.begin();
        begun = true;
        world.run(time);
    }

    private void heard() {
        for (SimPeople.Heard one : world.people().heard())
            world.tell(
                    "heard: " + one.way() + " " + one.bulletin().number() + " "
                            + one.bulletin().alert() + " " + one.bulletin().kind() + " "
                            + one.bulletin().level(),
                    Story.time(Duration.ofMillis(one.atMs())));
    }

    // ---- machines

    private void add(Words words, boolean votes) {
        int gpus = words.number("gpus", votes ? 0 : 4);
        Role role = words.option("role")
                .map(text -> Role.valueOf(text.toUpperCase(Locale.ROOT)))
                .orElse(votes ? Role.COORDINATOR : Role.MIXED);
        Hardware hardware = new Hardware(
                words.number("cpus", votes ? 4 : 32) * 1000,
                Bytes.gib(words.number("memory", 64)),
                gpus,
                gpus > 0 ? Bytes.gib(24) : Bytes.ZERO,
                gpus > 0 ? "simulated" : "");
        SimNode.Profile profile = new SimNode.Profile(
                role, hardware, words.number("jobs", 8), words.option("region").orElse("eu"), 0);
        int count = Integer.parseInt(words.arg(0));
        for (int each = 0; each < count; each++) {
            String name = votes ? "v" + ++voters : "n" + ++workers;
            world.add(new NodeId(name), profile, votes && !begun);
        }
    }

    private void machine(String what, SimNode node) {
        world.tell(what + " " + node.id, "");
        switch (what) {
            case "crash-agent" -> node.crash();
            case "start-agent" -> node.start();
            case "power-off" -> node.powerOff();
            case "power-on" -> node.powerOn();
            case "reboot" -> {
                node.powerOff();
                world.agenda().in(REBOOT.toMillis(), node::powerOn);
            }
            case "wipe" -> node.wipe();
            default -> {
                node.crash();
                world.consensus().lostDisk(node.id);
                node.start();
            }
        }
    }

    private void gossip(NodeId node, String verb) {
        world.tell(verb + " " + node, "");
        world.gossip(node, verb.equals("gossip-gone"));
    }

    private void fill(SimNode node, String verb) {
        world.tell(verb + " " + node.id, "");
        node.agent().fill(verb.equals("fill-disk"));
    }

    private static List<List<NodeId>> groups(String line) {
        return Arrays.stream(line.substring("partition".length()).split("\\|"))
                .map(group -> Arrays.stream(group.strip().split(","))
                        .map(name -> new NodeId(name.strip()))
                        .toList())
                .toList();
    }

    // ---- orders

    private void order(Words words) {
        Command command =
                Orders.of(words).or(() -> RunScript.of(words, world.state())).orElseGet(() -> promotion(words));
        world.ask("ann", words.option("because").orElse(""), command);
    }

    /// The file's hosts in the order of their names.
    private void importHosts(Words words) {
        List<Wish> wishes = new TreeMap<>(words.options())
                .entrySet().stream()
                        .filter(word -> !IMPORT_OPTIONS.contains(word.getKey()))
                        .map(word ->
                                new Wish(word.getKey(), HostStatus.of(word.getValue()), Optional.empty(), "", false))
                        .toList();
        Set<NodeId> heard = new TreeSet<>();
        for (SimNode node : world.nodes()) if (node.running()) heard.add(node.id);
        ClusterState state = world.state();
        ImportPlan plan = ImportPlan.of(wishes, state, heard, world.policy().changes(), state.at());
        for (ImportPlan.Left left : plan.left())
            if (words.options().containsKey(left.name())) world.tell("left alone " + left.name(), left.reason());
        OptionalInt override = words.options().containsKey("override")
                ? OptionalInt.of(words.number("override", 0))
                : OptionalInt.empty();
        world.ask("ann", words.option("because").orElse(""), plan.order(override));
    }

    private static final Set<String> IMPORT_OPTIONS = Set.of("override", "because");

    private Command promotion(Words words) {
        if (!words.verb().equals("promote")) {
            throw new IllegalArgumentException(
                    "expected a word of dev.muster.sim.Script, but found \"" + words.verb() + "\"");
        }
        boolean made = words.arg(0).contains("#");
        ConfigKey config = made ? GenerationId.parse(words.arg(0)).config() : words.config(0);
        Sha256 candidate = made ? candidate(GenerationId.parse(words.arg(0))) : Works.sha(words.arg(1));
        Optional<Sha256> current = world.state()
                .models()
                .models()
                .find(config)
                .map(model -> model.current().sha());
        return new Command.PromoteModel(config, candidate, current, 0);
    }

    private Sha256 candidate(GenerationId id) {
        return world.state()
                .loops()
                .generations()
                .require(id)
                .candidate()
                .orElseThrow()
                .sha();
    }

    private void put(Words words) {
        NodeId node = words.node(0);
        Sha256 sha = Works.sha(words.arg(1));
        long size = words.option("size").map(Bytes::parse).orElse(Bytes.mib(40)).count();
        world.node(node).agent().keep(sha, size);
        world.ask(
                "ann",
                "",
                new Command.PutArtifact(
                        sha, size, words.arg(1), ArtifactKind.MODEL, Optional.of(words.config(2)), node));
    }

    // ---- looks

    private void why(String subject) {
        List<Wait> waits = world.waits().stream()
                .filter(wait -> wait.subject().startsWith(subject))
                .toList();
        for (Wait wait : waits) world.tell("why " + wait.subject() + ": " + wait.reason(), wait.message());
        if (waits.isEmpty()) world.tell("why " + subject + ": nobody can say", "");
    }

    /// All jobs and models, and the nodes of which there is something to tell.
    private void show() {
        for (SimNode node : world.nodes()) {
            Optional<Node> known = world.state().fleet().nodes().find(node.id);
            String seen = known.map(entry -> entry.desired() + (entry.fenced() ? " fenced" : ""))
                    .orElse("unknown");
            List<String> attempts = new ArrayList<>();
            node.agent()
                    .journal()
                    .forEach(entry ->
                            attempts.add(entry.getKey() + " " + entry.getValue().phase()));
            boolean usual = seen.equals(Desired.READY.name()) && attempts.isEmpty() && node.running();
            if (!usual) world.tell("show " + node.id + " " + seen + (node.running() ? " " : " down ") + attempts, "");
        }
        world.state().work().jobs().values().forEach(job -> world.tell("show " + job.id() + " " + job.status(), ""));
        world.state()
                .models()
                .models()
                .values()
                .forEach(model -> world.tell(
                        "show " + model.config() + " = " + model.current().sha().brief() + ", pointed at by "
                                + pointing(model.config(), model.current().sha()),
                        ""));
    }

    private List<NodeId> pointing(ConfigKey config, Sha256 sha) {
        return world.nodes().stream()
                .filter(node -> node.agent().pointers().find(config).equals(Optional.of(sha)))
                .map(node -> node.id)
                .toList();
    }

    /// A line's parts: the verb, what follows it, and its `key=value` options.
    record Words(String verb, List<String> args, Map<String, String> options) {
        static Words of(String line) {
            List<String> args = new ArrayList<>();
            Map<String, String> options = new HashMap<>();
            for (String word : line.split("\\s+")) {
                int equals = word.indexOf('=');
                if (equals > 0) options.put(word.substring(0, equals), word.substring(equals + 1));
                else args.add(word);
            }
            return new Words(args.getFirst(), List.copyOf(args.subList(1, args.size())), options);
        }

        String arg(int index) {
            if (index < args.size()) return args.get(index);
            throw new IllegalArgumentException(
                    "expected " + verb + " to be followed by " + (index + 1) + " words, but found " + args);
        }

        NodeId node(int index) {
            return new NodeId(arg(index));
        }

        JobId job(int index) {
            return JobId.parse(arg(index));
        }

        ConfigKey config(int index) {
            return new ConfigKey(arg(index));
        }

        Optional<String> option(String key) {
            return Optional.ofNullable(options.get(key));
        }

        int number(String key, int absent) {
            return option(key).map(Integer::parseInt).orElse(absent);
        }
    }
}
