package dev.muster.core.check;

import static dev.muster.core.Orders.n;
import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.core.state.FixKind;
import dev.muster.core.state.NodeId;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

class RoundsTest {
    private static final Instant NOW = Instant.parse("2026-01-01T00:00:10Z");
    private static final Check WELL = new Check(Probe.DISK, Grade.OK, "disk: 450GB free");

    private final List<Rounds.Seen> seen = new ArrayList<>();
    private final TreeSet<NodeId> asked = new TreeSet<>();

    private void node(String name, boolean dialable, List<Report.Unreached> unreached, Check... checks) {
        List<NodeId> others = List.of("n1", "n2", "n3", "n4").stream()
                .filter(other -> !other.equals(name))
                .map(NodeId::new)
                .toList();
        Report report = new Report(List.of(checks), others, unreached, dialable, false, 0);
        seen.add(new Rounds.Seen(n(name), Optional.empty(), Optional.of(report), NOW.minusSeconds(4)));
        asked.add(n(name));
    }

    private void well(String name, Report.Unreached... unreached) {
        node(name, true, List.of(unreached), WELL);
    }

    private void away(String name, String why) {
        seen.add(new Rounds.Seen(n(name), Optional.of(why), Optional.empty(), NOW));
        asked.add(n(name));
    }

    private static Report.Unreached files(String node) {
        return new Report.Unreached(n(node), "artifacts", 8767, "timed out");
    }

    private Rounds rounds() {
        return Rounds.of(seen, asked, NOW);
    }

    private static Rounds.Verdict of(Rounds rounds, String node) {
        return rounds.nodes().stream()
                .filter(one -> one.node().equals(n(node)))
                .findFirst()
                .orElseThrow();
    }

    @Test
    void theWorstComesLast() {
        away("n1", "silent for 40s");
        well("n3");
        node("n2", true, List.of(), new Check(Probe.DISK, Grade.WARN, "disk: 50GB free (low!)"));
        Rounds rounds = rounds();
        assertThat(rounds.nodes()).extracting(Rounds.Verdict::node).containsExactly(n("n3"), n("n2"), n("n1"));
        assertThat(rounds.nodes()).extracting(Rounds.Verdict::grade).containsExactly(Grade.OK, Grade.WARN, Grade.FAIL);
        assertThat(rounds.grade()).isEqualTo(Grade.FAIL);
        assertThat(of(rounds, "n3").ageSeconds()).contains(4.0);
    }

    @Test
    void aNodeThatToldNothingIsNotWell() {
        seen.add(new Rounds.Seen(n("n1"), Optional.empty(), Optional.empty(), NOW));
        asked.add(n("n1"));
        assertThat(rounds().grade()).isEqualTo(Grade.UNKNOWN);
    }

    @Test
    void whatASilentNodeOnceSaidIsNotToldAsIfItWereNow() {
        Report old = new Report(List.of(WELL), List.of(), List.of(), true, false, 0);
        seen.add(new Rounds.Seen(n("n1"), Optional.of("silent for 40s"), Optional.of(old), NOW.minusSeconds(50)));
        asked.add(n("n1"));
        assertThat(of(rounds(), "n1").checks())
                .containsExactly(new Check(Probe.REACHABLE, Grade.FAIL, "silent for 40s"));
    }

    @Test
    void oneConnectionThatFailsIsALineAndAWarning() {
        well("n1", files("n2"));
        well("n2");
        well("n3");
        Rounds rounds = rounds();
        assertThat(rounds.gaps())
                .containsExactly(new Rounds.Gap(List.of(n("n1")), n("n2"), "artifacts", 8767, "timed out"));
        assertThat(rounds.nodes()).extracting(Rounds.Verdict::grade).containsOnly(Grade.OK);
        assertThat(rounds.grade()).isEqualTo(Grade.WARN);
    }

    @Test
    void aNodeThatNobodyReachesIsOneLineAndItsOwnTrouble() {
        well("n1", files("n3"));
        well("n2", files("n3"));
        well("n3");
        Rounds rounds = rounds();
        assertThat(rounds.gaps()).hasSize(1);
        assertThat(rounds.gaps().getFirst().from()).containsExactly(n("n1"), n("n2"));
        assertThat(of(rounds, "n3").grade()).isEqualTo(Grade.WARN);
        assertThat(of(rounds, "n3").checks().getLast().text()).contains("nobody reaches its port 8767 (timed out)");
        assertThat(of(rounds, "n1").grade()).isEqualTo(Grade.OK);
    }

    @Test
    void aNodeBehindNatIsNotToBeReachedAndASilentOneCannotBe() {
        well("n1", files("n2"), files("n3"));
        node("n2", false, List.of(), WELL);
        away("n3", "silent for 40s");
        Rounds rounds = rounds();
        assertThat(rounds.gaps()).isEmpty();
        assertThat(of(rounds, "n2").checks().getLast().text()).isEqualTo("dials out only");
    }

    @Test
    void onlyWhoWasAskedForIsTold() {
        well("n1", files("n2"));
        well("n2");
        node("n3", true, List.of(), new Check(Probe.DISK, Grade.FAIL, "disk: 0MB free"));
        asked.clear();
        asked.add(n("n2"));
        Rounds rounds = rounds();
        assertThat(rounds.nodes()).extracting(Rounds.Verdict::node).containsExactly(n("n2"));
        assertThat(rounds.gaps()).hasSize(1);
        assertThat(rounds.grade()).isEqualTo(Grade.WARN);
    }

    // ---- fixes

    private static List<FixKind> plan(boolean installs, Check... checks) {
        Report report = new Report(List.of(checks), List.of(), List.of(), true, installs, 0);
        return Fixes.plan(report).stream().map(Fixes.Planned::kind).toList();
    }

    @Test
    void eachTroubleHasAtMostOneFixAndEachFixIsPlannedOnce() {
        Check links = new Check(Probe.MODELS, Grade.FAIL, "models: …");
        Check disk = new Check(Probe.DISK, Grade.WARN, "disk: …");
        Check inodes = new Check(Probe.INODES, Grade.FAIL, "inodes: …");
        Check torch = new Check(Probe.PYTORCH, Grade.FAIL, "pytorch missing");
        assertThat(plan(true, inodes, disk, links)).containsExactly(FixKind.RELINK, FixKind.COLLECT);
        assertThat(plan(false, torch)).isEmpty();
        assertThat(plan(true, torch)).containsExactly(FixKind.INSTALL);
        assertThat(plan(true, WELL)).isEmpty();
        assertThat(plan(true, new Check(Probe.DISK, Grade.UNKNOWN, "disk unknown: …")))
                .isEmpty();
        // A clock that follows a time server and is off all the same is a person's.
        assertThat(plan(true, new Check(Probe.CLOCK, Grade.FAIL, "clock …"))).isEmpty();
        assertThat(plan(true, new Check(Probe.CLOCK_SYNC, Grade.WARN, "clock …")))
                .containsExactly(FixKind.SYNC_CLOCK);
    }
}
