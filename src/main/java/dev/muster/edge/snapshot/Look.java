package dev.muster.edge.snapshot;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;

/// What a file looks like from outside; the same look twice means that nobody wrote to it in between.
///
/// @param inode  another one has taken the file's place when it is another
/// @param log    of SQLite's write-ahead log beside it, which changes long before the file does; -1 where there is none
/// @param logged when the log was written to
public record Look(long size, FileTime modified, String inode, long log, FileTime logged) {
    private static final FileTime NEVER = FileTime.fromMillis(0);

    /// @throws NoSuchFileException when it is gone, or no file of its own
    public static Look at(Path file) throws IOException {
        BasicFileAttributes now = attributes(file);
        if (!now.isRegularFile()) throw new NoSuchFileException(file.toString());
        String inode = String.valueOf(now.fileKey());
        try {
            BasicFileAttributes log = attributes(SqliteCopy.log(file));
            return new Look(now.size(), now.lastModifiedTime(), inode, log.size(), log.lastModifiedTime());
        } catch (NoSuchFileException _) {
            return new Look(now.size(), now.lastModifiedTime(), inode, -1, NEVER);
        }
    }

    private static BasicFileAttributes attributes(Path file) throws IOException {
        return Files.readAttributes(file, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
    }

    /// Bytes that a copy may take.
    public long bytes() {
        return size + Math.max(0, log);
    }

    boolean grewTo(Look later) {
        return later.size > size && later.inode.equals(inode);
    }
}
