package dev.muster.edge.node;

import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;

/// What an attempt has on the disk: its working directory and its output. Inputs are linked from the store and do not
/// count; a sparse file counts as long as it says it is.
///
/// @param bytes  all of it
/// @param recent in files that changed lately: no less than what it grew by
record Footprint(long bytes, long recent) {
    static final Footprint NONE = new Footprint(0, 0);

    /// Who has more files than this has enough to be found out.
    private static final int FILES_MAX = 100_000;

    private static final Duration LOOK_MAX = Duration.ofSeconds(5);

    Footprint plus(Footprint other) {
        return new Footprint(bytes + other.bytes, recent + other.recent);
    }

    /// Looks at no more than some files and for no more than some seconds.
    ///
    /// @param since what changed since then is recent; the inode's own time, which nobody can set back
    static Footprint of(Path tree, Instant since) {
        Sum sum = new Sum(since);
        try {
            Files.walkFileTree(tree, sum);
        } catch (IOException e) {
            return sum.soFar(); // it is being deleted, or ends just now
        }
        return sum.soFar();
    }

    private static final class Sum extends SimpleFileVisitor<Path> {
        private final Instant since;
        private final long giveUpAt = System.nanoTime() + LOOK_MAX.toNanos();
        private int files;
        private long bytes;
        private long recent;

        private Sum(Instant since) {
            this.since = since;
        }

        private Footprint soFar() {
            return new Footprint(bytes, recent);
        }

        @Override
        public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
            if (++files > FILES_MAX || System.nanoTime() > giveUpAt) return FileVisitResult.TERMINATE;
            if (attributes.isRegularFile()) {
                Map<String, Object> inode = Files.readAttributes(file, "unix:nlink,ctime", LinkOption.NOFOLLOW_LINKS);
                if ((int) inode.get("nlink") == 1) {
                    bytes += attributes.size();
                    boolean changed =
                            !((FileTime) inode.get("ctime")).toInstant().isBefore(since);
                    if (changed) recent += attributes.size();
                }
            }
            return FileVisitResult.CONTINUE;
        }

        @Override
        public FileVisitResult visitFileFailed(Path file, IOException thrown) {
            return FileVisitResult.CONTINUE;
        }

        @Override
        public FileVisitResult postVisitDirectory(Path dir, IOException thrown) {
            return FileVisitResult.CONTINUE;
        }
    }
}
