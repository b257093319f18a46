package dev.muster.edge.local;

import dev.muster.core.state.Bytes;
import dev.muster.core.state.ConfigKey;
import dev.muster.core.state.JobKind;
import dev.muster.core.state.JobSpec;
import dev.muster.core.state.LoopSpec;
import dev.muster.core.state.LoopSpec.StageSpec;
import dev.muster.core.state.Resources;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// The demo's two loops: Hex on two boards. For the cluster these are ordinary commands that read and leave files.
final class DemoLoops {
    static final Map<ConfigKey, Integer> BOARDS = Map.of(new ConfigKey("hex5_2p"), 5, new ConfigKey("hex6_2p"), 6);

    private static final String HEX = "dev.muster.demo.Hex";
    private static final int SELFPLAY_TASKS = 4;
    /// Training reads the games of this many generations.
    private static final int GAMES_WINDOW = 10;

    private DemoLoops() {}

    static List<LoopSpec> specs() {
        return BOARDS.keySet().stream().sorted().map(DemoLoops::spec).toList();
    }

    private static LoopSpec spec(ConfigKey config) {
        String board = Integer.toString(BOARDS.get(config));
        StageSpec selfplay = new StageSpec(
                job(config, "selfplay", JobKind.SELFPLAY, SELFPLAY_TASKS, "games.db", Optional.empty())
                        .withResults("results.json"),
                command(
                        List.of(
                                "selfplay",
                                "--board",
                                board,
                                "--seed",
                                "{seed}{index}",
                                "--out",
                                "games.db",
                                "--results",
                                "results.json"),
                        List.of("--model", "{current}")));
        StageSpec training = new StageSpec(
                job(config, "train", JobKind.TRAINING, 1, "model.bin", Optional.empty()),
                command(
                        List.of(
                                "train",
                                "--board",
                                board,
                                "--games",
                                "{games}",
                                "--seed",
                                "{seed}",
                                "--out",
                                "model.bin"),
                        List.of()));
        StageSpec evaluation = new StageSpec(
                job(config, "evaluate", JobKind.EVALUATION, 1, "matches.json", Optional.of("matches.json")),
                command(
                        List.of(
                                "evaluate",
                                "--board",
                                board,
                                "--candidate",
                                "{candidate}",
                                "--seed",
                                "{seed}",
                                "--out",
                                "matches.json"),
                        List.of("--current", "{current}")));
        return new LoopSpec(
                config, selfplay, training, evaluation, LoopSpec.Gate.DEFAULT, GAMES_WINDOW, Optional.empty());
    }

    private static List<List<String>> command(List<String> always, List<String> withModel) {
        return List.of(Muster.job(HEX), always, withModel);
    }

    private static JobSpec job(
            ConfigKey config, String name, JobKind kind, int tasks, String output, Optional<String> matches) {
        return new JobSpec(
                config + "-" + name,
                kind,
                Optional.of(config),
                tasks,
                List.of(HEX),
                Map.of(),
                new Resources(500, Bytes.mib(128), 0, Bytes.ZERO),
                List.of(),
                List.of(new JobSpec.Output(output, true)),
                matches,
                JobSpec.PRIORITY_DEFAULT,
                JobSpec.ATTEMPTS_DEFAULT,
                Duration.ofSeconds(5),
                Optional.of(Duration.ofMinutes(10)),
                Optional.empty());
    }

    /// The command that plays fresh games of two model files, or of one against the random player.
    static List<String> compare(ConfigKey config, String a, String b, int games, long seed) {
        List<String> command = new ArrayList<>(Muster.job(HEX));
        command.addAll(List.of(
                "compare",
                "--board",
                Integer.toString(BOARDS.get(config)),
                "--a",
                a,
                "--b",
                b,
                "--games",
                Integer.toString(games),
                "--seed",
                Long.toString(seed),
                "--json"));
        return command;
    }
}
