import dev.muster.edge.local.Lab;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/// The machine's processor time so far, in seconds, from `/proc` (proc(5); its unit is 10 ms everywhere on Linux).
///
/// @param own   of this program, those of its children that ended, all on the lab's hosts, and the kernel's work for
///              networks, of which nearly all is the lab's
/// @param busy  of everybody
/// @param stolen taken by the machine around this one
record Cpu(long nanos, double own, double busy, double stolen) {
    private static final double TICK_SECONDS = 0.01;

    /// Shares of all processors between two readings.
    record Use(double seconds, double ownSeconds, double own, double foreign, double stolen) {
        /// Was the machine quiet, and the run far from its limits? Shares of less than a second say nothing.
        boolean quiet() {
            return seconds < 1 || (own < 0.70 && foreign < 0.25 && stolen < 0.05);
        }
    }

    static Cpu read(Lab lab) throws IOException {
        String[] all = Files.readString(Path.of("/proc/stat")).lines().findFirst().orElseThrow().split(" +");
        double network = seconds(all[6]) + seconds(all[7]);
        double busy = seconds(all[1]) + seconds(all[2]) + seconds(all[3]) + network;
        double own = network + process(ProcessHandle.current().pid());
        for (long pid : lab.pids()) own += process(pid);
        return new Cpu(System.nanoTime(), own, busy, seconds(all[8]));
    }

    Use since(Cpu before) {
        double seconds = (nanos - before.nanos) / 1e9;
        double processors = Runtime.getRuntime().availableProcessors() * seconds;
        double ours = own - before.own;
        double others = Math.max(0, busy - before.busy - ours);
        return new Use(seconds, ours, ours / processors, others / processors, (stolen - before.stolen) / processors);
    }

    /// Its own time and that of its children it has seen end; nothing of a process that has ended.
    static double process(long pid) {
        try {
            String stat = Files.readString(Path.of("/proc", Long.toString(pid), "stat"));
            String[] words = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
            return seconds(words[11]) + seconds(words[12]) + seconds(words[13]) + seconds(words[14]);
        } catch (IOException e) {
            return 0;
        }
    }

    private static double seconds(String ticks) {
        return Long.parseLong(ticks) * TICK_SECONDS;
    }
}
