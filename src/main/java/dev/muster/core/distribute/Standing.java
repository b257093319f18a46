package dev.muster.core.distribute;

import dev.muster.core.health.Health;
import dev.muster.core.plan.Plan;
import dev.muster.core.plan.Policy;
import dev.muster.core.plan.Soft;
import dev.muster.core.state.ClusterState;
import dev.muster.core.state.Command;
import dev.muster.core.state.Distribution;
import dev.muster.core.state.Distribution.Standstill;
import dev.muster.core.state.Event;
import dev.muster.core.state.Journal;
import dev.muster.core.state.Lack;
import dev.muster.core.state.NodeId;
import dev.muster.core.state.Replicas;
import dev.muster.core.state.Table;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/// How a distribution stands that is not complete: does it go on, does it stand still, and was that said already?
///
/// @param counted nodes that are to hold the file before it is complete
/// @param missing those of them that do not
record Standing(
        ClusterState state,
        Distribution distribution,
        Table<NodeId, Instant> holders,
        List<NodeId> counted,
        List<NodeId> missing,
        Soft soft,
        Policy policy,
        Instant now) {
    /// The same is not said again before.
    static final Duration REPEAT = Duration.ofMinutes(30);

    /// Nodes that one event names; an event stays below some KiB.
    static final int LACKING_MAX = 20;

    private static final String SILENT = "no word why";
    private static final String MOVING = "on its way";

    /// What the journal is to say; nothing when it goes on, or was said.
    Plan report() {
        if (missing.isEmpty() || newHere()) return Plan.NOTHING;
        boolean before = distribution.completedAt().isPresent();
        Optional<Standstill> what = before ? lacking() : standstill();
        if (what.isEmpty() || said(what.get())) return Plan.NOTHING;
        List<Lack> lacking = missing.stream()
                .limit(LACKING_MAX)
                .map(node -> new Lack(node, why(node)))
                .toList();
        Command order = new Command.ReportStandstill(
                distribution.config(),
                distribution.sha(),
                before ? Standstill.LACKING : what.get(),
                missing.size(),
                lacking,
                distribution.told().map(Distribution.Told::at));
        return Distributor.propose(order, words(what.get(), lacking));
    }

    /// A leader that has just taken over takes every node as just heard, and knows no reasons yet.
    private boolean newHere() {
        return Duration.between(soft.leadingSince(), now).compareTo(policy.suspectAfter()) < 0;
    }

    private String words(Standstill what, List<Lack> lacking) {
        String sha = distribution.sha().brief();
        return switch (what) {
            case FAILED ->
                (holders.isEmpty()
                                ? "nobody holds " + sha + " any more"
                                : "nobody who holds " + sha + " is there: "
                                        + Distributor.named(holders.keys().stream()
                                                .map(NodeId::name)
                                                .toList()))
                        + "; start one of them, put the file again, or roll back";
            case INCOMPLETE, LACKING ->
                counted.size() - missing.size() + " of " + counted.size() + " nodes hold " + sha + "; "
                        + Distributor.lacking(lacking, missing.size());
        };
    }

    private Optional<Standstill> standstill() {
        if (holders.keys().stream().noneMatch(this::gives)) {
            return past(distribution.startedAt()) && holders.keys().stream().allMatch(this::lost)
                    ? Optional.of(Standstill.FAILED)
                    : Optional.empty();
        }
        boolean stuck = missing.stream().anyMatch(node -> !moving(node));
        return stuck && past(quietSince()) ? Optional.of(Standstill.INCOMPLETE) : Optional.empty();
    }

    /// It was complete: each node is given its time since it began to want the file.
    private Optional<Standstill> lacking() {
        boolean stuck = missing.stream()
                .anyMatch(node -> !moving(node)
                        && soft.awaitingSince(node, distribution.sha())
                                .filter(this::past)
                                .isPresent());
        return stuck && past(quietSince()) ? Optional.of(Standstill.INCOMPLETE) : Optional.empty();
    }

    private boolean gives(NodeId holder) {
        return Replicas.gives(state, holder) && !Health.suspect(state, holder, soft, policy, now);
    }

    private boolean lost(NodeId holder) {
        return Health.silence(state, holder, soft, now).compareTo(policy.distributionPatience()) >= 0;
    }

    /// What comes slowly comes all the same.
    private boolean moving(NodeId node) {
        return soft.fetching(node, distribution.sha());
    }

    private Instant quietSince() {
        Instant since = distribution.startedAt();
        for (Instant receipt : holders.values()) if (receipt.isAfter(since)) since = receipt;
        Instant back = readmittedAt();
        return back.isAfter(since) ? back : since;
    }

    /// When a holder came back that nobody could fetch from; others need a moment to see it.
    private Instant readmittedAt() {
        if (distribution.told().filter(told -> told.what() == Standstill.FAILED).isEmpty()) return Instant.EPOCH;
        Instant newest = Instant.EPOCH;
        for (Journal.Entry entry : state.journal().recent().values()) {
            if (entry.event() instanceof Event.NodeReadmitted(NodeId node) && holders.has(node)) newest = entry.at();
        }
        return newest;
    }

    private boolean past(Instant since) {
        return Duration.between(since, now).compareTo(policy.distributionPatience()) >= 0;
    }

    /// That nobody gives is the same whoever lacks it.
    private boolean said(Standstill what) {
        boolean before = distribution.completedAt().isPresent();
        Distribution.Told last =
                before && !distribution.lacking() ? null : distribution.told().orElse(null);
        if (last == null) return false;
        Duration ago = Duration.between(last.at(), now);
        boolean same = last.what() == what && (what == Standstill.FAILED || named(last));
        return ago.compareTo(same ? REPEAT : policy.distributionPatience()) < 0;
    }

    private boolean named(Distribution.Told last) {
        return last.missing() == missing.size()
                && last.lacking().equals(missing.stream().limit(LACKING_MAX).toList());
    }

    private String why(NodeId node) {
        return soft.trouble(node, distribution.sha()).orElse(moving(node) ? MOVING : SILENT);
    }
}
