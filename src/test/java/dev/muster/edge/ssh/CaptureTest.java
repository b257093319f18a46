package dev.muster.edge.ssh;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

class CaptureTest {
    private static final String MARK = "muster-0123";
    private static final String BEGIN = Payload.begin(MARK);
    private static final String END = Payload.end(MARK);

    /// In pieces of random length, as pipes give them.
    private static Capture capture(String text, Random random) {
        Capture capture = new Capture(MARK);
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        int at = 0;
        boolean ended = false;
        while (at < bytes.length && !ended) {
            int next = Math.min(bytes.length, at + 1 + random.nextInt(9));
            ended = capture.add(Arrays.copyOfRange(bytes, at, next), next - at);
            at = next;
        }
        return capture;
    }

    @Test
    void onlyWhatStandsBetweenTheMarksIsTheScripts() {
        Random random = new Random(3);
        for (int round = 0; round < 200; round++) {
            String inside = "out muster-0123-en muster-0123-begi é\n" + "x".repeat(random.nextInt(20));
            Capture capture =
                    capture("noise muster-0123-\nno line end: " + BEGIN + inside + END + "42;bye " + BEGIN, random);
            assertThat(capture.text()).isEqualTo(inside);
            assertThat(capture.status()).hasValue(42);
            assertThat(capture.before()).isEqualTo("noise muster-0123-\nno line end: ");
        }
    }

    @Test
    void withoutTheEndThereIsNoStatus() {
        Capture capture = capture("motd\n" + BEGIN + "half" + END + "4", new Random(1));
        assertThat(capture.begun()).isTrue();
        assertThat(capture.status()).isEmpty();
        assertThat(capture("login refused", new Random(1)).begun()).isFalse();
        assertThat(capture("login refused", new Random(1)).before()).isEqualTo("login refused");
    }

    @Test
    void whatIsTooLongIsCounted() {
        Capture capture = new Capture(MARK);
        byte[] text = (BEGIN + "y".repeat(HostShell.OUTPUT_MAX + 5) + END + "0;").getBytes(StandardCharsets.US_ASCII);
        assertThat(capture.add(text, text.length)).isTrue();
        assertThat(capture.text()).endsWith("y\n[muster: cut after 1048576 bytes; 5 more were left out]\n");
    }
}
