package dev.muster.edge.node;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.logging.ConsoleHandler;
import java.util.logging.ErrorManager;
import java.util.logging.FileHandler;
import java.util.logging.Formatter;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;

/// Where the agent's log goes: `<data>/logs/agent.0.log`, rotated to `agent.1.log` and so on, and standard error. One line per event:
/// `2026-01-01T00:00:00.000Z INFO node.started node=n1 …`.
public final class AgentLog {
    /// Five files of 4 MiB are some weeks of a quiet node.
    private static final int FILE_MAX_BYTES = 4 << 20;
    private static final int FILES = 5;

    private AgentLog() {}

    /// Replaces whatever handlers there are.
    ///
    /// @throws IOException when the file cannot be written
    public static void open(Path logs) throws IOException {
        Files.createDirectories(logs);
        Handler file = new FileHandler(logs.resolve("agent.%g.log").toString(), FILE_MAX_BYTES, FILES, true);
        Logger root = Logger.getLogger("");
        for (Handler handler : root.getHandlers()) root.removeHandler(handler);
        for (Handler handler : new Handler[] {file, new ConsoleHandler()}) {
            handler.setLevel(Level.INFO);
            handler.setFormatter(new OneLine());
            handler.setErrorManager(new Quiet());
            root.addHandler(handler);
        }
        root.setLevel(Level.INFO);
    }

    /// A log that cannot be written, most often for want of disk, must not fill the terminal with stack traces: whoever
    /// wrote the line says on his own what went wrong.
    private static final class Quiet extends ErrorManager {
        @Override
        public synchronized void error(String message, Exception thrown, int code) {
            // There is no place left to say it.
        }
    }

    /// A stack trace follows on lines of its own, when there is one and it tells more than that the disk is full.
    private static final class OneLine extends Formatter {
        private static final DateTimeFormatter TIME =
                DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH:mm:ss.SSS'Z'").withZone(ZoneId.of("UTC"));

        @Override
        public String format(LogRecord record) {
            Instant at = record.getInstant();
            StringBuilder line = new StringBuilder(160)
                    .append(TIME.format(at))
                    .append(' ')
                    .append(word(record.getLevel()))
                    .append(' ')
                    .append(formatMessage(record).replace('\n', ' '))
                    .append('\n');
            if (record.getThrown() != null && !noRoom(record.getThrown())) {
                StringWriter trace = new StringWriter();
                record.getThrown().printStackTrace(new PrintWriter(trace));
                line.append(trace);
            }
            return line.toString();
        }

        private static boolean noRoom(Throwable thrown) {
            for (Throwable cause = thrown; cause != null; cause = cause.getCause()) {
                if (String.valueOf(cause.getMessage()).contains("No space left")) return true;
            }
            return false;
        }

        private static String word(Level level) {
            if (level.intValue() >= Level.SEVERE.intValue()) return "ERROR";
            if (level.intValue() >= Level.WARNING.intValue()) return "WARN";
            return level.intValue() >= Level.INFO.intValue() ? "INFO" : "DEBUG";
        }
    }
}
