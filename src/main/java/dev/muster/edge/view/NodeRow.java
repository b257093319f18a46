package dev.muster.edge.view;

import dev.muster.core.state.Custody;
import dev.muster.core.state.Desired;
import dev.muster.core.state.Held;
import dev.muster.core.state.Node;
import dev.muster.core.state.NodeId;
import dev.muster.core.state.Role;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// A node, as lists show it.
///
/// @param desired      what a person wants
/// @param life         what is known of it
/// @param voter        takes part in Raft, or is wanted to
/// @param heardSeconds since the leader last heard it; absent without a leader
/// @param gossip       what the other nodes find; also without a leader
/// @param jobs         attempts it holds
/// @param cpusHeld     of `cpus`, by these attempts
/// @param atRisk       what would be lost if it vanished now
public record NodeRow(
        NodeId id,
        Role role,
        Desired desired,
        Picture.Life life,
        boolean voter,
        boolean leader,
        Optional<Double> heardSeconds,
        Optional<Picture.Gossiped> gossip,
        String host,
        int apiPort,
        int artifactPort,
        int raftPort,
        double cpus,
        double cpusHeld,
        long memoryBytes,
        long memoryHeldBytes,
        int gpus,
        int gpusHeld,
        long gpuMemoryBytes,
        String gpuName,
        int jobs,
        int jobsMax,
        Instant joinedAt,
        Load load,
        RiskRow atRisk) {
    public static NodeRow of(Picture picture, Node node) {
        return of(picture, node, Custody.risk(picture.state(), node.id()));
    }

    private static NodeRow of(Picture picture, Node node, Custody.Risk risk) {
        Held held = picture.state().work().heldOn(node.id());
        return new NodeRow(
                node.id(),
                node.role(),
                node.desired(),
                picture.life(node),
                picture.votes(node.id()),
                picture.leads(node.id()),
                picture.silence(node.id()).map(silence -> silence.toMillis() / 1000.0),
                picture.gossiped(node.id()),
                node.endpoints().host(),
                node.endpoints().apiPort(),
                node.endpoints().artifactPort(),
                node.endpoints().raftPort(),
                node.hardware().cpuMillis() / 1000.0,
                held.resources().cpuMillis() / 1000.0,
                node.hardware().memory().count(),
                held.resources().memory().count(),
                node.hardware().gpus(),
                held.resources().gpus(),
                node.hardware().gpuMemory().count(),
                node.hardware().gpuName(),
                held.attempts(),
                node.maxParallelJobs(),
                node.joinedAt(),
                Load.of(picture.telemetry(node.id())),
                RiskRow.of(risk, picture.now()));
    }

    public static List<NodeRow> all(Picture picture) {
        return all(picture, picture.nodes());
    }

    /// Of these nodes only.
    public static List<NodeRow> all(Picture picture, List<Node> nodes) {
        List<NodeId> ids = nodes.stream().map(Node::id).toList();
        Map<NodeId, Custody.Risk> risks = Custody.risks(picture.state(), ids);
        return nodes.stream()
                .map(node -> of(picture, node, risks.get(node.id())))
                .toList();
    }

    /// A node with what it runs now.
    public record Detail(NodeRow node, String identity, List<JobRow.AttemptRow> attempts) {
        public static Detail of(Picture picture, Node node) {
            List<JobRow.AttemptRow> running = picture.state().work().activeOn(node.id()).stream()
                    .map(id -> JobRow.AttemptRow.of(
                            picture, picture.state().work().attempts().require(id)))
                    .toList();
            return new Detail(NodeRow.of(picture, node), node.identity(), running);
        }
    }
}
