package dev.muster.edge.cli;

import java.io.InputStream;
import java.io.PrintStream;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Map;
import java.util.function.BooleanSupplier;

/// Where a command runs: what it reads, writes and waits by.
///
/// @param terminal stdout and stdin are a person's; asked for only where it matters, since it is slow to find out
/// @param pause    waits; false ends what would go on for ever
public record Shell(
        PrintStream out,
        PrintStream err,
        InputStream in,
        Map<String, String> env,
        BooleanSupplier terminal,
        InstantSource clock,
        Pause pause,
        Programs programs) {
    public interface Pause {
        boolean of(Duration duration);
    }

    /// The process's own.
    static Shell system(Programs programs) {
        return new Shell(
                System.out,
                System.err,
                System.in,
                System.getenv(),
                () -> System.console() != null && System.console().isTerminal(),
                InstantSource.system(),
                Shell::sleep,
                programs);
    }

    private static boolean sleep(Duration duration) {
        try {
            Thread.sleep(duration);
            return true;
        } catch (InterruptedException e) {
            return false;
        }
    }

    /// `NO_COLOR` (no-color.org) and a dumb terminal are obeyed.
    boolean colours() {
        return env.getOrDefault("NO_COLOR", "").isEmpty()
                && !env.getOrDefault("TERM", "").equals("dumb")
                && terminal.getAsBoolean();
    }

    /// The reader of our output has gone; there is nobody to write for.
    boolean deaf() {
        return out.checkError();
    }

    /// Says something on Ctrl-C, until it is closed.
    Interruption onInterrupt(String message) {
        Thread hook = new Thread(() -> err.println(message));
        Runtime.getRuntime().addShutdownHook(hook);
        return () -> {
            try {
                Runtime.getRuntime().removeShutdownHook(hook);
            } catch (IllegalStateException e) {
                // The hook is running already.
            }
        };
    }

    interface Interruption extends AutoCloseable {
        @Override
        void close();
    }
}
