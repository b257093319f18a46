package dev.muster.edge.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.core.check.Check;
import dev.muster.core.check.Fixes;
import dev.muster.core.check.Grade;
import dev.muster.core.check.Probe;
import dev.muster.core.check.Rounds;
import dev.muster.core.state.Command;
import dev.muster.core.state.Fix;
import dev.muster.core.state.FixKind;
import dev.muster.core.state.NodeId;
import dev.muster.edge.node.PeerService.CheckDepth;
import dev.muster.edge.view.Doc;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/// `muster node check`.
class CliCheckTest extends CliHarness {
    private static final Check REACHABLE = new Check(Probe.REACHABLE, Grade.OK, "reachable");
    private static final Check TORCH = new Check(Probe.PYTORCH, Grade.OK, "pytorch_ok");
    private static final Check CUDA = new Check(Probe.CUDA, Grade.OK, "cuda_available (1 GPU)");
    private static final Check DISK = new Check(Probe.DISK, Grade.OK, "disk: 450GB free");
    private static final Check LOW = new Check(Probe.DISK, Grade.WARN, "disk: 50GB free (low!)");
    private static final Check CLOCK = new Check(Probe.CLOCK, Grade.OK, "clock within 3 ms");
    private static final Check GONE =
            new Check(Probe.REACHABLE, Grade.FAIL, "unreachable (silent for 40s, last heard 2026-03-01T11:59:20Z)");
    private static final Check LINKS = new Check(Probe.MODELS, Grade.FAIL, "models: hex8_2p is not in place");
    private static final Rounds.Verdict WELL = verdict("n1", REACHABLE, TORCH, CUDA, DISK, CLOCK);
    private static final Rounds.Gap GAP =
            new Rounds.Gap(List.of(new NodeId("n1")), new NodeId("n2"), "artifacts", 8767, "timed out");

    private static Rounds.Verdict verdict(String node, Check... checks) {
        Grade worst = Grade.OK;
        for (Check check : checks) worst = worst.worse(check.grade());
        List<Fixes.Planned> fixes =
                List.of(checks).contains(LINKS) ? List.of(new Fixes.Planned(FixKind.RELINK, LINKS)) : List.of();
        return new Rounds.Verdict(new NodeId(node), worst, Optional.of(2.0), List.of(checks), fixes);
    }

    private void told(Rounds.Verdict... nodes) {
        member.rounds = new Rounds(List.of(nodes), List.of());
    }

    @Test
    void itSpeaksTheRunbooksWordsWithTheWorstLast() {
        member.rounds = new Rounds(
                List.of(WELL, verdict("n2", REACHABLE, TORCH, CUDA, LOW, CLOCK), verdict("n3", GONE)), List.of(GAP));
        Result result = run("node", "check");
        assertThat(result.out()).isEqualTo("""
                ✅ n1: reachable, pytorch_ok, cuda_available (1 GPU), disk: 450GB free
                ⚠️ n2: reachable, pytorch_ok, cuda_available (1 GPU), disk: 50GB free (low!)
                ❌ n3: unreachable (silent for 40s, last heard 2026-03-01T11:59:20Z)

                n1 cannot reach n2:8767 (timed out)

                3 nodes: 1 well, 1 with warnings, 1 not healthy; 1 network problem
                """);
        assertThat(result.exit()).isEqualTo(Exit.NOT_HEALTHY);
        assertThat(member.asked.getFirst().depth()).isEqualTo(CheckDepth.FRESH);
    }

    @Test
    void theExitCodeTellsHowBadItIs() {
        told(WELL);
        assertThat(run("node", "check").exit()).isZero();
        told(WELL, verdict("n2", REACHABLE, LOW));
        assertThat(run("node", "check").exit()).isEqualTo(1);
        told(verdict("n2", REACHABLE, new Check(Probe.DISK, Grade.UNKNOWN, "disk unknown: …")));
        assertThat(run("node", "check").exit()).isEqualTo(1);
        member.rounds = new Rounds(List.of(WELL), List.of(GAP));
        assertThat(run("node", "check").exit()).isEqualTo(1);
        told(verdict("n3", GONE));
        assertThat(run("node", "check").exit()).isEqualTo(3);
    }

    @Test
    void whereTheTerminalHasNoSymbolsThereAreWords() {
        told(WELL, verdict("n3", GONE));
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        Shell ascii = new Shell(
                new PrintStream(out, true, StandardCharsets.US_ASCII),
                new PrintStream(new ByteArrayOutputStream(), true, StandardCharsets.UTF_8),
                System.in,
                env,
                () -> false,
                () -> member.now,
                time -> false,
                programs);
        new Cli(() -> "1.2.3").run(new String[] {"node", "check"}, ascii);
        assertThat(out.toString(StandardCharsets.US_ASCII))
                .startsWith("OK   n1: reachable")
                .contains("FAIL n3: ");
    }

    @Test
    void wideTellsEveryCheckAndJsonIsWhatTheApiSays() {
        told(WELL);
        assertThat(run("node", "check", "-o", "wide").out()).contains("✅ n1: 2s ago\n", "    ✅ clock within 3 ms\n");
        Doc json = Doc.json(run("node", "check", "--json").out().getBytes(StandardCharsets.UTF_8));
        assertThat(json.get("rounds").list("nodes").getFirst().text("node")).isEqualTo("n1");
        assertThat(json.flag("led")).isTrue();
        told(WELL, verdict("n3", GONE));
        assertThat(run("node", "check", "-o", "name").out()).isEqualTo("n3\n");
    }

    @Test
    void nodesAndDepthAreAskedForAndAnUnknownNodeIsNotThere() {
        told(WELL);
        run("node", "check", "n2", "n1", "--deep");
        assertThat(member.asked.getFirst().nodes()).containsExactly(new NodeId("n1"), new NodeId("n2"));
        assertThat(member.asked.getFirst().depth()).isEqualTo(CheckDepth.DEEP);
        run("node", "check", "--cached");
        assertThat(member.asked.getLast().depth()).isEqualTo(CheckDepth.LATEST);
        assertThat(run("node", "check", "n9").exit()).isEqualTo(Exit.NOT_FOUND);
        assertThat(run("node", "check", "--deep", "--cached").exit()).isEqualTo(Exit.USAGE);
        assertThat(run("node", "check", "--yes").exit()).isEqualTo(Exit.USAGE);
    }

    @Test
    void withoutALeaderItSaysWhoAsked() {
        told(WELL);
        member.readOnly = Optional.of("1 of 3 voters answer, 2 are needed");
        assertThat(run("node", "check").err()).contains("no leader; n1 asked each node itself");
    }

    // ---- fixes

    private Fix newestFix() {
        return member.state().fleet().fixes().values().stream()
                .reduce((one, other) -> other)
                .orElseThrow();
    }

    @Test
    void aFixIsPlannedAskedForOrderedAwaitedAndLookedAtAgain() {
        told(verdict("n2", REACHABLE, LINKS));
        assertThat(run("node", "check", "--fix", "--dry-run").out())
                .contains("  n2: relink, because of: models: hex8_2p is not in place");
        assertThat(run("node", "check", "--fix").exit()).isEqualTo(Exit.USAGE);
        assertThat(member.state().fleet().fixes().isEmpty()).isTrue();

        atPause = times -> {
            if (times != 1) return;
            member.order(new Command.FinishFix(new NodeId("n2"), newestFix().token(), true, "link made"));
            told(verdict("n2", REACHABLE, DISK));
        };
        Result result = run("node", "check", "--fix", "--yes");
        assertThat(result.err()).contains("n2: relink done: link made");
        assertThat(result.out()).contains("✅ n2: reachable, disk: 450GB free");
        assertThat(result.exit()).isZero();
        assertThat(member.given.getLast().why()).isEqualTo("models: hex8_2p is not in place");
    }

    @Test
    void whatTheLimitsRefuseIsSaidAndTheRestGoesOn() {
        member.order(new Command.OrderFix(new NodeId("n2"), FixKind.RELINK));
        told(verdict("n2", REACHABLE, LINKS), verdict("n3", REACHABLE, LINKS));
        atPause = times -> {
            if (times == 0)
                member.order(new Command.FinishFix(new NodeId("n3"), newestFix().token(), false, "no"));
        };
        Result result = run("node", "check", "--fix", "--yes");
        assertThat(result.err())
                .contains("n2: relink was not ordered: relink of n2 was ordered 0s ago and is not done yet")
                .contains("n3: relink failed: no");
        assertThat(result.exit()).isEqualTo(Exit.NOT_HEALTHY);
    }

    @Test
    void whereNothingCanBePutRightNothingIsAsked() {
        told(WELL);
        Result result = run("node", "check", "--fix");
        assertThat(result.exit()).isZero();
        assertThat(result.err()).contains("nothing to put right");
        told(verdict("n3", GONE));
        assertThat(run("node", "check", "--fix").err()).contains("nothing that can be put right from here");
    }

    // ---- a file of hosts

    @Test
    void hostsOfTheFileThatAreNotInTheClusterAreNamed() throws Exception {
        Path file = Files.writeString(folder.resolve("hosts.yaml"), """
                hosts:
                  n1: {ssh_host: 198.51.100.1, gpu: RTX 4090, role: gpu_selfplay, status: ready}
                  lost: {ssh_host: 198.51.100.2, role: cpu_selfplay, status: ready}
                  away: {ssh_host: 198.51.100.3, role: cpu_selfplay, status: offline}
                """);
        told(verdict("n1", REACHABLE, DISK));
        Result result = run("node", "check", "--file", file.toString());
        assertThat(result.out())
                .contains("❌ lost: not in the cluster")
                .contains("❌ n1: reachable, disk: 450GB free, cuda: joined with 0, the file says 1")
                .doesNotContain("away");
        assertThat(result.exit()).isEqualTo(Exit.NOT_HEALTHY);
        assertThat(run("node", "check", "away", "--file", file.toString()).out())
                .contains("❌ away: not in the cluster")
                .doesNotContain("n1");
        assertThat(run("node", "check", "nobody", "--file", file.toString()).exit())
                .isEqualTo(Exit.NOT_FOUND);
    }
}
