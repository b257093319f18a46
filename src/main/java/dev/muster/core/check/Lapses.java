package dev.muster.core.check;

import dev.muster.core.plan.Action;
import dev.muster.core.plan.Plan;
import dev.muster.core.state.ClusterState;
import dev.muster.core.state.Command;
import dev.muster.core.state.Durations;
import dev.muster.core.state.Fix;
import java.time.Duration;
import java.time.Instant;
import java.util.List;

/// Gives up fixes of which nobody tells how they ended, so that they do not count as open for ever.
public final class Lapses {
    private Lapses() {}

    public static Plan decide(ClusterState state, Instant now) {
        List<Action> actions = state.fleet().fixes().values().stream()
                .filter(fix ->
                        fix.open() && Duration.between(fix.orderedAt(), now).compareTo(Fix.LAPSES_AFTER) >= 0)
                .<Action>map(fix -> new Action.Propose(
                        new Command.FinishFix(
                                fix.node(),
                                fix.token(),
                                false,
                                fix.node() + " did not tell how it ended within " + Durations.brief(Fix.LAPSES_AFTER)),
                        "nobody tells how it ended"))
                .toList();
        return new Plan(actions, List.of());
    }
}
