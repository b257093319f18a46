package dev.muster.edge.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.core.state.ArtifactKind;
import dev.muster.core.state.Command;
import dev.muster.core.state.ConfigKey;
import dev.muster.core.state.NodeId;
import dev.muster.core.state.Sha256;
import dev.muster.core.state.Table;
import dev.muster.core.state.Transfer;
import dev.muster.edge.http.InMemoryShelf;
import dev.muster.edge.node.Shelf;
import dev.muster.edge.swarm.Underway;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class CliArtifactTest extends CliHarness {
    private static final ConfigKey HEX = new ConfigKey("hex8_2p");
    private static final byte[] BYTES = "games".getBytes(StandardCharsets.UTF_8);
    private static final Sha256 SHA = InMemoryShelf.shaOf(BYTES);

    private Path file() throws Exception {
        return Files.write(folder.resolve("games.bin"), BYTES);
    }

    private void model(String... nodes) {
        for (String node : nodes)
            member.order(new Command.PutArtifact(
                    MODEL, 10, "m.pth", ArtifactKind.MODEL, Optional.of(HEX), new NodeId(node)));
        member.order(new Command.PromoteModel(HEX, MODEL, Optional.empty(), 0));
    }

    @Test
    void aFileIsPutListedShownAndFetchedAgain() throws Exception {
        Result put = run("artifact", "put", file().toString(), "--kind", "games", "--config", "hex8_2p");
        assertThat(put.err()).isEmpty();
        assertThat(put.exit()).isZero();
        assertThat(put.out()).startsWith("put games.bin as " + SHA);
        assertThat(run("artifact", "list").out())
                .contains(SHA.brief())
                .contains("games")
                .contains("1/2");
        assertThat(run("artifact", "show", SHA.hex().substring(0, 8)).out()).contains("put by hand");
        assertThat(run("artifact", "locations", SHA.brief()).out())
                .contains("n1")
                .contains("is to fetch it");

        Path out = folder.resolve("back");
        assertThat(run("artifact", "get", SHA.brief(), "-O", out.toString()).exit())
                .isZero();
        assertThat(out).hasBinaryContent(BYTES);
    }

    @Test
    void theNameThatSomebodyGaveAFileLeadsNowhereElse() {
        assertThat(ArtifactCommands.fileName("out/m.pth", "sha")).isEqualTo("m.pth");
        assertThat(ArtifactCommands.fileName("../../etc/passwd", "sha")).isEqualTo("passwd");
        for (String name : List.of("..", "a/..", "../", ".", "", "/", "a/", "m\0.pth", "a\nb"))
            assertThat(ArtifactCommands.fileName(name, "sha")).as(name).isEqualTo("sha");
    }

    @Test
    void whatIsFetchedDamagedIsNotKept() throws Exception {
        run("artifact", "put", file().toString());
        member.files.put(SHA, new byte[BYTES.length]);
        Path out = folder.resolve("back");
        Result got = run("artifact", "get", SHA.brief(), "-O", out.toString());
        assertThat(got.exit()).isEqualTo(Exit.ERROR);
        assertThat(got.err()).contains("expected " + SHA);
        try (var left = Files.list(folder)) {
            assertThat(left.map(path -> path.getFileName().toString())).noneMatch(name -> name.contains("back"));
        }
    }

    @Test
    void afterADamagedCopyItsNodeIsToldAndTheNextTryIsWhole() throws Exception {
        run("artifact", "put", file().toString());
        member.files.put(SHA, new byte[BYTES.length]);
        member.shelf.whole.put(SHA, BYTES);
        Path out = folder.resolve("back");
        Result got = run("artifact", "get", SHA.brief(), "-O", out.toString());
        assertThat(got.exit()).as(got.err()).isZero();
        assertThat(out).hasBinaryContent(BYTES);
    }

    @Test
    void aFileGoesToStandardOutputWithNothingAroundIt() throws Exception {
        run("artifact", "put", file().toString());
        for (String out : List.of("-O", "--out")) {
            Result got = run("artifact", "get", SHA.brief(), out, "-");
            assertThat(got.exit()).as(got.err()).isZero();
            assertThat(got.out()).isEqualTo(new String(BYTES, StandardCharsets.UTF_8));
        }
        assertThat(Path.of("-")).doesNotExist();
        member.files.put(SHA, new byte[BYTES.length]);
        Result wrong = run("artifact", "get", SHA.brief(), "-O", "-");
        assertThat(wrong.exit()).isEqualTo(Exit.ERROR);
        assertThat(wrong.err()).contains("expected " + SHA).contains("and was written");
    }

    @Test
    void whatALinkLeadsToIsWrittenAndAPipeStaysOne() throws Exception {
        run("artifact", "put", file().toString());
        Path target = Files.writeString(folder.resolve("target"), "before");
        Path link = Files.createSymbolicLink(folder.resolve("link"), target);
        assertThat(run("artifact", "get", SHA.brief(), "-O", link.toString()).exit())
                .isZero();
        assertThat(link).isSymbolicLink();
        assertThat(target).hasBinaryContent(BYTES);

        Path pipe = folder.resolve("pipe");
        assertThat(new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor())
                .isZero();
        CompletableFuture<byte[]> read = new CompletableFuture<>();
        Thread.ofPlatform().daemon().start(() -> {
            try {
                read.complete(Files.readAllBytes(pipe));
            } catch (IOException e) {
                read.completeExceptionally(e);
            }
        });
        Result got = run("artifact", "get", SHA.brief(), "-O", pipe.toString());
        assertThat(got.exit()).as(got.err()).isZero();
        assertThat(read.get(10, TimeUnit.SECONDS)).isEqualTo(BYTES);
        assertThat(Files.isRegularFile(pipe)).isFalse();
    }

    @Test
    void anEmptyFileComesBackEmpty() throws Exception {
        Path empty = Files.createFile(folder.resolve("empty"));
        assertThat(run("artifact", "put", empty.toString()).exit()).isZero();
        Path back = folder.resolve("back");

        Result got = run("artifact", "get", "e3b0c44298fc", "-O", back.toString());

        assertThat(got.exit()).as(got.err()).isZero();
        assertThat(back).isEmptyFile();
    }

    @Test
    void aDirectoryIsNotPutAndTheHintSaysHow() {
        Result put = run("artifact", "put", folder.toString());
        assertThat(put.exit()).isEqualTo(Exit.USAGE);
        assertThat(put.err())
                .contains("expected a file, but found a directory at " + folder)
                .contains("tar -cf");
    }

    @Test
    void aPrefixThatFitsSeveralFilesOrIsTooShortAsksForMoreDigits() {
        for (String end : List.of("0", "1")) {
            Sha256 sha = new Sha256("ab".repeat(31) + "c" + end);
            member.order(
                    new Command.PutArtifact(sha, 10, "m.bin", ArtifactKind.OTHER, Optional.empty(), new NodeId("n2")));
        }
        assertThat(run("artifact", "show", "abababab").err())
                .contains("expected one file that begins with abababab, but found 2")
                .contains("write more of its digits");
        assertThat(run("artifact", "show", "abab").err()).contains("write more of its digits");
        assertThat(run("artifact", "show", "ffffffff").err())
                .contains("but found 0")
                .contains("`muster artifact list`");
        assertThat(run("artifact", "show", "m.bin").err()).contains("`muster artifact list`");
    }

    @Test
    void allFilesAreVerifiedHoweverManyThereAre() {
        for (int file = 0; file < 1_003; file++) {
            Sha256 sha = new Sha256("%064x".formatted(file));
            member.order(
                    new Command.PutArtifact(sha, 10, "m.bin", ArtifactKind.OTHER, Optional.empty(), new NodeId("n2")));
        }
        Result all = run("artifact", "verify", "-o", "name");
        assertThat(all.exit()).isZero();
        assertThat(all.out().lines()).hasSize(1_003);
    }

    @Test
    void aNameThatIsNoConfigKeyIsToldWhatWasExpected() {
        for (String name : List.of("a/b", "", ".", "..", "a b", "a%2Fb", "a+b")) {
            for (String verb : List.of("show", "rollback", "history")) {
                Result no = run("model", verb, name);
                assertThat(no.exit()).as(name).isEqualTo(Exit.USAGE);
                assertThat(no.err())
                        .contains("expected a config key of 1 to 63 letters")
                        .contains("but found \"" + name + "\"");
            }
        }
    }

    @Test
    void aRefusedFileSaysWhy() throws Exception {
        member.shelf.refusal = Optional.of(new Shelf.Put.Refused("BROKEN", "m.pth is no whole model: cut off"));
        Result broken = run("artifact", "put", file().toString(), "--model");
        assertThat(broken.exit()).isEqualTo(Exit.REFUSED);
        assertThat(broken.err()).contains("cut off");
        member.shelf.refusal = Optional.of(new Shelf.Put.Refused("NO_SPACE", "disk full: expected more"));
        assertThat(run("artifact", "put", file().toString()).err()).contains("disk full");
        assertThat(run("artifact", "put", folder.resolve("none").toString()).exit())
                .isEqualTo(Exit.USAGE);
        assertThat(run("artifact", "put", file().toString(), "--kind", "gmaes").err())
                .contains("expected model, games, checkpoint or other");
        assertThat(run("artifact", "show", "ffffffff").exit()).isEqualTo(Exit.NOT_FOUND);
    }

    @Test
    void aModelThatIsNoWholeOneIsNotPromoted() {
        member.order(
                new Command.PutArtifact(MODEL, 10, "m.bin", ArtifactKind.OTHER, Optional.of(HEX), new NodeId("n2")));
        NodeId n2 = new NodeId("n2");
        member.shelf.checks.put(MODEL, Shelf.Copy.of(n2, MODEL, Shelf.State.BROKEN, 10, "CRC-32 differs"));
        Result no = run("model", "promote", "hex8_2p", MODEL.hex(), "--yes");
        assertThat(no.exit()).isEqualTo(Exit.REFUSED);
        assertThat(no.err()).contains("CRC-32 differs");
        assertThat(member.state().models().models().isEmpty()).isTrue();
    }

    @Test
    void verifyTellsOfADamagedCopy() {
        model("n1", "n2");
        assertThat(run("model", "verify", "hex8_2p").exit()).isZero();
        NodeId n2 = new NodeId("n2");
        member.shelf.copies.put(n2, Shelf.Copy.of(n2, MODEL, Shelf.State.CORRUPT, 10, "quarantined"));
        Result bad = run("artifact", "verify", MODEL.brief());
        assertThat(bad.exit()).isEqualTo(Exit.NOT_HEALTHY);
        assertThat(bad.out())
                .contains("n1")
                .contains("verified")
                .contains("corrupt")
                .contains("quarantined");
        assertThat(run("artifact", "verify", "--node", "n1").exit()).isZero();
        assertThat(run("model", "verify", "--all-nodes").out()).contains("missing");
        assertThat(run("artifact", "repair").out()).contains("2/4 copies; to fetch it: ");
    }

    @Test
    void aFileThatNobodyHoldsAnyMoreIsNoHealthyOne() {
        model("n1");
        member.order(new Command.DropReplica(MODEL, new NodeId("n1")));
        for (String verb : List.of("verify", "repair")) {
            Result lost = run("artifact", verb);
            assertThat(lost.exit()).as(verb).isEqualTo(Exit.NOT_HEALTHY);
            assertThat(lost.out())
                    .contains("nobody holds " + MODEL.brief() + " any more")
                    .contains("artifact put");
            assertThat(run("artifact", verb, "--json").out().replaceAll("\\s", ""))
                    .contains("\"lost\":[\"" + MODEL + "\"]");
        }
        assertThat(run("artifact", "verify", "--node", "n1").exit()).isZero();
    }

    @Test
    void whoeverFetchesToTheSameNameAtTheSameTimeKeepsItsOwnBytes() throws Exception {
        run("artifact", "put", file().toString());
        Path others = Files.write(folder.resolve(".back.muster-part"), new byte[] {1});

        assertThat(run(
                                "artifact",
                                "get",
                                SHA.brief(),
                                "-O",
                                folder.resolve("back").toString())
                        .exit())
                .isZero();

        assertThat(folder.resolve("back")).hasBinaryContent(BYTES);
        assertThat(others).hasBinaryContent(new byte[] {1});
        try (var left = Files.list(folder)) {
            assertThat(left.map(path -> path.getFileName().toString())).noneMatch(name -> name.contains("part-"));
        }
    }

    @Test
    void linkShowsWhatWasPutRightAndWhoCouldNotBeAsked() {
        model("n1");
        NodeId n3 = new NodeId("n3");
        member.shelf.copies.put(n3, Shelf.Copy.of(n3, MODEL, Shelf.State.UNREACHABLE, 0, "no answer"));
        assertThat(run("model", "link").out()).contains("repaired").contains("a link was missing");
        Result all = run("model", "link", "--all-nodes");
        assertThat(all.exit()).isEqualTo(Exit.NOT_HEALTHY);
        assertThat(all.out()).contains("gpu1").contains("unreachable").contains("no answer");
        assertThat(run("model", "link", "--node", "n9").exit()).isEqualTo(Exit.NOT_FOUND);
    }

    @Test
    void distributeWaitsAndSaysWhichDiskIsFull() {
        model("n1", "n2");
        NodeId gpu1 = new NodeId("gpu1");
        member.shelf.copies.put(gpu1, Shelf.Copy.of(gpu1, MODEL, Shelf.State.FAILING, 0, "disk full: 3 bytes"));
        assertThat(run("model", "list").out())
                .contains("2/4")
                .endsWith("\nhex8_2p: 2/4 nodes have " + MODEL.brief() + "; 1 failing: disk full\n");
        atPause = times -> {
            if (times == 1) member.order(new Command.ConfirmReplica(MODEL, new NodeId("n3")));
            if (times == 3) member.order(new Command.ConfirmReplica(MODEL, gpu1));
        };
        Result done = run("model", "distribute", "--model", "hex8_2p");
        assertThat(done.exit()).isZero();
        assertThat(done.out())
                .contains("hex8_2p: 2/4 nodes have " + MODEL.brief() + "; 1 failing: disk full\n")
                .contains("  gpu1: failing, disk full: 3 bytes\n")
                .contains("hex8_2p: 3/4 nodes have")
                .endsWith("hex8_2p: 4/4 nodes have " + MODEL.brief() + "\n");
    }

    @Test
    void onATerminalItDrawsBarsOverThoseBeforeAndSaysInTheEndWhatItTook() {
        model("n1", "n2", "n3");
        terminal = true;
        env.put("COLUMNS", "64");
        NodeId gpu1 = new NodeId("gpu1");
        member.underway = underway(gpu1, 4);
        atPause = times -> {
            if (times == 0) member.underway = underway(gpu1, 8);
            if (times != 1) return;
            member.now = member.now.plusMillis(12_300);
            member.order(new Command.ConfirmReplica(MODEL, gpu1, Optional.of(new Transfer(10, 900, "swarm", 3))));
            member.order(new Command.CompleteDistribution(HEX, MODEL));
        };
        Result drawn = run("model", "distribute", "--model", "hex8_2p");
        assertThat(drawn.exit()).isZero();
        assertThat(drawn.out())
                .contains("gpu1  [============>                 ]  40%  2B/s  3s left\n")
                .contains("\u001b[6A\u001b[2Khex8_2p: 3/4 nodes have")
                .contains("gpu1  [========================>     ]  80%  2B/s  1s left\n")
                .endsWith("hex8_2p: distributed to 4 nodes in 12.3s, 10B sent to 1 (1 swarm)\n");
        assertThat(drawn.out().lines().map(line -> line.replaceAll("\u001b\\[[0-9]*[A-Z]", "")))
                .allMatch(line -> line.length() < 70);
    }

    private static Table<Sha256, Underway> underway(NodeId node, long bytes) {
        return Table.<Sha256, Underway>empty()
                .with(
                        MODEL,
                        new Underway(
                                10,
                                Table.<NodeId, Underway.Receiver>empty().with(node, new Underway.Receiver(bytes, 2))));
    }

    @Test
    void withoutATerminalItSaysNowAndThenHowFarItIs() {
        model("n1", "n2", "n3");
        member.underway = underway(new NodeId("gpu1"), 4);
        atPause = times -> member.now = member.now.plusSeconds(6);
        pausesMax = 3;
        Result plain = run("model", "distribute", "--model", "hex8_2p");
        assertThat(plain.exit()).isEqualTo(Exit.NOT_FINISHED);
        assertThat(plain.out())
                .isEqualTo("hex8_2p: 3/4 nodes have " + MODEL.brief()
                        + "; 1 fetching\n  gpu1: fetching\nhex8_2p: 85% of 40B, 2B/s, 3s left\n");
    }

    @Test
    void theHistoryTellsWhatEachDistributionTookAndThatARollbackSentNothing() {
        model("n1", "n2", "n3");
        member.now = member.now.plusMillis(2_500);
        member.order(new Command.ConfirmReplica(
                MODEL, new NodeId("gpu1"), Optional.of(new Transfer(5 << 20, 900, "http", 1))));
        member.order(new Command.CompleteDistribution(HEX, MODEL));
        for (String node : List.of("n1", "n2", "n3", "gpu1"))
            member.order(new Command.PutArtifact(
                    OTHER, 10, "o.pth", ArtifactKind.MODEL, Optional.of(HEX), new NodeId(node)));
        member.order(new Command.PromoteModel(HEX, OTHER, Optional.of(MODEL), 0));
        member.order(new Command.RollbackModel(HEX, Optional.empty()));
        member.order(new Command.CompleteDistribution(HEX, MODEL));

        assertThat(run("model", "history", "hex8_2p").out().lines().map(line -> line.replaceAll(" +", " ")))
                .startsWith("MODEL GENERATION MOVE AGE TOOK NODES SENT HOW BY REASON")
                .anyMatch(line -> line.contains("* 0 rollback 0s 0s 4 0B - "))
                .anyMatch(line -> line.startsWith(OTHER.brief() + " 0 promotion 0s superseded - 0B - "))
                .anyMatch(line -> line.startsWith(MODEL.brief() + " 0 promotion 2s 2.5s 4 5MiB 1 http "));
        assertThat(run("model", "history", "hex8_2p", "-o", "json").out())
                .contains("\"seconds\": 2.5")
                .contains("\"bytes\": 5242880")
                .contains("\"transport\": \"http\"");
        assertThat(run("model", "show", "hex8_2p").out())
                .containsPattern("Distributed +yes, to 4 nodes in 0s, 0B sent\n");
    }

    @Test
    void distributeEndsWithoutThoseItWasNotAskedForOrWhenTheTimeIsUp() {
        model("n1", "n2");
        assertThat(run("model", "distribute", "--all", "--nodes", "n1,n2").exit())
                .isZero();
        assertThat(run("model", "distribute", "--all", "--nodes", "n1,n2", "--json")
                        .out())
                .startsWith("{\n  \"models\": [");
        pausesMax = 2;
        assertThat(run("model", "distribute", "--all").exit()).isEqualTo(Exit.NOT_FINISHED);
        assertThat(run("model", "distribute").exit()).isEqualTo(Exit.USAGE);
        assertThat(run("model", "promote", "a/../b", SHA.brief()).exit()).isEqualTo(Exit.USAGE);
        assertThat(run("model", "distribute", "--all", "--nodes", "n9").exit()).isEqualTo(Exit.NOT_FOUND);
    }

    @Test
    void aPersonChoosesTheWay() throws Exception {
        model("n1", "n2", "n3", "gpu1");
        assertThat(run("model", "distribute", "--all", "--transport", "rsync").out())
                .contains("  n1: transport=rsync\n  n2: transport=rsync\n")
                .endsWith("hex8_2p: 4/4 nodes have " + MODEL.brief() + "\n");
        run("artifact", "put", file().toString());
        Path out = folder.resolve("by-aria2");
        assertThat(run("artifact", "get", SHA.brief(), "-O", out.toString(), "--transport", "aria2")
                        .exit())
                .isZero();
        assertThat(run("artifact", "repair", SHA.brief(), "--transport", "http").out())
                .contains(": transport=http\n");
        NodeId here = new NodeId("n1");
        member.shelf.copies.put(here, Shelf.Copy.of(here, SHA, Shelf.State.FAILING, 0, "rsync ended with 23: no file"));
        Result no = run("artifact", "get", SHA.brief(), "-O", out.toString(), "--transport", "rsync");
        assertThat(no.exit()).isEqualTo(Exit.ERROR);
        assertThat(no.err()).contains("n1: rsync ended with 23: no file");
        assertThat(run("artifact", "get", SHA.brief(), "--transport", "pigeon").err())
                .contains("--transport: expected auto, swarm, http, aria2 or rsync, but found \"pigeon\"");
    }

    @Test
    void aModelFileIsLookedAtWithoutANode() throws Exception {
        env.put("MUSTER_NODE", "http://127.0.0.1:1");
        assertThat(run("model", "verify", "--file", file().toString()).out()).contains("nothing wrong found, bytes");
        Path cut = Files.write(folder.resolve("m.pth"), new byte[] {'P', 'K', 3, 4, 5});
        Result broken = run("model", "verify", "--file", cut.toString());
        assertThat(broken.exit()).isEqualTo(Exit.REFUSED);
        assertThat(broken.err()).contains("cut off");
    }

    @Test
    void aPinnedFileSaysSo() throws Exception {
        run("artifact", "put", file().toString());
        assertThat(run("artifact", "pin", SHA.brief(), "--why", "keep it").exit())
                .isZero();
        assertThat(run("artifact", "show", SHA.brief()).out()).containsPattern("Pinned +yes");
        assertThat(run("artifact", "unpin", SHA.brief()).exit()).isZero();
        assertThat(run("artifact", "show", SHA.brief()).out()).doesNotContain("Pinned");
    }
}
