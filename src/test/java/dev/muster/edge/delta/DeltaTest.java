package dev.muster.edge.delta;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.muster.core.state.Sha256;
import dev.muster.edge.delta.DeltaEncoder.Result;
import dev.muster.edge.delta.Models.Kind;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What deltas of small models come to, and what is refused. [DeltaSlowTest] has larger ones.
class DeltaTest {
    private static final int BYTES = 4 << 20;

    @TempDir
    private Path dir;

    private List<float[]> weights = List.of();
    private Path old = Path.of("unset");

    @BeforeEach
    void saveAModel() throws IOException {
        weights = Models.weights(BYTES, Kind.FLOAT32, 1);
        old = pth("old", weights);
    }

    @Test
    void weightsThatAllMovedByAPercentTakeLessThanTwoThirds() throws IOException {
        Result result = roundTrip(old, pth("new", Models.moved(weights, 0.01, 2)));
        assertThat(result.ratio()).isBetween(0.55, 0.65);
        assertThat(result.worthwhile()).isTrue();
        assertThat(result.blocks().subtracted().bytes()).isGreaterThan(BYTES * 9 / 10);
    }

    @Test
    void aTwentiethOfTheNumbersHereAndThereTakesAnEighth() throws IOException {
        assertThat(roundTrip(old, pth("new", Models.changed(weights, 0.05, 1, 2)))
                        .ratio())
                .isLessThan(0.125);
    }

    @Test
    void newLastLayersTakeTheirShare() throws IOException {
        Result result = roundTrip(old, pth("new", Models.retrainedAtTheEnd(weights, 0.05, 2)));
        assertThat(result.ratio()).isBetween(0.01, 0.06);
    }

    @Test
    void aGrownHeaderShiftsNothing() throws IOException {
        Result result = roundTrip(old, Models.pth(dir.resolve("new"), "archive", 4096, weights, Kind.FLOAT32));
        assertThat(result.ratio()).isLessThan(0.002);
        assertThat(result.blocks().copied().bytes()).isGreaterThan(BYTES);
    }

    @Test
    void aGrownHeaderAndMovedWeightsTakeWhatTheWeightsTake() throws IOException {
        List<float[]> moved = Models.moved(weights, 0.01, 2);
        Result result = roundTrip(old, Models.pth(dir.resolve("new"), "archive", 4096, moved, Kind.FLOAT32));
        assertThat(result.ratio()).isBetween(0.55, 0.65);
    }

    @Test
    void aRenamedModelTakesItsHeaders() throws IOException {
        Result result = roundTrip(old, Models.pth(dir.resolve("new"), "hex_best_v2", 0, weights, Kind.FLOAT32));
        assertThat(result.ratio()).isLessThan(0.01);
    }

    @Test
    void aRenamedModelWithMovedWeightsIsLaidOutByTensor() throws IOException {
        List<float[]> moved = Models.moved(weights, 0.01, 2);
        Result result = roundTrip(old, Models.pth(dir.resolve("new"), "hex_best_v2", 0, moved, Kind.FLOAT32));
        assertThat(result.ratio()).isBetween(0.55, 0.65);
    }

    @Test
    void theSameFileTakesOneInstruction() throws IOException {
        Path same = dir.resolve("same");
        Files.copy(old, same);
        assertThat(roundTrip(old, same).size()).isLessThan(DeltaFormat.HEADER_BYTES + 16);
    }

    @Test
    void numbersOfTwoBytesAreTwoPlanes() throws IOException {
        assertThat(ratioOfMoved(Kind.BFLOAT16, 0.01)).isBetween(0.15, 0.25);
        assertThat(ratioOfMoved(Kind.FLOAT16, 0.01)).isBetween(0.30, 0.40);
    }

    private double ratioOfMoved(Kind kind, double relative) throws IOException {
        List<float[]> before = Models.weights(BYTES / 2, kind, 1);
        Path from = Models.pth(dir.resolve(kind + ".old"), "archive", 0, before, kind);
        Path to = Models.pth(dir.resolve(kind + ".new"), "archive", 0, Models.moved(before, relative, 2), kind);
        return roundTrip(from, to).ratio();
    }

    @Test
    void safetensorsWithAGrownHeaderAndMovedWeightsTakeWhatTheWeightsTake() throws IOException {
        Path from = Models.safetensors(dir.resolve("a"), 0, weights, Kind.FLOAT32);
        Path to = Models.safetensors(dir.resolve("b"), 4099, Models.moved(weights, 0.01, 2), Kind.FLOAT32);
        assertThat(roundTrip(from, to).ratio()).isBetween(0.55, 0.65);
    }

    @Test
    void numbersInAnUnknownFormatAreFoundByMeasuring() throws IOException {
        Path from = plain("a", weights);
        Path to = plain("b", Models.moved(weights, 0.01, 2));
        assertThat(roundTrip(from, to).ratio()).isBetween(0.55, 0.65);
    }

    private Path plain(String name, List<float[]> layers) throws IOException {
        try (var out = Files.newOutputStream(dir.resolve(name))) {
            for (float[] layer : layers) {
                out.write(Models.bytes(layer, Kind.FLOAT32));
            }
        }
        return dir.resolve(name);
    }

    @Test
    void deltasCanBeHadOnTheMachinesThatTest() {
        assertThat(Delta.available()).isTrue();
    }

    @Test
    void randomBytesLoseNothingByTheAttempt() throws IOException {
        byte[] bytes = new byte[BYTES];
        new SplittableRandom(3).nextBytes(bytes);
        Path random = Files.write(dir.resolve("random"), bytes);
        Result result = roundTrip(old, random);
        assertThat(result.size()).isLessThan(BYTES + BYTES / 1000 + 1024);
        assertThat(result.worthwhile()).isFalse();
        assertThat(Delta.worthwhile(Sample.estimate(old, random))).isFalse();
    }

    @Test
    void aSampleTellsTheRatioWithinATenth() throws IOException {
        for (Path next : List.of(
                pth("moved", Models.moved(weights, 0.01, 2)),
                pth("scattered", Models.changed(weights, 0.05, 1, 2)),
                pth("other", Models.weights(BYTES, Kind.FLOAT32, 9)))) {
            assertThat(Sample.estimate(old, next))
                    .isBetween(
                            roundTrip(old, next).ratio() - 0.1,
                            roundTrip(old, next).ratio() + 0.1);
        }
    }

    @Test
    void emptyAndTinyFilesMakeTheRoundTrip() throws IOException {
        Path empty = Files.createFile(dir.resolve("empty"));
        Path tiny = Files.writeString(dir.resolve("tiny"), "model");
        for (Path from : List.of(empty, tiny, old)) {
            for (Path to : List.of(empty, tiny, old)) {
                roundTrip(from, to);
                assertThat(Sample.estimate(from, to)).isBetween(0.0, 1.0);
            }
        }
    }

    @Test
    void anotherOldFileIsRefused() throws IOException {
        Path next = pth("new", Models.moved(weights, 0.01, 2));
        Path delta = dir.resolve("delta");
        DeltaEncoder.encode(old, next, delta);
        Path shorter = Files.writeString(dir.resolve("shorter"), "x");
        Path rotten = rotten(old);
        Path out = dir.resolve("out");
        assertThatThrownBy(() -> DeltaDecoder.decode(shorter, delta, out)).isInstanceOf(DeltaException.class);
        assertThatThrownBy(() -> DeltaDecoder.decode(rotten, delta, out))
                .isInstanceOf(DeltaException.class)
                .hasMessageContaining("expected the old file");
        assertThat(out).doesNotExist();
    }

    @Test
    void anOldFileThatWentBadIsFoundByTheResult() throws IOException {
        Path next = pth("new", Models.moved(weights, 0.01, 2));
        Path delta = dir.resolve("delta");
        DeltaHeader names = DeltaEncoder.encode(old, next, delta).header();
        Path out = dir.resolve("out");
        Path rotten = rotten(old);
        assertThatThrownBy(() -> DeltaDecoder.decode(rotten, delta, out, names)).isInstanceOf(DeltaException.class);
        assertThat(out).doesNotExist();
    }

    private Path rotten(Path file) throws IOException {
        byte[] bytes = Files.readAllBytes(file);
        bytes[bytes.length / 2] ^= 1;
        return Files.write(dir.resolve("rotten"), bytes);
    }

    @Test
    void aDeltaForOtherFilesThanExpectedIsRefused() throws IOException {
        Path delta = dir.resolve("delta");
        DeltaHeader names = DeltaEncoder.encode(old, old, delta).header();
        DeltaHeader expected =
                new DeltaHeader(names.oldSha(), names.oldSize(), new Sha256("0".repeat(64)), names.newSize());
        Path out = dir.resolve("out");
        assertThatThrownBy(() -> DeltaDecoder.decode(old, delta, out, expected)).isInstanceOf(DeltaException.class);
        assertThat(out).doesNotExist();
    }

    @Test
    void namesThatAreKnownAreNotComputedAgainAndMakeTheSameDelta() throws IOException {
        Path next = pth("new", Models.changed(weights, 0.05, 1, 2));
        Path hashed = dir.resolve("hashed");
        Path named = dir.resolve("named");
        DeltaHeader names = DeltaEncoder.encode(old, next, hashed).header();
        DeltaEncoder.encode(old, names.oldSha(), next, names.newSha(), named);
        assertThat(named).hasSameBinaryContentAs(hashed);
        assertThat(DeltaHeader.read(named)).isEqualTo(names);
    }

    @Test
    void nothingIsWrittenOverAFileThatExists() throws IOException {
        Path delta = dir.resolve("delta");
        DeltaEncoder.encode(old, old, delta);
        Path precious = Files.writeString(dir.resolve("precious"), "precious");
        assertThatThrownBy(() -> DeltaEncoder.encode(old, old, precious))
                .isInstanceOf(FileAlreadyExistsException.class);
        assertThatThrownBy(() -> DeltaDecoder.decode(old, delta, precious))
                .isInstanceOf(FileAlreadyExistsException.class);
        assertThat(precious).hasContent("precious");
    }

    private Path pth(String name, List<float[]> layers) throws IOException {
        return Models.pth(dir.resolve(name), "archive", 0, layers, Kind.FLOAT32);
    }

    private Result roundTrip(Path from, Path to) throws IOException {
        Path delta = dir.resolve("round.delta");
        Path out = dir.resolve("round.out");
        Result result = DeltaEncoder.encode(from, to, delta);
        assertThat(result.size()).isEqualTo(Files.size(delta));
        assertThat(DeltaDecoder.decode(from, delta, out)).isEqualTo(result.header());
        assertThat(Files.mismatch(to, out)).as("first byte that differs").isEqualTo(-1);
        Files.delete(delta);
        Files.delete(out);
        return result;
    }
}
