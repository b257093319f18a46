package dev.muster.core.fleet;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RollingTest {
    private final TreeMap<String, Rolling.Member> members = new TreeMap<>();
    private final Set<String> lost = new HashSet<>();
    private String leader = "v1";

    private void node(String name, boolean heard, String... attempts) {
        members.put(name, new Rolling.Member(name.startsWith("v"), heard, Set.of(attempts)));
    }

    private void fleet(int voters, int workers) {
        for (int index = 1; index <= voters; index++) node("v" + index, true);
        for (int index = 1; index <= workers; index++) node("w" + index, true);
    }

    private Rolling.Cluster cluster() {
        return new Rolling.Cluster(leader, members, lost);
    }

    private Rolling rolling(int batch) {
        return Rolling.of(members.keySet(), new Rolling.Bounds(batch, 0));
    }

    /// Restarts as it is told, each at once, and writes down in which groups.
    private List<List<String>> order(Rolling rolling) {
        List<List<String>> groups = new ArrayList<>();
        while (rolling.next(cluster()) instanceof Rolling.Next.Go(List<String> nodes)) {
            groups.add(nodes);
            rolling = rolling.begun(nodes, cluster());
            for (String node : nodes) rolling = rolling.restarted(node);
            rolling = rolling.seen(cluster());
        }
        assertThat(rolling.next(cluster())).isEqualTo(new Rolling.Next.Finished());
        return groups;
    }

    @Test
    void oneWorkerGoesAheadAndTheOthersInBatchesThenVotersOneByOneAndTheLeaderLast() {
        fleet(3, 5);

        assertThat(order(rolling(2)))
                .containsExactly(
                        List.of("w1"),
                        List.of("w2", "w3"),
                        List.of("w4", "w5"),
                        List.of("v2"),
                        List.of("v3"),
                        List.of("v1"));
    }

    @Test
    void aVoterWaitsWhileTheOthersAreNoMajorityWithoutIt() {
        fleet(5, 0);
        node("v4", false);
        node("v5", false);
        Rolling rolling = Rolling.of(Set.of("v1", "v2", "v3"), new Rolling.Bounds(1, 0));

        assertThat(rolling.refusal(cluster()))
                .isEqualTo("expected 3 of 5 voters to be heard while one of them restarts, but v4, v5 are silent");
        assertThat(rolling.next(cluster()))
                .isEqualTo(new Rolling.Next.Hold("until 3 voters besides v2 are heard; 2 are"));
        node("v4", true);
        assertThat(rolling.refusal(cluster())).isEmpty();
        assertThat(rolling.next(cluster())).isEqualTo(new Rolling.Next.Go(List.of("v2")));
    }

    @Test
    void whoEndsVotersIsToldWhenTheOthersAreNoMajority() {
        fleet(3, 2);
        assertThat(cluster().lostWithout(Set.of("w1", "w2"))).isEmpty();
        assertThat(cluster().lostWithout(Set.of("v1"))).isEmpty();
        assertThat(cluster().lostWithout(Set.of("v1", "v2")))
                .hasValue(
                        "That leaves 1 of 3 voters, and 2 are needed: the cluster takes no orders and places no work until"
                                + " they are back.");
        node("v3", false);
        assertThat(cluster().lostWithout(Set.of("v1")).orElse("")).startsWith("That leaves 1 of 3 voters");
    }

    @Test
    void twoVotersCannotDoWithoutEither() {
        fleet(2, 0);
        assertThat(rolling(1).refusal(cluster()))
                .isEqualTo(
                        "expected 2 of 2 voters to be heard while one of them restarts, but there are no more than 2");
    }

    @Test
    void aSilentVoterIsRestartedFirstAndCountsForTheOthersThen() {
        fleet(3, 0);
        node("v3", false);
        Rolling rolling = rolling(1);

        assertThat(rolling.refusal(cluster())).isEmpty();
        assertThat(rolling.next(cluster())).isEqualTo(new Rolling.Next.Go(List.of("v3")));
        rolling = rolling.begun(List.of("v3"), cluster()).restarted("v3").seen(cluster());
        assertThat(rolling.next(cluster())).isEqualTo(new Rolling.Next.Hold("until v3 is back"));
        node("v3", true);
        assertThat(rolling.seen(cluster()).next(cluster())).isEqualTo(new Rolling.Next.Go(List.of("v2")));
    }

    @Test
    void aJobThatWasReplacedStopsEverything() {
        fleet(3, 2);
        node("w1", true, "j1.0/1", "j2.0/1");
        Rolling rolling = rolling(1).begun(List.of("w1"), cluster()).restarted("w1");
        node("w1", true, "j1.0/1");
        lost.add("j2.0/1");

        assertThat(rolling.seen(cluster()).next(cluster()))
                .isEqualTo(new Rolling.Next.Stop("w1 failed: it came back without j2.0/1"));
    }

    @Test
    void aJobThatEndedMeanwhileIsNoLoss() {
        fleet(3, 1);
        node("w1", true, "j1.0/1");
        Rolling rolling = rolling(1).begun(List.of("w1"), cluster()).restarted("w1");
        node("w1", true);

        assertThat(rolling.seen(cluster()).next(cluster())).isEqualTo(new Rolling.Next.Go(List.of("v2")));
    }

    @Test
    void withoutALeaderNothingIsTouched() {
        fleet(3, 1);
        leader = "";
        assertThat(rolling(1).next(cluster())).isEqualTo(new Rolling.Next.Hold("until somebody leads"));
    }

    @Test
    void aVoterThatFailsStopsItAndSomeWorkersMay() {
        fleet(3, 4);
        Rolling rolling = Rolling.of(members.keySet(), new Rolling.Bounds(4, 1));
        rolling = rolling.begun(List.of("w1", "w2", "w3", "w4"), cluster()).failed("w1", "no route");
        for (String node : List.of("w2", "w3", "w4")) rolling = rolling.restarted(node);
        rolling = rolling.seen(cluster());
        assertThat(rolling.next(cluster())).isEqualTo(new Rolling.Next.Go(List.of("v2")));
        assertThat(rolling.begun(List.of("v2"), cluster())
                        .failed("v2", "it does not answer")
                        .next(cluster()))
                .isEqualTo(new Rolling.Next.Stop("v2, a voter, failed: it does not answer"));
    }

    /// Nodes take their time, some never come back, others fall silent by themselves, leaders change.
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 5, 8, 13, 21, 34, 55, 89, 144, 233})
    void ourRestartsNeverTakeTheQuorum(long seed) {
        Random dice = new Random(seed);
        int voters = 3 + 2 * dice.nextInt(2);
        fleet(voters, dice.nextInt(20));
        Rolling rolling = rolling(1 + dice.nextInt(4));
        Map<String, Integer> back = new TreeMap<>();
        Set<String> ours = new TreeSet<>();
        boolean stopped = false;
        for (int tick = 0; tick < 2_000 && !stopped; tick++) {
            for (String name : List.copyOf(members.keySet())) {
                if (ours.contains(name)) continue;
                boolean heard = members.get(name).heard();
                if (heard && dice.nextInt(400) == 0) node(name, false);
                else if (!heard && dice.nextInt(10) == 0) node(name, true);
            }
            for (Map.Entry<String, Integer> one : new TreeMap<>(back).entrySet()) {
                if (tick < one.getValue()) continue;
                back.remove(one.getKey());
                ours.remove(one.getKey());
                node(one.getKey(), true);
                rolling = rolling.restarted(one.getKey());
            }
            List<String> alive = members.keySet().stream()
                    .filter(name -> name.startsWith("v") && members.get(name).heard())
                    .toList();
            leader = alive.size() > voters / 2 ? alive.get(dice.nextInt(alive.size())) : "";
            rolling = rolling.seen(cluster());
            switch (rolling.next(cluster())) {
                case Rolling.Next.Go(List<String> nodes) -> {
                    boolean quorum = alive.size() > voters / 2;
                    assertThat(quorum).as("nothing begins without a quorum").isTrue();
                    rolling = rolling.begun(nodes, cluster());
                    for (String node : nodes) {
                        ours.add(node);
                        node(node, false);
                        back.put(node, tick + 1 + dice.nextInt(30));
                    }
                    long left = members.entrySet().stream()
                            .filter(one ->
                                    one.getValue().voter() && one.getValue().heard())
                            .count();
                    assertThat(left).as("voters left at " + tick).isGreaterThan(voters / 2);
                }
                case Rolling.Next.Hold hold -> assertThat(hold.why()).isNotEmpty();
                case Rolling.Next.Finished done -> stopped = true;
                case Rolling.Next.Stop stop -> throw new AssertionError(stop.why());
            }
        }
        assertThat(rolling.done())
                .as("%s %s", rolling, rolling.next(cluster()))
                .hasSize(members.size())
                .doesNotHaveDuplicates();
    }
}
