package dev.muster.core;

import dev.muster.core.alert.AlertPlanner;
import dev.muster.core.check.Lapses;
import dev.muster.core.distribute.Distributor;
import dev.muster.core.drain.Drainer;
import dev.muster.core.health.Health;
import dev.muster.core.keepalive.Keeper;
import dev.muster.core.loop.LoopPlanner;
import dev.muster.core.plan.Plan;
import dev.muster.core.plan.Policy;
import dev.muster.core.plan.Soft;
import dev.muster.core.promote.Promotion;
import dev.muster.core.quorum.Membership;
import dev.muster.core.retain.Forgetter;
import dev.muster.core.run.RunPlanner;
import dev.muster.core.scale.Autoscaler;
import dev.muster.core.schedule.Scheduler;
import dev.muster.core.state.ClusterState;
import java.time.Instant;

/// What the leader decides at one moment: all planners, in a fixed order. Asked again whenever something changed and
/// at least once per heartbeat; whatever was not carried out is decided again.
public final class Leader {
    private Leader() {}

    /// Who is gone comes first and new placements last, so that what the first frees is not handed out on a guess:
    /// the next plan sees the fence in the state.
    public static Plan decide(ClusterState state, Soft soft, Policy policy, Instant now) {
        return Health.decide(state, soft, policy, now)
                .and(Keeper.decide(state, soft, policy, now))
                .and(Drainer.decide(state, soft, now))
                .and(Autoscaler.decide(state, soft, policy, now))
                .and(Membership.decide(state, soft, policy, now))
                .and(LoopPlanner.decide(state, soft, policy, now))
                .and(RunPlanner.decide(state, soft, policy, now))
                .and(Promotion.decide(state, soft, policy, now))
                .and(Distributor.decide(state, soft, policy, now))
                .and(Lapses.decide(state, now))
                .and(AlertPlanner.decide(state, soft, now))
                .and(Forgetter.decide(state, policy, now))
                .and(Scheduler.decide(state, soft, policy, now));
    }
}
