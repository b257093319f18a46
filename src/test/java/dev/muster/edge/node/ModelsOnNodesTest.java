package dev.muster.edge.node;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.core.plan.DiskFloor;
import dev.muster.core.state.Command;
import dev.muster.core.state.ConfigKey;
import dev.muster.core.state.Distribution;
import dev.muster.core.state.Event;
import dev.muster.core.state.Journal;
import dev.muster.core.state.NodeId;
import dev.muster.core.state.Sha256;
import dev.muster.edge.wire.Wire;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/// Files put into a real cluster, promoted, damaged and mended.
@Tag("slow")
class ModelsOnNodesTest {
    private static final ConfigKey HEX = new ConfigKey("hex8_2p");

    @TempDir
    Path base;

    private final HttpClient http = HttpClient.newHttpClient();

    private HttpResponse<byte[]> ask(NodeRuntime node, String method, String path, byte[] body)
            throws IOException, InterruptedException {
        HttpRequest request = HttpRequest.newBuilder(
                        URI.create("http://127.0.0.1:" + node.config().ports().api() + path))
                .header("Authorization", "Bearer " + node.config().token().secret())
                .method(method, BodyPublishers.ofByteArray(body))
                .build();
        return http.send(request, BodyHandlers.ofByteArray());
    }

    private JsonNode json(NodeRuntime node, String method, String path, byte[] body) throws Exception {
        HttpResponse<byte[]> answer = ask(node, method, path, body);
        assertThat(answer.statusCode())
                .as(new String(answer.body(), StandardCharsets.UTF_8))
                .isEqualTo(200);
        return Wire.read(answer.body(), JsonNode.class);
    }

    private Sha256 put(NodeRuntime node, byte[] bytes) throws Exception {
        return new Sha256(json(node, "PUT", "/v1/artifacts?name=m.bin&kind=model&config=hex8_2p", bytes)
                .path("sha")
                .asString());
    }

    private static void promote(NodeRuntime node, Sha256 sha, Optional<Sha256> before) {
        assertThat(node.submit(Cluster.order(new Command.PromoteModel(HEX, sha, before, 0)), Duration.ofSeconds(20)))
                .isInstanceOf(Member.Answer.Done.class);
    }

    private static byte[] noise(int seed, int size) {
        byte[] noise = new byte[size];
        new Random(seed).nextBytes(noise);
        return noise;
    }

    private static boolean same(Path file, byte[] bytes) {
        try {
            return Files.exists(file) && Arrays.equals(Files.readAllBytes(file), bytes);
        } catch (IOException e) {
            return false;
        }
    }

    private static boolean receipt(NodeRuntime at, Sha256 sha, String node) {
        return at.state().files().artifacts().require(sha).receipts().has(new NodeId(node));
    }

    @Test
    void aPutModelGoesEverywhereTheLastPromotionWinsAndADamagedCopyIsFetchedAgain() throws Exception {
        try (Cluster cluster = new Cluster(base, 1)) {
            cluster.startAll("v1", "w1");
            NodeRuntime worker = cluster.node("w1");
            byte[] first = noise(1, 1 << 20);
            byte[] second = noise(2, 1 << 20);
            Sha256 one = put(worker, first);
            Sha256 two = put(worker, second);
            Eventually.await("a second copy", Cluster.PATIENCE, () -> receipt(worker, one, "v1"));
            promote(worker, one, Optional.empty());
            promote(worker, two, Optional.of(one));

            for (String name : new String[] {"v1", "w1"}) {
                Path link = cluster.data(name).resolve("models/ringrift_best_hex8_2p.pth");
                Eventually.await(() -> name + " has the last one", Cluster.PATIENCE, () -> same(link, second));
            }
            assertThat(ask(worker, "GET", "/v1/artifacts/" + one + "/content", new byte[0])
                            .body())
                    .isEqualTo(first);

            Path stored = cluster.data("v1")
                    .resolve("artifacts/objects")
                    .resolve(two.hex().substring(0, 2))
                    .resolve(two.hex());
            Files.setPosixFilePermissions(stored, PosixFilePermissions.fromString("rw-r--r--"));
            byte[] flipped = second.clone();
            flipped[500_000] ^= 1;
            FileTime before = Files.getLastModifiedTime(stored);
            Files.write(stored, flipped);
            Files.setLastModifiedTime(stored, before); // as a disk does it
            JsonNode copies = json(worker, "POST", "/v1/artifacts/" + two + "/verify?node=all", new byte[0])
                    .path("copies");
            assertThat(copies.toString()).contains("CORRUPT").contains("VERIFIED");
            Path link = cluster.data("v1").resolve("models/ringrift_best_hex8_2p.pth");
            Eventually.await("it is there again", Cluster.PATIENCE, () -> same(link, second) && same(stored, second));
            Eventually.await("the receipt too", Cluster.PATIENCE, () -> receipt(worker, two, "v1"));
            assertThat(cluster.data("v1").resolve("artifacts/quarantine")).isNotEmptyDirectory();

            assertThat(ask(
                                    worker,
                                    "PUT",
                                    "/v1/artifacts?name=m.pth",
                                    "PK\u0003\u0004cut".getBytes(StandardCharsets.UTF_8))
                            .statusCode())
                    .isEqualTo(409);
            assertThat(ask(worker, "PUT", "/v1/artifacts?name=x&sha=" + one, new byte[] {1})
                            .statusCode())
                    .isEqualTo(400);
        }
    }

    @Test
    void aFullDiskOnOneNodeIsToldWithTheDistributionAndTheHistoryTellsWhatItTook() throws Exception {
        Path small = base.resolve("w1");
        try (SmallDisk disk = SmallDisk.mount(small, 64);
                Cluster cluster = new Cluster(base, 1)) {
            cluster.disk = new DiskFloor(2 << 20, 1 << 20);
            cluster.patience = Duration.ofSeconds(3);
            cluster.startAll("v1", "w1");
            NodeRuntime voter = cluster.node("v1");
            Files.write(disk.path().resolve("foreign"), noise(3, 56 << 20));
            Sha256 sha = put(voter, noise(1, 8 << 20));
            promote(voter, sha, Optional.empty());
            Eventually.await(
                    "the reason to be told",
                    Cluster.PATIENCE,
                    () -> line(voter).equals("1/2 nodes have " + sha.brief() + "; 1 failing: disk full"));

            Eventually.await(
                    "the journal to name it",
                    Cluster.PATIENCE,
                    () -> !standstills(voter).isEmpty());

            Files.delete(disk.path().resolve("foreign"));
            Eventually.await(
                    "it to go on", Cluster.PATIENCE, () -> line(voter).equals("2/2 nodes have " + sha.brief()));
            Eventually.await(
                    "it to be complete",
                    Cluster.PATIENCE,
                    () -> way(voter).completedAt().isPresent());
            assertThat(standstills(voter)).singleElement().satisfies(still -> {
                assertThat(still.missing()).isEqualTo(1);
                assertThat(still.lacking().getFirst().node()).isEqualTo(new NodeId("w1"));
                assertThat(still.lacking().getFirst().why()).startsWith("disk full: ");
            });
            JsonNode history = json(voter, "GET", "/v1/models/hex8_2p", new byte[0])
                    .path("history")
                    .path(0)
                    .path("distribution");
            assertThat(history.path("bytes").asLong()).isEqualTo(8 << 20);
            assertThat(history.path("nodes").asInt()).isEqualTo(2);
            assertThat(history.path("arrivals").path("w1").path("sources").asInt())
                    .isEqualTo(1);
        }
    }

    @Test
    void aNodeThatCannotWriteItsLinksSaysSoAndDoesNotHaveTheModel() throws Exception {
        try (Cluster cluster = new Cluster(base, 1)) {
            cluster.patience = Duration.ofSeconds(3);
            cluster.startAll("v1", "w1");
            NodeRuntime voter = cluster.node("v1");
            Path models = cluster.data("w1").resolve("models");
            Files.move(models, base.resolve("away"));
            Files.writeString(models, "somebody's file");
            byte[] bytes = noise(1, 1 << 20);
            Sha256 sha = put(voter, bytes);
            promote(voter, sha, Optional.empty());

            Eventually.await(
                    () -> "the reason to be told: " + line(voter),
                    Cluster.PATIENCE,
                    () -> line(voter).startsWith("1/2 nodes have " + sha.brief() + "; 1 failing: links not written: "));
            Eventually.await(
                    "the journal to name it",
                    Cluster.PATIENCE,
                    () -> !standstills(voter).isEmpty());
            assertThat(standstills(voter).getFirst().lacking().getFirst().why()).startsWith("links not written: ");
            assertThat(way(voter).completedAt()).isEmpty();

            Files.delete(models);
            Eventually.await(
                    "it to be complete",
                    Cluster.PATIENCE,
                    () -> way(voter).completedAt().isPresent());
            assertThat(same(models.resolve("ringrift_best_hex8_2p.pth"), bytes)).isTrue();
            Eventually.await(
                    () -> "it to be told: " + line(voter),
                    Cluster.PATIENCE,
                    () -> line(voter).equals("2/2 nodes have " + sha.brief()));
        }
    }

    private static List<Event.DistributionIncomplete> standstills(NodeRuntime node) {
        return node.state().journal().recent().values().stream()
                .map(Journal.Entry::event)
                .filter(Event.DistributionIncomplete.class::isInstance)
                .map(Event.DistributionIncomplete.class::cast)
                .toList();
    }

    private static Distribution way(NodeRuntime node) {
        return node.state().models().distributions().require(HEX);
    }

    private String line(NodeRuntime node) {
        try {
            return json(node, "GET", "/v1/models/hex8_2p/distribution", new byte[0])
                    .path("line")
                    .asString();
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }
}
