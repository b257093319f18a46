package dev.muster.edge.process;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;

/// The programs that the shim is made of, and the shim itself.
///
/// @param path    where the shim looks for its tools, whatever `PATH` the job has
/// @param shim    the script in the data directory. Shells read scripts as they go, so its name holds its hash and a
///                new agent never writes over the script of a running session
/// @param missing what was not found; with any, nothing can be started
record Tools(String path, Path shim, List<String> missing) {
    private static final String STANDARD_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

    /// `timeout` and `sync` are used where they exist.
    private static final List<String> NEEDED =
            List.of("setsid", "sh", "ln", "rm", "mv", "dd", "wc", "cat", "mkfifo", "sleep");

    /// The agent's own path first, for systems that keep their tools elsewhere.
    static String defaultPath() {
        String own = System.getenv("PATH");
        return own == null || own.isEmpty() ? STANDARD_PATH : own + ":" + STANDARD_PATH;
    }

    static Tools install(Path dir, String path) throws IOException {
        List<String> missing = new ArrayList<>(
                NEEDED.stream().filter(tool -> find(tool, path).isEmpty()).toList());
        if (!Files.isReadable(Path.of("/proc/self/stat"))) {
            missing.add("Linux's /proc");
        }
        Path shim = installShim(dir);
        if (!canLink(dir, shim)) {
            missing.add("hard links on the file system of " + dir);
        }
        return new Tools(path, shim, List.copyOf(missing));
    }

    /// A hard link decides who may start an attempt.
    private static boolean canLink(Path dir, Path shim) throws IOException {
        Path link = dir.resolve("link.test");
        Files.deleteIfExists(link);
        try {
            Files.createLink(link, shim);
            return true;
        } catch (FileSystemException | UnsupportedOperationException _) {
            return false;
        } finally {
            Files.deleteIfExists(link);
        }
    }

    List<String> commandLine(Path attempt, String marker, ProcessLimits limits, List<String> command) {
        List<String> words = new ArrayList<>(List.of(
                require("setsid"),
                require("sh"),
                shim.toString(),
                attempt.toString(),
                path,
                marker,
                Long.toString(limits.logSegmentBytes() / ProcessLimits.BLOCK_BYTES),
                Long.toString(limits.logCapBytes()),
                Long.toString(limits.logRetry().toSeconds())));
        words.addAll(command);
        return words;
    }

    private String require(String tool) {
        return find(tool, path).orElseThrow(() -> new IllegalStateException("expected " + tool + " on " + path));
    }

    private static Optional<String> find(String tool, String path) {
        for (String dir : path.split(":")) {
            Path file = Path.of(dir).resolve(tool);
            if (file.isAbsolute() && Files.isRegularFile(file) && Files.isExecutable(file)) {
                return Optional.of(file.toString());
            }
        }
        return Optional.empty();
    }

    private static Path installShim(Path dir) throws IOException {
        String script = script();
        Path shim = dir.resolve("shim-" + hash(script) + ".sh");
        if (!Files.exists(shim)) {
            Path unfinished = dir.resolve("shim.new");
            Files.deleteIfExists(unfinished);
            Disk.writeAndForce(unfinished, script);
            Files.move(unfinished, shim, StandardCopyOption.ATOMIC_MOVE);
            Disk.forceDirectory(dir);
        }
        return shim;
    }

    private static String script() throws IOException {
        try (InputStream script = Tools.class.getResourceAsStream("shim.sh")) {
            if (script == null) {
                throw new IllegalStateException("expected shim.sh beside " + Tools.class.getName() + " in the jar");
            }
            return new String(script.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    private static String hash(String text) {
        try {
            byte[] hash = MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(hash, 0, 6);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }
}
