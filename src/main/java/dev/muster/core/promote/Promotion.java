package dev.muster.core.promote;

import dev.muster.core.plan.Action;
import dev.muster.core.plan.Plan;
import dev.muster.core.plan.Policy;
import dev.muster.core.plan.Soft;
import dev.muster.core.state.Artifact;
import dev.muster.core.state.Attempt;
import dev.muster.core.state.ClusterState;
import dev.muster.core.state.Command;
import dev.muster.core.state.ConfigKey;
import dev.muster.core.state.Generation;
import dev.muster.core.state.Loop;
import dev.muster.core.state.Sha256;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/// Decides each running loop that awaits a verdict, by the games of that generation's own evaluation and nothing
/// else.
///
/// A first model has to beat the named baseline. A later one has to beat the model that is current now: games against
/// a model that was current when the evaluation began, but is not any more, do not count.
public final class Promotion {
    private Promotion() {}

    public static Plan decide(ClusterState state, Soft soft, Policy policy, Instant now) {
        Plan plan = Plan.NOTHING;
        for (Loop loop : state.loops().loops().values()) {
            if (loop.running() && loop.stage() == Loop.Stage.VERDICT) plan = plan.and(verdict(state, loop));
        }
        return plan;
    }

    private static Plan verdict(ClusterState state, Loop loop) {
        Generation generation = state.loops().generations().require(loop.current());
        if (generation.candidate().isEmpty()) return reject(loop, "training left no candidate");
        Sha256 candidate = generation.candidate().map(Attempt.Stored::sha).get();
        Optional<Sha256> current = state.models()
                .models()
                .find(loop.config())
                .map(model -> model.current().sha());
        if (current.equals(Optional.of(candidate))) return reject(loop, "identical to the current model");
        Optional<ConfigKey> owner = state.files().artifacts().find(candidate).flatMap(Artifact::config);
        if (owner.filter(config -> !config.equals(loop.config())).isPresent()) {
            return reject(loop, "identical to a model of " + owner.get());
        }
        if (!state.files().held(candidate)) {
            return reject(loop, "no node holds the candidate " + candidate.brief() + " any more");
        }
        return judge(loop, Score.of(generation, candidate, current, loop.spec().gate()), candidate, current);
    }

    private static Plan judge(Loop loop, Score score, Sha256 candidate, Optional<Sha256> current) {
        Optional<String> no = score.failure(loop.spec().gate(), current.isEmpty());
        if (no.isPresent()) return reject(loop, no.get());
        Command promote = new Command.PromoteModel(loop.config(), candidate, current, loop.generation());
        return new Plan(List.of(new Action.Propose(promote, score.toString())), List.of());
    }

    private static Plan reject(Loop loop, String why) {
        return new Plan(List.of(new Action.Propose(new Command.RejectCandidate(loop.current()), why)), List.of());
    }
}
