package dev.muster.core.promote;

import dev.muster.core.health.Health;
import dev.muster.core.plan.Action;
import dev.muster.core.plan.Plan;
import dev.muster.core.plan.Policy;
import dev.muster.core.plan.Soft;
import dev.muster.core.plan.Wait;
import dev.muster.core.state.Artifact;
import dev.muster.core.state.Attempt;
import dev.muster.core.state.ClusterState;
import dev.muster.core.state.Command;
import dev.muster.core.state.ConfigKey;
import dev.muster.core.state.Durations;
import dev.muster.core.state.Generation;
import dev.muster.core.state.Loop;
import dev.muster.core.state.NodeId;
import dev.muster.core.state.Replicas;
import dev.muster.core.state.Sha256;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/// Decides each running loop that awaits a verdict, by the games of that generation's own evaluation and nothing
/// else.
///
/// A first model has to beat the named baseline. A later one has to beat the model that is current now: games against
/// a model that was current when the evaluation began, but is not any more, do not count.
///
/// A candidate that has won is promoted once two nodes hold it: the loss of one machine or disk must not leave a config
/// key that points at a file nobody has. The nodes fetch it by themselves, as any file that has too few copies
/// ([dev.muster.core.agent.Repairs]).
public final class Promotion {
    /// For how long a winner waits for its second copy. A reboot or a person who makes room on a disk takes minutes; after
    /// that the loop goes on without it, because a loop never stops by itself.
    static final Duration COPIES_WAIT_MAX = Duration.ofMinutes(30);

    private final ClusterState state;
    private final Soft soft;
    private final Policy policy;
    private final Instant now;

    private Promotion(ClusterState state, Soft soft, Policy policy, Instant now) {
        this.state = state;
        this.soft = soft;
        this.policy = policy;
        this.now = now;
    }

    public static Plan decide(ClusterState state, Soft soft, Policy policy, Instant now) {
        Promotion promotion = new Promotion(state, soft, policy, now);
        Plan plan = Plan.NOTHING;
        for (Loop loop : state.loops().loops().values()) {
            if (loop.running() && loop.stage() == Loop.Stage.VERDICT) plan = plan.and(promotion.verdict(loop));
        }
        return plan;
    }

    private Plan verdict(Loop loop) {
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

    private Plan judge(Loop loop, Score score, Sha256 candidate, Optional<Sha256> current) {
        Optional<String> no = score.failure(loop.spec().gate(), current.isEmpty());
        if (no.isPresent()) return reject(loop, no.get());
        Replicas replicas = Replicas.of(state, candidate);
        List<NodeId> holders = replicas.holders().stream()
                .filter(node -> !Health.suspect(state, node, soft, policy, now))
                .toList();
        if (holders.size() < replicas.needed()) return copiesMissing(loop, score, candidate, holders, replicas);
        Command promote = new Command.PromoteModel(loop.config(), candidate, current, loop.generation());
        return new Plan(List.of(new Action.Propose(promote, score.toString())), List.of());
    }

    /// @param holders those that are not silent
    private Plan copiesMissing(Loop loop, Score score, Sha256 candidate, List<NodeId> holders, Replicas replicas) {
        String found = score + ", but " + (holders.isEmpty() ? "no node in service" : "only " + names(holders))
                + " holds " + candidate.brief();
        Instant since = loop.since().isAfter(soft.leadingSince()) ? loop.since() : soft.leadingSince();
        if (Duration.between(since, now).compareTo(COPIES_WAIT_MAX) >= 0) {
            return reject(
                    loop,
                    found + " after " + Durations.brief(COPIES_WAIT_MAX) + "; a promotion asks for " + replicas.needed()
                            + " copies");
        }
        List<NodeId> fetchers = Replicas.givers(state, candidate).isEmpty()
                ? List.of()
                : state.files()
                        .artifacts()
                        .find(candidate)
                        .map(file -> replicas.fetchers(Replicas.target(state, file)))
                        .orElse(List.of());
        String message = found + "; it is promoted once " + replicas.needed() + " nodes that are not silent do"
                + (fetchers.isEmpty() ? "" : "; to fetch it: " + names(fetchers));
        return new Plan(List.of(), List.of(new Wait(loop.current().toString(), Wait.Reason.REPLICAS, message)));
    }

    private static String names(List<NodeId> nodes) {
        return nodes.stream().map(NodeId::name).collect(Collectors.joining(" and "));
    }

    private static Plan reject(Loop loop, String why) {
        return new Plan(List.of(new Action.Propose(new Command.RejectCandidate(loop.current()), why)), List.of());
    }
}
