package dev.muster.edge.process;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/// Reads Linux's process table.
final class ProcTable {
    private static final Path PROC = Path.of("/proc");

    private ProcTable() {}

    /// One process for ever, as long as the boot is the same: pids are used again, but not with the same start.
    ///
    /// @param startTicks since the boot
    record Identity(long pid, long startTicks) {}

    /// One process at one moment.
    record Proc(Identity identity, char state, long ppid, long session) {
        /// Zombies have ended; only their status waits.
        boolean alive() {
            return state != 'Z' && state != 'X';
        }

        long pid() {
            return identity.pid();
        }
    }

    static boolean alive(Identity identity) throws IOException {
        return find(identity.pid())
                .filter(proc -> proc.alive() && proc.identity().equals(identity))
                .isPresent();
    }

    /// Empty only if there is no such process: a process table that cannot be read (no free file descriptor) must not
    /// look like processes that are gone.
    static Optional<Proc> find(long pid) throws IOException {
        Path dir = PROC.resolve(Long.toString(pid));
        try {
            return Optional.of(parse(read(dir.resolve("stat"))));
        } catch (IOException e) {
            if (Files.notExists(dir)) {
                return Optional.empty();
            }
            throw e;
        }
    }

    /// All processes by pid, taken one after the other: a process born meanwhile may be missing, never a long-lived
    /// one.
    static Map<Long, Proc> all() throws IOException {
        Map<Long, Proc> all = new HashMap<>();
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(PROC, "[0-9]*")) {
            for (Path entry : entries) {
                find(Long.parseLong(entry.getFileName().toString())).ifPresent(proc -> all.put(proc.pid(), proc));
            }
        } catch (DirectoryIteratorException e) {
            throw e.getCause();
        }
        return all;
    }

    /// The value of a variable in the environment that the process was started with; empty where there is none or it
    /// cannot be read (another user's process, or one that has overwritten it).
    static String startedWith(long pid, String name) {
        try {
            String environ = "\0" + read(PROC.resolve(Long.toString(pid)).resolve("environ"));
            int at = environ.indexOf("\0" + name + "=");
            int from = at + name.length() + 2;
            int to = environ.indexOf('\0', from);
            return at < 0 || to < 0 ? "" : environ.substring(from, to);
        } catch (IOException _) {
            return "";
        }
    }

    static String bootId() throws IOException {
        return read(PROC.resolve("sys/kernel/random/boot_id")).strip();
    }

    /// `pid (name) state ppid pgrp session … starttime` (field 22); the name may hold anything, also `)`. See
    /// proc(5).
    static Proc parse(String stat) {
        int open = stat.indexOf('(');
        int close = stat.lastIndexOf(')');
        String[] fields = stat.substring(close + 2).split(" ");
        long pid = Long.parseLong(stat.substring(0, open).strip());
        return new Proc(
                new Identity(pid, Long.parseLong(fields[19])),
                fields[0].charAt(0),
                Long.parseLong(fields[1]),
                Long.parseLong(fields[3]));
    }

    /// ISO 8859-1, because names and environments are bytes, not text.
    private static String read(Path file) throws IOException {
        return new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1);
    }
}
