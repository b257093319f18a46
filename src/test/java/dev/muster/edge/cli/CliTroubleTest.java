package dev.muster.edge.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.core.plan.Soft;
import dev.muster.core.plan.Wait;
import dev.muster.core.state.Desired;
import dev.muster.core.state.NodeId;
import java.io.IOException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

/// What the command line says when something is wrong: with what was written, or with the cluster.
class CliTroubleTest extends CliHarness {
    @Test
    void aNodeThatKeepsSilentIsSkippedForTheNextOne() throws IOException {
        try (ServerSocket silent = new ServerSocket(0)) {
            String frozen = "127.0.0.1:" + silent.getLocalPort();
            env.put("MUSTER_NODE", frozen + "," + env.get("MUSTER_NODE"));
            assertThat(run("status", "--timeout", "900ms").exit()).isEqualTo(Exit.DONE);
            assertThat(run("node", "drain", "n2", "--timeout", "900ms").exit()).isEqualTo(Exit.DONE);
            assertThat(member.state().fleet().nodes().require(new NodeId("n2")).desired())
                    .isEqualTo(Desired.DRAINING);
        }
    }

    @Test
    void anOrderWhoseFateIsUnknownHasAnExitCodeOfItsOwn() throws IOException {
        try (ServerSocket silent = new ServerSocket(0)) {
            env.put("MUSTER_NODE", "127.0.0.1:" + silent.getLocalPort());
            Result result = run("node", "drain", "n2", "--timeout", "100ms");
            assertThat(result.exit()).isEqualTo(Exit.UNKNOWN);
            assertThat(result.err()).contains("give the same command with --request-id");
        }
    }

    @Test
    void anUnknownOptionWithoutACommandIsNamed() {
        for (String option : List.of("--bogus", "-x")) {
            Result result = run(option);
            assertThat(result.exit()).isEqualTo(Exit.USAGE);
            assertThat(result.err()).startsWith("muster: unknown option " + option);
            assertThat(result.out()).isEmpty();
        }
    }

    @Test
    void watchingWithoutAPauseIsRefused() {
        for (String time : List.of("0", "0s", "10ms")) {
            Result result = run("status", "--watch=" + time);
            assertThat(result.exit()).isEqualTo(Exit.USAGE);
            assertThat(result.err()).contains("--watch: expected 1s or more, but found \"" + time + "\"");
        }
    }

    @Test
    void aWordThatIsNoAddressIsRefusedAsANode() {
        env.put("MUSTER_NODE", "banana");
        Result result = run("status");
        assertThat(result.exit()).isEqualTo(Exit.USAGE);
        assertThat(result.err())
                .contains("expected MUSTER_NODE to be a node's API, as in http://banana:8770, but found \"banana\"");
    }

    @Test
    void aContextThatIsMissingMattersOnlyWhereItIsNeeded() {
        env.put("MUSTER_CONTEXT", folder.resolve("none.json").toString());
        assertThat(run("status").exit()).isEqualTo(Exit.DONE);
        env.remove("MUSTER_NODE");
        assertThat(run("status").err()).contains("there is no such file").contains("MUSTER_CONTEXT names it; unset it");
    }

    @Test
    void aTokenFileThatIsMissingIsNamedWithoutTheProgramsOwnWords() {
        env.remove("MUSTER_TOKEN");
        env.put("MUSTER_TOKEN_FILE", folder.resolve("none").toString());
        assertThat(run("node", "list").err())
                .contains("but there is no such file")
                .doesNotContain("Exception");
    }

    @Test
    void aKeyThatIsStillLearnedHasNoHistoryYet() throws IOException {
        assertThat(run("model", "history", "hex8_2p").exit()).isEqualTo(Exit.NOT_FOUND);
        startLoop();
        Result result = run("model", "history", "hex8_2p");
        assertThat(result.exit()).as(result.err()).isEqualTo(Exit.DONE);
        assertThat(result.out()).isEqualTo("no model of hex8_2p has been promoted yet\n");
    }

    @Test
    void statusAndTheListOfLoopsSayTheSameOfWhatALoopWaitsFor() throws IOException {
        startLoop();
        Wait wait = new Wait("hex8_2p", Wait.Reason.values()[0], "a second copy of the candidate");
        member.waits = Optional.of(List.of(wait));
        assertThat(run("loop", "list").out()).contains("a second copy of the candidate");
        assertThat(eventually(() -> run("status"), found -> found.out().contains("a second copy"))
                        .out())
                .contains("a second copy of the candidate");
    }

    private void startLoop() throws IOException {
        Path file = Files.writeString(folder.resolve("loop.yaml"), """
                config: hex8_2p
                selfplay: {command: [play], outputs: [games.jsonl]}
                training: {command: [train], outputs: [model.bin]}
                evaluation: {command: [evaluate], matches: matches.json}
                """);
        run("loop", "start", "-f", file.toString());
    }

    @Test
    void anEventThatThereIsNotIsAnsweredWithThoseThereAre() {
        Result result = run("events", "--type", "NODE_JOINT");
        assertThat(result.exit()).isEqualTo(Exit.USAGE);
        assertThat(result.err()).contains("did you mean NODE_JOINED?").contains("TRAINING_STARTED");
        assertThat(run("events", "--type", "node_*,TRAINING_FAILED").exit()).isEqualTo(Exit.DONE);
    }

    @Test
    void aSilentNodeThatIsToVoteIsWarnedOf() {
        assertThat(run("voter", "add", "gpu1", "--dry-run").err()).doesNotContain("is not heard");
        member.now = member.now.plusSeconds(60);
        member.soft = Optional.of(Soft.leadingSince(member.now.minusSeconds(60)));
        Result result = eventually(
                () -> run("voter", "add", "gpu1", "--json"),
                found -> found.err().contains("is not heard"));
        assertThat(result.exit()).isEqualTo(Exit.DONE);
        assertThat(result.err()).startsWith("muster: gpu1 is not heard, and counts for the majority");
        assertThat(result.out()).contains("\"gpu1 is not heard");
    }

    @Test
    void aNodeWhoseDiskIsFullIsNotShownAsReadyAlone() {
        for (long free : List.of(100L << 20, 1L << 20)) {
            Soft.Telemetry load = new Soft.Telemetry(0.1, 0.1, 0.99, free, Double.NaN, Double.NaN, 1);
            member.soft = Optional.of(member.allHeard()
                    .withHeard(
                            new NodeId("n2"),
                            new Soft.Heard(member.now, member.state().revision(), Set.of(), load)));
            String word = free > 64L << 20 ? "ready,short of disk" : "ready,disk full";
            for (String list : List.of("node", "status")) {
                String[] words = list.equals("node") ? new String[] {"node", "list"} : new String[] {"status"};
                assertThat(eventually(() -> run(words), found -> found.out().contains(word))
                                .out())
                        .containsOnlyOnce(word);
            }
        }
    }

    /// The server looks again every now and then.
    private static Result eventually(Supplier<Result> asked, Predicate<Result> wanted) {
        long giveUpAt = System.nanoTime() + 10_000_000_000L;
        Result result = asked.get();
        while (!wanted.test(result) && System.nanoTime() < giveUpAt) result = asked.get();
        return result;
    }
}
