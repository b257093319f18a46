package dev.muster.edge.swarm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.muster.core.state.NodeId;
import dev.muster.core.state.Sha256;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(20)
class LadderTest {
    private final List<String> tried = new ArrayList<>();
    private final Map<Transport, Ladder.Rung> rungs = new LinkedHashMap<>();
    private final Ladder.Wish wish =
            new Ladder.Wish(new Sha256("ab".repeat(32)), 7, List.of(new NodeId("n1")), new TreeMap<>());

    private void rung(Transport way, String trouble) {
        rungs.put(way, any -> {
            tried.add(way.word());
            if (!trouble.isEmpty()) throw new IOException(trouble);
        });
    }

    @Test
    void theFirstWayThatBringsItEndsIt() throws Exception {
        rung(Transport.SWARM, "nobody leads");
        rung(Transport.HTTP, "");
        rung(Transport.RSYNC, "");

        assertThat(new Ladder(rungs).climb(Transport.AUTO, wish)).isEqualTo(Transport.HTTP);
        assertThat(tried).containsExactly("swarm", "http");
    }

    @Test
    void whenNoneDoesEachIsToldWithItsReason() {
        rung(Transport.SWARM, "nobody leads");
        rung(Transport.HTTP, "refused");

        assertThatThrownBy(() -> new Ladder(rungs).climb(Transport.AUTO, wish))
                .hasMessage("no way brought it: swarm: nobody leads; http: refused")
                .hasCauseInstanceOf(IOException.class);
    }

    @Test
    void aForcedWayIsTheOnlyOneAlsoWhereItWouldNotBeTried() {
        rung(Transport.SWARM, "");
        rungs.put(Transport.RSYNC, new Ladder.Rung() {
            @Override
            public boolean tried(Ladder.Wish any) {
                return false;
            }

            @Override
            public void bring(Ladder.Wish any) throws IOException {
                tried.add("rsync");
                throw new IOException("not installed");
            }
        });

        assertThatThrownBy(() -> new Ladder(rungs).climb(Transport.RSYNC, wish)).hasMessage("not installed");
        assertThat(tried).containsExactly("rsync");
    }

    @Test
    void whereThereIsNoRoomNoOtherWayIsTried() {
        rungs.put(Transport.SWARM, any -> {
            throw new NoRoom("disk full");
        });
        rung(Transport.HTTP, "");

        assertThatThrownBy(() -> new Ladder(rungs).climb(Transport.AUTO, wish)).hasMessage("disk full");
        assertThat(tried).isEmpty();
    }

    @Test
    void aDiskThatIsFullIsNoHoldersFaultAndNoOtherIsAsked() {
        List<NodeId> holders = List.of(new NodeId("n1"), new NodeId("n2"));
        rungs.put(
                Transport.HTTP,
                any -> Ladder.each(any, holder -> {
                    tried.add(holder.toString());
                    throw new IOException("No space left on device");
                }));
        rung(Transport.RSYNC, "");

        assertThatThrownBy(() -> new Ladder(rungs)
                        .climb(Transport.AUTO, new Ladder.Wish(wish.sha(), 7, holders, new TreeMap<>())))
                .isInstanceOf(NoRoom.class)
                .hasMessage("disk full: No space left on device");
        assertThat(tried).containsExactly("n1");
    }

    @Test
    void whenTheNodeEndsWhatIsUnderWayIsBrokenOffAndNothingElseBegins() throws Exception {
        CountDownLatch begun = new CountDownLatch(1);
        CompletableFuture<Boolean> ended = new CompletableFuture<>();
        rungs.put(Transport.ARIA2, any -> {
            begun.countDown();
            try {
                new CountDownLatch(1).await();
            } finally {
                ended.complete(true);
            }
        });
        rung(Transport.RSYNC, "");
        Ladder ladder = new Ladder(rungs);
        CompletableFuture<Object> climbed = CompletableFuture.supplyAsync(() -> {
            try {
                return ladder.climb(Transport.AUTO, wish);
            } catch (IOException | InterruptedException e) {
                return e;
            }
        });
        begun.await();

        ladder.close();

        assertThat(ended).isCompleted();
        assertThat(climbed.get(10, TimeUnit.SECONDS)).isInstanceOf(InterruptedException.class);
        assertThatThrownBy(() -> ladder.climb(Transport.RSYNC, wish)).hasMessage("this node is ending");
        assertThat(tried).isEmpty();
    }
}
