package dev.muster.edge.node;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.core.plan.DiskFloor;
import dev.muster.core.state.Actor;
import dev.muster.core.state.Attempt;
import dev.muster.core.state.AttemptId;
import dev.muster.core.state.Bytes;
import dev.muster.core.state.ClusterState;
import dev.muster.core.state.Command;
import dev.muster.core.state.Endpoints;
import dev.muster.core.state.Envelope;
import dev.muster.core.state.Handler;
import dev.muster.core.state.Hardware;
import dev.muster.core.state.JobKind;
import dev.muster.core.state.JobSpec;
import dev.muster.core.state.NodeId;
import dev.muster.core.state.Role;
import dev.muster.edge.config.ModelNames;
import dev.muster.edge.config.NodeConfig;
import dev.muster.edge.config.Token;
import dev.muster.edge.process.Supervisor;
import dev.muster.edge.swarm.Lead;
import dev.muster.edge.swarm.Manifests;
import dev.muster.edge.swarm.Swarm;
import dev.muster.edge.wire.Wire;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.io.TempDirDeletionStrategy;
import tools.jackson.databind.JsonNode;

/// An agent with real processes; the cluster is the handler alone, in the test's memory.
abstract class AgentHarness {
    static final NodeId N1 = new NodeId("n1");
    static final Duration PATIENCE = Duration.ofSeconds(30);

    // What blocks is on threads of its own, and may end with a last line after the agent is closed.
    @TempDir(deletionStrategy = TempDirDeletionStrategy.IgnoreFailures.class)
    Path data;

    final Replica replica = new Replica();
    volatile boolean quorum = true;
    ClusterState cluster = ClusterState.EMPTY;
    Running agent;

    /// One life of the agent.
    final class Running implements AutoCloseable {
        final DataDir dirs = new DataDir(data);
        final PeerClient client = new PeerClient(new Token("test-token"));
        final Supervisor supervisor;
        final AttemptJournal journal;
        final Artifacts artifacts;
        final Swarm swarm;
        final ModelLinks links;
        final AttemptRuns runs;
        final Reporter reporter;
        final AgentRunner runner;
        final Vitals vitals;
        volatile Runnable wake = () -> {};

        Running(NodeConfig.Limits limits) throws IOException {
            supervisor = Supervisor.open(data);
            journal = AttemptJournal.open(dirs.jobs(), InstantSource.system());
            artifacts = LocalFiles.open(dirs.artifacts(), new Manifests(dirs.manifests()), 1);
            swarm = new Swarm(
                    new Manifests(dirs.manifests()),
                    Swarm.Settings.of("test-token"),
                    new Alone(N1),
                    Lead.NEVER,
                    artifacts);
            Fetcher fetcher = new Fetcher(N1, artifacts, swarm, replica, () -> wake.run());
            links = ModelLinks.open(data, ModelNames.DEFAULT, artifacts);
            runs = new AttemptRuns(
                    N1,
                    journal,
                    supervisor,
                    artifacts,
                    fetcher,
                    Room.open(data, new DiskFloor(1, 1)),
                    Map.of("PATH", System.getenv("PATH"), "MUSTER_TOKEN", "x"),
                    dirs.secrets(),
                    () -> wake.run());
            reporter = new Reporter(N1, (order, timeout) -> order(order), replica, runs::refused);
            runner = new AgentRunner(
                    new AgentRunner.Means(
                            N1,
                            4,
                            replica,
                            RevisionFloor.open(dirs.revision()),
                            journal,
                            artifacts,
                            fetcher,
                            links,
                            InstantSource.system()),
                    reporter,
                    runs);
            wake = runner::wake;
            vitals = new Vitals(new NoGauges(), supervisor, journal, runs, limits);
            runner.start();
        }

        @Override
        public void close() {
            runner.close();
            vitals.close();
            supervisor.close();
            swarm.close();
            client.close();
        }
    }

    @BeforeEach
    void start() throws IOException {
        order(new Command.JoinNode(
                N1, "identity", Role.MIXED, Hardware.cpus(4, Bytes.gib(8)), 4, new Endpoints("127.0.0.1", 1, 2, 3)));
        agent = new Running(NodeConfig.Limits.DEFAULT);
    }

    @AfterEach
    void stop() throws Exception {
        for (String key : agent.supervisor.states().states().keySet()) agent.supervisor.stop(key, Duration.ZERO);
        Eventually.await(
                "no process left",
                PATIENCE,
                () -> agent.supervisor.states().states().values().stream().allMatch(state -> state.ended()));
        agent.close();
    }

    synchronized Member.Answer order(Envelope envelope) {
        if (!quorum) return new Member.Answer.Unavailable("no quorum", false);
        Handler.Step step = Handler.step(cluster, Instant.now(), envelope);
        cluster = step.state();
        step.transition().ifPresent(moved -> replica.advanced(cluster, moved));
        return switch (step.outcome()) {
            case dev.muster.core.state.Outcome.Accepted(var events, String created) ->
                new Member.Answer.Done(cluster.revision(), created);
            case dev.muster.core.state.Outcome.Refused(var code, String message) ->
                new Member.Answer.Refused(code.name(), message);
        };
    }

    Member.Answer order(Command command) {
        return order(Envelope.of(Actor.person("ann"), "test", command));
    }

    /// A job of one task, placed on n1.
    AttemptId place(JobSpec spec) {
        Member.Answer answer = order(new Command.SubmitJob(spec));
        assertThat(answer).isInstanceOf(Member.Answer.Done.class);
        AttemptId id = AttemptId.parse(((Member.Answer.Done) answer).created() + ".0.1");
        assertThat(order(new Command.PlaceTask(id, N1))).isInstanceOf(Member.Answer.Done.class);
        return id;
    }

    Attempt attempt(AttemptId id) {
        return replica.state().work().attempts().require(id);
    }

    Attempt ended(AttemptId id) {
        Eventually.await(
                () -> id + " to end, but it is " + attempt(id),
                PATIENCE,
                () -> !attempt(id).status().isActive());
        return attempt(id);
    }

    void running(AttemptId id) {
        Eventually.await(
                () -> id + " to run, but it is " + attempt(id),
                PATIENCE,
                () -> attempt(id).status() == Attempt.Status.RUNNING);
    }

    /// A shell command with changes to the spec as JSON.
    static JobSpec shell(String script, String changes) {
        JsonNode written = Wire.read(changes, JsonNode.class);
        JobSpec spec = JobSpec.of("test", JobKind.OTHER, List.of("sh", "-c", script));
        var tree = Wire.MAPPER.<tools.jackson.databind.node.ObjectNode>valueToTree(spec);
        Wire.merge(tree, written);
        return Wire.jobSpec(tree);
    }
}
