package dev.muster.edge.node;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.core.state.Actor;
import dev.muster.core.state.Bytes;
import dev.muster.core.state.ClusterState;
import dev.muster.core.state.Command;
import dev.muster.core.state.Endpoints;
import dev.muster.core.state.Envelope;
import dev.muster.core.state.Hardware;
import dev.muster.core.state.JobKind;
import dev.muster.core.state.JobSpec;
import dev.muster.core.state.NodeId;
import dev.muster.core.state.Role;
import dev.muster.edge.raft.VoterAddress;
import dev.muster.edge.wire.Batch;
import dev.muster.edge.wire.Wire;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ClusterMachineTest {
    private static final Instant AT = Instant.parse("2026-01-01T00:00:00Z");

    private final Replica replica = new Replica();
    private final ClusterMachine machine = new ClusterMachine(replica, roles -> {});

    @Test
    void eachOrderOfABatchIsAnsweredInItsPlace() {
        List<Member.Answer> answers = apply(join("n1"), new Command.DrainNode(new NodeId("n9")), submit());

        assertThat(answers.get(0)).isEqualTo(new Member.Answer.Done(1, ""));
        assertThat(answers.get(1))
                .isInstanceOfSatisfying(
                        Member.Answer.Refused.class, no -> assertThat(no.code()).isEqualTo("NOT_FOUND"));
        assertThat(answers.get(2)).isEqualTo(new Member.Answer.Done(2, "j1"));
        assertThat(replica.state()).isSameAs(machine.state());
        assertThat(replica.state().work().jobs().size()).isEqualTo(1);
    }

    @Test
    void aRetryIsAnsweredAsTheFirstAndAppliedOnce() {
        Envelope order = new Envelope(Optional.of("r-1"), Actor.person("ann"), "", submit());

        List<Member.Answer> first = Answers.read(machine.apply(1, 1, Wire.bytes(new Batch(AT, List.of(order)))));
        List<Member.Answer> again = Answers.read(machine.apply(1, 2, Wire.bytes(new Batch(AT, List.of(order, order)))));

        assertThat(first).containsExactly(new Member.Answer.Done(1, "j1"));
        assertThat(again).containsExactly(new Member.Answer.Done(1, "j1"), new Member.Answer.Done(1, "j1"));
        assertThat(machine.state().work().jobs().size()).isEqualTo(1);
    }

    @Test
    void anOrderThatBreaksTheHandlerIsRefusedAndTheNextOneIsApplied() {
        String order = "{\"actor\":\"person:ann\",\"why\":\"\",\"command\":%s}";
        String entry = "{\"at\":\"2026-01-01T00:00:00Z\",\"orders\":[" + order.formatted("{\"type\":\"DrainNode\"}")
                + "," + order.formatted(Wire.text(join("n1")).replaceFirst("\\{", "{\"type\":\"JoinNode\",")) + "]}";

        List<Member.Answer> answers = Answers.read(machine.apply(1, 1, entry.getBytes(StandardCharsets.UTF_8)));

        assertThat(answers.getFirst())
                .isInstanceOfSatisfying(
                        Member.Answer.Refused.class,
                        no -> assertThat(no.message()).startsWith("internal error"));
        assertThat(answers.getLast()).isEqualTo(new Member.Answer.Done(1, ""));
    }

    @Test
    void aSnapshotRestoresTheSameState() throws Exception {
        apply(join("n1"), submit(), submit());
        machine.votersChanged(1, 3, List.of(new VoterAddress("n1", "127.0.0.1", 8771)));
        ByteArrayOutputStream saved = new ByteArrayOutputStream();
        machine.save(saved);

        Replica otherReplica = new Replica();
        ClusterMachine other = new ClusterMachine(otherReplica, roles -> {});
        other.restore(new ByteArrayInputStream(saved.toByteArray()));

        assertThat(Wire.text(other.state())).isEqualTo(Wire.text(machine.state()));
        assertThat(otherReplica.state().fleet().voters()).containsExactly(new NodeId("n1"));
    }

    @Test
    void stepsFoldOnAFollowerToTheSameState() {
        apply(join("n1"), submit());
        apply(submit(), new Command.DrainNode(new NodeId("n1")));

        ClusterState folded = ClusterState.EMPTY;
        for (Recent.Kept kept : replica.recent().from(0, 100)) {
            Frame.Step step = (Frame.Step) Wire.read(kept.line(), Frame.class);
            folded = folded.advance(step.step());
            assertThat(folded.revision()).isEqualTo(step.revision());
        }

        assertThat(Wire.text(folded)).isEqualTo(Wire.text(machine.state()));
    }

    @Test
    void whileAVoterReplaysItsLogTheReplicaDoesNotGoBack() throws Exception {
        apply(join("n1"), submit());
        ClusterState before = replica.state();

        ClusterMachine replaying = new ClusterMachine(replica, roles -> {});
        replaying.apply(1, 1, Wire.bytes(new Batch(AT, List.of(envelope(join("n1"))))));

        assertThat(replaying.state().revision()).isEqualTo(1);
        assertThat(replica.state()).isSameAs(before);
    }

    private List<Member.Answer> apply(Command... commands) {
        List<Envelope> orders = new ArrayList<>();
        for (Command command : commands) orders.add(envelope(command));
        return Answers.read(machine.apply(1, 1, Wire.bytes(new Batch(AT, orders))));
    }

    private static Envelope envelope(Command command) {
        return Envelope.of(Actor.person("ann"), "test", command);
    }

    private static Command submit() {
        return new Command.SubmitJob(JobSpec.of("play", JobKind.SELFPLAY, List.of("true")));
    }

    private static Command join(String name) {
        return new Command.JoinNode(
                new NodeId(name),
                "identity-of-" + name,
                Role.MIXED,
                Hardware.cpus(4, Bytes.gib(8)),
                4,
                new Endpoints("127.0.0.1", 8770, 8767, 8771));
    }
}
