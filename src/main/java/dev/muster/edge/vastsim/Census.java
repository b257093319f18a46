package dev.muster.edge.vastsim;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// Which processes belong to an instance: on Linux there is no container that would say it.
///
/// Its own session, everything that descends from it or from its sshd, everything that was started with its marker in
/// the environment (what a login left in the background), and what works in its directory: an agent's jobs have
/// sessions and environments of their own, and outlive it. A person's shell that stands in the directory has a terminal
/// and is left alone.
final class Census {
    /// The variable that marks what runs in an instance.
    static final String MARKER = "MUSTER_VASTSIM";

    private static final Path PROC = Path.of("/proc");

    private record Proc(long pid, char state, long parent, long session, long terminal, long start) {
        boolean alive() {
            return state != 'Z' && state != 'X';
        }
    }

    private final Map<Long, Proc> all;

    private Census(Map<Long, Proc> all) {
        this.all = all;
    }

    static Census take() throws IOException {
        Map<Long, Proc> all = new HashMap<>();
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(PROC, "[0-9]*")) {
            for (Path entry : entries) read(entry).ifPresent(proc -> all.put(proc.pid, proc));
        } catch (DirectoryIteratorException e) {
            throw e.getCause();
        }
        return new Census(all);
    }

    /// @param roots  processes that were started for it, leaders of sessions, with their starts
    /// @param marker the value of [#MARKER]
    /// @param folder its directory
    /// @return pids, never our own
    Set<Long> of(Map<Long, Long> roots, String marker, Path folder) {
        Set<Long> members = new HashSet<>();
        for (Proc proc : all.values()) {
            if (ours(proc.pid, roots) || ours(proc.session, roots) || marked(proc, marker) || works(proc, folder))
                members.add(proc.pid);
        }
        boolean grew = true;
        while (grew) {
            grew = false;
            for (Proc proc : all.values()) if (members.contains(proc.parent)) grew |= members.add(proc.pid);
        }
        members.removeIf(pid -> !all.get(pid).alive());
        members.remove(ProcessHandle.current().pid());
        return members;
    }

    private static boolean marked(Proc proc, String marker) {
        try {
            byte[] environ = Files.readAllBytes(PROC.resolve(proc.pid + "/environ"));
            String text = "\0" + new String(environ, StandardCharsets.ISO_8859_1);
            return text.contains("\0" + MARKER + "=" + marker + "\0");
        } catch (IOException e) {
            return false; // another user's, or gone
        }
    }

    private static boolean works(Proc proc, Path folder) {
        if (proc.terminal != 0) return false;
        try {
            return Files.readSymbolicLink(PROC.resolve(proc.pid + "/cwd")).startsWith(folder);
        } catch (IOException e) {
            return false;
        }
    }

    /// A pid is used again, but not with the same start; and no new process gets a pid while a session has its name.
    private boolean ours(long pid, Map<Long, Long> roots) {
        Proc now = all.get(pid);
        return roots.containsKey(pid) && (now == null || now.start == roots.get(pid));
    }

    /// When a process started, in ticks since the boot; -1 when it has ended.
    static long start(long pid) {
        return read(PROC.resolve(Long.toString(pid))).map(Proc::start).orElse(-1L);
    }

    /// `pid (name) state ppid pgrp session tty …`; the name may hold anything. See proc(5).
    private static Optional<Proc> read(Path entry) {
        try {
            String stat = new String(Files.readAllBytes(entry.resolve("stat")), StandardCharsets.ISO_8859_1);
            String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
            return Optional.of(new Proc(
                    Long.parseLong(entry.getFileName().toString()),
                    fields[0].charAt(0),
                    Long.parseLong(fields[1]),
                    Long.parseLong(fields[3]),
                    Long.parseLong(fields[4]),
                    Long.parseLong(fields[19])));
        } catch (IOException e) {
            return Optional.empty(); // it ended
        }
    }
}
