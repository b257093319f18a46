package dev.muster.edge.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/// Five voters and a worker that runs a job, each on a host of its own, while the network between the voters parts: real
/// agents, asked on their own hosts.
@Tag("slow")
@Tag("lab")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class LabVotersTest {
    private static final List<String> VOTERS = List.of("h0", "h1", "h2", "h3", "h4");
    private static final String WORKER = "h5";
    private static final Duration UP_MAX = Duration.ofSeconds(90);

    /// For an election, a leader's resignation and a slow machine.
    private static final Duration TURN_MAX = Duration.ofSeconds(40);

    /// What no one does within the time of several elections, it does not do.
    private static final Duration APART = Duration.ofSeconds(7);

    /// TCP tries a line again after 12, 25 and 51 s: whoever waits for it lacks what is new for 20 s after so long.
    private static final Duration LONG_APART = Duration.ofSeconds(30);

    private static final Duration BACK_MAX = Duration.ofSeconds(18);

    private static final Map<String, Object> JOB = Map.of(
            "name", "sleeper", "node", WORKER, "resources", Map.of("cpus", 0.1), "command", List.of("sleep", "1000"));

    @TempDir
    private static Path dir;

    private Lab lab;
    private LabCluster cluster;
    private Watch watch;
    private String attempt;

    /// Once for all tests: a cluster takes longer to start than to elect.
    @BeforeAll
    void up() throws Exception {
        LabTest.assumeLab();
        lab = Lab.up(LabTest.SCRIPT, 5, "100mbit");
        cluster = LabCluster.start(lab, dir, Set.copyOf(VOTERS));
        cluster.awaitNodes("h0", UP_MAX);
        String job = order("h0", JOB);
        await("the job runs", () -> running(job).isPresent());
        attempt = running(job).orElseThrow();
        watch = new Watch();
    }

    @AfterAll
    void down() {
        if (watch != null) watch.close();
        if (cluster != null) cluster.close();
        if (lab != null) lab.close();
    }

    /// The leader is among the two.
    @Test
    void ofTwoAndThreeTheThreeGoOn() throws Exception {
        String leader = leader();
        List<String> few = List.of(leader, others(leader).getFirst());
        theManyGoOn(few, APART);
    }

    /// The leader is alone.
    @Test
    void ofOneAndFourTheFourGoOn() throws Exception {
        theManyGoOn(List.of(leader()), APART);
    }

    /// The leader goes on sending to it all the time.
    @Test
    void aFollowerThatWasAwayForLongHasAllSoonAfter() throws Exception {
        theManyGoOn(List.of(others(leader()).getFirst()), LONG_APART);
    }

    @Test
    void ofTwoAndTwoAndOneNobodyWrites() throws Exception {
        String leader = leader();
        List<String> others = others(leader);
        List<String> pair = List.of(leader, others.get(0));
        List<String> second = List.of(others.get(1), others.get(2));
        List<String> alone = List.of(others.get(3));
        lab.partition(pair, second);
        lab.partition(pair, alone);
        lab.partition(second, alone);
        await("nobody leads", () -> leading(VOTERS).isEmpty());
        long end = System.nanoTime() + APART.toNanos();
        while (System.nanoTime() < end) {
            for (String voter : List.of(leader, others.get(1), others.get(3))) refuses(voter);
            assertThat(leading(VOTERS)).isEmpty();
        }
        lab.heal();
        together();
    }

    private void theManyGoOn(List<String> few, Duration apart) throws Exception {
        List<String> many =
                VOTERS.stream().filter(voter -> !few.contains(voter)).toList();
        lab.partition(few, many);
        lab.partition(few, List.of(WORKER));
        await("one of " + many + " leads", () -> leading(many).size() == 1);
        await("none of " + few + " leads", () -> leading(few).isEmpty());
        List<String> written = new ArrayList<>();
        long end = System.nanoTime() + apart.toNanos();
        while (System.nanoTime() < end) {
            for (String voter : many)
                written.add(order(voter, Map.of("name", "w", "node", "nowhere", "command", List.of("true"))));
            refuses(few.getFirst());
        }
        lab.heal();
        long healed = System.nanoTime();
        for (String voter : VOTERS) {
            for (String job : List.of(written.getFirst(), written.getLast()))
                await(job + " on " + voter, () -> has(voter, job));
        }
        assertThat(Duration.ofNanos(System.nanoTime() - healed))
                .as("until all have what was ordered meanwhile")
                .isLessThan(BACK_MAX);
        together();
    }

    /// One leader that all follow, the job where it was, and no two leaders at any time in between.
    private void together() throws Exception {
        await("all follow one leader", () -> {
            List<String> leaders = leading(VOTERS);
            if (leaders.size() != 1) return false;
            for (String voter : VOTERS) if (!cluster.leader(voter).equals(leaders.getFirst())) return false;
            return true;
        });
        String job = attempt.substring(0, attempt.indexOf('.'));
        await("the job runs", () -> running(job).isPresent());
        assertThat(running(job)).contains(attempt);
        assertThat(watch.faults()).isEmpty();
    }

    private String leader() throws Exception {
        await("a leader", () -> leading(VOTERS).size() == 1);
        return leading(VOTERS).getFirst();
    }

    private static List<String> others(String leader) {
        return VOTERS.stream().filter(voter -> !voter.equals(leader)).toList();
    }

    /// Those that say they lead.
    private List<String> leading(List<String> voters) throws Exception {
        List<String> leading = new ArrayList<>();
        for (String voter : voters) {
            if (cluster.get(voter, "/status").path("is_leader").asBoolean()) leading.add(voter);
        }
        return leading;
    }

    private String order(String host, Map<String, Object> job) throws Exception {
        return cluster.post(host, "/v1/jobs", job).path("job").asString();
    }

    private void refuses(String host) {
        assertThatThrownBy(() -> order(host, Map.of("name", "lost", "node", "nowhere", "command", List.of("true"))))
                .as("an order at %s", host)
                .isInstanceOf(IOException.class);
    }

    private boolean has(String host, String job) throws Exception {
        return cluster.get(host, "/v1/jobs/" + job)
                .path("job")
                .path("id")
                .asString("")
                .equals(job);
    }

    private Optional<String> running(String job) throws Exception {
        for (JsonNode each : cluster.get("h0", "/v1/jobs/" + job).path("attempts")) {
            if (each.path("status").asString().equals("RUNNING"))
                return Optional.of(each.path("id").asString());
        }
        return Optional.empty();
    }

    private interface Condition {
        boolean holds() throws Exception;
    }

    private static void await(String what, Condition condition) throws Exception {
        long end = System.nanoTime() + TURN_MAX.toNanos();
        Exception last = null;
        while (System.nanoTime() < end) {
            try {
                if (condition.holds()) return;
            } catch (IOException e) {
                last = e;
            }
            Thread.sleep(50);
        }
        throw new AssertionError("expected within " + TURN_MAX + ": " + what, last);
    }

    /// Asks every voter all the time who it thinks it is.
    private final class Watch implements AutoCloseable {
        private final Map<Long, Set<String>> leaders = new ConcurrentSkipListMap<>();
        private final AtomicBoolean closed = new AtomicBoolean();
        private final List<Thread> threads = new ArrayList<>();

        Watch() {
            for (String voter : VOTERS) {
                threads.add(Thread.ofPlatform().daemon().name("watch-" + voter).start(() -> look(voter)));
            }
        }

        private void look(String voter) {
            while (!closed.get()) {
                try {
                    JsonNode status = cluster.get(voter, "/status");
                    if (status.path("is_leader").asBoolean()) {
                        leaders.computeIfAbsent(status.path("term").asLong(), term -> ConcurrentHashMap.newKeySet())
                                .add(voter);
                    }
                    Thread.sleep(50);
                } catch (IOException e) {
                    // asked again
                } catch (InterruptedException e) {
                    return;
                }
            }
        }

        /// Terms with more than one leader.
        Map<Long, Set<String>> faults() {
            assertThat(leaders).isNotEmpty();
            Map<Long, Set<String>> faults = new TreeMap<>();
            leaders.forEach((term, who) -> {
                if (who.size() > 1) faults.put(term, new TreeSet<>(who));
            });
            return faults;
        }

        @Override
        public void close() {
            closed.set(true);
            threads.forEach(Thread::interrupt);
        }
    }
}
