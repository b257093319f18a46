package dev.muster.core.distribute;

import dev.muster.core.health.Health;
import dev.muster.core.plan.Action;
import dev.muster.core.plan.Plan;
import dev.muster.core.plan.Policy;
import dev.muster.core.plan.Soft;
import dev.muster.core.plan.Wait;
import dev.muster.core.state.Artifact;
import dev.muster.core.state.Bytes;
import dev.muster.core.state.ClusterState;
import dev.muster.core.state.Command;
import dev.muster.core.state.ConfigKey;
import dev.muster.core.state.Distribution;
import dev.muster.core.state.Durations;
import dev.muster.core.state.Lack;
import dev.muster.core.state.NodeId;
import dev.muster.core.state.Replicas;
import dev.muster.core.state.Sha256;
import dev.muster.core.state.Strike;
import dev.muster.core.state.Table;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/// A distribution is complete when every node that counts has read the file back, and none of them says that it cannot
/// put it in place. Nodes that are retired, fenced or suspect do not count: they fetch when they return, and no loop waits
/// for them. What stands still is told once, and again after half an hour or when other nodes lack the file; no loop waits
/// for it any longer, and the nodes themselves try for ever. Nodes that come, or come back, after it was complete and do not get the file are told of in the same way.
public final class Distributor {
    /// Names in one message; more are counted.
    private static final int NAMES_MAX = 8;

    private Distributor() {}

    public static Plan decide(ClusterState state, Soft soft, Policy policy, Instant now) {
        Plan plan = Plan.NOTHING;
        for (Distribution distribution : state.models().distributions().values()) {
            List<NodeId> counted = state.fleet().nodes().values().stream()
                    .filter(Replicas::serves)
                    .map(node -> node.id())
                    .filter(node -> !Health.suspect(state, node, soft, policy, now))
                    .toList();
            plan = plan.and(one(state, distribution, counted, soft, policy, now));
        }
        return plan.and(superseded(state)).and(struck(state, soft, now));
    }

    private static Plan one(
            ClusterState state,
            Distribution distribution,
            List<NodeId> counted,
            Soft soft,
            Policy policy,
            Instant now) {
        Table<NodeId, Instant> holders = state.files()
                .artifacts()
                .find(distribution.sha())
                .map(Artifact::receipts)
                .orElse(Table.empty());
        List<NodeId> missing = counted.stream()
                .filter(node -> !holders.has(node)
                        || soft.trouble(node, distribution.sha()).isPresent())
                .toList();
        if (missing.isEmpty() && distribution.completedAt().isPresent()) return again(state, distribution);
        if (missing.isEmpty() && !counted.isEmpty()) {
            return propose(
                    new Command.CompleteDistribution(distribution.config(), distribution.sha()),
                    complete(state, distribution, counted.size(), now));
        }
        String message = counted.size() - missing.size() + " of " + counted.size() + " nodes hold "
                + distribution.sha().brief() + "; missing: " + names(distribution.sha(), missing, soft);
        Wait wait = new Wait(distribution.config().name(), Wait.Reason.REPLICAS, message);
        return new Standing(state, distribution, holders, counted, missing, soft, policy, now)
                .report()
                .and(new Plan(List.of(), List.of(wait)));
    }

    /// What was complete, and was then told to be missing somewhere, is told to be over: once the silent nodes have it too,
    /// so that one that comes and goes is not told of each time.
    private static Plan again(ClusterState state, Distribution distribution) {
        if (!distribution.lacking()
                || !Replicas.of(state, distribution.sha()).others().isEmpty()) return Plan.NOTHING;
        return propose(
                new Command.CompleteDistribution(distribution.config(), distribution.sha()),
                "all " + Replicas.serving(state) + " nodes hold "
                        + distribution.sha().brief() + " again");
    }

    /// `all 5 nodes hold 9f12ab34cd56 after 12.3s; 4 fetched 2.6GiB, 1.00 of its size each, by swarm`.
    private static String complete(ClusterState state, Distribution distribution, int nodes, Instant now) {
        String all = "all " + nodes + " nodes hold " + distribution.sha().brief() + " after "
                + Durations.brief(Duration.between(distribution.startedAt(), now));
        Artifact file = state.files().artifacts().require(distribution.sha());
        boolean there = file.receipts().values().stream().noneMatch(at -> at.isAfter(distribution.startedAt()));
        return there
                ? all + "; nothing had to be sent"
                : all + distribution.way().map(way -> moved(file.size(), way)).orElse("");
    }

    private static String moved(long size, Distribution.Way way) {
        if (way.fetched() == 0) return "";
        double share = size > 0 ? (double) way.bytes() / size / way.fetched() : 1;
        return "; " + way.fetched() + " fetched " + new Bytes(way.bytes())
                + String.format(Locale.ROOT, ", %.2f of its size each, by ", share)
                + String.join(", ", way.transports().keys());
    }

    /// Those that another file overtook are told as well: nobody waits for an end that does not come.
    private static Plan superseded(ClusterState state) {
        List<Action> actions = new ArrayList<>();
        for (Map.Entry<ConfigKey, Table<Long, Distribution>> config :
                state.models().past()) {
            for (Map.Entry<Long, Distribution> past : config.getValue()) {
                if (!past.getValue().open()) continue;
                String by = state.models()
                        .distributions()
                        .find(config.getKey())
                        .map(next -> next.sha().brief())
                        .orElse("another file");
                actions.add(new Action.Propose(
                        new Command.SupersedeDistribution(config.getKey(), past.getKey()),
                        by + " took its place while it was on its way"));
            }
        }
        return new Plan(actions, List.of());
    }

    /// Once an hour for each source and file.
    private static Plan struck(ClusterState state, Soft soft, Instant now) {
        List<Action> actions = new ArrayList<>();
        for (Map.Entry<Sha256, Table<NodeId, Integer>> file : soft.strikes()) {
            for (Map.Entry<NodeId, Integer> source : file.getValue()) {
                boolean known = state.files().artifacts().has(file.getKey())
                        && state.fleet().nodes().has(source.getKey());
                boolean told = state.files()
                        .strike(file.getKey(), source.getKey())
                        .filter(strike -> strike.at().plus(Strike.KEPT).isAfter(now))
                        .isPresent();
                if (!known || told) continue;
                actions.add(new Action.Propose(
                        new Command.StrikeSource(file.getKey(), source.getKey(), source.getValue()),
                        source.getKey() + " gave " + source.getValue() + " damaged chunks of "
                                + file.getKey().brief() + "; it reads its copy again. Look at its disk, its memory"
                                + " and its network"));
            }
        }
        return new Plan(actions, List.of());
    }

    static Plan propose(Command command, String why) {
        return new Plan(List.of(new Action.Propose(command, why)), List.of());
    }

    private static String names(Sha256 sha, List<NodeId> nodes, Soft soft) {
        return named(nodes.stream()
                .map(node -> soft.trouble(node, sha)
                        .map(why -> node.name() + " (" + Lack.brief(why) + ")")
                        .orElse(node.name()))
                .toList());
    }

    static String named(List<String> names) {
        String first = names.stream().limit(NAMES_MAX).collect(Collectors.joining(", "));
        return names.size() > NAMES_MAX ? first + " and " + (names.size() - NAMES_MAX) + " more" : first;
    }

    static String lacking(List<Lack> lacking, int missing) {
        String first = lacking.stream()
                .limit(NAMES_MAX)
                .map(lack -> lack.node() + ": " + lack.brief())
                .collect(Collectors.joining(", "));
        return missing > NAMES_MAX ? first + " and " + (missing - NAMES_MAX) + " more" : first;
    }
}
