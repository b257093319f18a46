package dev.muster.edge.delta;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.edge.delta.Aligner.Stretch;
import dev.muster.edge.delta.Layout.Tensor;
import dev.muster.edge.delta.Models.Kind;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LayoutTest {
    private static final List<float[]> WEIGHTS = Models.weights(300_000, Kind.FLOAT32, 1);

    @TempDir
    private Path dir;

    @Test
    void recordsOfAPthFileAreFoundWithWidthAndPlace() throws IOException {
        Path file = Models.pth(dir.resolve("a"), "any_name", 100, WEIGHTS, Kind.FLOAT32);
        checkTensors(file, "data/", 4, Kind.FLOAT32);
    }

    @Test
    void recordsOfAFileWithFieldsOfEightBytesAreFoundToo() throws IOException {
        checkTensors(Models.largePth(dir.resolve("a"), WEIGHTS, Kind.FLOAT32), "data/", 4, Kind.FLOAT32);
    }

    @Test
    void tensorsOfASafetensorsFileAreFoundWithWidthAndPlace() throws IOException {
        Path file = Models.safetensors(dir.resolve("a"), 100, WEIGHTS, Kind.BFLOAT16);
        checkTensors(file, "layer.", 2, Kind.BFLOAT16);
    }

    private void checkTensors(Path file, String prefix, int width, Kind kind) throws IOException {
        byte[] bytes = Files.readAllBytes(file);
        var byName = layout(file).byName();
        for (int i = 0; i < WEIGHTS.size(); i++) {
            byte[] expected = Models.bytes(WEIGHTS.get(i), kind);
            Tensor tensor = byName.get(prefix + i);
            assertThat(tensor).as(prefix + i).isNotNull();
            assertThat(tensor.width()).isEqualTo(width);
            int from = (int) tensor.offset();
            assertThat(Arrays.copyOfRange(bytes, from, from + (int) tensor.length()))
                    .isEqualTo(expected);
        }
    }

    @Test
    void aDamagedFileHasTensorsWithinItOrNone() throws IOException {
        SplittableRandom random = new SplittableRandom(4);
        for (Path file : List.of(
                Models.pth(dir.resolve("a"), "x", 0, WEIGHTS, Kind.FLOAT32),
                Models.safetensors(dir.resolve("b"), 0, WEIGHTS, Kind.FLOAT32))) {
            byte[] whole = Files.readAllBytes(file);
            for (int round = 0; round < 200; round++) {
                byte[] bytes = whole.clone();
                for (int i = 0; i < 20; i++) {
                    int at = random.nextBoolean() ? random.nextInt(2000) : bytes.length - 1 - random.nextInt(2000);
                    bytes[at] = (byte) random.nextInt();
                }
                Files.write(file, bytes);
                assertThat(layout(file).tensors()).allMatch(tensor -> tensor.fits(bytes.length));
            }
        }
    }

    @Test
    void aTensorThatMovedIsLaidOverItsOldPlace() {
        Layout before = new Layout(List.of(new Tensor("a", 100, 100_000, 4), new Tensor("b", 100_200, 50_000, 4)));
        Layout after = new Layout(List.of(new Tensor("b", 4, 50_000, 4), new Tensor("a", 50_100, 100_000, 4)));
        Aligner aligner = new Aligner(after, before);
        Stretch first = aligner.next(0, 150_100);
        assertThat(first).isEqualTo(new Stretch(0, 50_100, 100_196, true, 4, 4));
        assertThat(aligner.next(first.to(), 150_100)).isEqualTo(new Stretch(50_100, 150_100, -50_000, true, 4, 50_100));
        assertThat(aligner.next(60_000, 70_000)).isEqualTo(new Stretch(60_000, 70_000, -50_000, true, 4, 50_100));
    }

    @Test
    void smallTensorsThatMovedAlikeAreLaidTogether() {
        Layout before = new Layout(List.of(new Tensor("a", 10, 100, 4), new Tensor("b", 120, 100, 2)));
        Layout after = new Layout(List.of(new Tensor("a", 20, 100, 4), new Tensor("b", 130, 100, 2)));
        assertThat(new Aligner(after, before).next(0, 400).to()).isEqualTo(400);
    }

    private static Layout layout(Path file) throws IOException {
        try (FileChannel channel = FileChannel.open(file)) {
            return Layout.of(channel);
        }
    }
}
