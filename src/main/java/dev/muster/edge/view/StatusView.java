package dev.muster.edge.view;

import dev.muster.core.plan.Soft;
import dev.muster.core.plan.Wait;
import dev.muster.core.state.Desired;
import dev.muster.core.state.JobKind;
import dev.muster.core.state.Node;
import dev.muster.core.state.NodeId;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/// `GET /status`: the runbooks' fields, and what `muster status` shows.
///
/// @param role              `leader` or `follower`, as the runbooks have it; a node that does not vote is a
///     follower too
/// @param effectiveLeaderId the same as `leaderId`: nobody but Raft makes a leader
/// @param alivePeers        other nodes that are alive
/// @param allPeers          other nodes there are
/// @param nodes             all nodes
/// @param peers             other nodes by id
/// @param selfplayJobs      attempts of that kind that are placed or running, in the whole cluster
/// @param activeJobs        attempts that are placed or running
/// @param workQueueSize     tasks that wait
/// @param alerts            that are open
/// @param readOnly          why orders cannot be given now
/// @param asOf              the state is known to have been current then
public record StatusView(
        NodeId nodeId,
        String role,
        boolean voter,
        Optional<NodeId> leaderId,
        Optional<NodeId> effectiveLeaderId,
        boolean isLeader,
        long term,
        long revision,
        Optional<String> readOnly,
        Instant asOf,
        List<NodeId> voterNodeIds,
        List<VoterView.Row> voters,
        int voterQuorumSize,
        int votersAlive,
        boolean voterQuorumOk,
        int alivePeers,
        int allPeers,
        int totalNodes,
        int selfplayJobs,
        int trainingJobs,
        int activeJobs,
        int openJobs,
        int workQueueSize,
        List<Peer> nodes,
        Map<NodeId, Peer> peers,
        List<LoopRow> loops,
        List<ModelRow> models,
        AlertSum alerts,
        Self self,
        double uptimeSeconds,
        String version,
        Instant timestamp) {

    /// A node as the runbooks' tools know it.
    ///
    /// @param status            `alive`, `suspect`, `fenced` or `unknown`
    /// @param lastHeartbeat     when the leader last heard it; absent without a leader
    /// @param gossip            what the other nodes find; also without a leader
    public record Peer(
            NodeId nodeId,
            String host,
            int port,
            String role,
            String status,
            boolean isAlive,
            Desired desired,
            boolean retired,
            boolean voter,
            Optional<Instant> lastHeartbeat,
            Optional<Double> secondsSinceHeartbeat,
            int activeJobCount,
            int maxParallelJobs,
            boolean hasGpu,
            String gpuName,
            double memoryGb,
            Optional<Picture.Gossiped> gossip,
            Load load) {
        static Peer of(Picture picture, Node node) {
            Picture.Life life = picture.life(node);
            return new Peer(
                    node.id(),
                    node.endpoints().host(),
                    node.endpoints().apiPort(),
                    node.role().name().toLowerCase(Locale.ROOT),
                    life.name().toLowerCase(Locale.ROOT),
                    life == Picture.Life.ALIVE,
                    node.desired(),
                    node.desired() == Desired.RETIRED,
                    picture.votes(node.id()),
                    picture.heardAt(node.id()),
                    picture.silence(node.id()).map(silence -> silence.toMillis() / 1000.0),
                    picture.state().work().heldOn(node.id()).attempts(),
                    node.maxParallelJobs(),
                    node.hardware().gpus() > 0,
                    node.hardware().gpuName(),
                    Math.round(node.hardware().memory().count() / 1e8) / 10.0,
                    picture.gossiped(node.id()),
                    Load.of(picture.telemetry(node.id())));
        }
    }

    /// What the answering node says of itself.
    ///
    /// @param notReady why it may not take work
    public record Self(Load load, Optional<String> notReady, Instant startedAt) {}

    /// @param waits what the leader's plan waits for
    public static StatusView of(
            Picture picture, Soft.Telemetry own, Optional<String> notReady, List<Wait> waits, String version) {
        var state = picture.state();
        var standing = picture.standing();
        VoterView voters = VoterView.of(picture);
        List<Peer> nodes =
                picture.nodes().stream().map(node -> Peer.of(picture, node)).toList();
        Map<NodeId, Peer> peers = new LinkedHashMap<>();
        for (Peer node : nodes) {
            if (!node.nodeId().equals(picture.self())) peers.put(node.nodeId(), node);
        }
        int active = state.work().derived().held().values().stream()
                .mapToInt(held -> held.attempts())
                .sum();
        return new StatusView(
                picture.self(),
                standing.leading() ? "leader" : "follower",
                standing.voter(),
                standing.leader(),
                standing.leader(),
                standing.leading(),
                standing.term(),
                state.revision(),
                standing.readOnly(),
                standing.asOf(),
                state.fleet().voters(),
                voters.voters(),
                voters.quorum(),
                voters.alive(),
                voters.quorumOk(),
                (int) peers.values().stream().filter(Peer::isAlive).count(),
                peers.size(),
                nodes.size(),
                state.work().activeOf(JobKind.SELFPLAY),
                state.work().activeOf(JobKind.TRAINING),
                active,
                state.work().jobs().size() - state.work().derived().ended().size(),
                state.work().waitingCount(),
                nodes,
                peers,
                state.loops().loops().values().stream()
                        .map(loop -> LoopRow.of(loop, waits))
                        .toList(),
                ModelRow.all(picture),
                AlertSum.of(state.alerts()),
                new Self(Load.of(own), notReady, standing.startedAt()),
                Duration.between(standing.startedAt(), picture.now()).toMillis() / 1000.0,
                version,
                picture.now());
    }
}
