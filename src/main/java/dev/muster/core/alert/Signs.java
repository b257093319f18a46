package dev.muster.core.alert;

import dev.muster.core.plan.Policy;
import dev.muster.core.plan.Soft;
import dev.muster.core.state.ClusterState;
import java.time.Instant;
import java.util.List;

/// What is not well, or cannot be told, at one moment: a function of the state and of what the leader hears. What is not named is well.
public final class Signs {
    private Signs() {}

    /// Each alert and subject at most once.
    public static List<Sign> of(ClusterState state, Soft soft, Policy policy, Instant now) {
        Scene scene = new Scene(state, soft, policy, now);
        FleetSigns.add(scene);
        RentSigns.add(scene);
        WorkSigns.add(scene);
        return List.copyOf(scene.signs);
    }
}
