package dev.muster.edge.cli;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import picocli.CommandLine.Model.CommandSpec;

/// `muster vastsim`: parsed here, done by [Programs].
final class VastSimCommand {
    /// Our options, and how the program knows them.
    private static final Map<String, String> OPTIONS = Map.of(
            "--port", "port",
            "--listen", "listen",
            "--api-key", "api-key",
            "--seed", "seed",
            "--speed", "speed",
            "--dir", "dir",
            "--credit", "credit");

    private VastSimCommand() {}

    static CommandSpec spec() {
        return Verb.of(
                        "vastsim",
                        "Serve a simulated market that speaks Vast.ai's API; what is rented runs as local processes.",
                        Set.of(),
                        args -> args.shell().programs().vastsim().run(options(args), args.shell()))
                .option("--port", "PORT", "where it listens; 0, a free one, unless told")
                .option("--listen", "ADDRESS", "127.0.0.1 unless told; who has the key runs programs on this machine")
                .option("--api-key", "KEY", "what clients show; drawn and printed unless told (VAST_API_KEY)")
                .option("--seed", "NUMBER", "of all chance; the same seed, the same market; 1 unless told")
                .option("--speed", "FACTOR", "how many times faster time passes, for delays and bills; 1 unless told")
                .option("--credit", "DOLLARS", "on the account at first; 100 unless told")
                .option("--dir", "FOLDER", "instances' directories; else a temporary folder, removed at the end")
                .flag("--no-pacing", "never answer 429 to who asks more often than Vast.ai allows")
                .flag("--calm", "nobody else rents and nothing fails by itself")
                .buildAlone();
    }

    private static Programs.Options options(Args args) {
        Map<String, String> flags = new LinkedHashMap<>();
        OPTIONS.forEach((option, key) -> args.text(option).ifPresent(value -> flags.put(key, value)));
        if (args.flag("--no-pacing")) flags.put("no-pacing", "true");
        if (args.flag("--calm")) flags.put("calm", "true");
        return new Programs.Options(Path.of(flags.getOrDefault("dir", "")), flags, List.of());
    }
}
