package dev.muster.edge.node;

import dev.muster.core.run.Failure;
import dev.muster.edge.process.LogReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.OptionalInt;

/// Why a process failed, by the end of its output.
final class Causes {
    /// A traceback with thousands of lines of a library's warnings behind it.
    private static final long TAIL_BYTES = 1 << 20;

    private static final int PART_BYTES = 64 << 10;

    private Causes() {}

    static Failure of(String key, int exit, LogReader logs) {
        Failure.Reader reader = new Failure.Reader();
        try {
            long end = logs.read(key, 0, 0).end();
            StringBuilder line = new StringBuilder();
            long at = Math.max(0, end - TAIL_BYTES);
            while (at < end) {
                LogReader.Chunk chunk = logs.read(key, at, PART_BYTES);
                if (chunk.bytes().length == 0) break;
                feed(reader, line, new String(chunk.bytes(), StandardCharsets.UTF_8));
                at = chunk.next();
            }
            reader.line(line.toString());
        } catch (IOException e) {
            // its exit code still tells something
        }
        return reader.failure(OptionalInt.of(exit));
    }

    /// A progress bar is written over and over on one line: each time counts as one.
    private static void feed(Failure.Reader reader, StringBuilder line, String part) {
        for (int at = 0; at < part.length(); at++) {
            char letter = part.charAt(at);
            if (letter != '\n' && letter != '\r') {
                line.append(letter);
                continue;
            }
            reader.line(line.toString());
            line.setLength(0);
        }
    }
}
