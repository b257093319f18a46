package dev.muster.sim;

import dev.muster.core.agent.LocalAttempt;
import dev.muster.core.state.Attempt;
import dev.muster.core.state.AttemptId;
import dev.muster.core.state.DeltaOf;
import dev.muster.core.state.JobKind;
import dev.muster.core.state.JobSpec;
import dev.muster.core.state.MadeDelta;
import dev.muster.core.state.Match;
import dev.muster.core.state.NodeId;
import dev.muster.core.state.Sha256;
import dev.muster.core.state.Table;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// What processes do that are none: how long they take, how they end, what they leave. A job's environment says it;
/// where it does not, chance does. Models have a hidden true strength, and games are won accordingly.
final class Works {
    /// Milliseconds of a run, `30000` or `20000-60000`.
    static final String RUN_MS = "SIM_RUN_MS";
    /// Exit codes by attempt, the last one for all further attempts: `1,0`.
    static final String EXITS = "SIM_EXITS";
    /// Elo points a trained model is better than the one before, by generation: `60,60,-80`.
    static final String GAINS = "SIM_GAINS";
    /// Numbers that a process leaves in its results file: `loss=0.5,acc=0.9`.
    static final String RESULTS = "SIM_RESULTS";
    /// Games of one evaluation task.
    static final String GAMES = "SIM_GAMES";

    private static final long MODEL_BYTES = 40L << 20;
    private static final long GAMES_BYTES = 5L << 20;
    private static final long SAVED_BYTES = 2L << 20;
    /// Of weights that all moved by 1 %.
    private static final int DELTA_PERCENT = 60;

    private final Chance chance;
    private final Map<Sha256, Double> strengths = new HashMap<>();

    /// @param exit the process's exit status
    record Fate(long runMs, int exit) {}

    Works(Chance chance) {
        this.chance = chance;
    }

    Fate fateOf(AttemptId attempt, JobSpec spec) {
        return new Fate(runMs(spec), exit(attempt, spec));
    }

    private long runMs(JobSpec spec) {
        String[] range = spec.env().getOrDefault(RUN_MS, "10000-120000").split("-");
        return chance.between(Long.parseLong(range[0]), Long.parseLong(range[range.length - 1]));
    }

    private int exit(AttemptId attempt, JobSpec spec) {
        String exits = spec.env().get(EXITS);
        if (exits == null) return chance.of(0.03) ? 1 : 0;
        String[] codes = exits.split(",");
        return Integer.parseInt(codes[Math.min(attempt.number(), codes.length) - 1]);
    }

    List<Attempt.Stored> outputsOf(AttemptId attempt, JobSpec spec) {
        List<Attempt.Stored> stored = new ArrayList<>();
        for (JobSpec.Output output : spec.outputs()) {
            Sha256 sha = sha(attempt + "/" + output.path());
            boolean model = spec.kind() == JobKind.TRAINING;
            stored.add(new Attempt.Stored(output.path(), sha, model ? MODEL_BYTES : GAMES_BYTES));
            if (model) strengths.put(sha, strengthOf(input(spec, "current.model")) + gain(spec));
        }
        return stored;
    }

    /// Another version of each file with every save. The files' names are their patterns.
    static List<Attempt.Stored> savedOf(LocalAttempt local) {
        long number = local.saved().number() + 1;
        return local.spec().sync().stream()
                .flatMap(sync -> sync.paths().stream())
                .map(path -> new Attempt.Stored(path, sha(local.id() + "/" + path + "/" + number), SAVED_BYTES))
                .toList();
    }

    static Table<String, Double> resultsOf(JobSpec spec) {
        Table<String, Double> results = Table.empty();
        if (spec.results().isEmpty()) return results;
        for (String each : spec.env().getOrDefault(RESULTS, "loss=1").split(",")) {
            String[] parts = each.split("=");
            results = results.with(parts[0], Double.parseDouble(parts[1]));
        }
        return results;
    }

    private double gain(JobSpec spec) {
        String gains = spec.env().get(GAINS);
        int generation = Integer.parseInt(spec.env().getOrDefault("MUSTER_GENERATION", "1"));
        if (gains == null) return generation == 1 ? 200 : chance.normal(60, 80);
        String[] each = gains.split(",");
        return Double.parseDouble(each[Math.min(generation, each.length) - 1]);
    }

    private double strengthOf(Optional<Sha256> model) {
        return model.map(sha -> strengths.getOrDefault(sha, 0.0)).orElse(0.0);
    }

    List<Match> matchesOf(AttemptId attempt, JobSpec spec) {
        if (spec.matches().isEmpty()) return List.of();
        Optional<Sha256> candidate = input(spec, "candidate.model");
        if (candidate.isEmpty()) return List.of();
        Optional<Sha256> current = input(spec, "current.model").filter(sha -> !sha.equals(candidate.get()));
        double lead = strengthOf(candidate) - strengthOf(current);
        double share = 1 / (1 + Math.pow(10, -lead / 400));
        int games = Integer.parseInt(spec.env().getOrDefault(GAMES, "100"));
        double luck = chance.normal(0, Math.sqrt(games * share * (1 - share)));
        int wins = (int) Math.max(0, Math.min(games, Math.round(games * share + luck)));
        return List.of(
                new Match(candidate.get().hex(), current.map(Sha256::hex).orElse("random"), wins, 0, games - wins));
    }

    private static Optional<Sha256> input(JobSpec spec, String path) {
        return spec.inputs().stream()
                .filter(input -> input.path().equals(path))
                .map(JobSpec.Input::artifact)
                .findFirst();
    }

    /// Of a model: always worth while.
    static MadeDelta deltaOf(DeltaOf of, long bytes, NodeId maker) {
        Sha256 sha = sha("delta of " + of.artifact() + " from " + of.base());
        return new MadeDelta(Optional.of(sha), bytes * DELTA_PERCENT / 100, maker);
    }

    static Sha256 sha(String text) {
        try {
            byte[] hash = MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
            return new Sha256(HexFormat.of().formatHex(hash));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("expected every JDK to know SHA-256", e);
        }
    }
}
