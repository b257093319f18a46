package dev.muster.edge.view;

import dev.muster.core.hosts.ImportPlan;
import dev.muster.core.state.Desired;
import dev.muster.core.state.NodeId;
import dev.muster.core.state.ServiceBrake;
import java.util.List;
import java.util.Optional;

/// What an import would do, or did.
///
/// @param revision of the state it was planned for, or has been since
/// @param plan     names exactly these changes; the order that carries it is refused once they would be others
/// @param asks     a node's desired state changes
/// @param left     what the file says and is not done, and who is not in the file
public record ImportView(
        long revision, String plan, boolean asks, List<Change> changes, List<ImportPlan.Left> left, Brake brake) {
    /// @param from absent when nobody knew the name
    public record Change(NodeId node, ImportPlan.Kind kind, Optional<Desired> from, Desired to, String reason) {}

    /// @param stops   the order has to say how many nodes leave
    /// @param leaving so many nodes go out of service
    /// @param allowed so many may within the window
    /// @param voters  that would be out of service
    public record Brake(
            boolean stops, String why, int leaving, int lately, int inService, int allowed, List<NodeId> voters) {}

    public static ImportView of(long revision, String name, ImportPlan plan) {
        List<Change> changes = plan.steps().stream()
                .map(step -> new Change(
                        step.node(),
                        step.kind(),
                        step.change().from(),
                        step.change().to().desired(),
                        step.reason()))
                .toList();
        ServiceBrake brake = plan.brake();
        return new ImportView(
                revision,
                name,
                plan.asks(),
                changes,
                plan.left(),
                new Brake(
                        brake.stops(),
                        brake.why(),
                        brake.leaving().size(),
                        brake.lately().size(),
                        brake.inService(),
                        brake.allowed(),
                        brake.voters()));
    }
}
