package dev.muster.edge.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.muster.core.Rents;
import dev.muster.core.plan.Soft;
import dev.muster.core.state.Actor;
import dev.muster.core.state.ArtifactKind;
import dev.muster.core.state.Attempt;
import dev.muster.core.state.AttemptId;
import dev.muster.core.state.Bytes;
import dev.muster.core.state.ChangeLimit;
import dev.muster.core.state.ClusterState;
import dev.muster.core.state.Command;
import dev.muster.core.state.ConfigKey;
import dev.muster.core.state.Declared;
import dev.muster.core.state.DeltaOf;
import dev.muster.core.state.Desired;
import dev.muster.core.state.Distribution;
import dev.muster.core.state.Endpoints;
import dev.muster.core.state.Enrolment;
import dev.muster.core.state.Envelope;
import dev.muster.core.state.FixKind;
import dev.muster.core.state.GenerationId;
import dev.muster.core.state.Handler;
import dev.muster.core.state.Hardware;
import dev.muster.core.state.JobId;
import dev.muster.core.state.JobKind;
import dev.muster.core.state.JobSpec;
import dev.muster.core.state.Lack;
import dev.muster.core.state.Ledger;
import dev.muster.core.state.Loop;
import dev.muster.core.state.LoopSpec;
import dev.muster.core.state.MadeDelta;
import dev.muster.core.state.Match;
import dev.muster.core.state.Money;
import dev.muster.core.state.Node;
import dev.muster.core.state.NodeId;
import dev.muster.core.state.Observed;
import dev.muster.core.state.Resources;
import dev.muster.core.state.Role;
import dev.muster.core.state.Saved;
import dev.muster.core.state.Sha256;
import dev.muster.core.state.Sighting;
import dev.muster.core.state.Sync;
import dev.muster.core.state.Table;
import dev.muster.core.state.TaskId;
import dev.muster.core.state.TimeWindow;
import dev.muster.core.state.Transfer;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.time.DayOfWeek;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalTime;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.node.ObjectNode;

class WireTest {
    private static final Instant T0 = Instant.parse("2026-01-01T00:00:00Z");
    private static final NodeId N1 = new NodeId("n1");
    private static final ConfigKey HEX = new ConfigKey("hex5_2p");
    private static final Sha256 SHA = new Sha256("ab".repeat(32));
    private static final Sha256 OTHER = new Sha256("cd".repeat(32));
    private static final Sha256 DELTA = new Sha256("ef".repeat(32));
    private static final AttemptId FIRST = new AttemptId(new TaskId(new JobId(1), 0), 1);

    private static final AttemptId MEMBERS = new AttemptId(new TaskId(new JobId(2), 0), 1);
    private static final Attempt.Status LOST = Attempt.Status.LOST;

    private static JobSpec spec(String name, List<JobSpec.Output> outputs, Optional<String> matches) {
        return new JobSpec(
                name,
                JobKind.SELFPLAY,
                Optional.of(HEX),
                1,
                List.of("play", "{task}"),
                Map.of("A", "b"),
                new Resources(500, Bytes.mib(64), 0, Bytes.ZERO),
                List.of(),
                outputs,
                matches,
                50,
                3,
                Duration.ofSeconds(5),
                Optional.of(Duration.ofMinutes(90)),
                Optional.empty());
    }

    static List<Command> orders() {
        LoopSpec.StageSpec play = new LoopSpec.StageSpec(
                spec("play", List.of(new JobSpec.Output("games.db", true)), Optional.empty()),
                List.of(List.of("play"), List.of("--model", "{current}")));
        LoopSpec.StageSpec judge = new LoopSpec.StageSpec(
                spec("judge", List.of(new JobSpec.Output("m.json", true)), Optional.of("m.json")),
                List.of(List.of("judge")));
        LoopSpec loop = new LoopSpec(HEX, play, play, judge, LoopSpec.Gate.DEFAULT, 4, Optional.of(9));
        Attempt.Ending ending = new Attempt.Ending(
                Attempt.Status.SUCCEEDED,
                OptionalInt.of(0),
                List.of(new Attempt.Stored("games.db", SHA, 4096)),
                List.of(new Match(SHA.hex(), "random", 9, 0, 1)),
                "");
        return List.of(
                new Command.JoinNode(
                        N1,
                        "id-1",
                        Role.MIXED,
                        Hardware.cpus(2, Bytes.gib(4)),
                        4,
                        new Endpoints("127.0.0.1", 8770, 8767, 8771)),
                new Command.AnnounceLeader(N1, 3),
                new Command.StartLoop(loop),
                new Command.StartStage(
                        new GenerationId(HEX, 1),
                        Loop.Stage.SELFPLAY,
                        loop.selfplay().job()),
                new Command.PlaceTask(FIRST, N1),
                new Command.ReportStarted(FIRST, 6, 4711),
                new Command.FinishAttempt(FIRST, 6, ending),
                new Command.PromoteModel(HEX, SHA, Optional.empty(), 0),
                new Command.PutArtifact(OTHER, 9, "m.pth", ArtifactKind.MODEL, Optional.of(HEX), N1),
                new Command.RecordDelta(new DeltaOf(OTHER, SHA), new MadeDelta(Optional.of(DELTA), 5, N1)),
                new Command.ReportStandstill(
                        HEX,
                        SHA,
                        Distribution.Standstill.INCOMPLETE,
                        1,
                        List.of(new Lack(N1, "disk full: 1")),
                        Optional.empty()),
                new Command.StrikeSource(SHA, N1, 3),
                new Command.OrderFix(N1, FixKind.RELINK),
                new Command.JoinNode(
                        new NodeId("n2"),
                        "id-2",
                        Role.MIXED,
                        Hardware.cpus(2, Bytes.gib(4)),
                        4,
                        new Endpoints("127.0.0.1", 8770, 8767, 8771)),
                new Command.ConfirmReplica(SHA, new NodeId("n2"), Optional.of(new Transfer(4096, 12, "swarm", 2))),
                new Command.SubmitJob(
                        spec("together", List.of(), Optional.empty()).on(2)),
                new Command.PlaceGang(MEMBERS, List.of(N1, new NodeId("n2"))),
                new Command.FinishAttempt(
                        MEMBERS.member(1), 23, new Attempt.Ending(LOST, OptionalInt.empty(), List.of(), List.of(), "")),
                new Command.MintToken(
                        new NodeId("n7"), OTHER, Optional.of(Role.TRAINING), true, Duration.ofMinutes(90)),
                new Command.EnrolNode(new NodeId("n7"), OTHER),
                new Command.MintToken(new NodeId("n8"), DELTA, Optional.empty(), false, Enrolment.TTL_DEFAULT),
                new Command.AddNode(
                        new Declared(new NodeId("n8"), Desired.RETIRED, Optional.of(Role.TRAINING), "vast:17", true)),
                new Command.ImportNodes(
                        List.of(
                                new Command.HostChange(
                                        new Declared(new NodeId("n2"), Desired.DRAINING, Optional.empty(), "", false),
                                        Optional.of(Desired.READY)),
                                new Command.HostChange(
                                        new Declared(new NodeId("n9"), Desired.READY, Optional.empty(), "", false),
                                        Optional.empty())),
                        ChangeLimit.DEFAULT,
                        OptionalInt.of(1)));
    }

    private static ClusterState state() {
        ClusterState state = ClusterState.EMPTY;
        for (Command order : orders()) {
            Envelope envelope = new Envelope(Optional.of("r" + state.revision()), Actor.person("ann"), "test", order);
            Handler.Step step = Handler.step(state, T0.plusSeconds(state.revision()), envelope);
            assertThat(step.transition()).as("%s: %s", order, step.outcome()).isPresent();
            state = step.state();
        }
        return state;
    }

    @Test
    void aStateComesBackAsItWas() {
        ClusterState state = state();
        assertThat(state.models().models().require(HEX).current().sha()).isEqualTo(SHA);
        byte[] bytes = Wire.bytes(state);
        ClusterState back = Wire.readState(new ByteArrayInputStream(bytes));
        assertThat(back.work().derived()).isEqualTo(state.work().derived());
        assertThat(Wire.text(back)).isEqualTo(new String(bytes, StandardCharsets.UTF_8));
        assertThat(back.journal()).isEqualTo(state.journal());
        assertThat(back.loops()).isEqualTo(state.loops());
        assertThat(back.models()).isEqualTo(state.models());
        assertThat(back.files()).isEqualTo(state.files());
        assertThat(back.fleet()).isEqualTo(state.fleet());
    }

    @Test
    void aStateOfABuildWithoutDeltasHasNone() {
        String old = Wire.text(state())
                .replaceAll(",\"deltas\":\\{\"[0-9a-f]{64}\":\\{[^{}]*}}", "")
                .replaceAll(",\"deltas\":\\{}", "");
        assertThat(old).contains("artifacts").doesNotContain("\"deltas\"");
        ClusterState back = Wire.readState(new ByteArrayInputStream(old.getBytes(StandardCharsets.UTF_8)));
        assertThat(back.files().deltas().isEmpty()).isTrue();
        assertThat(back.files().artifacts().require(OTHER).deltas().isEmpty()).isTrue();
        assertThat(back.files().delta(DELTA)).isEmpty();
    }

    @Test
    void whatAnEarlierBuildDidNotWriteIsAbsentOrEmpty() {
        ObjectNode old = Wire.MAPPER.valueToTree(state());
        ((ObjectNode) old.path("files")).remove("strikes");
        ((ObjectNode) old.path("models")).remove("past");
        ((ObjectNode) old.path("fleet")).remove(List.of("declared", "left_at"));
        ObjectNode way = (ObjectNode) old.path("models").path("distributions").path(HEX.name());
        way.retain("config", "sha", "started_at", "completed_at");

        ClusterState back = Wire.readState(new ByteArrayInputStream(Wire.bytes(old)));

        assertThat(back.files().strikes().isEmpty()).isTrue();
        assertThat(back.models().past().isEmpty()).isTrue();
        assertThat(back.fleet().declared().isEmpty()).isTrue();
        assertThat(back.fleet().leftAt().isEmpty()).isTrue();
        assertThat(back.models().distributions().require(HEX).way()).isEmpty();
        assertThat(back.models().distributions().require(HEX).open()).isTrue();
        assertThat(Wire.read(
                        "{\"type\":\"ConfirmReplica\",\"artifact\":\"" + SHA + "\",\"node\":\"n1\"}", Command.class))
                .isEqualTo(new Command.ConfirmReplica(SHA, N1));
        String beat = "{\"at\":\"2026-01-01T00:00:00Z\",\"revision\":1,\"attempts\":[],\"telemetry\":null}";
        assertThat(Wire.read(beat, Soft.Heard.class).awaited().isEmpty()).isTrue();
    }

    @Test
    void aStateOfABuildWithoutRentalsHasNone() {
        ObjectNode old = Wire.MAPPER.valueToTree(state());
        assertThat(old.has("rentals")).isTrue();
        old.remove("rentals");
        old.path("fleet").path("nodes").forEach(node -> {
            assertThat(node.has("leaving")).isTrue();
            ((ObjectNode) node).remove("leaving");
        });

        ClusterState back = Wire.readState(new ByteArrayInputStream(Wire.bytes(old)));

        assertThat(back.rentals()).isEqualTo(ClusterState.EMPTY.rentals());
        assertThat(back.fleet()).isEqualTo(state().fleet());
        assertThat(back.fleet().nodes().values()).noneMatch(Node::leaving);
    }

    /// Of each order about rented machines one, and a state in which each has left something.
    @Test
    void whatIsRentedComesBackAsItWas() {
        ClusterState state = state();
        for (Command order : rentals(state)) {
            Batch batch = new Batch(T0, List.of(new Envelope(Optional.of("r"), Actor.node(N1), "why", order)));
            assertThat(Wire.read(Wire.bytes(batch), Batch.class)).isEqualTo(batch);
            Envelope envelope = new Envelope(Optional.empty(), Actor.person("ann"), "test", order);
            Handler.Step step = Handler.step(state, T0.plusSeconds(state.revision()), envelope);
            assertThat(step.transition()).as("%s: %s", order, step.outcome()).isPresent();
            state = step.state();
        }
        ClusterState back = Wire.readState(new ByteArrayInputStream(Wire.bytes(state)));
        assertThat(back.rentals()).isEqualTo(state.rentals());
        assertThat(back.fleet()).isEqualTo(state.fleet());
        assertThat(back.fleet().nodes().require(new NodeId("vast-77")).leaving())
                .isTrue();
        assertThat(back.journal()).isEqualTo(state.journal());
        assertThat(Wire.text(back)).isEqualTo(Wire.text(state));
    }

    private static List<Command> rentals(ClusterState state) {
        Instant at = T0.plusSeconds(state.revision());
        TimeWindow night = new TimeWindow(
                "night",
                List.of("g"),
                List.of(DayOfWeek.SUNDAY),
                LocalTime.of(22, 0),
                LocalTime.of(6, 30),
                Optional.of(1),
                Optional.of(2),
                Optional.of(3),
                Optional.of(Rents.usd("0.3")));
        Sighting running =
                new Sighting("77", Observed.RUNNING, Rents.usd("0.1"), Rents.usd("0.1"), Optional.of(at), "up");
        return List.of(
                new Command.SetScaling(Rents.scaling("Europe/Berlin", night)),
                new Command.SetGroup(Rents.group("g", 0, 1, 2)),
                Rents.budget("g", "1", "2", "30"),
                new Command.RentInstance(
                        Optional.of(Rents.i(1)),
                        Rents.bid("0.1", "0.14"),
                        Optional.of("g"),
                        Rents.scaling("Europe/Berlin").windowsAt(at)),
                new Command.SightInstance(Rents.i(1), running),
                new Command.JoinNode(
                        new NodeId("vast-77"),
                        "id-77",
                        Role.MIXED,
                        Hardware.cpus(2, Bytes.gib(4)),
                        4,
                        new Endpoints("127.0.0.1", 8770, 8767, 8771)),
                new Command.RaiseBid(
                        Rents.i(1),
                        Rents.usd("0.2"),
                        Rents.scaling("Europe/Berlin").windowsAt(at)),
                Rents.charge(1, "0.05", at.plusSeconds(20)),
                Rents.stop(1),
                new Command.StartInstance(
                        Rents.i(1), Rents.scaling("Europe/Berlin").windowsAt(at)),
                new Command.EndInstance(Rents.i(1), true),
                Rents.release(1),
                Rents.order(Rents.rent("0.1")),
                new Command.AbandonInstance(Rents.i(2), "no"),
                new Command.AdoptInstance(
                        "box", Rents.rent("0.1"), Rents.seen("5", Observed.RUNNING), Optional.empty()),
                new Command.FinishInstance(Rents.i(3), "gone"),
                new Command.BlameMachine("vast", "m1", Duration.ofHours(1), "it failed"));
    }

    @Test
    void anOrderComesBackAsItWas() {
        for (Command order : orders()) {
            Batch batch = new Batch(T0, List.of(new Envelope(Optional.of("r"), Actor.node(N1), "why", order)));
            assertThat(Wire.read(Wire.bytes(batch), Batch.class)).isEqualTo(batch);
        }
    }

    @Test
    void whatIsSavedOnTheWayComesBackAsItWas() {
        Attempt.Stored file = new Attempt.Stored("elo.db", SHA, 5);
        Command save = new Command.SaveProgress(FIRST, 6, 3, List.of(file), List.of("old.db"));
        assertThat(Wire.read(Wire.bytes(save), Command.class)).isEqualTo(save);
        Saved saved = Saved.NOTHING.next(Table.<String, Attempt.Stored>empty().with("elo.db", file), T0);
        assertThat(Wire.read(Wire.bytes(saved), Saved.class)).isEqualTo(saved);
        JobSpec job = Wire.jobSpec(Wire.MAPPER.readTree(
                "{\"name\":\"x\",\"kind\":\"OTHER\",\"command\":[\"x\"]," + "\"sync\":{\"paths\":[\"elo.db\"]}}"));
        assertThat(job.sync()).contains(new Sync(List.of("elo.db"), Sync.EVERY_DEFAULT));
        assertThat(Wire.read(Wire.bytes(job), JobSpec.class)).isEqualTo(job);
        assertThatThrownBy(() -> Wire.jobSpec(Wire.MAPPER.readTree("{\"name\":\"x\",\"kind\":\"OTHER\",\"command\":"
                        + "[\"x\"],\"sync\":{\"paths\":[\"../elo.db\"]}}")))
                .hasMessageContaining("inside the working directory");
    }

    @Test
    void aJobNeedsOnlyItsCommand() {
        JobSpec job = Wire.jobSpec(
                Wire.MAPPER.readTree(
                        "{\"name\":\"x\",\"kind\":\"OTHER\",\"command\":[\"sleep\",\"1\"],\"resources\":{\"memory\":\"2GiB\"},\"grace\":\"5s\"}"));
        assertThat(job.resources().memory()).isEqualTo(Bytes.gib(2));
        assertThat(job.resources().cpuMillis()).isEqualTo(1000);
        assertThat(job.grace()).isEqualTo(Duration.ofSeconds(5));
        assertThatThrownBy(() -> Wire.jobSpec(Wire.MAPPER.readTree("{\"comand\":[\"x\"]}")))
                .hasMessageContaining("comand");
    }

    @Test
    void durationsAreReadAsTheyAreWritten() {
        for (String text : List.of("250ms", "45s", "10m", "1h30m", "7d", "0s")) {
            assertThat(Durations.text(Durations.parse(text))).isEqualTo(text);
        }
        assertThatThrownBy(() -> Durations.parse("10 minutes")).hasMessageContaining("such as 45s");
    }

    @Test
    void aLedgerWithoutRolesIsAnEarlierBuilds() {
        Ledger ledger = Wire.read("{\"hours\":{\"490000\":{\"g\":{\"micros\":70000}}}}", Ledger.class);
        assertThat(ledger.since(Instant.EPOCH, "g")).isEqualTo(new Money(70_000));
        assertThat(ledger.roles().isEmpty()).isTrue();
        assertThat(Wire.read(Wire.bytes(ledger), Ledger.class)).isEqualTo(ledger);
    }
}
