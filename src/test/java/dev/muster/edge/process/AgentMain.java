package dev.muster.edge.process;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/// An agent for tests that kill one: takes the lock, opens a supervisor, starts what it is told, and waits to be
/// killed.
///
/// Arguments: the data directory, the work directory, then a key and a bash script for each start.
final class AgentMain {
    private AgentMain() {}

    public static void main(String[] args) throws Exception {
        Path data = Path.of(args[0]);
        try (DataDirLock _ = DataDirLock.acquire(data);
                Supervisor supervisor = Supervisor.open(data, Attempts.QUICK)) {
            System.out.println("open " + supervisor.states().states());
            for (int i = 2; i < args.length; i += 2) {
                ProcessSpec spec = new ProcessSpec(
                        args[i], List.of("bash", "-c", args[i + 1]), Map.of("PATH", "/usr/bin:/bin"), Path.of(args[1]));
                System.out.println("start " + args[i] + " " + supervisor.start(spec));
            }
            Thread.sleep(Duration.ofMinutes(2));
        } catch (DataDirLock.HeldByAnother e) {
            System.out.println("refused " + e.getMessage());
        }
    }
}
