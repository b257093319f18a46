package dev.muster.edge.model;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ModelFileTest {
    @TempDir
    Path dir;

    private ModelCheck check(String name, byte[] bytes) throws IOException {
        return ModelFile.check(Files.write(dir.resolve(name), bytes), name);
    }

    private String broken(String name, byte[] bytes) throws IOException {
        assertThat(check(name, bytes)).isInstanceOf(ModelCheck.Broken.class);
        return ((ModelCheck.Broken) check(name, bytes)).reason();
    }

    private static byte[] weights() {
        byte[] weights = new byte[300_000];
        new Random(1).nextBytes(weights);
        return weights;
    }

    /// As `torch.save` writes it, entries stored as they are.
    private static byte[] torch(byte[] pickle) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ZipOutputStream zip = new ZipOutputStream(bytes)) {
            store(zip, "model/data.pkl", pickle);
            store(zip, "model/data/0", weights());
        }
        return bytes.toByteArray();
    }

    private static void store(ZipOutputStream zip, String name, byte[] bytes) throws IOException {
        ZipEntry entry = new ZipEntry(name);
        CRC32 crc = new CRC32();
        crc.update(bytes);
        entry.setMethod(ZipEntry.STORED);
        entry.setSize(bytes.length);
        entry.setCrc(crc.getValue());
        zip.putNextEntry(entry);
        zip.write(bytes);
    }

    private static byte[] pickle(String... words) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        bytes.writeBytes(new byte[] {(byte) 0x80, 2, '}', 'q', 0});
        for (String word : words) {
            byte[] text = word.getBytes(StandardCharsets.UTF_8);
            bytes.write('X');
            bytes.writeBytes(ByteBuffer.allocate(4)
                    .order(ByteOrder.LITTLE_ENDIAN)
                    .putInt(text.length)
                    .array());
            bytes.writeBytes(text);
            bytes.writeBytes(new byte[] {'q', 1});
        }
        return bytes.toByteArray();
    }

    private static byte[] safetensors(String header, int data) {
        byte[] text = header.getBytes(StandardCharsets.UTF_8);
        return ByteBuffer.allocate(8 + text.length + data)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putLong(text.length)
                .put(text)
                .array();
    }

    @Test
    void aPytorchFileIsSoundAndTellsItsMetadataWithoutBeingUnpickled() throws Exception {
        byte[] bytes = torch(pickle("state_dict", "_versioning_metadata", "torch_version", "2.4.0", "config", "hex8"));
        assertThat(check("m.pth", bytes))
                .isEqualTo(
                        new ModelCheck.Sound("pytorch", java.util.List.of("torch_version", "2.4.0", "config", "hex8")));
    }

    @Test
    void anEntryOfItsOwnTellsTheMetadataToo() throws Exception {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ZipOutputStream zip = new ZipOutputStream(bytes)) {
            store(zip, "_versioning_metadata", "torch=2.4.0\nseed=7\n".getBytes(StandardCharsets.UTF_8));
        }
        assertThat(check("m.pth", bytes.toByteArray()))
                .isEqualTo(new ModelCheck.Sound("zip", java.util.List.of("torch=2.4.0", "seed=7")));
    }

    @Test
    void aTruncatedZipIsBrokenWhereverItWasCut() throws Exception {
        byte[] whole = torch(pickle("a"));
        for (int length : new int[] {10, 1000, whole.length / 2, whole.length - 30, whole.length - 1}) {
            assertThat(broken("m.pth", Arrays.copyOf(whole, length))).contains("cut off");
        }
    }

    @Test
    void aFlippedBitIsFoundByTheEntrysCrc() throws Exception {
        byte[] bytes = torch(pickle("a"));
        bytes[bytes.length / 2] ^= 4;
        assertThat(broken("m.pth", bytes))
                .contains("CRC-32")
                .contains("model/data/0")
                .contains("damaged");
    }

    @Test
    void aDeflatedEntryIsReadThroughToo() throws Exception {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (ZipOutputStream zip = new ZipOutputStream(out)) {
            zip.putNextEntry(new ZipEntry("model/data.pkl"));
            zip.write(weights());
        }
        byte[] bytes = out.toByteArray();
        assertThat(check("m.pth", bytes)).isInstanceOf(ModelCheck.Sound.class);
        bytes[bytes.length / 2] ^= 4;
        assertThat(check("m.pth", bytes)).isInstanceOf(ModelCheck.Broken.class);
    }

    @Test
    void aZipThatUnpacksWithoutMeasureIsRefusedUnread() throws Exception {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (ZipOutputStream zip = new ZipOutputStream(out)) {
            zip.putNextEntry(new ZipEntry("model/data.pkl"));
            zip.write(new byte[4 << 20]);
        }
        assertThat(broken("m.pth", out.toByteArray())).contains("at most 64 times");
    }

    @Test
    void anEmptyFileIsNoModelAndOtherBytesAreTakenAsTheyAre() throws Exception {
        assertThat(broken("m.bin", new byte[0])).contains("empty");
        assertThat(check("m.bin", new byte[] {1})).isEqualTo(new ModelCheck.Sound("bytes", java.util.List.of()));
    }

    @Test
    void whatIsNamedAsPyTorchNamesItsFilesIsAZipOrAPickle() throws IOException {
        byte[] page = "<html>404 not found</html>".getBytes(java.nio.charset.StandardCharsets.UTF_8);
        assertThat(check("m.pth", page))
                .isInstanceOfSatisfying(
                        ModelCheck.Broken.class,
                        broken -> assertThat(broken.reason()).contains("expected a zip file or a pickle"));
        byte[] pickle = {(byte) 0x80, 2, '}', '.'};
        assertThat(check("m.pt", pickle)).isInstanceOf(ModelCheck.Sound.class);
    }

    @Test
    void aSafetensorsFileIsSoundWhenItsTensorsFillIt() throws Exception {
        String header = """
                {"__metadata__":{"_versioning_metadata":"torch 2.4"},
                 "a":{"dtype":"F32","shape":[2,2],"data_offsets":[0,16]},
                 "b":{"dtype":"BF16","shape":[4],"data_offsets":[16,24]}}""";
        assertThat(check("m.safetensors", safetensors(header, 24)))
                .isEqualTo(new ModelCheck.Sound("safetensors", java.util.List.of("_versioning_metadata=torch 2.4")));
        assertThat(broken("m.safetensors", safetensors(header, 23))).contains("within the file's 23 bytes");
        assertThat(broken("m.safetensors", safetensors(header, 30))).contains("the tensors end at 24");
    }

    @Test
    void overlappingTensorsAndHolesAreBroken() throws Exception {
        assertThat(broken("m.safetensors", safetensors("""
                {"a":{"dtype":"U8","shape":[10],"data_offsets":[0,10]},
                 "b":{"dtype":"U8","shape":[10],"data_offsets":[8,18]}}""", 18)))
                .isEqualTo("expected tensor b at 10, where tensor a ends, but it overlaps it from 8");
        assertThat(broken("m.safetensors", safetensors("""
                {"a":{"dtype":"U8","shape":[4],"data_offsets":[2,6]}}""", 6))).contains("leaves a hole up to 2");
        assertThat(broken("m.safetensors", safetensors("""
                {"a":{"dtype":"F32","shape":[3],"data_offsets":[0,8]}}""", 8))).contains("F32 of shape [3]");
    }

    @Test
    void aHeaderThatIsNoneIsBroken() throws Exception {
        assertThat(broken("m.safetensors", new byte[] {1, 2, 3})).contains("8 bytes");
        assertThat(broken("m.safetensors", safetensors("{\"a\":[1]}", 0))).contains("an object for each tensor");
        assertThat(broken("m.safetensors", safetensors("{\"a\":{\"data", 0))).contains("expected JSON");
        byte[] long1 = safetensors("{}", 0);
        long1[6] = 1;
        assertThat(broken("m.safetensors", long1)).contains("expected a header of 2 to");
        assertThat(broken("m.safetensors", safetensors("""
                {"a":{"dtype":"U8","shape":[9223372036854775807,9],"data_offsets":[0,1]}}""", 1))).contains("U8 of shape");
    }
}
