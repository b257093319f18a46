package dev.muster.edge.telemetry;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/// How many files are open, and how many may be. A process that reaches its limit can neither listen nor write; the
/// prior system's did, at 256 of them.
///
/// @param limit 0: there is none
public record OpenFiles(long open, long limit) {
    /// Larger figures are the kernel's way to say that there is no limit.
    private static final long NO_LIMIT = 1L << 50;

    /// This process's; empty where the system does not tell.
    public static Optional<OpenFiles> own() {
        return own(Path.of("/proc"));
    }

    /// The whole machine's; empty where the system does not tell.
    public static Optional<OpenFiles> system() {
        return system(Path.of("/proc"));
    }

    /// `Max open files  SOFT  HARD  files`.
    static Optional<OpenFiles> own(Path proc) {
        Optional<Long> limit = TextFile.read(proc.resolve("self/limits"))
                .flatMap(text -> text.lines()
                        .filter(line -> line.startsWith("Max open files"))
                        .findFirst())
                .flatMap(line ->
                        number(line.substring("Max open files".length()).strip().split("\\s+")[0]));
        return limit.flatMap(most -> count(proc.resolve("self/fd")).map(open -> new OpenFiles(open, most)));
    }

    /// `OPEN UNUSED MAX`.
    static Optional<OpenFiles> system(Path proc) {
        String[] words =
                TextFile.read(proc.resolve("sys/fs/file-nr")).orElse("").strip().split("\\s+");
        if (words.length != 3) return Optional.empty();
        return TextFile.number(words[0]).flatMap(open -> number(words[2]).map(most -> new OpenFiles(open, most)));
    }

    private static Optional<Long> number(String word) {
        if (word.equals("unlimited")) return Optional.of(0L);
        return TextFile.number(word).map(most -> most > NO_LIMIT ? 0 : most);
    }

    private static Optional<Long> count(Path folder) {
        long count = 0;
        try (DirectoryStream<Path> open = Files.newDirectoryStream(folder)) {
            for (Path each : open) count += each == null ? 0 : 1;
            return Optional.of(count);
        } catch (IOException _) {
            return Optional.empty();
        }
    }
}
