package dev.muster.edge.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.core.plan.Presence;
import dev.muster.core.plan.Soft;
import dev.muster.core.state.Bytes;
import dev.muster.core.state.Command;
import dev.muster.core.state.Endpoints;
import dev.muster.core.state.Hardware;
import dev.muster.core.state.NodeId;
import dev.muster.core.state.Role;
import dev.muster.core.state.Table;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

/// Voters as people see and change them.
class CliVoterTest extends CliHarness {
    private void heard(String node, long revision, long diskFree, String version) {
        Soft.Telemetry load = new Soft.Telemetry(0.1, 0.1, 0.2, diskFree, Double.NaN, Double.NaN, 0);
        Presence presence = new Presence(node, node, "127.0.0.1:8770", version);
        member.soft = Optional.of(member.soft
                .orElseThrow()
                .withHeard(
                        new NodeId(node),
                        new Soft.Heard(member.now, revision, Set.of(), load, Table.empty(), Optional.of(presence))));
    }

    private String eventually(String words, String... command) {
        String out = run(command).out();
        long giveUpAt = System.nanoTime() + 10_000_000_000L; // the server looks again every now and then
        while (!out.contains(words) && System.nanoTime() < giveUpAt)
            out = run(command).out();
        return out;
    }

    @Test
    void theListSaysOfEachVoterWhatItLacks() {
        long revision = member.state().revision();
        heard("n1", revision, Bytes.gib(100).count(), "1.2.3");
        heard("n2", revision, Bytes.mib(900).count(), "1.2.3");
        heard("n3", revision, Bytes.gib(50).count(), "1.1.0");
        assertThat(eventually("1.1.0", "voter", "list"))
                .contains("VOTER  STATUS  ROLE      ADDRESS         BEHIND  DISK FREE  VERSION  READINESS")
                .contains("n1     alive   leader    127.0.0.1:8770       0     100GiB  1.2.3    ready")
                .contains("900MiB  1.2.3    short of disk: 900MiB free; a full disk ends its vote")
                .contains("50GiB  1.1.0    runs version 1.1.0, the leader 1.2.3");
        Result doctor = run("doctor");
        assertThat(doctor.out()).contains("warn  n2: short of disk: 900MiB free");
    }

    @Test
    void addingTellsTheQuorumItLeavesAndWhyItIsNoGoodIdea() {
        Result dry = run("voter", "add", "gpu1", "--dry-run");
        assertThat(dry.out())
                .isEqualTo(
                        "gpu1 would vote: 4 voters, of which 3 must be alive and 4 are; the cluster survives the loss"
                                + " of 1\n");
        assertThat(member.state().fleet().wanted()).hasSize(3);
        member.order(new Command.JoinNode(
                new NodeId("gpu1"),
                "gpu1-identity",
                Role.TRAINING,
                Hardware.cpus(4, Bytes.gib(8)),
                4,
                new Endpoints("127.0.0.1", 1, 8767, 8771)));
        Result added = run("voter", "add", "gpu1");
        assertThat(added.exit()).isZero();
        assertThat(added.out()).startsWith("gpu1 will vote; `muster voter list` shows when it does: 4 voters");
        assertThat(added.err())
                .contains("muster: 4 voters survive the loss of 1, as 3 would")
                .contains("muster: gpu1 is on the same host as the voter n1")
                .contains("muster: gpu1 is heard, but cannot be dialled from here at 127.0.0.1:1");
        assertThat(run("voter", "add", "nobody").exit()).isEqualTo(Exit.NOT_FOUND);
    }

    @Test
    void aSecondChangeWaitsForTheFirstAndSaysSo() {
        run("voter", "add", "gpu1");
        assertThat(run("voter", "remove", "n2", "--dry-run").out())
                .contains("it waits until the change of gpu1 is done");
    }

    @Test
    void removingIsRefusedWhereTheOthersAliveWouldBeNoMajority() {
        member.votersUp = Optional.of(List.of(new NodeId("n1"), new NodeId("n2")));
        eventually("never heard from", "voter", "list");
        Result refused = run("voter", "remove", "n1", "--yes");
        assertThat(refused.exit()).isEqualTo(Exit.of("UNSAFE"));
        assertThat(refused.err())
                .contains("without n1 the voters are [n2, n3], of which 2 have to be alive, but only 1 is")
                .contains("start the agents of [n3]");
        assertThat(member.state().fleet().wanted()).hasSize(3);
        Result removed = run("voter", "remove", "n3", "--yes");
        assertThat(removed.out())
                .contains("n3 will vote no more: 2 voters, of which 2 must be alive and 2 are; the cluster survives the"
                        + " loss of 0");
    }

    /// 31 nodes, five voters, two of them up: one was never set up, two cannot be reached.
    @Test
    void withTwoOfFiveVotersTheDoctorNamesTheMissingOnesAndWhatRestoresTheQuorum() {
        for (int i = 4; i <= 30; i++) member.order(join("w" + i));
        member.votes("n1", "n2", "n3", "w4", "never");
        assertThat(member.state().fleet().nodes().size()).isEqualTo(31);
        member.readOnly = Optional.of("2 of 5 voters answer, 3 are needed; running jobs go on");
        member.votersUp = Optional.of(List.of(new NodeId("n1"), new NodeId("n3")));
        member.soft = Optional.empty();

        String out = eventually("2 of 5", "doctor");
        assertThat(out)
                .contains("fail  quorum: read-only: 2 of 5 voters answer, 3 are needed; running jobs go on\n")
                .contains(
                        "start the agents of 1 of n2, never, w4: 3 of 5 voters are a majority, and nothing else restores"
                                + " it")
                .contains("fail  never: never heard from, says n1\n")
                .contains("no node of that name has ever joined: was its agent ever set up and started there?")
                .contains("fail  n2: not heard from for 12s, says n1\n")
                .contains("fail  w4: never heard from, says n1\n");
        assertThat(run("doctor").exit()).isEqualTo(Exit.NOT_HEALTHY);
        assertThat(run("voter", "list").out())
                .startsWith("NO QUORUM: 2 of 5 voters alive, 3 needed")
                .contains("no node of that name has ever joined: set it up and start its agent");
    }

    private Command.JoinNode join(String name) {
        Hardware hardware = Hardware.cpus(4, Bytes.gib(8));
        return new Command.JoinNode(
                new NodeId(name),
                name + "-identity",
                Role.MIXED,
                hardware,
                4,
                new Endpoints(name + ".lan", 8770, 8767, 8771));
    }
}
