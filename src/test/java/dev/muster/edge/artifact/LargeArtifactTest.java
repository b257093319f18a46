package dev.muster.edge.artifact;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.edge.artifact.PutResult.Stored;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Far more bytes than heap, in a JVM with 32 MiB.
@Tag("slow")
class LargeArtifactTest {
    private static final long SIZE = 300L << 20;

    @TempDir
    Path temp;

    @Test
    void aFileLargerThanTheHeapPassesThrough() throws Exception {
        Assumptions.assumeTrue(
                Files.getFileStore(temp).getUsableSpace() > 3 * SIZE, "needs " + 3 * SIZE + " bytes of disk");
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:+UseSerialGC",
                        "-Xmx32m",
                        "--enable-native-access=ALL-UNNAMED",
                        "-cp",
                        System.getProperty("java.class.path"),
                        Storing.class.getName(),
                        temp.toString())
                .redirectErrorStream(true)
                .start();

        assertThat(process.inputReader().readAllLines()).containsExactly("stored " + SIZE + ", verified, placed");
        assertThat(process.waitFor()).isZero();
    }

    /// The other JVM.
    static final class Storing {
        private Storing() {}

        public static void main(String[] args) throws Exception {
            Path dir = Path.of(args[0]);
            ArtifactStore store = ArtifactStore.open(dir.resolve("store"), new ArtifactStore.Limits(1 << 20));
            Stored stored = (Stored) store.put(new Zeros());
            boolean verified = store.verify(stored.sha256()) instanceof VerifyResult.Verified;
            boolean placed = store.linkInto(stored.sha256(), dir.resolve("copy"), ArtifactStore.Access.OWN_COPY)
                            instanceof PlaceResult.Placed
                    && Files.size(dir.resolve("copy")) == SIZE;
            System.out.println("stored " + stored.size() + (verified ? ", verified" : "") + (placed ? ", placed" : ""));
        }
    }

    private static final class Zeros extends InputStream {
        private long left = SIZE;

        @Override
        public int read() {
            throw new UnsupportedOperationException("the store reads blocks");
        }

        @Override
        public int read(byte[] into, int from, int length) {
            if (left == 0) {
                return -1;
            }
            int read = (int) Math.min(left, length);
            left -= read;
            return read;
        }
    }
}
