package dev.muster.edge.dataset;

import static dev.muster.edge.dataset.Looks.failed;
import static dev.muster.edge.dataset.Looks.numbers;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NumPyTest {
    @TempDir
    Path folder;

    /// As `numpy.save` writes it: the header ends with a line feed, and the numbers begin at a multiple of 64.
    static byte[] npy(int version, String descr, boolean fortran, String shape, byte[] numbers) {
        String text = "{'descr': " + descr + ", 'fortran_order': " + (fortran ? "True" : "False") + ", 'shape': "
                + shape + ", }";
        int before = version == 1 ? 10 : 12;
        text += " ".repeat(63 - (before + text.length()) % 64) + "\n";
        ByteBuffer file =
                ByteBuffer.allocate(before + text.length() + numbers.length).order(ByteOrder.LITTLE_ENDIAN);
        file.put((byte) 0x93)
                .put("NUMPY".getBytes(StandardCharsets.US_ASCII))
                .put((byte) version)
                .put((byte) 0);
        if (version == 1) file.putShort((short) text.length());
        else file.putInt(text.length());
        return file.put(text.getBytes(StandardCharsets.UTF_8)).put(numbers).array();
    }

    private static byte[] floats(ByteOrder order, float... values) {
        ByteBuffer bytes = ByteBuffer.allocate(4 * values.length).order(order);
        for (float value : values) bytes.putFloat(value);
        return bytes.array();
    }

    private Inspection look(byte[] bytes) throws IOException {
        return Looks.at(Files.write(folder.resolve("a.npy"), bytes));
    }

    @Test
    void allVersionsOrdersAndTypesAreRead() throws IOException {
        byte[] six = floats(ByteOrder.LITTLE_ENDIAN, 1, 2, 3, 4, 5, 6);
        for (int version = 1; version <= 3; version++)
            assertThat(numbers(look(npy(version, "'<f4'", false, "(3, 2)", six)), "")
                            .mean())
                    .isEqualTo(3.5);
        byte[] big = floats(ByteOrder.BIG_ENDIAN, 1, 2, 3, 4, 5, 6);
        assertThat(numbers(look(npy(1, "'>f4'", true, "(3, 2)", big)), "").max())
                .isEqualTo(6);
        assertThat(numbers(look(npy(1, "'<f2'", false, "(2,)", new byte[] {0, 0x3c, 0, (byte) 0xc0})), "")
                        .min())
                .isEqualTo(-2);
        assertThat(numbers(look(npy(1, "'|u1'", false, "(2,)", new byte[] {(byte) 200, 1})), "")
                        .max())
                .isEqualTo(200);
        assertThat(numbers(look(npy(1, "'|i1'", false, "(2,)", new byte[] {(byte) 200, 1})), "")
                        .min())
                .isEqualTo(-56);
        assertThat(numbers(look(npy(1, "'>i2'", false, "(1,)", new byte[] {1, 2})), "")
                        .max())
                .isEqualTo(258);
        assertThat(numbers(look(npy(1, "'|b1'", false, "(2,)", new byte[] {0, 1})), "")
                        .mean())
                .isEqualTo(0.5);
        byte[] most = new byte[8];
        Arrays.fill(most, (byte) 0xff);
        assertThat(numbers(look(npy(1, "'<u8'", false, "(1,)", most)), "").max())
                .isEqualTo(0x1p64);
        assertThat(numbers(look(npy(1, "'<i8'", false, "(1,)", most)), "").max())
                .isEqualTo(-1);
    }

    @Test
    void whatIsNoNumberIsSaid() throws IOException {
        Inspection bad = look(npy(1, "'<f4'", false, "(2, 2)", floats(ByteOrder.LITTLE_ENDIAN, 1, 2, 3, Float.NaN)));
        assertThat(bad.failures()).containsExactly("NaN: expected none, but found 1, the first not finite in row 1");
        Inspection pickled = look(npy(1, "'|O'", false, "(1,)", new byte[30]));
        assertThat(pickled.good()).isFalse();
        assertThat(pickled.bad()).isFalse();
        assertThat(pickled.damaged()).isFalse();
        assertThat(Looks.check(pickled, "looked at").found())
                .isEqualTo("pickled objects, which are never unpickled here");
        assertThat(pickled.datasets().getFirst().note()).isEqualTo("pickled objects, which are never unpickled here");
        Inspection pairs = look(npy(1, "[('a', '<i4'), ('b', '<f4')]", false, "(1,)", new byte[8]));
        assertThat(pairs.datasets().getFirst().note()).isEqualTo("a structured type; not looked at");
        assertThat(pairs.good()).isFalse();
        assertThat(look(npy(1, "'<U3'", false, "(1,)", new byte[12])).unseen())
                .as("texts")
                .isFalse();
    }

    @Test
    void aHeaderThatLiesIsFoundBeforeAnythingIsReadByIt() throws IOException {
        Inspection huge = look(npy(1, "'<f4'", false, "(1000000000, 1000)", new byte[8]));
        assertThat(huge.failures())
                .containsExactly("whole: expected 4000000000000 bytes of numbers, but found 8: it was cut off");
        assertThat(Looks.check(look(npy(1, "'<f8'", false, "(9999999999, 9999999999)", new byte[8])), "whole")
                        .expected())
                .isEqualTo("a shape that fits a disk");
        assertThat(Looks.check(look(npy(1, "'<f4'", false, "(1,)", new byte[8])), "whole")
                        .found())
                .isEqualTo("8");
        byte[] long2 = npy(2, "'<f4'", false, "(1,)", new byte[4]);
        ByteBuffer.wrap(long2).order(ByteOrder.LITTLE_ENDIAN).putInt(8, Integer.MAX_VALUE);
        assertThat(Looks.check(look(long2), "opens").expected()).isEqualTo("a header of at most 1048576 bytes");
    }

    @Test
    void aFileThatWasCutOffSaysSoWhereverItWas() throws IOException {
        byte[] whole = npy(1, "'<f4'", false, "(3, 2)", floats(ByteOrder.LITTLE_ENDIAN, 1, 2, 3, 4, 5, 6));
        for (int length = 0; length < whole.length; length++)
            assertThat(look(Arrays.copyOf(whole, length)).good())
                    .as("%s bytes", length)
                    .isFalse();
        assertThat(look(whole).good()).isTrue();
    }

    @Test
    void aSampleIsSpreadEvenly() throws IOException {
        byte[] rows = floats(ByteOrder.LITTLE_ENDIAN, 1, 1, 2, 2, 3, 3, Float.NaN, 4);
        Files.write(folder.resolve("a.npy"), npy(1, "'<f4'", false, "(4, 2)", rows));
        Summary.Numbers seen = numbers(Looks.at(folder.resolve("a.npy"), new Sample(2)), "");
        assertThat(seen.looked()).isEqualTo(4);
        assertThat(seen.min()).isEqualTo(2);
        assertThat(seen.nan()).isEqualTo(1);
        assertThat(seen.firstBad()).isEqualTo(3);
    }

    @Test
    void theNumbersOfAnNpzAreReadInIt() throws IOException {
        byte[] good = npy(1, "'<f4'", false, "(2, 2)", floats(ByteOrder.LITTLE_ENDIAN, 1, 2, 3, 4));
        byte[] bad = npy(1, "'<f4'", false, "(2, 2)", floats(ByteOrder.LITTLE_ENDIAN, 1, 2, 3, Float.NaN));
        Path file = folder.resolve("a.npz");
        Files.write(file, zip("x.npy", good, "y.npy", bad, "readme", new byte[5]));
        Inspection look = Looks.at(file);
        assertThat(failed(look)).containsExactly("y: NaN");
        assertThat(numbers(look, "x").mean()).isEqualTo(2.5);
        assertThat(Looks.datasets(look).get("readme").note()).contains("only its CRC");
        assertThat(numbers(Looks.at(file, new Sample(1)), "x").looked()).isEqualTo(2);
    }

    static byte[] zip(Object... entries) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ZipOutputStream zip = new ZipOutputStream(bytes)) {
            for (int at = 0; at < entries.length; at += 2) {
                zip.putNextEntry(new ZipEntry((String) entries[at]));
                zip.write((byte[]) entries[at + 1]);
            }
        }
        return bytes.toByteArray();
    }
}
