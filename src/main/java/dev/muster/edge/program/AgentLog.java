package dev.muster.edge.program;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.logging.ConsoleHandler;
import java.util.logging.FileHandler;
import java.util.logging.Formatter;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;

/// The agent's log: one line an event, to stderr and to `<data>/logs/agent.N.log` (4 files of 8 MiB).
final class AgentLog {
    private static final int FILE_BYTES = 8 << 20;
    private static final int FILES = 4;

    private AgentLog() {}

    static void open(Path data) {
        Logger root = Logger.getLogger("");
        for (Handler handler : root.getHandlers()) root.removeHandler(handler);
        add(root, new ConsoleHandler());
        try {
            Path logs = Files.createDirectories(data.resolve("logs"));
            add(root, new FileHandler(logs.resolve("agent.%g.log").toString(), FILE_BYTES, FILES, true));
        } catch (IOException e) {
            root.log(Level.WARNING, "log.stderr_only reason=\"" + e.getMessage() + "\"");
        }
    }

    private static void add(Logger root, Handler handler) {
        handler.setFormatter(new Line());
        handler.setLevel(Level.ALL);
        root.addHandler(handler);
    }

    /// `2026-01-01T00:00:00.000Z INFO node.started node=n1`.
    private static final class Line extends Formatter {
        @Override
        public String format(LogRecord event) {
            StringBuilder line = new StringBuilder(120)
                    .append(Instant.ofEpochMilli(event.getMillis()).truncatedTo(ChronoUnit.MILLIS))
                    .append(' ')
                    .append(event.getLevel() == Level.WARNING ? "WARN" : event.getLevel().getName())
                    .append(' ')
                    .append(formatMessage(event).replace('\n', ' '))
                    .append('\n');
            if (event.getThrown() != null) {
                StringWriter trace = new StringWriter();
                event.getThrown().printStackTrace(new PrintWriter(trace));
                line.append(trace);
            }
            return line.toString();
        }
    }
}
