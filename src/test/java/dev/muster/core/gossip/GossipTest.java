package dev.muster.core.gossip;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.core.state.Endpoints;
import dev.muster.core.state.NodeId;
import dev.muster.core.state.Role;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/// One node, letter by letter; what many do together is in `GossipWorldTest`.
class GossipTest {
    private static final NodeId ME = new NodeId("me");
    private static final NodeId A = new NodeId("a");
    private static final NodeId B = new NodeId("b");
    private static final Tuning TUNING = Tuning.DEFAULT;

    private final Gossip gossip = new Gossip(ME, profile(ME, true), 100, TUNING, new SplittableRandom(1), 0);
    private long now;

    private static Profile profile(NodeId node, boolean dialable) {
        Endpoints at = new Endpoints(node.name(), 1, 2, 3, OptionalInt.of(4));
        return new Profile(node + "-identity", "1", Role.MIXED, at, false, dialable, List.of());
    }

    private static Rumor alive(NodeId node, long incarnation) {
        return new Rumor(node, Opinion.ALIVE, incarnation, node, 0, Optional.of(profile(node, true)));
    }

    private static Rumor rumor(NodeId node, Opinion opinion, long incarnation, NodeId by) {
        return new Rumor(node, opinion, incarnation, by, 0, Optional.empty());
    }

    private List<Turn.Send> meet(NodeId... members) {
        List<Rumor> all = new ArrayList<>();
        for (NodeId member : members) {
            gossip.connected(member, member + "-identity", now);
            all.add(alive(member, 5));
        }
        return hear(members[0], new Letter.Table(true, false, all));
    }

    private List<Turn.Send> hear(NodeId from, Letter letter) {
        gossip.received(from, letter, now);
        return gossip.take().sends();
    }

    private List<Turn.Send> pass(long ms) {
        List<Turn.Send> sent = new ArrayList<>();
        for (long end = now + ms; now < end; ) {
            now = Math.max(now + 1, Math.min(end, gossip.nextMs()));
            gossip.tick(now);
            sent.addAll(gossip.take().sends());
        }
        return sent;
    }

    private Opinion held(NodeId node) {
        return gossip.sightings().stream()
                .filter(one -> one.member().equals(node))
                .findFirst()
                .orElseThrow()
                .opinion();
    }

    @Test
    void whoIsDoubtedHearsItWithTheNextLetterHoweverOftenItWasTold() {
        meet(A, B);
        hear(B, new Letter.News(List.of(rumor(A, Opinion.SUSPECT, 5, B))));
        for (int i = 0; i < 50; i++) hear(B, new Letter.Ping(i, List.of()));
        Letter answer = hear(A, new Letter.Ping(99, List.of())).getFirst().letter();
        assertThat(answer).isInstanceOf(Letter.Ack.class);
        assertThat(answer.rumors().getFirst().about()).isEqualTo(A);
        assertThat(answer.rumors().getFirst().opinion()).isEqualTo(Opinion.SUSPECT);
        assertThat(hear(B, new Letter.Ping(99, List.of())).getFirst().letter().rumors())
                .as("the others have heard enough")
                .isEmpty();
    }

    @Test
    void whoIsDoubtedObjectsWithALargerIncarnation() {
        meet(A, B);
        List<Turn.Send> sent = hear(A, new Letter.News(List.of(rumor(ME, Opinion.SUSPECT, 100, B))));
        assertThat(sent)
                .isNotEmpty()
                .allSatisfy(send -> assertThat(send.letter().rumors())
                        .anyMatch(rumor -> rumor.about().equals(ME)
                                && rumor.opinion() == Opinion.ALIVE
                                && rumor.incarnation() == 101));
        assertThat(gossip.slowness()).as("it may be slow indeed").isEqualTo(2);
        assertThat(hear(A, new Letter.News(List.of(rumor(ME, Opinion.DEAD, 99, B)))))
                .as("of an earlier life")
                .isEmpty();
    }

    @Test
    void anObjectionEndsTheSuspicionAndAnOldOneDoesNot() {
        meet(A, B);
        hear(B, new Letter.News(List.of(rumor(A, Opinion.SUSPECT, 7, B))));
        hear(B, new Letter.News(List.of(alive(A, 7))));
        assertThat(held(A)).isEqualTo(Opinion.SUSPECT);
        hear(B, new Letter.News(List.of(alive(A, 8))));
        assertThat(held(A)).isEqualTo(Opinion.ALIVE);
        hear(B, new Letter.News(List.of(rumor(A, Opinion.DEAD, 7, B))));
        assertThat(held(A)).isEqualTo(Opinion.ALIVE);
    }

    @Test
    void oneAccuserAloneIsBelievedLaterThanMany() {
        List<NodeId> many = new ArrayList<>();
        for (int i = 0; i < 10; i++) many.add(new NodeId("n" + i));
        meet(many.toArray(NodeId[]::new));
        NodeId one = many.get(8);
        NodeId other = many.get(9);
        hear(A, new Letter.News(List.of(rumor(one, Opinion.SUSPECT, 5, many.get(0)))));
        for (int by = 0; by < 4; by++) {
            hear(A, new Letter.News(List.of(rumor(other, Opinion.SUSPECT, 5, many.get(by)))));
        }
        Suspicion alone = new Suspicion(A, TUNING, 11, 0);
        assertThat(alone.endsAtMs()).isEqualTo(6 * TUNING.suspicionMinMs(11));
        assertThat(alone.confirm(A)).as("the same again").isFalse();
        assertThat(alone.confirm(B)).isTrue();
        assertThat(alone.endsAtMs()).isLessThan(6 * TUNING.suspicionMinMs(11));
        pass(TUNING.suspicionMinMs(11) + 20);
        assertThat(held(other)).isEqualTo(Opinion.DEAD);
        assertThat(held(one)).isEqualTo(Opinion.SUSPECT);
    }

    @Test
    void theTimeInWhichANodeDidNotRunIsHeldAgainstNobody() {
        meet(A, B);
        pass(10);
        hear(B, new Letter.News(List.of(rumor(A, Opinion.SUSPECT, 5, B))));
        pass(10);
        now += 60_000;
        gossip.tick(now);
        assertThat(held(A)).as("its objection lies unread").isEqualTo(Opinion.SUSPECT);
        assertThat(gossip.slowness()).isGreaterThan(1);
        now += 200;
        hear(A, new Letter.News(List.of(alive(A, 6))));
        assertThat(held(A)).isEqualTo(Opinion.ALIVE);
    }

    @Test
    void theLongDeadAreNotTakenUpAgain() {
        meet(A);
        Rumor old = new Rumor(B, Opinion.DEAD, 5, A, TUNING.forgetMs(), Optional.of(profile(B, true)));
        hear(A, new Letter.Table(true, false, List.of(old)));
        assertThat(gossip.sightings()).extracting(Sighting::member).doesNotContain(B);
        Rumor late = new Rumor(B, Opinion.DEAD, 5, A, TUNING.forgetMs() - 1, Optional.of(profile(B, true)));
        hear(A, new Letter.Table(true, false, List.of(late)));
        assertThat(held(B)).isEqualTo(Opinion.DEAD);
    }

    @Test
    void ofAStrangerARumorWithoutAProfileSaysNothing() {
        meet(A);
        hear(A, new Letter.News(List.of(rumor(B, Opinion.SUSPECT, 5, A), rumor(B, Opinion.DEAD, 5, A))));
        assertThat(gossip.sightings()).extracting(Sighting::member).containsExactly(ME, A);
    }

    @Test
    void whomTheStateNamesIsAskedAndNotHeldForAliveBefore() {
        gossip.know(Map.of(B, profile(B, true)), now);
        assertThat(gossip.sightings()).extracting(Sighting::member).containsExactly(ME);
        assertThat(pass(2_000)).extracting(Turn.Send::to).contains(B);
        pass(60_000);
        assertThat(held(B)).as("nobody answered").isEqualTo(Opinion.DEAD);
    }

    @Test
    void whoIsNoLongerNamedAndNeverSpokeIsForgotten() {
        gossip.know(Map.of(B, profile(B, true)), now);
        gossip.know(Map.of(), now);
        assertThat(pass(20_000)).isEmpty();
    }

    @Test
    void ofOneThatCannotBeDialledAndHasNotSaidHowNoSilenceIsHeld() {
        meet(A);
        Rumor hidden = new Rumor(B, Opinion.ALIVE, 5, B, 0, Optional.of(profile(B, false)));
        hear(A, new Letter.News(List.of(hidden)));
        for (int second = 0; second < 60; second++) {
            for (Turn.Send send : pass(1_000)) {
                assertThat(send.to()).isEqualTo(A);
                if (send.letter() instanceof Letter.Ping(long number, var rumors))
                    hear(A, new Letter.Ack(number, List.of()));
            }
        }
        assertThat(held(B)).isEqualTo(Opinion.ALIVE);
    }

    @Test
    void aLetterCarriesNoMoreThanItsLimit() {
        List<NodeId> many = new ArrayList<>();
        for (int i = 0; i < 300; i++) many.add(new NodeId("n" + i));
        meet(many.toArray(NodeId[]::new));
        for (NodeId member : many) hear(A, new Letter.News(List.of(alive(member, 6))));
        Letter answer =
                hear(many.get(0), new Letter.Ping(1, List.of())).getFirst().letter();
        assertThat(answer.rumors()).hasSizeGreaterThan(10);
        assertThat(answer.rumors().stream().mapToInt(Rumor::size).sum()).isLessThanOrEqualTo(TUNING.letterBytes());
    }

    @Test
    void theTableHasALimitAndTheLongestDeadGoFirst() {
        Tuning small = new Tuning(1_000, 500, 3, 2.5, 6, 3, 4, 200, 3, 4_096, 30_000, 10_000, 5_000, 3_600_000, 3);
        Gossip few = new Gossip(ME, profile(ME, true), 100, small, new SplittableRandom(1), 0);
        few.received(A, new Letter.Table(true, false, List.of(alive(A, 5), alive(B, 5), alive(new NodeId("c"), 5))), 0);
        few.received(A, new Letter.News(List.of(alive(new NodeId("d"), 5))), 0);
        assertThat(few.sightings()).extracting(one -> one.member().name()).containsExactly("me", "a", "b", "c");
        few.received(A, new Letter.News(List.of(rumor(B, Opinion.DEAD, 5, A))), 0);
        few.received(A, new Letter.News(List.of(alive(new NodeId("d"), 5))), 0);
        assertThat(few.sightings()).extracting(one -> one.member().name()).containsExactly("me", "a", "c", "d");
    }
}
