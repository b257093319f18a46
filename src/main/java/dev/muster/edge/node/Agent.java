package dev.muster.edge.node;

import dev.muster.core.plan.Soft;
import dev.muster.core.state.AttemptId;
import dev.muster.core.state.Lack;
import dev.muster.core.state.Model;
import dev.muster.core.state.Sha256;
import dev.muster.core.state.Table;
import dev.muster.edge.config.NodeConfig;
import dev.muster.edge.process.ProcessLimits;
import dev.muster.edge.process.Supervisor;
import dev.muster.edge.swarm.Manifests;
import dev.muster.edge.swarm.Serving;
import dev.muster.edge.swarm.Swarm;
import java.io.IOException;
import java.time.InstantSource;
import java.util.Comparator;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/// This node's work: attempts, files, models, and how it feels. Knows the cluster by its state and by where reports go.
final class Agent implements AutoCloseable {
    private final Room room;
    private final Supervisor supervisor;
    private final AttemptJournal journal;
    private final LocalFiles artifacts;
    private final Replica replica;
    private final Fetcher fetcher;
    private final ModelLinks links;
    private final AgentRunner runner;
    private final Caretaker caretaker;
    private final NodeShelf shelf;
    private final Vitals vitals;
    private final AttemptWatch watch;
    private final DiskGuard guard;
    private final Outputs outputs;
    private final Swarm swarm;
    private final ModelLook modelLook;

    Agent(NodeConfig config, DataDir dirs, Room room, Mesh mesh, Gauges gauges, InstantSource clock)
            throws IOException {
        this.room = room;
        this.replica = mesh.replica();
        Manifests manifests = new Manifests(dirs.manifests());
        this.artifacts =
                LocalFiles.open(dirs.artifacts(), manifests, room.floor().reserve());
        this.journal = AttemptJournal.open(dirs.jobs(), clock);
        this.links = ModelLinks.open(config.data(), config.models(), artifacts);
        this.supervisor = Supervisor.open(
                config.data(),
                ProcessLimits.defaults().withFreeBytesMin(room.floor().reserve()));
        Wake wake = new Wake();
        NodeConfig.Network network = config.network();
        this.swarm = new Swarm(
                manifests,
                new Swarm.Settings(
                        config.token().secret(),
                        network.dialable(),
                        network.uploadRate(),
                        network.downloadRate(),
                        Serving.UPLOADS_MAX,
                        network.transport(),
                        network.ways()),
                mesh.swarmLead(),
                mesh.swarmLead(),
                artifacts);
        this.fetcher = new Fetcher(config.name(), artifacts, swarm, mesh.replica(), wake);
        AttemptRuns runs = new AttemptRuns(
                config.name(), journal, supervisor, artifacts, fetcher, room, System.getenv(), dirs.secrets(), wake);
        Reporter reporter = new Reporter(
                config.name(), mesh.submission()::submit, mesh.replica(), (order, no) -> runs.refused(order, no));
        this.runner = new AgentRunner(
                new AgentRunner.Means(
                        config.name(),
                        config.maxParallelJobs(),
                        mesh.replica(),
                        mesh.floor(),
                        journal,
                        artifacts,
                        fetcher,
                        links,
                        clock),
                reporter,
                runs);
        wake.runner = Optional.of(runner);
        this.caretaker = new Caretaker(
                new Caretaker.Means(
                        config.name(),
                        mesh.replica(),
                        mesh.floor(),
                        artifacts,
                        fetcher,
                        links,
                        journal,
                        room,
                        config.limits().artifactsMax(),
                        clock,
                        mesh.submission()::submit),
                reporter);
        this.shelf = new NodeShelf(
                config.name(), mesh.replica(), mesh.floor(), artifacts, fetcher, links, caretaker, mesh.client());
        this.vitals = new Vitals(gauges, supervisor, journal, runs, config.limits());
        this.watch = new AttemptWatch(
                journal, supervisor.logs(), dirs.secrets(), vitals::telemetry, clock, runs::abort, reporter::report);
        runs.watchedBy(watch::last);
        this.guard = new DiskGuard(config.name(), room, journal, runs, clock);
        this.modelLook = new ModelLook(mesh.replica(), artifacts, links);
        this.outputs = new Outputs(config.name(), mesh.replica(), supervisor, artifacts, mesh.client());
    }

    /// What happens to files and attempts wakes the agent, which is made of both.
    private static final class Wake implements Runnable {
        private volatile Optional<AgentRunner> runner = Optional.empty();

        @Override
        public void run() {
            runner.ifPresent(AgentRunner::wake);
        }
    }

    void start() {
        runner.start();
        caretaker.start();
        vitals.start();
        watch.start();
        guard.start();
        swarm.start();
    }

    Swarm swarm() {
        return swarm;
    }

    ModelLook modelLook() {
        return modelLook;
    }

    /// Deletes what nothing needs, until so many bytes are free on the disk or there is nothing more to delete.
    void makeRoom(long wanted) throws IOException {
        caretaker.clear();
        caretaker.collect(wanted);
    }

    Shelf shelf() {
        return shelf;
    }

    Outputs outputs() {
        return outputs;
    }

    Soft.Telemetry telemetry() {
        return vitals.telemetry();
    }

    /// Attempts whose leases this node holds, or whose end it has not reported yet.
    Set<AttemptId> attempts() {
        return Set.copyOf(journal.all().keys());
    }

    /// Files that this node wants and does not have, or has and cannot put in place, as [Soft.Heard#awaited]; current
    /// models first.
    Table<Sha256, String> awaited() {
        Table<Sha256, String> troubles = artifacts.troubles();
        Set<Sha256> all = new TreeSet<>(fetcher.fetching());
        all.addAll(troubles.keys());
        all.removeAll(artifacts.held());
        for (Map.Entry<Sha256, String> unlinked : links.troubles()) {
            troubles = troubles.with(unlinked.getKey(), unlinked.getValue());
            all.add(unlinked.getKey());
        }
        if (all.isEmpty()) return Table.empty();
        Set<Sha256> current = new HashSet<>();
        for (Model model : replica.state().models().models().values())
            current.add(model.current().sha());
        Table<Sha256, String> awaited = Table.empty();
        for (Sha256 sha : all.stream()
                .sorted(Comparator.comparing(sha -> !current.contains(sha)))
                .limit(PeerService.Heartbeat.AWAITED_MAX)
                .toList()) {
            awaited = awaited.with(sha, Lack.cut(troubles.getOrDefault(sha, "")));
        }
        return awaited;
    }

    /// Why nothing can begin here; empty when it can.
    Optional<String> unready() {
        return room.closed();
    }

    /// Stops deciding and watching. Processes run on.
    @Override
    public void close() {
        runner.close();
        caretaker.close();
        vitals.close();
        watch.close();
        guard.close();
        swarm.close();
        supervisor.close();
    }
}
