package dev.muster.edge.node;

import dev.muster.core.state.ClusterState;
import dev.muster.core.state.Node;
import dev.muster.core.state.NodeId;
import dev.muster.edge.config.NodeConfig;
import dev.muster.edge.wire.Wire;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.core.JacksonException;

/// Where the voters are reached: by the state, by what a voter last said (kept on disk, so that a node outlives its seeds),
/// by the configuration, in this order.
final class Contacts {
    private static final Logger LOG = LoggerFactory.getLogger(Contacts.class);

    private final Path file;
    private final NodeConfig config;
    private final Replica replica;
    private volatile List<PeerService.Voter> learned;

    Contacts(Path file, NodeConfig config, Replica replica) {
        this.file = file;
        this.config = config;
        this.replica = replica;
        this.learned = read(file);
    }

    private static List<PeerService.Voter> read(Path file) {
        if (!Files.exists(file)) return List.of();
        try {
            return List.of(Wire.read(Files.readAllBytes(file), PeerService.Voter[].class));
        } catch (IOException | JacksonException e) {
            LOG.warn("voters.unreadable file={} reason=\"{}\" then=\"ask the seeds\"", file, e.toString());
            return List.of();
        }
    }

    /// A voter told who votes.
    void learn(List<PeerService.Voter> voters) {
        if (voters.isEmpty() || voters.equals(learned)) return;
        learned = List.copyOf(voters);
        try {
            DataDir.replace(file, Wire.bytes(voters));
        } catch (IOException e) {
            LOG.warn("voters.not-kept file={} reason=\"{}\"", file, e.toString());
        }
    }

    /// Everyone who votes, as far as this node knows, with an address.
    List<PeerService.Voter> voters() {
        ClusterState state = replica.state();
        if (state.fleet().voters().isEmpty()) {
            if (!learned.isEmpty()) return learned;
            return config.voters().stream()
                    .map(founder ->
                            new PeerService.Voter(founder.id(), founder.host(), founder.apiPort(), founder.raftPort()))
                    .toList();
        }
        List<PeerService.Voter> voters = new ArrayList<>();
        for (NodeId id : state.fleet().voters()) voter(state, id).ifPresent(voters::add);
        return voters;
    }

    private Optional<PeerService.Voter> voter(ClusterState state, NodeId id) {
        Optional<Node> node = state.fleet().nodes().find(id);
        if (node.isPresent()) {
            var at = node.get().endpoints();
            return Optional.of(new PeerService.Voter(id, at.host(), at.apiPort(), at.raftPort()));
        }
        // A founder that has not joined yet.
        return config.voters().stream()
                .filter(founder -> founder.id().equals(id))
                .map(founder -> new PeerService.Voter(id, founder.host(), founder.apiPort(), founder.raftPort()))
                .findFirst()
                .or(() ->
                        learned.stream().filter(known -> known.id().equals(id)).findFirst());
    }

    Optional<String> api(NodeId id) {
        ClusterState state = replica.state();
        return state.fleet()
                .nodes()
                .find(id)
                .map(node -> node.endpoints().api())
                .or(() -> voter(state, id).map(PeerService.Voter::api));
    }

    /// Where to ask for the cluster, voters first, seeds last, this node never.
    List<String> others() {
        Set<String> found = new LinkedHashSet<>();
        voters().stream().filter(voter -> !voter.id().equals(config.name())).forEach(voter -> found.add(voter.api()));
        learned.stream().filter(voter -> !voter.id().equals(config.name())).forEach(voter -> found.add(voter.api()));
        found.addAll(config.seeds());
        return List.copyOf(found);
    }

    /// The other voters alone.
    List<PeerService.Voter> otherVoters() {
        return voters().stream()
                .filter(voter -> !voter.id().equals(config.name()))
                .toList();
    }
}
