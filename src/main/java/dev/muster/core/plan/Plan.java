package dev.muster.core.plan;

import java.util.ArrayList;
import java.util.List;

/// What a planner decided: what to do, and what is not done and why.
///
/// @param actions in the order in which they are to be carried out
/// @param waits   one reason for everything that waits; "why is my job not running?" is a look-up here
public record Plan(List<Action> actions, List<Wait> waits) {
    public static final Plan NOTHING = new Plan(List.of(), List.of());

    public Plan {
        actions = List.copyOf(actions);
        waits = List.copyOf(waits);
    }

    public Plan and(Plan other) {
        List<Action> allActions = new ArrayList<>(actions);
        allActions.addAll(other.actions);
        List<Wait> allWaits = new ArrayList<>(waits);
        allWaits.addAll(other.waits);
        return new Plan(allActions, allWaits);
    }
}
