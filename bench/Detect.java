import dev.muster.edge.local.LocalCluster;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import tools.jackson.databind.JsonNode;

/// From `kill -9` of an agent until each other node's `/status` no longer says that it is alive (`known`), and until its
/// gossip holds it dead (`certain`). Each node is asked four times a second, so a time is up to a quarter of a second
/// too long.
final class Detect {
    private static final Duration ROUND_MAX = Duration.ofSeconds(60);
    private static final int ASK_EVERY_MS = 250;

    private final Fleet fleet;

    Detect(Fleet fleet) {
        this.fleet = fleet;
    }

    /// One node's answer in one round; `certain` is NaN where gossip was never certain.
    private record Noticed(double known, double certain) {}

    String run() throws Exception {
        List<Double> known = new ArrayList<>();
        List<Double> certain = new ArrayList<>();
        List<String> slowest = new ArrayList<>();
        double leaderMax = 0;
        int missed = 0;
        try (Fleet started = fleet.start()) {
            for (int round = 1; round <= fleet.rounds; round++) {
                boolean last = round == fleet.rounds;
                String leader = fleet.leader();
                LocalCluster.Member victim = last ? fleet.cluster().member(leader) : worker(round);
                List<Noticed> noticed = kill(victim);
                double max = noticed.stream().mapToDouble(Noticed::known).max().orElse(Double.NaN);
                slowest.add(number(max));
                if (last) leaderMax = max;
                missed += fleet.nodes - 1 - noticed.size();
                noticed.forEach(one -> known.add(one.known()));
                noticed.stream().map(Noticed::certain).filter(one -> !one.isNaN()).forEach(certain::add);
                Fleet.say("round %d, %s%s: %d of %d knew within %.2f s", round, victim.name(), last ? " (leader)" : "",
                        noticed.size(), fleet.nodes - 1, max);
                fleet.cluster().start(victim);
                if (!last) fleet.awaitAll();
            }
        }
        String serf = Serf.installed() ? ",\"serf\":" + new Serf(fleet.nodes, fleet.rounds).run() : "";
        return "{\"case\":\"detect\",\"nodes\":" + fleet.nodes + ",\"rounds\":" + fleet.rounds + ",\"median_s\":"
                + number(median(known)) + ",\"max_s\":" + number(max(known)) + ",\"round_max_s\":[" + String.join(",", slowest)
                + "],\"leader_max_s\":" + number(leaderMax) + ",\"certain_median_s\":" + number(median(certain))
                + ",\"certain_max_s\":" + number(max(certain)) + ",\"missed\":" + missed + ",\"pass\":"
                + (missed == 0 && median(known) <= 5 && max(known) <= 8) + serf + "}";
    }

    private LocalCluster.Member worker(int round) {
        List<LocalCluster.Member> workers =
                fleet.cluster().members().stream().filter(member -> !member.voter()).toList();
        return workers.get((round * 7) % workers.size());
    }

    private List<Noticed> kill(LocalCluster.Member victim) throws InterruptedException {
        ConcurrentLinkedQueue<Noticed> noticed = new ConcurrentLinkedQueue<>();
        List<Thread> watchers = new ArrayList<>();
        fleet.cluster().kill(victim);
        long start = System.nanoTime();
        for (LocalCluster.Member member : fleet.cluster().members()) {
            if (member == victim) continue;
            watchers.add(Thread.ofVirtual().start(() -> watch(member, victim.name(), start, noticed)));
        }
        for (Thread watcher : watchers) watcher.join();
        return List.copyOf(noticed);
    }

    private void watch(LocalCluster.Member asked, String victim, long start, ConcurrentLinkedQueue<Noticed> noticed) {
        double known = Double.NaN;
        while (Fleet.seconds(start) < ROUND_MAX.toSeconds()) {
            try {
                double now = Fleet.seconds(start);
                JsonNode node = fleet.status(asked).path("peers").path(victim);
                if (Double.isNaN(known) && !node.path("is_alive").asBoolean(true)) known = now;
                if (!Double.isNaN(known) && node.path("gossip").path("opinion").asString("").equals("dead")) {
                    noticed.add(new Noticed(known, now));
                    return;
                }
                TimeUnit.MILLISECONDS.sleep(ASK_EVERY_MS);
            } catch (IOException e) {
                Fleet.say("%s does not answer: %s", asked.name(), e);
            } catch (InterruptedException e) {
                return;
            }
        }
        if (!Double.isNaN(known)) noticed.add(new Noticed(known, Double.NaN));
    }

    static double median(List<Double> values) {
        return values.isEmpty() ? Double.NaN : values.stream().sorted().toList().get(values.size() / 2);
    }

    static double max(List<Double> values) {
        return values.stream().mapToDouble(value -> value).max().orElse(Double.NaN);
    }

    static String number(double value) {
        return Double.isNaN(value) ? "null" : String.format(Locale.ROOT, "%.2f", value);
    }
}
