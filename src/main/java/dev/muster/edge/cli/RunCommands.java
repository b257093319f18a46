package dev.muster.edge.cli;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import picocli.CommandLine.Model.CommandSpec;

/// Commands that run or set up a node on this machine: parsed here, done by [Programs].
final class RunCommands {
    /// Our option, and the key of `node.yaml` it sets.
    private static final Map<String, String> KEYS = keys();

    private RunCommands() {}

    private static Map<String, String> keys() {
        Map<String, String> keys = new LinkedHashMap<>();
        keys.put("--name", "name");
        keys.put("--cluster-id", "cluster_id");
        keys.put("--listen", "listen");
        keys.put("--advertise", "advertise");
        keys.put("--role", "role");
        keys.put("--max-parallel-jobs", "max_parallel_jobs");
        keys.put("--api-port", "ports.api");
        keys.put("--artifact-port", "ports.artifacts");
        keys.put("--raft-port", "ports.raft");
        keys.put("--gossip-port", "ports.gossip");
        keys.put("--token-file", "token_file");
        keys.put("--dialable", "network.dialable");
        keys.put("--venv", "checks.venv");
        return keys;
    }

    static CommandSpec up() {
        return node(FleetCommands.options(Verb.of(
                        "up",
                        "Bring up all hosts of a file over SSH; or run this machine's agent until it is told to stop.",
                        Set.of("--node"),
                        RunCommands::up)))
                .flag("--check", "only look at the hosts, and start nothing")
                .options(
                        "--bundle", "FILE", "what hosts get, made by `./dev dist --runtime`; made or found unless told")
                .asking()
                .build();
    }

    private static int up(Args args) throws Failure {
        Optional<String> file = FleetCommands.file(args, local(args));
        if (file.isPresent()) return FleetCommands.up(args, file.get());
        expectNoHosts(args, "--check", "--bundle", "--dry-run");
        return programs(args).up().run(options(args), args.shell());
    }

    /// Something was said that only a node of this machine has.
    private static boolean local(Args args) {
        return args.text("--data").isPresent()
                || KEYS.keySet().stream()
                        .anyMatch(option -> !option.equals("--cluster-id")
                                && args.text(option).isPresent());
    }

    /// Without a file of hosts nothing is done that was meant for its hosts.
    private static void expectNoHosts(Args args, String... flags) throws Failure {
        boolean meant = !args.all("--node").isEmpty() || !args.all("--bundle").isEmpty();
        for (String flag : flags) if (!flag.equals("--bundle")) meant |= args.flag(flag);
        if (meant)
            throw Failure.usage(
                    "expected --file with the hosts, but found neither it nor " + FleetCommands.FILE_DEFAULT,
                    "without hosts, `muster up` and `down` are about this machine's agent");
    }

    static CommandSpec restart() {
        return FleetCommands.options(Verb.of(
                        "restart",
                        "Restart the agents on the hosts of a file: workers in batches, voters last and one at a time.",
                        Set.of("--node"),
                        FleetCommands::restart))
                .flag("--upgrade", "to this program's release, which is put there first")
                .flag("--rollback", "to the release before, by each host's record")
                .options("--bundle", "FILE", "with --upgrade: what hosts get; made or found unless told")
                .asking()
                .build();
    }

    static CommandSpec down() {
        return data(FleetCommands.options(Verb.of(
                        "down",
                        "Stop the agents on all hosts of --file, or this machine's; their jobs go on.",
                        Set.of("--node"),
                        RunCommands::down)))
                .asking()
                .build();
    }

    private static int down(Args args) throws Failure {
        // A whole fleet is stopped only where its file is named.
        if (args.text("--file").isPresent())
            return FleetCommands.down(args, args.text("--file").get());
        expectNoHosts(args, "--dry-run");
        return programs(args).down().run(options(args), args.shell());
    }

    static CommandSpec demo() {
        return Verb.of(
                        "demo",
                        "Run a cluster on this machine that learns a game.",
                        Set.of("--timeout"),
                        args -> programs(args).demo().run(demo(args), args.shell()))
                .option("--until", "promotions=N", "until each config key has promoted N models; else until Ctrl-C")
                .flag("--kill-leader", "kill the leader during a training, to see what that changes")
                .flag(
                        "--rented",
                        "rent the workers from a simulated market; one is outbid, one host dies; needs sshd, no account")
                .option("--seed", "N", "with --rented: of the market, 1 unless told")
                .option("--timeout", "TIME", "with --until: give up then, 15m unless told; exit 101")
                .option(
                        "--data",
                        "FOLDER",
                        "keep its data there; else a temporary folder, removed at the end when all is well")
                .build();
    }

    /// The demo runs no node by itself: its flags are its own.
    private static Programs.Options demo(Args args) throws Failure {
        Map<String, String> flags = new LinkedHashMap<>();
        args.text("--until").ifPresent(value -> flags.put("until", value));
        args.text("--timeout").ifPresent(value -> flags.put("timeout", value));
        args.text("--data").ifPresent(value -> flags.put("data", value));
        args.text("--seed").ifPresent(value -> flags.put("seed", value));
        if (args.flag("--rented")) flags.put("rented", "true");
        if (args.flag("--kill-leader")) flags.put("kill-leader", "true");
        if (args.output() == Output.JSON) flags.put("json", "true");
        return new Programs.Options(data(args), flags, List.of());
    }

    static CommandSpec cluster() {
        return Catalog.group(
                "cluster",
                "Make a cluster, or let this machine join one.",
                node(Verb.of(
                                "init",
                                "Make this machine the first voter of a new cluster.",
                                args -> programs(args).init().run(options(args), args.shell())))
                        .option(
                                "--voters",
                                "LIST",
                                "further voters of the new cluster, each ID=HOST:API_PORT:RAFT_PORT")
                        .build(),
                node(Verb.of(
                                "join",
                                "Let this machine join a cluster.",
                                args -> programs(args).join().run(options(args), args.shell())))
                        .words("HOST:PORT", "1..*", "API addresses of nodes of the cluster")
                        .option("--enrol-token-file", "FILE", "a one-time token, in place of the cluster's token")
                        .build(),
                data(EnrolCommands.token(args -> programs(args).token().run(options(args), args.shell())))
                        .build(),
                EnrolCommands.tokens());
    }

    private static Verb node(Verb verb) {
        return data(verb)
                .option("--name", "NAME", "this node's name, kept for life; the host's name unless told")
                .option("--cluster-id", "ID", "nodes of differently named clusters do not talk to each other")
                .option("--listen", "ADDRESS", "address to listen on; only this machine unless told")
                .option("--advertise", "HOST", "where other nodes reach this one")
                .option("--role", "ROLE", "mixed, selfplay, training or coordinator")
                .option("--max-parallel-jobs", "COUNT", "attempts at once; the cores unless told")
                .option("--api-port", "PORT", "8770 unless told")
                .option("--artifact-port", "PORT", "8767 unless told")
                .option("--raft-port", "PORT", "8771 unless told")
                .option("--gossip-port", "PORT", "8765 unless told")
                .option("--dialable", "BOOLEAN", "false: no other node can dial this one (NAT)")
                .option("--venv", "FOLDER", "the Python environment of jobs, for `muster node check`")
                .option("--token-file", "FILE", "the cluster's token");
    }

    private static Verb data(Verb verb) {
        return verb.option("--data", "FOLDER", "the data directory (MUSTER_DATA)");
    }

    private static Programs programs(Args args) {
        return args.shell().programs();
    }

    private static Programs.Options options(Args args) {
        Map<String, String> flags = new LinkedHashMap<>();
        KEYS.forEach((option, key) -> args.text(option).ifPresent(value -> flags.put(key, value)));
        args.text("--voters").ifPresent(value -> flags.put("voters", value));
        args.text("--enrol-token-file").ifPresent(value -> flags.put("enrol_token_file", value));
        return new Programs.Options(data(args), flags, List.copyOf(args.words()));
    }

    /// `--data` over MUSTER_DATA over `$XDG_DATA_HOME/muster`, usually `~/.local/share/muster`.
    private static Path data(Args args) {
        Map<String, String> env = args.shell().env();
        String written = args.text("--data").orElse(env.getOrDefault("MUSTER_DATA", ""));
        if (!written.isBlank()) return Path.of(written);
        String base = env.getOrDefault("XDG_DATA_HOME", "");
        Path home = base.isBlank() ? Path.of(env.getOrDefault("HOME", "/"), ".local", "share") : Path.of(base);
        return home.resolve("muster");
    }
}
