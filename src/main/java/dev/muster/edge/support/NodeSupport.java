package dev.muster.edge.support;

import java.io.IOException;
import java.io.OutputStream;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.lang.management.RuntimeMXBean;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/// One node's part: its logs, its configuration, what it runs on, and what lies in its data directory.
///
/// No file of a job is read, and no output: they are the team's, and may hold anything.
public final class NodeSupport {
    /// Of an agent that does not start, the last lines matter.
    private static final int LOG_MAX = 4 << 20;

    private static final int LISTED_MAX = 2_000;
    private static final int DEPTH_MAX = 3;
    private static final List<Path> MACHINE = List.of(
            Path.of("/etc/os-release"),
            Path.of("/proc/version"),
            Path.of("/proc/meminfo"),
            Path.of("/proc/loadavg"),
            Path.of("/proc/mounts"),
            Path.of("/proc/self/limits"),
            Path.of("/proc/self/status"),
            Path.of("/proc/pressure/memory"),
            Path.of("/proc/pressure/io"));

    private final Path data;
    private final String version;

    /// @param data    the node's data directory
    /// @param version of the program
    public NodeSupport(Path data, String version) {
        this.data = data;
        this.version = version;
    }

    /// Writes the part as a zip. What cannot be read is said in its place; nothing else breaks it off but the sink.
    ///
    /// @param more further texts by name
    /// @throws IOException when the sink throws it
    public void write(OutputStream out, Redaction redaction, Map<String, String> more) throws IOException {
        try (SupportArchive archive = new SupportArchive(out, redaction)) {
            write(archive, "", more);
        }
    }

    /// @param folder ends in `/`, or is empty
    public void write(SupportArchive archive, String folder, Map<String, String> more) throws IOException {
        archive.add(folder + "about.txt", about());
        archive.add(folder + "node.yaml", text(data.resolve("node.yaml"), SupportArchive.TEXT_MAX));
        for (Map.Entry<String, String> text : more.entrySet()) archive.add(folder + text.getKey(), text.getValue());
        for (Path log : logs()) archive.add(folder + "logs/" + log.getFileName(), text(log, LOG_MAX));
        archive.add(folder + "files.txt", listed());
        for (Path file : MACHINE) {
            if (Files.isReadable(file))
                archive.add(folder + "machine/" + file.toString().substring(1).replace('/', '_'), text(file, LOG_MAX));
        }
    }

    private String about() {
        RuntimeMXBean runtime = ManagementFactory.getRuntimeMXBean();
        Map<String, String> about = new TreeMap<>();
        about.put("muster", version);
        about.put("java", System.getProperty("java.vm.version") + " " + System.getProperty("java.vendor"));
        about.put(
                "os",
                System.getProperty("os.name") + " " + System.getProperty("os.version") + " "
                        + System.getProperty("os.arch"));
        about.put("processors", Integer.toString(Runtime.getRuntime().availableProcessors()));
        about.put("heap_max", Long.toString(Runtime.getRuntime().maxMemory()));
        about.put("started", Instant.ofEpochMilli(runtime.getStartTime()).toString());
        about.put(
                "now",
                Instant.ofEpochMilli(runtime.getStartTime() + runtime.getUptime())
                        .toString());
        about.put("jvm_options", String.join(" ", runtime.getInputArguments()));
        about.put("disk", disk());
        StringBuilder text = new StringBuilder();
        about.forEach(
                (key, value) -> text.append(key).append(": ").append(value).append('\n'));
        return text.toString();
    }

    private String disk() {
        try {
            FileStore store = Files.getFileStore(data);
            return store.getUsableSpace() + " of " + store.getTotalSpace() + " bytes free, " + store.type();
        } catch (IOException e) {
            return "unknown: " + e.getMessage();
        }
    }

    private List<Path> logs() {
        try (Stream<Path> logs = Files.list(data.resolve("logs"))) {
            return logs.filter(log -> log.getFileName().toString().endsWith(".log"))
                    .filter(Files::isRegularFile)
                    .sorted()
                    .toList();
        } catch (IOException e) {
            return List.of();
        }
    }

    /// The end of a file, or why there is none.
    private static String text(Path file, int max) {
        try (RandomAccessFile in = new RandomAccessFile(file.toFile(), "r")) {
            long length = in.length();
            byte[] bytes = new byte[max];
            in.seek(Math.max(0, length - max));
            int read = 0;
            // Files of /proc have no length.
            for (int count = in.read(bytes); count > 0; count = in.read(bytes, read, max - read)) read += count;
            String text = new String(bytes, 0, read, StandardCharsets.UTF_8);
            return length > max ? "(the last " + max + " of " + length + " bytes)\n" + text : text;
        } catch (IOException e) {
            return "(cannot be read: " + e.getMessage() + ")\n";
        }
    }

    /// Names, sizes and times; no content.
    private String listed() {
        StringBuilder text = new StringBuilder();
        List<Path> found = new ArrayList<>();
        try (Stream<Path> files = Files.walk(data, DEPTH_MAX)) {
            files.limit(LISTED_MAX + 1L).forEach(found::add);
        } catch (IOException | UncheckedIOException e) {
            text.append("(broken off: ").append(e.getMessage()).append(")\n");
        }
        for (Path file : found.subList(0, Math.min(found.size(), LISTED_MAX))) text.append(line(file));
        if (found.size() > LISTED_MAX) text.append("(and more)\n");
        return text.toString();
    }

    private String line(Path file) {
        try {
            return "%12d %s %s%s%n"
                    .formatted(
                            Files.size(file),
                            Files.getLastModifiedTime(file, LinkOption.NOFOLLOW_LINKS),
                            data.relativize(file),
                            Files.isSymbolicLink(file)
                                    ? " -> " + Files.readSymbolicLink(file)
                                    : Files.isDirectory(file) ? "/" : "");
        } catch (IOException e) {
            return "           ? " + data.relativize(file) + ": " + e.getMessage() + "\n";
        }
    }
}
