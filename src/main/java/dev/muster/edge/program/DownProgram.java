package dev.muster.edge.program;

import dev.muster.edge.cli.Exit;
import dev.muster.edge.cli.Failure;
import dev.muster.edge.cli.Programs;
import dev.muster.edge.cli.Shell;
import dev.muster.edge.process.DataDirLock;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/// `muster down`: ends the agent on a data directory and leaves its jobs running.
final class DownProgram {
    private static final Duration WAIT = Duration.ofSeconds(20);

    private DownProgram() {}

    static int run(Programs.Options options, Shell shell) throws Failure {
        Optional<ProcessHandle> agent = agent(options);
        if (agent.isEmpty()) {
            shell.out().println("no agent runs on " + options.data());
            return Exit.DONE;
        }
        agent.get().destroy();
        try {
            agent.get().onExit().get(WAIT.toSeconds(), TimeUnit.SECONDS);
        } catch (TimeoutException e) {
            throw new Failure(
                    Exit.ERROR,
                    "TIMEOUT",
                    "expected agent " + agent.get().pid() + " to end within " + WAIT.toSeconds()
                            + " s, but it still runs",
                    "look into " + options.data().resolve("logs"));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return Exit.ERROR;
        } catch (ExecutionException e) {
            throw new IllegalStateException(e);
        }
        shell.out().println("agent " + agent.get().pid() + " has ended; its jobs go on");
        return Exit.DONE;
    }

    private static Optional<ProcessHandle> agent(Programs.Options options) throws Failure {
        try {
            return DataDirLock.holder(options.data()).flatMap(ProcessHandle::of).filter(ProcessHandle::isAlive);
        } catch (IOException e) {
            throw new Failure(Exit.ERROR, "IO", "cannot look at " + options.data() + ": " + e.getMessage(), "");
        }
    }
}
