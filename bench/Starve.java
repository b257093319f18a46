import java.util.ArrayList;
import java.util.List;

/// Endless loops, two for each processor, while nobody is killed: every suspicion is wrong, every death worse, and a fence
/// would cost a job.
final class Starve {
    private final Fleet fleet;

    Starve(Fleet fleet) {
        this.fleet = fleet;
    }

    String run() throws Exception {
        List<Process> loops = new ArrayList<>();
        try (Fleet started = fleet.start()) {
            long suspicions = fleet.logged(" gossip.suspect ");
            long deaths = fleet.logged(" gossip.dead ");
            long fences = fleet.logged(" node.fenced ");
            long begun = System.nanoTime();
            for (int i = 0; i < 2 * Runtime.getRuntime().availableProcessors(); i++) {
                loops.add(new ProcessBuilder("sh", "-c", "while :; do :; done").start());
            }
            Fleet.say("%d endless loops for %d s", loops.size(), fleet.time.toSeconds());
            Thread.sleep(fleet.time);
            double took = Fleet.seconds(begun);
            suspicions = fleet.logged(" gossip.suspect ") - suspicions;
            deaths = fleet.logged(" gossip.dead ") - deaths;
            fences = fleet.logged(" node.fenced ") - fences;
            loops.forEach(Process::destroyForcibly);
            long calm = System.nanoTime();
            fleet.awaitAll();
            return "{\"case\":\"starve\",\"nodes\":" + fleet.nodes + ",\"seconds\":" + Detect.number(took) + ",\"loops\":"
                    + loops.size() + ",\"suspicions\":" + suspicions + ",\"deaths\":" + deaths + ",\"fences\":" + fences
                    + ",\"all_alive_after_s\":" + Detect.number(Fleet.seconds(calm)) + ",\"pass\":" + (fences == 0) + "}";
        } finally {
            loops.forEach(Process::destroyForcibly);
        }
    }
}
