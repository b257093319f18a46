package dev.muster.edge.node;

import dev.muster.edge.snapshot.Snapshot;
import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Pattern;

/// The files of a working directory that are to be saved. Links are not followed.
///
/// @param files   by their path in the directory
/// @param trouble why they are not all
record SyncFiles(Map<String, Path> files, Optional<String> trouble) {
    /// A walk of so many takes about a second.
    private static final int WALKED_MAX = 100_000;
    /// As [dev.muster.core.state.JobSpec] has it of any path.
    private static final int PATH_MAX = 255;

    private record Found(String path, Path file, FileTime modified) {}

    /// @param most the newest of so many
    static SyncFiles in(Path work, Pattern pattern, int most) throws IOException {
        Walk walk = new Walk(work, pattern);
        Files.walkFileTree(work, walk);
        Optional<String> trouble = walk.walked > WALKED_MAX
                ? Optional.of("there are more than " + WALKED_MAX + " files in the working directory")
                : Optional.empty();
        if (walk.found.size() > most) {
            trouble = Optional.of("expected at most " + most + " files to be saved, but found " + walk.found.size()
                    + "; the newest are");
            walk.found.sort(Comparator.comparing(Found::modified).reversed().thenComparing(Found::path));
        }
        Map<String, Path> files = new TreeMap<>();
        for (Found one : walk.found.subList(0, Math.min(most, walk.found.size()))) files.put(one.path(), one.file());
        return new SyncFiles(files, trouble);
    }

    private static final class Walk extends SimpleFileVisitor<Path> {
        private final Path work;
        private final Pattern pattern;
        private final List<Found> found = new ArrayList<>();
        private int walked;

        Walk(Path work, Pattern pattern) {
            this.work = work;
            this.pattern = pattern;
        }

        @Override
        public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
            String path = work.relativize(file).toString();
            boolean wanted = attributes.isRegularFile()
                    && path.length() <= PATH_MAX
                    && pattern.matcher(path).matches();
            if (wanted && !Snapshot.isPart(file)) found.add(new Found(path, file, attributes.lastModifiedTime()));
            return ++walked > WALKED_MAX ? FileVisitResult.TERMINATE : FileVisitResult.CONTINUE;
        }

        /// It has gone meanwhile, or nobody may read it.
        @Override
        public FileVisitResult visitFileFailed(Path file, IOException thrown) {
            return FileVisitResult.CONTINUE;
        }

        @Override
        public FileVisitResult postVisitDirectory(Path dir, @org.jspecify.annotations.Nullable IOException thrown) {
            return FileVisitResult.CONTINUE;
        }
    }
}
