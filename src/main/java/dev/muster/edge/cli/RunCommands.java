package dev.muster.edge.cli;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
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
        return keys;
    }

    static CommandSpec up() {
        return node(Verb.of(
                        "up",
                        "Run this machine's agent until it is told to stop.",
                        args -> programs(args).up().run(options(args), args.shell())))
                .build();
    }

    static CommandSpec down() {
        return data(Verb.of(
                        "down",
                        "Stop this machine's agent; its jobs go on.",
                        args -> programs(args).down().run(options(args), args.shell())))
                .build();
    }

    static CommandSpec demo() {
        return Verb.of(
                        "demo",
                        "Run a cluster on this machine that learns a game.",
                        Set.of("--timeout"),
                        args -> programs(args).demo().run(demo(args), args.shell()))
                .option("--until", "promotions=N", "until each config key has promoted N models; else until Ctrl-C")
                .flag("--kill-leader", "kill the leader during a training, to see what that changes")
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
                        .build(),
                data(Verb.of(
                                "token",
                                "Print this machine's cluster token.",
                                args -> programs(args).token().run(options(args), args.shell())))
                        .build());
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
