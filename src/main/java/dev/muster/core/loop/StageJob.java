package dev.muster.core.loop;

import dev.muster.core.state.Artifact;
import dev.muster.core.state.Attempt;
import dev.muster.core.state.ClusterState;
import dev.muster.core.state.Generation;
import dev.muster.core.state.GenerationId;
import dev.muster.core.state.JobSpec;
import dev.muster.core.state.Loop;
import dev.muster.core.state.NodeId;
import dev.muster.core.state.Replicas;
import dev.muster.core.state.Sha256;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/// A stage's job with its blanks filled in for one generation.
sealed interface StageJob {
    record Ready(JobSpec spec) implements StageJob {}

    /// Nobody holds the candidate any more: there is nothing left to evaluate.
    record Lost(String message) implements StageJob {}

    /// Only fenced nodes hold the candidate: they may come back with it.
    record Away(Sha256 candidate, List<NodeId> holders) implements StageJob {}

    /// The job cannot be submitted for now.
    record Missing(String message) implements StageJob {}

    static StageJob of(ClusterState state, Loop loop) {
        Optional<Sha256> current = state.models()
                .models()
                .find(loop.config())
                .map(model -> model.current().sha());
        Optional<Sha256> candidate =
                state.loops().generations().require(loop.current()).candidate().map(Attempt.Stored::sha);
        List<JobSpec.Input> games = games(state, loop);
        Blanks blanks = blanks(loop, current.isPresent(), candidate.isPresent(), !games.isEmpty())
                .fill(loop.spec().stage(loop.stage()).command());
        List<JobSpec.Input> inputs = new ArrayList<>();
        if (blanks.used("current")) inputs.add(new JobSpec.Input(current.orElseThrow(), "current.model"));
        if (blanks.used("candidate")) inputs.add(new JobSpec.Input(candidate.orElseThrow(), "candidate.model"));
        if (blanks.used("candidate")) {
            List<NodeId> holders = holders(state, candidate.orElseThrow());
            if (holders.isEmpty()) {
                return new Lost("no node holds the candidate " + candidate.get().brief() + " any more");
            }
            if (!inReach(state, candidate.get())) return new Away(candidate.get(), holders);
        }
        Optional<JobSpec.Input> lost = inputs.stream()
                .filter(input -> !state.files().held(input.artifact()))
                .findFirst();
        if (lost.isPresent()) {
            return new Missing("no node holds " + lost.get().path() + " ("
                    + lost.get().artifact().brief() + ")");
        }
        if (blanks.used("games")) inputs.addAll(games);
        if (blanks.command().isEmpty()) {
            return new Missing(
                    "nothing is left of its command without the groups whose blanks have no value yet; expected"
                            + " the program in a group of its own");
        }
        return new Ready(spec(loop, blanks.command(), inputs));
    }

    private static List<NodeId> holders(ClusterState state, Sha256 file) {
        return state.files().artifacts().find(file).map(Artifact::receipts).stream()
                .flatMap(receipts -> receipts.keys().stream())
                .toList();
    }

    private static boolean inReach(ClusterState state, Sha256 file) {
        return !Replicas.givers(state, file).isEmpty();
    }

    private static Blanks blanks(Loop loop, boolean current, boolean candidate, boolean games) {
        Blanks blanks = new Blanks()
                .with("config", loop.config().name())
                .with("generation", Integer.toString(loop.generation()))
                .with("seed", Integer.toString(seed(loop)));
        if (current) blanks.with("current", "current.model");
        if (candidate) blanks.with("candidate", "candidate.model");
        if (games) blanks.with("games", "games");
        return blanks;
    }

    /// The games of the last generations that some node still holds, oldest first. A stage that failed once goes on
    /// without those that only fenced nodes hold: it would wait for them for as long as nobody removes the nodes.
    private static List<JobSpec.Input> games(ClusterState state, Loop loop) {
        GenerationId oldest =
                new GenerationId(loop.config(), loop.generation() - loop.spec().gamesWindow() + 1);
        List<JobSpec.Input> games = new ArrayList<>();
        for (Generation generation :
                state.loops().of(loop.config()).from(oldest).values()) {
            for (int n = 0; n < generation.games().size(); n++) {
                Sha256 file = generation.games().get(n);
                boolean there = loop.failures() == 0 ? state.files().held(file) : inReach(state, file);
                if (!there) continue;
                games.add(new JobSpec.Input(file, "games/" + generation.id().number() + "-" + n + ".db"));
            }
        }
        return games;
    }

    /// Positive, the same whoever leads, and another one for each try and, by the time at which the stage began, for each
    /// cluster: two clusters must not play the same games.
    private static int seed(Loop loop) {
        int hash = (loop.current() + " " + loop.stage() + " " + loop.failures() + " " + loop.since()).hashCode();
        // Neighbouring texts have neighbouring hash codes; MurmurHash3's last step spreads them.
        hash = (hash ^ hash >>> 16) * 0x85ebca6b;
        hash = (hash ^ hash >>> 13) * 0xc2b2ae35;
        return Math.max(1, (hash ^ hash >>> 16) & Integer.MAX_VALUE);
    }

    private static JobSpec spec(Loop loop, List<String> command, List<JobSpec.Input> inputs) {
        JobSpec job = loop.spec().stage(loop.stage()).job();
        List<JobSpec.Input> allInputs = new ArrayList<>(job.inputs());
        allInputs.addAll(inputs);
        Map<String, String> env = new HashMap<>(job.env());
        env.put("MUSTER_GENERATION", Integer.toString(loop.generation()));
        env.put("MUSTER_STAGE", loop.stage().name().toLowerCase(Locale.ROOT));
        env.put("MUSTER_CONFIG_KEY", loop.config().name());
        return job.of(loop.config()).with(command, env, allInputs);
    }
}
