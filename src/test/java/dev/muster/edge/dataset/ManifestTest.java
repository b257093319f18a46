package dev.muster.edge.dataset;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ManifestTest {
    private static final String MD5_OF_ABC = "900150983cd24fb0d6963f7d28e17f72";
    private static final String SHA256_OF_ABC = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

    @TempDir
    Path folder;

    private Manifest read(String text) throws Exception {
        return Manifest.read(Files.writeString(folder.resolve("manifest.yaml"), text));
    }

    @Test
    void sizesAndHashesAreCompared() throws Exception {
        Path file = Files.writeString(folder.resolve("a.bin"), "abc");
        for (String hash : new String[] {
            "md5: " + MD5_OF_ABC,
            "sha256: " + SHA256_OF_ABC,
            "checksum: " + MD5_OF_ABC.toUpperCase(Locale.ROOT) + ", checksum_type: MD5",
            "checksum: " + SHA256_OF_ABC
        }) {
            Manifest manifest = read("files:\n- {path: a.bin, size_bytes: 3, " + hash + "}\n");
            Inspection look = Looks.listed(file, manifest.of(file, folder).orElseThrow());
            assertThat(look.failures()).as(hash).isEmpty();
            assertThat(Looks.check(look, "hash").state()).hasToString("PASSED");
        }
        Manifest.Entry other = read("files: [{path: a.bin, size_bytes: 3, md5: " + MD5_OF_ABC.replace('9', '8') + "}]")
                .entries()
                .getFirst();
        assertThat(Looks.failed(Looks.listed(file, other))).containsExactly("hash");
        Manifest.Entry longer = read("files: [{path: a.bin, size_bytes: 4, md5: " + MD5_OF_ABC + "}]")
                .entries()
                .getFirst();
        assertThat(Looks.failed(Looks.listed(file, longer))).containsExactly("size");
        assertThat(Looks.listed(file, longer).damaged()).isTrue();
    }

    @Test
    void aFileIsFoundByItsPlaceOrItsOnlyName() throws Exception {
        Manifest manifest = read("files:\n- {path: 1D/a.h5}\n- {path: 2D/a.h5}\n- {path: 2D/b.h5}\n");
        assertThat(manifest.of(folder.resolve("2D/a.h5"), folder).map(Manifest.Entry::path))
                .contains(Path.of("2D/a.h5"));
        assertThat(manifest.of(Path.of("/elsewhere/b.h5"), folder).map(Manifest.Entry::path))
                .contains(Path.of("2D/b.h5"));
        assertThat(manifest.of(Path.of("/elsewhere/a.h5"), folder)).isEqualTo(Optional.empty());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "none: 1 | expected files: with a list, but found none",
                "files: [{size_bytes: 1}] | expected path: of a file, but found keys and values",
                "files: [{path: ../x}] | expected a path within the manifest's folder, but found ../x",
                "files: [{path: x, size_bytes: many}] | expected a number of bytes as its size, but found many",
                "files: [{path: x, md5: abc}] | expected 32 hexadecimal digits of MD5, but found abc",
                "files: [{path: x, checksum: abc, checksum_type: CRC}] | as checksum_type, but found CRC"
            })
    void whatIsNotUnderstoodSaysWhere(String text, String message) {
        assertThatThrownBy(() -> read(text))
                .isInstanceOf(Manifest.Unreadable.class)
                .hasMessageContaining("manifest.yaml:1: ")
                .hasMessageContaining(message);
    }

    /// The list of the files of PDEBench, where it is at hand.
    @Test
    void aRealManifestIsRead() throws IOException, Manifest.Unreadable {
        Path real = Path.of("../shared/data/runs/pdebench_manifest.yaml");
        assumeTrue(Files.exists(real));
        Manifest manifest = Manifest.read(real);
        assertThat(manifest.entries()).hasSize(336);
        assertThat(manifest.entries())
                .allMatch(entry -> entry.bytes() > 0 && entry.hash().length() == 32);
    }
}
