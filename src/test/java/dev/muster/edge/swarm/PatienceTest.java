package dev.muster.edge.swarm;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.core.state.Sha256;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/// Who is waited for, and who is not: half a minute each.
@Tag("slow")
@Execution(ExecutionMode.CONCURRENT)
class PatienceTest {
    private static final int CHUNK = 128 << 10;

    @TempDir
    Path base;

    private Lab lab;

    @BeforeEach
    void start() {
        lab = new Lab(base);
    }

    @AfterEach
    void stop() {
        lab.close();
    }

    @Test
    void aLineOnWhichTheFirstChunksTakeLongIsNotGivenUp() throws Exception {
        byte[] file = Lab.bytes(12 * CHUNK, 1);
        Sha256 sha = Lab.sha(file);
        Lab.Node source = lab.start("s", new Swarm.Settings(Lab.TOKEN, true, 60_000, 0, 24, Transport.SWARM));
        source.hold(file);
        Lab.Node receiver = lab.start("r", Lab.settings());

        Fetched how = receiver.fetch(sha).get(60, TimeUnit.SECONDS);

        assertThat(how.took()).isGreaterThan(Duration.ofSeconds(22));
        assertThat(how.by()).isEqualTo(Transport.SWARM);
        assertThat(receiver.read(sha)).isEqualTo(file);
    }

    @Test
    void aReceiverThatTakesNothingDoesNotKeepOthersOut() throws Exception {
        byte[] file = Lab.bytes(64 << 20, 2);
        Sha256 sha = Lab.sha(file);
        Lab.Node source = lab.start("s", new Swarm.Settings(Lab.TOKEN, true, 0, 0, 1, Transport.SWARM));
        source.hold(file);
        try (Socket deaf = new Socket("127.0.0.1", source.port())) {
            String ask =
                    "GET /artifacts/" + sha + " HTTP/1.1\r\nHost: s\r\nAuthorization: Bearer " + Lab.TOKEN + "\r\n\r\n";
            deaf.getOutputStream().write(ask.getBytes(StandardCharsets.US_ASCII));
            assertThat(deaf.getInputStream().read()).isEqualTo('H');
            Lab.Node receiver = lab.start("r", Lab.settings());

            again(receiver, sha);

            assertThat(receiver.read(sha)).isEqualTo(file);
        }
    }

    /// As a node does when nothing came.
    private static void again(Lab.Node receiver, Sha256 sha) throws Exception {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(90);
        while (true) {
            try {
                receiver.fetch(sha).get(60, TimeUnit.SECONDS);
                return;
            } catch (ExecutionException e) {
                if (System.nanoTime() > end) throw e;
            }
        }
    }
}
