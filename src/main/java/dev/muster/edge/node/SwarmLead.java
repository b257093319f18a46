package dev.muster.edge.node;

import dev.muster.core.plan.Soft;
import dev.muster.core.state.Artifact;
import dev.muster.core.state.ClusterState;
import dev.muster.core.state.Files;
import dev.muster.core.state.MadeDelta;
import dev.muster.core.state.NodeId;
import dev.muster.core.state.Replicas;
import dev.muster.core.state.Sha256;
import dev.muster.core.state.Table;
import dev.muster.edge.config.NodeConfig;
import dev.muster.edge.swarm.Directory;
import dev.muster.edge.swarm.Exchange;
import dev.muster.edge.swarm.Lead;
import dev.muster.edge.swarm.LeaderLine;
import dev.muster.edge.swarm.SshPlace;
import dev.muster.edge.swarm.Tracker;
import dev.muster.edge.swarm.Underway;
import java.io.IOException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Function;
import java.util.function.Supplier;

/// The cluster as the swarm sees it, and the leader's part in it while this node leads.
final class SwarmLead implements Directory, Lead, AutoCloseable {
    private final NodeConfig config;
    private final Replica replica;
    private final LeaderLoop leading;
    private final Contacts contacts;
    private final PeerClient client;
    private final Supplier<Optional<NodeId>> leader;
    private final InstantSource clock;
    private final LeaderLine line;
    private Optional<Tracker> tracker = Optional.empty();

    SwarmLead(
            NodeConfig config,
            Replica replica,
            LeaderLoop leading,
            Contacts contacts,
            PeerClient client,
            Supplier<Optional<NodeId>> leader,
            InstantSource clock) {
        this.config = config;
        this.replica = replica;
        this.leading = leading;
        this.contacts = contacts;
        this.client = client;
        this.leader = leader;
        this.clock = clock;
        this.line = new LeaderLine(this, config.token().secret());
    }

    /// With the leadership goes all that only a leader knows.
    private synchronized Optional<Tracker> tracker() {
        if (leading.soft().isEmpty()) tracker = Optional.empty();
        else if (tracker.isEmpty()) tracker = Optional.of(new Tracker(this));
        return tracker;
    }

    @Override
    public Exchange.Answer answer(Exchange.Ask ask) {
        return tracker().map(mine -> mine.exchange(ask)).orElse(Exchange.Answer.NOT_LEADING);
    }

    @Override
    public Exchange.Calls answer(Exchange.Reach reach) {
        return tracker().map(mine -> mine.reach(reach)).orElse(Exchange.Calls.NOT_LEADING);
    }

    /// As [PeerService#underwayHere].
    Underway underway(Sha256 sha) {
        return tracker().flatMap(mine -> mine.underway(sha)).orElse(Underway.NOBODY);
    }

    /// As [Soft#strikes].
    Table<Sha256, Table<NodeId, Integer>> strikes() {
        return tracker().map(Tracker::strikes).orElse(Table.empty());
    }

    @Override
    public Exchange.Answer ask(Exchange.Ask ask) throws IOException {
        return leading.soft().isPresent() ? answer(ask) : line.ask(leaderPort(), ask);
    }

    @Override
    public Exchange.Calls reach(Exchange.Reach reach) throws IOException {
        return leading.soft().isPresent() ? answer(reach) : line.reach(leaderPort(), reach);
    }

    private String leaderPort() throws IOException {
        return atLeader(this::artifacts);
    }

    private String atLeader(Function<NodeId, Optional<String>> port) throws IOException {
        return leader.get()
                .filter(other -> !other.equals(config.name()))
                .flatMap(port)
                .orElseThrow(() -> new IOException("expected a leader, but there is none now"));
    }

    @Override
    public NodeId self() {
        return config.name();
    }

    @Override
    public Optional<String> artifacts(NodeId node) {
        return replica.state()
                .fleet()
                .nodes()
                .find(node)
                .map(found -> found.endpoints().artifacts());
    }

    /// Asked of the holder's API; where that is out of reach too, the leader asks it.
    @Override
    public Optional<SshPlace> place(NodeId holder, Sha256 sha) throws IOException {
        String api = contacts.api(holder)
                .orElseThrow(() -> new IOException("expected " + holder + " in the cluster, but it was removed"));
        try {
            return client.place(api, holder, sha, self());
        } catch (IOException e) {
            try {
                return client.place(atLeader(contacts::api), holder, sha, self());
            } catch (IOException none) {
                e.addSuppressed(none);
                throw e;
            }
        }
    }

    @Override
    public OptionalLong size(Sha256 sha) {
        return replica.state()
                .files()
                .artifacts()
                .find(sha)
                .map(Artifact::size)
                .or(() -> replica.state().files().delta(sha).map(MadeDelta::size))
                .map(OptionalLong::of)
                .orElse(OptionalLong.empty());
    }

    @Override
    public List<NodeId> holders(Sha256 sha) {
        ClusterState state = replica.state();
        List<NodeId> holders = new ArrayList<>();
        state.files().artifacts().find(sha).map(Artifact::receipts).ifPresent(receipts -> {
            for (NodeId node : receipts.keys())
                if (!node.equals(self()) && Replicas.gives(state, node)) holders.add(node);
        });
        state.files()
                .delta(sha)
                .map(MadeDelta::maker)
                .filter(maker -> !maker.equals(self()) && Replicas.gives(state, maker))
                .ifPresent(holders::add);
        return holders;
    }

    @Override
    public boolean holdsItself(Sha256 sha) {
        Files files = replica.state().files();
        return files.artifacts()
                        .find(sha)
                        .filter(artifact -> artifact.receipts().has(self()))
                        .isPresent()
                || files.delta(sha)
                        .filter(delta -> delta.maker().equals(self()))
                        .isPresent();
    }

    @Override
    public List<NodeId> others() {
        ClusterState state = replica.state();
        List<NodeId> others = new ArrayList<>();
        for (NodeId node : state.fleet().nodes().keys()) {
            if (!node.equals(self()) && Replicas.gives(state, node)) others.add(node);
        }
        return others;
    }

    @Override
    public boolean alive(NodeId node) {
        if (node.equals(self())) return true;
        Duration suspect = config.policy().suspectAfter();
        return leading.soft()
                .map((Soft soft) -> soft.lastHeard(node))
                .map(at -> Duration.between(at, clock.instant()).compareTo(suspect) < 0)
                .orElse(true);
    }

    @Override
    public void close() {
        line.close();
    }
}
