package dev.muster.edge.gossip;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.muster.core.gossip.Letter;
import dev.muster.core.gossip.Opinion;
import dev.muster.core.gossip.Profile;
import dev.muster.core.gossip.Rumor;
import dev.muster.core.state.Endpoints;
import dev.muster.core.state.NodeId;
import dev.muster.core.state.Role;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Random;
import org.junit.jupiter.api.Test;

class LetterCodecTest {
    private static final NodeId N1 = new NodeId("n1");
    private static final NodeId N2 = new NodeId("n2");
    private static final Profile PROFILE = new Profile(
            "identity",
            "1.2",
            Role.TRAINING,
            new Endpoints("n1.example", 8770, 8767, 65535, OptionalInt.of(8765)),
            true,
            false,
            List.of(N2));
    private static final List<Rumor> RUMORS = List.of(
            new Rumor(N1, Opinion.ALIVE, 1_700_000_000_000L, N1, 0, Optional.of(PROFILE)),
            new Rumor(N2, Opinion.SUSPECT, 7, N1, 1_234, Optional.empty()),
            new Rumor(N2, Opinion.LEFT, 8, N2, 0, Optional.of(PROFILE.withVia(List.of()))));

    private static List<Letter> letters() {
        return List.of(
                new Letter.Ping(1, RUMORS),
                new Letter.Ack(2, List.of()),
                new Letter.PingFor(3, N2, RUMORS),
                new Letter.Nack(4, List.of()),
                new Letter.News(RUMORS),
                new Letter.Compare(-5, RUMORS),
                new Letter.Table(true, false, RUMORS),
                new Letter.Same(List.of()));
    }

    @Test
    void aLetterComesBackAsItWas() throws IOException {
        for (Letter letter : letters()) {
            assertThat(LetterCodec.read(LetterCodec.write(letter))).contains(letter);
        }
    }

    @Test
    void whatANewerVersionAddsIsSkipped() throws IOException {
        byte[] known = LetterCodec.write(new Letter.News(List.of(RUMORS.get(1))));
        int block = ((known[3] & 0xff) << 8) | (known[4] & 0xff);
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        DataOutputStream out = new DataOutputStream(bytes);
        out.write(known, 0, 3);
        out.writeShort(block + 3);
        out.write(known, 5, block);
        out.write(new byte[] {1, 2, 3});
        assertThat(LetterCodec.read(bytes.toByteArray())).contains(new Letter.News(List.of(RUMORS.get(1))));
        assertThat(LetterCodec.read(new byte[] {99, 1, 2})).isEmpty();
    }

    @Test
    void whatIsNoLetterIsRefusedAndNothingElseHappens() {
        byte[] whole = LetterCodec.write(new Letter.Ping(1, RUMORS));
        for (int length = 1; length < whole.length; length++) {
            byte[] cut = Arrays.copyOf(whole, length);
            assertThatThrownBy(() -> LetterCodec.read(cut)).isInstanceOf(IOException.class);
        }
        Random random = new Random(4);
        for (int round = 0; round < 2_000; round++) {
            byte[] noise = whole.clone();
            for (int i = 0; i < 4; i++) noise[random.nextInt(noise.length)] = (byte) random.nextInt();
            try {
                LetterCodec.read(noise);
            } catch (IOException expected) {
                assertThat(expected).isInstanceOf(IOException.class);
            }
        }
    }

    @Test
    void thePartsOfATableStayBelowTheLimit() {
        String host = "h".repeat(Profile.TEXT_MAX);
        NodeId name = new NodeId("n".repeat(63));
        Profile largest = new Profile(
                host, host, Role.COORDINATOR, new Endpoints(host, 1, 1, 1), true, true, List.of(name, name, name));
        Rumor rumor = new Rumor(name, Opinion.DEAD, Long.MAX_VALUE, name, Long.MAX_VALUE, Optional.of(largest));
        byte[] bytes = LetterCodec.write(new Letter.Table(true, true, Collections.nCopies(64, rumor)));
        assertThat(bytes.length).isLessThan(LetterCodec.LETTER_MAX);
    }
}
