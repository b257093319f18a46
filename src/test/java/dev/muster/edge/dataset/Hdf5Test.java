package dev.muster.edge.dataset;

import static dev.muster.edge.dataset.Looks.failed;
import static dev.muster.edge.dataset.Looks.numbers;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.data.Offset.offset;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import dev.muster.edge.training.Check;
import io.jhdf.HdfFile;
import io.jhdf.WritableHdfFile;
import io.jhdf.api.WritableGroup;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Random;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class Hdf5Test {
    @TempDir
    Path folder;

    private Path written(String name, Consumer<WritableGroup> content) {
        Path file = folder.resolve(name);
        try (WritableHdfFile hdf = HdfFile.write(file)) {
            content.accept(hdf);
        }
        return file;
    }

    private static float[][][] ramp(int samples) {
        float[][][] values = new float[samples][4][8];
        for (int sample = 0; sample < samples; sample++)
            for (int time = 0; time < 4; time++)
                for (int place = 0; place < 8; place++) values[sample][time][place] = sample + time / 10f + place;
        return values;
    }

    @Test
    void aGoodFileIsGoodAndSummedUp() {
        Inspection file =
                Looks.of(written("burgers1d_train.h5", hdf -> hdf.putDataset("tensor", ramp(10))), "burgers1d");
        assertThat(file.failures()).isEmpty();
        assertThat(file.format()).isEqualTo("HDF5");
        assertThat(file.datasets().getFirst().shape()).containsExactly(10L, 4L, 8L);
        assertThat(file.datasets().getFirst().type()).isEqualTo("float32");
        Summary.Numbers seen = numbers(file, "tensor");
        assertThat(seen.looked()).isEqualTo(320);
        assertThat(seen.min()).isZero();
        assertThat(seen.max()).isEqualTo(9 + 0.3f + 7, offset(1e-5));
        assertThat(seen.mean()).isEqualTo(4.5 + 0.15 + 3.5, offset(1e-5));
        assertThat(seen.constantRows()).isZero();
    }

    @Test
    void aBadNumberIsFoundBehindTheFirstRowsAndInTheSecondDataset() {
        float[][][] bad = ramp(50);
        bad[40][3][7] = Float.NaN;
        bad[41][0][0] = Float.NEGATIVE_INFINITY;
        bad[42][1][1] = 2e10f;
        Inspection file = Looks.at(written("a.h5", hdf -> {
            hdf.putDataset("a", ramp(50));
            hdf.putGroup("deep").putDataset("b", bad);
        }));
        assertThat(failed(file)).containsExactly("deep/b: NaN", "deep/b: Inf", "deep/b: range");
        assertThat(Looks.check(file, "deep/b: NaN").found()).isEqualTo("1, the first not finite in row 40");
        assertThat(file.damaged()).isTrue();
        assertThat(failed(Looks.at(file.file(), new Sample(3)))).isEmpty();
    }

    @Test
    void oneValueOnlyFailsAFieldButNoParameter() {
        Inspection file = Looks.at(written("a.h5", hdf -> {
            hdf.putDataset("field", new double[20][30]);
            hdf.putDataset("nu", new double[] {0.1, 0.1});
        }));
        assertThat(failed(file)).containsExactly("field: constant");
        double[][] rows = {{1, 2}, {3, 3}, {4, 5}, {0, 0}};
        Inspection some = Looks.at(written("b.h5", hdf -> hdf.putDataset("x", rows)));
        assertThat(failed(some)).isEmpty();
        assertThat(some.notes()).containsExactly("x: 2 of its rows hold one value only; the first is row 1");
    }

    @Test
    void theFieldsHaveTheRankOfTheTask() {
        Path file = written("a.h5", hdf -> {
            hdf.putDataset("tensor", new float[][] {{1, 2}, {3, 4}});
            hdf.putDataset("x", new float[] {1});
        });
        Inspection flat = Looks.of(file, "burgers1d");
        assertThat(failed(flat)).containsExactly("rank of the fields");
        assertThat(Looks.check(flat, "rank of the fields").expected())
                .isEqualTo("(samples, time, x, channels) or fewer, 3 to 4 axes");
        assertThat(Looks.check(flat, "rank of the fields").found()).isEqualTo("tensor (2, 2)");
        assertThat(Looks.check(Looks.of(file, "particles"), "rank of the fields")
                        .state())
                .isEqualTo(Check.State.SKIPPED);
    }

    @ParameterizedTest
    @ValueSource(strings = {"old.h5", "new.h5"})
    void allWaysOfWritingNumbersAreRead(String name) throws IOException {
        Inspection file = Looks.at(Looks.fixture(name, folder));
        assertThat(file.failures()).isEmpty();
        for (String dataset : new String[] {"again", "half", "gzip", "lzf", "grows"}) {
            Summary.Numbers seen = numbers(file, dataset);
            assertThat(seen.looked()).as(dataset).isEqualTo(210);
            assertThat(seen.min()).as(dataset).isZero();
            assertThat(seen.max()).as(dataset).isEqualTo(209);
            assertThat(seen.mean()).as(dataset).isEqualTo(104.5);
        }
        assertThat(numbers(file, "compact").max()).isEqualTo(7);
        assertThat(numbers(file, "noise").mean()).isEqualTo(51035 / 384.0);
        assertThat(numbers(file, "group/below/u8").max()).isEqualTo(0x1p64);
        assertThat(Looks.datasets(file).get("names").note()).isEqualTo("no numbers that are looked at");
        assertThat(Looks.datasets(file).get("pairs").numbers()).isEmpty();
        assertThat(Looks.check(file, "pairs: looked at").found()).isEqualTo("a type that is not read here");
        assertThat(file.good()).isFalse();
        assertThat(file.notes())
                .contains("big: another name of what was seen already", "outside: a link, which is not followed")
                .contains("group/around/: another name of what was seen already");
    }

    @ParameterizedTest
    @ValueSource(strings = {"old_holes.h5", "new_holes.h5"})
    void whatWasNeverWrittenIsMissing(String name) throws IOException {
        Inspection file = Looks.at(Looks.fixture(name, folder));
        assertThat(file.failures())
                .containsExactly(
                        "never: whole: expected its numbers, but found none: they were never written",
                        "some: whole: expected all of its 4 chunks, but found 3 that were never written; the first begins in"
                                + " row 2");
    }

    @Test
    void aBlockOfItsUserMayStandBeforeIt() throws IOException {
        Inspection file = Looks.at(Looks.fixture("block.h5", folder));
        assertThat(file.failures()).isEmpty();
        assertThat(numbers(file, "x").mean()).isEqualTo(104.5);
    }

    @Test
    void whatOnlyThisProgramCannotReadIsNotCalledDamaged() throws IOException {
        Inspection file = Looks.at(Looks.fixture("packed.h5", folder));
        assertThat(failed(file)).containsExactly("x: whole");
        assertThat(Looks.check(file, "x: whole").found()).contains("id=6", "this program cannot read it");
        assertThat(file.damaged()).isFalse();
        assertThat(numbers(file, "y").max()).isEqualTo(5);
    }

    @Test
    void aSampleOfChunksTakesItsRowsOnly() throws IOException {
        Path old = Looks.fixture("old.h5", folder);
        assertThat(numbers(Looks.at(old, new Sample(2)), "gzip").looked()).isEqualTo(60);
        assertThat(numbers(Looks.at(old, new Sample(2)), "again").looked()).isEqualTo(60);
        assertThat(numbers(Looks.at(old, new Sample(7)), "gzip").looked()).isEqualTo(210);
    }

    @ParameterizedTest
    @ValueSource(strings = {"old.h5", "new.h5"})
    void aFileThatWasCutOffSaysSoWhereverItWas(String name) throws IOException {
        byte[] whole = Files.readAllBytes(Looks.fixture(name, folder));
        Path cut = folder.resolve("cut.h5");
        assertTimeoutPreemptively(Duration.ofSeconds(60), () -> {
            for (int length = 0; length < whole.length; length += 97) {
                Files.write(cut, Arrays.copyOf(whole, length));
                Inspection file = Looks.at(cut);
                assertThat(file.good()).as("%s bytes", length).isFalse();
                assertThat(file.damaged()).as("%s bytes", length).isTrue();
                assertThat(file.failures())
                        .as("words of ours")
                        .noneMatch(why -> why.endsWith(")") && why.contains(" ("));
                if (length >= 64)
                    assertThat(Looks.check(file, "length").found()).isEqualTo(length + ": it was cut off");
            }
        });
    }

    /// What lies in a file may be anything: a finding comes of it, or nothing, but never an exception nor a hang.
    @ParameterizedTest
    @ValueSource(strings = {"old.h5", "new.h5"})
    void aFileWithOtherBytesIsSurvived(String name) throws IOException {
        byte[] whole = Files.readAllBytes(Looks.fixture(name, folder));
        Path odd = folder.resolve("odd.h5");
        Random random = new Random(7);
        assertTimeoutPreemptively(Duration.ofSeconds(60), () -> {
            int bad = 0;
            for (int times = 0; times < 300; times++) {
                byte[] bytes = whole.clone();
                int at = random.nextInt(bytes.length - 8);
                Arrays.fill(bytes, at, at + 1 + random.nextInt(8), (byte) (times % 3 - 1));
                Files.write(odd, bytes);
                if (!Looks.at(odd).good()) bad++;
            }
            assertThat(bad).isGreaterThan(30);
        });
    }

    @Test
    void zerosTextAndOtherFormatsAreNamed() throws IOException {
        Path file = folder.resolve("a.h5");
        Files.write(file, new byte[100_000]);
        assertThat(Looks.at(file).failures()).containsExactly("opens: expected an HDF5 file, but found only zeros");
        Files.writeString(file, "<html>\n<h1>404</h1>");
        assertThat(Looks.check(Looks.at(file), "opens").found()).isEqualTo("a text: \"<html>\"");
        Files.write(file, "PK\3\4 and so on".getBytes(StandardCharsets.ISO_8859_1));
        assertThat(Looks.check(Looks.at(file), "opens").found()).isEqualTo("zip");
        Files.write(file, new byte[0]);
        assertThat(failed(Looks.at(file))).containsExactly("not empty");
        Files.delete(file);
        assertThat(failed(Looks.at(file))).containsExactly("exists");
        assertThat(Looks.at(file).damaged()).isFalse();
        Files.createDirectory(file);
        assertThat(Looks.check(Looks.at(file), "is a file").found()).isEqualTo("a folder");
    }
}
