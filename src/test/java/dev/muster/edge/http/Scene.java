package dev.muster.edge.http;

import dev.muster.core.gossip.Opinion;
import dev.muster.core.gossip.Profile;
import dev.muster.core.plan.Soft;
import dev.muster.core.plan.Wait;
import dev.muster.core.state.Attempt;
import dev.muster.core.state.AttemptId;
import dev.muster.core.state.Bytes;
import dev.muster.core.state.Command;
import dev.muster.core.state.ConfigKey;
import dev.muster.core.state.JobId;
import dev.muster.core.state.JobKind;
import dev.muster.core.state.JobSpec;
import dev.muster.core.state.Match;
import dev.muster.core.state.Node;
import dev.muster.core.state.NodeId;
import dev.muster.core.state.Resources;
import dev.muster.core.state.Sha256;
import dev.muster.core.state.Table;
import dev.muster.core.state.Transfer;
import dev.muster.edge.artifact.PutResult;
import dev.muster.edge.gossip.GossipPort;
import dev.muster.edge.swarm.Underway;
import dev.muster.edge.wire.Wire;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeMap;
import tools.jackson.databind.node.ObjectNode;

/// A cluster in which everything that views show happens: a loop in its second stage, a promoted model, jobs that run,
/// wait, failed and ended, a node that is silent and one that is drained.
final class Scene {
    static final ConfigKey HEX = new ConfigKey("hex8_2p");
    static final Sha256 FIRST = new Sha256("1f".repeat(32));
    static final Sha256 SECOND = new Sha256("2e".repeat(32));

    private Scene() {}

    static InMemoryMember make() {
        InMemoryMember member = InMemoryMember.ofFour();
        models(member);
        loop(member);
        jobs(member);
        member.order(new Command.DrainNode(new NodeId("n2")));
        member.now = member.now.plusSeconds(95);
        member.soft = Optional.of(heard(member));
        member.sightings = sightings(member);
        member.waits = Optional.of(List.of(
                new Wait("j3.0", Wait.Reason.NEVER_FITS, "needs 8 gpus on one node; the largest has 2"),
                new Wait("hex8_2p#1", Wait.Reason.STAGE, "SELFPLAY runs j2: 1 of 2 tasks ended")));
        member.lines = Optional.of(List.of("gpu1 has 2 gpus, needs 8", "n1 has 0 gpus, needs 8"));
        member.underway = Table.<Sha256, Underway>empty()
                .with(
                        SECOND,
                        new Underway(
                                3_100_000,
                                Table.<NodeId, Underway.Receiver>empty()
                                        .with(new NodeId("n2"), new Underway.Receiver(1_300_000, 600_000))));
        member.files.put(FIRST, "first".getBytes(StandardCharsets.UTF_8));
        return member;
    }

    /// Gossip finds three of them; one it does not.
    private static Map<NodeId, GossipPort.Seen> sightings(InMemoryMember member) {
        Map<NodeId, GossipPort.Seen> seen = new TreeMap<>();
        for (Node node : member.state().fleet().nodes().values()) {
            boolean found = !node.id().name().equals("n3");
            Profile profile =
                    new Profile(node.identity(), "test", node.role(), node.endpoints(), false, true, List.of());
            seen.put(
                    node.id(),
                    new GossipPort.Seen(
                            profile, found ? Opinion.ALIVE : Opinion.DEAD, member.now.minusSeconds(found ? 90 : 30)));
        }
        return seen;
    }

    private static Soft heard(InMemoryMember member) {
        Soft soft = member.soft.orElseThrow();
        Soft.Telemetry cpu = new Soft.Telemetry(0.913, 0.5, 0.42, 100L << 30, Double.NaN, Double.NaN, 3);
        Soft.Telemetry gpu = new Soft.Telemetry(0.2, 0.3, 0.88, 20L << 30, 0.97, 0.61, 9);
        String full = new PutResult.NoSpace(70_100_000, 66 << 20, -1).message();
        Soft.Heard last = soft.heard().require(new NodeId("n3"));
        Table<Sha256, String> awaited = Table.<Sha256, String>empty().with(SECOND, full);
        soft = soft.withHeard(
                new NodeId("n3"),
                new Soft.Heard(last.at(), last.revision(), last.attempts(), last.telemetry(), awaited));
        for (String node : List.of("n1", "n2")) {
            soft = soft.withHeard(
                    new NodeId(node),
                    new Soft.Heard(member.now.minusSeconds(1), member.state().revision(), Set.of(), cpu));
        }
        return soft.withHeard(
                new NodeId("gpu1"), new Soft.Heard(member.now, member.state().revision(), Set.of(), gpu));
    }

    private static void models(InMemoryMember member) {
        JobSpec made = Forms.job(json("{'name':'train','kind':'training','config':'hex8_2p','command':['train']}"));
        member.order(new Command.SubmitJob(made));
        AttemptId attempt = member.place("j1", 0, "gpu1");
        member.now = member.now.plusSeconds(5);
        member.start(attempt);
        member.now = member.now.plusSeconds(300);
        member.finish(
                attempt,
                new Attempt.Ending(
                        Attempt.Status.SUCCEEDED,
                        OptionalInt.of(0),
                        List.of(
                                new Attempt.Stored("first.bin", FIRST, 3_000_000),
                                new Attempt.Stored("second.bin", SECOND, 3_100_000)),
                        List.of(
                                new Match(FIRST.hex(), "random", 80, 0, 20),
                                new Match(SECOND.hex(), FIRST.hex(), 60, 10, 30)),
                        ""));
        member.order(new Command.PromoteModel(HEX, FIRST, Optional.empty(), 0));
        came(member, FIRST, "n1", new Transfer(3_000_000, 900, "swarm", 1));
        came(member, FIRST, "n2", new Transfer(3_000_000, 1_100, "swarm", 2));
        came(member, FIRST, "n3", new Transfer(640_000, 1_600, "http", 1));
        member.now = member.now.plusMillis(1_700);
        member.order(new Command.CompleteDistribution(HEX, FIRST));
        member.order(new Command.PromoteModel(HEX, SECOND, Optional.of(FIRST), 0));
        came(member, SECOND, "n1", new Transfer(3_100_000, 800, "swarm", 1));
    }

    private static void came(InMemoryMember member, Sha256 file, String node, Transfer how) {
        member.order(new Command.ConfirmReplica(file, new NodeId(node), Optional.of(how)));
    }

    private static void loop(InMemoryMember member) {
        member.order(new Command.StartLoop(Forms.loop(
                HEX,
                json("{'selfplay':{'command':['play',['--model','{current}']],"
                        + "'outputs':['games.jsonl'],'tasks':2},'training':{'command':['train'],'outputs':['m.bin']},"
                        + "'evaluation':{'command':['evaluate'],'matches':'m.json'},'generations_max':10}"))));
    }

    private static void jobs(InMemoryMember member) {
        JobSpec play = new JobSpec(
                "selfplay",
                JobKind.SELFPLAY,
                Optional.of(HEX),
                2,
                List.of("play", "--seed", "{seed} 7"),
                Map.of("A", "b"),
                new Resources(1500, Bytes.gib(1), 0, Bytes.ZERO),
                List.of(),
                List.of(new JobSpec.Output("games.jsonl", true)),
                Optional.empty(),
                50,
                3,
                JobSpec.GRACE_DEFAULT,
                Optional.empty(),
                Optional.empty());
        member.order(new Command.SubmitJob(play));
        AttemptId fails = member.place("j2", 0, "n1");
        member.start(fails);
        member.now = member.now.plusSeconds(10);
        member.finish(
                fails,
                new Attempt.Ending(Attempt.Status.FAILED, OptionalInt.of(9), List.of(), List.of(), "exit code 9"));
        AttemptId runs = member.place("j2", 1, "n2");
        member.start(runs);
        member.output.put(runs, "game 1 of 100\n".getBytes(StandardCharsets.UTF_8));
        member.order(new Command.SubmitJob(
                Forms.job(json("{'name':'big','kind':'training','command':['big'],'resources':{'gpus':8}}"))));
        member.order(new Command.SubmitJob(Forms.job(json("{'name':'mistake','command':['rm','-rf']}"))));
        member.order(new Command.StopJob(new JobId(4)));
    }

    private static ObjectNode json(String text) {
        return (ObjectNode) Wire.STRICT.readTree(text.replace('\'', '"'));
    }
}
