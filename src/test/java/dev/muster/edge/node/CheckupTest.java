package dev.muster.edge.node;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.core.check.Check;
import dev.muster.core.check.Grade;
import dev.muster.core.check.Probe;
import dev.muster.core.check.Rounds;
import dev.muster.core.state.Command;
import dev.muster.core.state.Event;
import dev.muster.core.state.Fix;
import dev.muster.core.state.FixKind;
import dev.muster.core.state.NodeId;
import dev.muster.edge.config.CheckSettings;
import dev.muster.edge.node.PeerService.CheckDepth;
import dev.muster.edge.node.PeerService.CheckRequest;
import dev.muster.edge.node.PeerService.CheckRounds;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Real nodes that look at themselves and at each other.
@Tag("slow")
class CheckupTest {
    @TempDir
    Path base;

    private static CheckRounds rounds(NodeRuntime asked, CheckDepth depth, String... nodes) {
        return asked.checks(
                new CheckRequest(List.of(nodes).stream().map(NodeId::new).toList(), depth));
    }

    private static Rounds.Verdict of(Rounds rounds, String node) {
        return rounds.nodes().stream()
                .filter(one -> one.node().name().equals(node))
                .findFirst()
                .orElseThrow();
    }

    private static Optional<Check> check(Rounds rounds, String node, Probe probe) {
        return of(rounds, node).checks().stream()
                .filter(one -> one.probe() == probe)
                .findFirst();
    }

    private static long fixesEnded(NodeRuntime node) {
        return node.state().fleet().fixes().values().stream()
                .filter(fix -> !fix.open())
                .count();
    }

    @Test
    void anyNodeTellsOfAllWhatWasMeasuredJustNow() throws Exception {
        try (Cluster cluster = new Cluster(base, 3)) {
            cluster.startAll("v1", "v2", "v3", "w1");
            long start = System.nanoTime();
            CheckRounds told = rounds(cluster.node("w1"), CheckDepth.FRESH);
            Duration took = Duration.ofNanos(System.nanoTime() - start);

            assertThat(told.led()).isTrue();
            assertThat(told.rounds().nodes()).hasSize(4);
            assertThat(took).isLessThan(Duration.ofSeconds(5));
            for (Rounds.Verdict node : told.rounds().nodes()) {
                assertThat(node.ageSeconds().orElseThrow()).isLessThan(5);
                assertThat(node.checks()).extracting(Check::probe).contains(Probe.DISK, Probe.MEMORY, Probe.CLOCK);
            }
            Eventually.await(
                    "each to have dialled the others",
                    Cluster.PATIENCE,
                    () -> rounds(cluster.node("w1"), CheckDepth.LATEST).rounds().nodes().stream()
                            .allMatch(node -> node.checks().stream()
                                    .anyMatch(one -> one.text().equals("dialled by 3 nodes"))));
            Rounds latest = rounds(cluster.node("w1"), CheckDepth.FRESH).rounds();
            assertThat(latest.gaps()).isEmpty();
            assertThat(check(latest, "w1", Probe.CLOCK).orElseThrow().grade()).isEqualTo(Grade.OK);
            assertThat(rounds(cluster.node("w1"), CheckDepth.FRESH, "v2")
                            .rounds()
                            .nodes())
                    .extracting(node -> node.node().name())
                    .containsExactly("v2");
        }
    }

    @Test
    void aNodeThatNobodyCanDialIsAskedByItsHeartbeatAndNamed() throws Exception {
        try (Cluster cluster = new Cluster(base, 1)) {
            cluster.startAll("v1");
            cluster.advertise = "127.0.0.77";
            cluster.start("w1");
            NodeRuntime voter = cluster.node("v1");
            Eventually.await(
                    "w1 to have joined",
                    Cluster.PATIENCE,
                    () -> voter.state().fleet().nodes().has(new NodeId("w1")));
            Eventually.await(
                    "a fresh report of w1",
                    Cluster.PATIENCE,
                    () -> of(rounds(voter, CheckDepth.FRESH).rounds(), "w1")
                            .ageSeconds()
                            .filter(age -> age < 3)
                            .isPresent());
            Eventually.await(
                    "gaps to w1",
                    Cluster.PATIENCE,
                    () -> rounds(voter, CheckDepth.FRESH).rounds().gaps().stream()
                            .anyMatch(gap -> gap.to().name().equals("w1")
                                    && gap.what().equals("api")
                                    && gap.why().equals("refused")));
            assertThat(rounds(voter, CheckDepth.LATEST).rounds().gaps())
                    .allMatch(gap -> gap.to().name().equals("w1"));
        }
    }

    @Test
    void whatIsMissingIsInstalledOnceAndThenTheCheckPasses() throws Exception {
        Path marker = base.resolve("installed");
        Path python = script("python", """
                #!/bin/sh
                echo muster:python=3.11.4
                if [ -e '%s' ]; then echo muster:torch=2.3.0; echo muster:cuda=0
                else echo "muster:failure=No module named 'torch'"; fi
                """.formatted(marker));
        try (Cluster cluster = new Cluster(base, 1)) {
            cluster.checks = new CheckSettings(
                    Optional.of(python), List.of(), List.of("sh", "-c", "echo collected >> '" + marker + "'"), 0);
            cluster.startAll("v1");
            NodeRuntime node = cluster.node("v1");
            Rounds before = rounds(node, CheckDepth.DEEP).rounds();
            assertThat(check(before, "v1", Probe.PYTORCH).orElseThrow().text())
                    .isEqualTo("pytorch missing: No module named 'torch'");
            assertThat(of(before, "v1").fixes()).extracting(fix -> fix.kind()).contains(FixKind.INSTALL);

            Command order = new Command.OrderFix(new NodeId("v1"), FixKind.INSTALL);
            assertThat(node.submit(Cluster.order(order), Duration.ofSeconds(10)))
                    .isInstanceOf(Member.Answer.Done.class);
            Eventually.await("the end of the fix", Cluster.PATIENCE, () -> fixesEnded(node) == 1);

            Fix fix = node.state().fleet().fixes().values().iterator().next();
            assertThat(fix.ended().orElseThrow().done())
                    .as(fix.ended().orElseThrow().note())
                    .isTrue();
            assertThat(check(rounds(node, CheckDepth.FRESH).rounds(), "v1", Probe.PYTORCH)
                            .orElseThrow()
                            .text())
                    .isEqualTo("pytorch_ok");
            assertThat(Files.readAllLines(marker)).containsExactly("collected");
            Eventually.await(
                    "an empty journal",
                    Cluster.PATIENCE,
                    () -> cluster.data("v1").resolve("fixes").toFile().list().length == 0);
        }
    }

    @Test
    void anAgentThatIsStoppedInTheMiddleOfAFixDoesNotDoItAgain() throws Exception {
        Path log = base.resolve("log");
        Path python = script("python", "#!/bin/sh\necho muster:python=3.11.4\necho muster:failure=none\n");
        try (Cluster cluster = new Cluster(base, 1)) {
            cluster.checks = new CheckSettings(
                    Optional.of(python), List.of(), List.of("sh", "-c", "echo begun >> '" + log + "'; sleep 600"), 0);
            cluster.startAll("v1");
            Command order = new Command.OrderFix(new NodeId("v1"), FixKind.INSTALL);
            cluster.node("v1").submit(Cluster.order(order), Duration.ofSeconds(10));
            Eventually.await("the fix to begin", Cluster.PATIENCE, () -> Files.exists(log));
            cluster.stop("v1");

            NodeRuntime again = cluster.start("v1");
            Eventually.await("the end of the fix", Cluster.PATIENCE, () -> fixesEnded(again) == 1);
            Fix fix = again.state().fleet().fixes().values().iterator().next();
            assertThat(fix.ended().orElseThrow().done()).isFalse();
            assertThat(fix.ended().orElseThrow().note()).contains("restarted meanwhile; still: pytorch missing");
            assertThat(Files.readAllLines(log)).containsExactly("begun");
            assertThat(again.state().journal().recent().values())
                    .anyMatch(entry -> entry.event() instanceof Event.FixFailed);
        }
    }

    @Test
    void withoutALeaderTheAskedNodeAsksTheOthersItself() throws Exception {
        try (Cluster cluster = new Cluster(base, 3)) {
            cluster.startAll("v1", "v2", "v3", "w1");
            cluster.stop("v1");
            cluster.stop("v2");
            NodeRuntime worker = cluster.node("w1");
            Eventually.await(
                    "nobody to lead",
                    Cluster.PATIENCE,
                    () -> !rounds(worker, CheckDepth.LATEST).led());
            CheckRounds told = rounds(worker, CheckDepth.FRESH);
            assertThat(told.by().name()).isEqualTo("w1");
            assertThat(of(told.rounds(), "v1").grade()).isEqualTo(Grade.FAIL);
            assertThat(of(told.rounds(), "v1").checks().getFirst().text()).startsWith("unreachable from w1");
            assertThat(check(told.rounds(), "v3", Probe.DISK)).isPresent();
            assertThat(check(told.rounds(), "w1", Probe.DISK)).isPresent();
        }
    }

    private Path script(String name, String text) throws Exception {
        Path file = base.resolve(name);
        Files.writeString(file, text);
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
        return file;
    }
}
