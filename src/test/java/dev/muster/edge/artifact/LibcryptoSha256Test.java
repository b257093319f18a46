package dev.muster.edge.artifact;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class LibcryptoSha256Test {
    private final Random random = new Random(1);
    private MessageDigest digest;

    @BeforeEach
    void find() {
        assumeThat(LibcryptoSha256.create()).as("a libcrypto on this system").isPresent();
        digest = LibcryptoSha256.create().orElseThrow();
    }

    @Test
    void agreesWithTheJdkWhateverThePieces() throws Exception {
        MessageDigest jdk = MessageDigest.getInstance("SHA-256");
        for (int round = 0; round < 200; round++) {
            byte[] bytes = new byte[random.nextInt(5_000)];
            random.nextBytes(bytes);
            for (int at = 0; at < bytes.length; ) {
                int length = Math.min(bytes.length - at, random.nextInt(700));
                if (random.nextInt(10) == 0 && length > 0) {
                    digest.update(bytes[at]);
                    at++;
                } else if (random.nextBoolean()) {
                    digest.update(bytes, at, length);
                    at += length;
                } else {
                    ByteBuffer direct = ByteBuffer.allocateDirect(length)
                            .put(bytes, at, length)
                            .flip();
                    digest.update(direct);
                    assertThat(direct.hasRemaining()).isFalse();
                    at += length;
                }
            }
            assertThat(digest.digest()).isEqualTo(jdk.digest(bytes));
        }
    }

    @Test
    void startsAnewAfterAReset() throws Exception {
        digest.update(new byte[] {1, 2, 3});
        digest.reset();
        assertThat(digest.digest(new byte[] {4}))
                .isEqualTo(MessageDigest.getInstance("SHA-256").digest(new byte[] {4}));
    }

    @Test
    void isNotCopied() {
        assertThatThrownBy(digest::clone).isInstanceOf(CloneNotSupportedException.class);
    }
}
