package dev.muster.core.agent;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.core.state.Actor;
import dev.muster.core.state.ArtifactKind;
import dev.muster.core.state.Bytes;
import dev.muster.core.state.ClusterState;
import dev.muster.core.state.Command;
import dev.muster.core.state.ConfigKey;
import dev.muster.core.state.Endpoints;
import dev.muster.core.state.Envelope;
import dev.muster.core.state.Handler;
import dev.muster.core.state.Hardware;
import dev.muster.core.state.JobKind;
import dev.muster.core.state.JobSpec;
import dev.muster.core.state.NodeId;
import dev.muster.core.state.Outcome;
import dev.muster.core.state.Role;
import dev.muster.core.state.Sha256;
import dev.muster.core.state.Table;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// How many copies there are to be, who makes them, and which may go.
class RepairsTest {
    private static final Instant T0 = Instant.parse("2026-01-01T00:00:00Z");
    private static final ConfigKey HEX = new ConfigKey("hex8_2p");
    private static final Sha256 FILE = new Sha256("ab".repeat(32));

    private ClusterState state = ClusterState.EMPTY;

    @BeforeEach
    void fiveNodes() {
        for (String name : List.of("n1", "n2", "n3", "n4", "n5")) {
            order(new Command.JoinNode(
                    new NodeId(name),
                    name,
                    Role.MIXED,
                    Hardware.cpus(4, Bytes.gib(8)),
                    4,
                    new Endpoints("127.0.0.1", 1, 2, 3)));
        }
    }

    private Outcome order(Command command) {
        Handler.Step step = Handler.step(state, T0, Envelope.of(Actor.person("ann"), "test", command));
        state = step.state();
        return step.outcome();
    }

    private void put(Sha256 sha, ArtifactKind kind, String... nodes) {
        for (String node : nodes)
            order(new Command.PutArtifact(sha, 10, "f", kind, Optional.of(HEX), new NodeId(node)));
    }

    private List<AgentAction> decide(String node, Set<Sha256> held) {
        return Repairs.decide(
                state, new LocalView(new NodeId(node), Table.empty(), held, Set.of(), Table.empty()), 2, Set.of());
    }

    private List<String> fetchers() {
        List<String> fetchers = new ArrayList<>();
        for (NodeId node : state.fleet().nodes().keys()) {
            boolean holds = state.files().artifacts().require(FILE).receipts().has(node);
            Set<Sha256> held = holds ? Set.of(FILE) : Set.of();
            if (decide(node.name(), held).stream().anyMatch(AgentAction.Fetch.class::isInstance))
                fetchers.add(node.name());
        }
        return fetchers;
    }

    @Test
    void asManyNodesFetchAsCopiesAreMissingAndOneMoreWhileThereIsButOne() {
        put(FILE, ArtifactKind.OTHER, "n1");
        assertThat(fetchers()).hasSize(3).doesNotContain("n1");
        put(FILE, ArtifactKind.OTHER, "n2");
        assertThat(fetchers()).hasSize(1);
        put(FILE, ArtifactKind.OTHER, "n3");
        assertThat(fetchers()).isEmpty();
    }

    @Test
    void aLostHolderIsReplacedByOneNodeThatAllAgreeUpon() {
        put(FILE, ArtifactKind.OTHER, "n1", "n2", "n3");
        order(new Command.FenceNode(new NodeId("n2")));
        assertThat(fetchers()).hasSize(1).isSubsetOf("n4", "n5");
        order(new Command.RetireNode(new NodeId("n3")));
        assertThat(fetchers()).containsExactly("n4", "n5");
    }

    @Test
    void othersFetchInPlaceOfNodesThatAreFencedOrDrained() {
        put(FILE, ArtifactKind.GAMES, "n1");
        List<String> chosen = fetchers();
        assertThat(chosen).hasSize(2);
        order(new Command.FenceNode(new NodeId(chosen.get(0))));
        order(new Command.DrainNode(new NodeId(chosen.get(1))));
        assertThat(fetchers()).isNotEmpty().doesNotContainAnyElementsOf(chosen);
    }

    @Test
    void aFileThatOnlyRetiredNodesHoldIsCopiedFromThemAndNotFromAFencedOne() {
        put(FILE, ArtifactKind.OTHER, "n3", "n4", "n5");
        for (String node : List.of("n3", "n4", "n5")) order(new Command.RetireNode(new NodeId(node)));
        assertThat(fetchers()).containsExactly("n1", "n2");
        order(new Command.FenceNode(new NodeId("n4")));
        assertThat(decide("n1", Set.of()))
                .containsExactly(new AgentAction.Fetch(FILE, 10, List.of(new NodeId("n3"), new NodeId("n5"))));
        assertThat(release("n5")).contains("expected 2 other nodes to hold", "but 0 do");

        put(FILE, ArtifactKind.OTHER, "n1", "n2");
        assertThat(fetchers()).isEmpty();
        assertThat(order(new Command.ReleaseReplica(FILE, new NodeId("n5")))).isInstanceOf(Outcome.Accepted.class);
    }

    @Test
    void whatOnlyFencedNodesHoldIsFetchedByNobody() {
        put(FILE, ArtifactKind.OTHER, "n4", "n5");
        order(new Command.FenceNode(new NodeId("n4")));
        order(new Command.FenceNode(new NodeId("n5")));
        assertThat(fetchers()).isEmpty();
    }

    @Test
    void gamesLieOnTwoNodesAndWhatNobodyHoldsIsFetchedByNobody() {
        put(FILE, ArtifactKind.GAMES, "n1", "n2");
        assertThat(fetchers()).isEmpty();
        order(new Command.DropReplica(FILE, new NodeId("n1")));
        order(new Command.DropReplica(FILE, new NodeId("n2")));
        assertThat(fetchers()).isEmpty();
    }

    @Test
    void aFileThatIsNoLongerHereIsReported() {
        put(FILE, ArtifactKind.GAMES, "n1", "n2");
        assertThat(decide("n1", Set.of()))
                .contains(new AgentAction.Report(new Command.DropReplica(FILE, new NodeId("n1"))));
        assertThat(decide("n1", Set.of(FILE))).isEmpty();
    }

    @Test
    void onlyCopiesBeyondTheTargetMayGoAndTheLogDecidesWhichOfThem() {
        put(FILE, ArtifactKind.OTHER, "n1", "n2", "n3", "n4");
        assertThat(order(new Command.ReleaseReplica(FILE, new NodeId("n1")))).isInstanceOf(Outcome.Accepted.class);
        assertThat(order(new Command.ReleaseReplica(FILE, new NodeId("n2"))).toString())
                .contains("expected 3 other nodes to hold")
                .contains("but 2 do");
        assertThat(state.files().artifacts().require(FILE).receipts().size()).isEqualTo(3);
    }

    @Test
    void whatIsPinnedOrUsedStays() {
        put(FILE, ArtifactKind.GAMES, "n1", "n2", "n3");
        order(new Command.PinArtifact(FILE, true));
        assertThat(release("n1")).contains("is pinned");
        order(new Command.PinArtifact(FILE, false));
        JobSpec spec = JobSpec.of("x", JobKind.OTHER, List.of("x"));
        order(new Command.SubmitJob(new JobSpec(
                spec.name(),
                spec.kind(),
                spec.config(),
                1,
                spec.command(),
                Map.of(),
                spec.resources(),
                List.of(new JobSpec.Input(FILE, "in")),
                List.of(),
                Optional.empty(),
                50,
                3,
                Duration.ofSeconds(1),
                Optional.empty(),
                Optional.empty())));
        assertThat(release("n1")).contains("used by open job j1");
    }

    private String release(String node) {
        return order(new Command.ReleaseReplica(FILE, new NodeId(node))).toString();
    }

    @Test
    void aModelAndItsLastVersionsStayEverywhereAndOlderOnesOnThreeNodes() {
        for (int version = 0; version < 5; version++) {
            Sha256 sha = model(version);
            put(sha, ArtifactKind.MODEL, "n1", "n2", "n3", "n4");
            Optional<Sha256> before = version == 0 ? Optional.empty() : Optional.of(model(version - 1));
            order(new Command.PromoteModel(HEX, sha, before, 0));
        }
        for (int version = 1; version < 5; version++) {
            assertThat(order(new Command.ReleaseReplica(model(version), new NodeId("n1"))))
                    .isInstanceOf(Outcome.Refused.class);
        }
        assertThat(order(new Command.ReleaseReplica(model(0), new NodeId("n1"))))
                .isInstanceOf(Outcome.Accepted.class);
        assertThat(order(new Command.ReleaseReplica(model(0), new NodeId("n2"))))
                .isInstanceOf(Outcome.Refused.class);
    }

    private static Sha256 model(int version) {
        return new Sha256((version + "0").repeat(32));
    }

    @Test
    void theLeastLatelyUsedGoFirstAndNoMoreThanItTakes() {
        List<Evictions.Candidate> files = new ArrayList<>();
        for (int version = 0; version < 5; version++) {
            put(model(version), ArtifactKind.GAMES, "n1", "n2", "n3");
            files.add(new Evictions.Candidate(model(version), 10, T0.minusSeconds(version == 3 ? 900 : version)));
        }
        assertThat(evicted(files, Set.of(), 15)).containsExactly(model(3), model(4));
        assertThat(evicted(files, Set.of(model(3)), 15)).containsExactly(model(4), model(2));
        assertThat(evicted(files, Set.of(), 0)).isEmpty();
        order(new Command.PinArtifact(model(3), true));
        assertThat(evicted(files, Set.of(), 5)).containsExactly(model(4));
    }

    @Test
    void aFileThatTheClusterDoesNotKnowGoesOnceItIsOld() {
        Evictions.Candidate fresh = new Evictions.Candidate(model(1), 10, T0.minusSeconds(60));
        Evictions.Candidate old = new Evictions.Candidate(model(2), 10, T0.minusSeconds(4000));
        assertThat(evicted(List.of(fresh, old), Set.of(), 100)).containsExactly(model(2));
    }

    private List<Sha256> evicted(List<Evictions.Candidate> files, Set<Sha256> own, long need) {
        return Evictions.decide(state, new NodeId("n1"), files, own, need, T0).stream()
                .map(Evictions.Candidate::sha)
                .toList();
    }
}
