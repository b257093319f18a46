package dev.muster.edge.swarm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.muster.core.state.NodeId;
import dev.muster.core.state.Sha256;
import dev.muster.core.swarm.ChunkSet;
import dev.muster.core.swarm.SwarmPlanner;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;

class ExchangeCodecTest {
    private static final Sha256 SHA = new Sha256("ab".repeat(32));
    private static final NodeId N1 = new NodeId("n1");
    private static final NodeId N2 = new NodeId("gpu-a.lab");

    private static Exchange.Ask ask(Optional<byte[]> have) {
        return new Exchange.Ask(
                N1,
                SHA,
                have,
                List.of(new Exchange.Got(0, N2), new Exchange.Got(511, N1)),
                List.of(new Exchange.Failed(7, N2, SwarmPlanner.Failure.CORRUPT)),
                true,
                1,
                2_000_000_000_000L,
                40,
                1_000);
    }

    @Test
    void anAskComesBackAsItWas() throws IOException {
        Exchange.Ask first = ask(Optional.of(ChunkSet.all(512).bits()));
        Exchange.Ask read = ExchangeCodec.ask(SHA, ExchangeCodec.bytes(first));
        assertThat(read).usingRecursiveComparison().isEqualTo(first);
        Exchange.Ask next = ask(Optional.empty());
        assertThat(ExchangeCodec.ask(SHA, ExchangeCodec.bytes(next))).isEqualTo(next);
    }

    @Test
    void answersComeBackAsTheyWere() throws IOException {
        Exchange.Answer answer = new Exchange.Answer(
                true,
                true,
                List.of(new Exchange.Assigned(3, N2, true), new Exchange.Assigned(4, N1, false)),
                List.of(N1, N2),
                List.of(N2),
                false,
                100);
        assertThat(ExchangeCodec.answer(ExchangeCodec.bytes(answer))).isEqualTo(answer);
        assertThat(ExchangeCodec.answer(ExchangeCodec.bytes(Exchange.Answer.NOT_LEADING)))
                .isEqualTo(Exchange.Answer.NOT_LEADING);
        Exchange.Reach reach = new Exchange.Reach(N1, false, 1_500);
        assertThat(ExchangeCodec.reach(ExchangeCodec.bytes(reach))).isEqualTo(reach);
        Exchange.Calls calls = new Exchange.Calls(true, false, List.of(N2));
        assertThat(ExchangeCodec.calls(ExchangeCodec.bytes(calls))).isEqualTo(calls);
    }

    @Test
    void whatIsNoAskIsRefused() {
        byte[] good = ExchangeCodec.bytes(ask(Optional.empty()));
        byte[] other = good.clone();
        other[0] = 1;
        assertThatThrownBy(() -> ExchangeCodec.ask(SHA, other)).hasMessageContaining("format 2, but found 1");
        byte[] negative = good.clone();
        negative[good.length - 8] = -1; // the highest byte of the last number
        assertThatThrownBy(() -> ExchangeCodec.ask(SHA, negative)).hasMessageContaining("expected 0 or more");
        byte[] longer = Arrays.copyOf(good, good.length + 1);
        assertThatThrownBy(() -> ExchangeCodec.ask(SHA, longer)).hasMessageContaining("expected an end");
        for (int length = 0; length < good.length; length++) {
            byte[] cut = Arrays.copyOf(good, length);
            assertThatThrownBy(() -> ExchangeCodec.ask(SHA, cut)).isInstanceOf(IOException.class);
        }
    }

    /// Nothing but an [IOException], and no memory for what is not there.
    @Test
    void whateverComesIsReadOrRefused() {
        Random chance = new Random(1);
        byte[] good = ExchangeCodec.bytes(ask(Optional.of(ChunkSet.all(512).bits())));
        int refused = 0;
        for (int round = 0; round < 20_000; round++) {
            byte[] bytes = good.clone();
            for (int i = 0; i < 4; i++) bytes[chance.nextInt(bytes.length)] = (byte) chance.nextInt();
            try {
                ExchangeCodec.ask(SHA, bytes);
            } catch (IOException e) {
                refused++;
            }
        }
        assertThat(refused).isPositive();
    }
}
