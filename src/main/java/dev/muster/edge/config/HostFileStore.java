package dev.muster.edge.config;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Stream;

/// Puts a new text in a file's place: the old one is kept beside it first, and whoever reads meanwhile sees the one or the
/// other, whole.
public final class HostFileStore {
    /// As many as the prior system had at its end; of files of some 20 KB they are half a megabyte.
    static final int BACKUPS_MAX = 20;

    private static final DateTimeFormatter STAMP =
            DateTimeFormatter.ofPattern("yyyyMMdd'T'HHmmss'Z'").withZone(ZoneOffset.UTC);

    private HostFileStore() {}

    /// A link stays a link: what it leads to is replaced. Mode and owner stay.
    ///
    /// @param old what was read and edited; nothing is done once the file says something else
    /// @return the backup
    /// @throws IOException when the file is as it was
    public static Path replace(Path file, byte[] old, byte[] now, Instant at) throws IOException {
        Path real = file.toRealPath();
        unchanged(real, old);
        PosixFileAttributes was = Files.readAttributes(real, PosixFileAttributes.class);
        Path backup = backup(real, old, at, was.permissions());
        Path folder = real.getParent();
        Path fresh = folder.resolve("." + real.getFileName() + "." + UUID.randomUUID() + ".tmp");
        try {
            write(fresh, now, was.permissions());
            own(fresh, was);
            // Somebody's editor may have saved it meanwhile.
            unchanged(real, old);
            Files.move(fresh, real, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } finally {
            Files.deleteIfExists(fresh);
        }
        sync(folder);
        forget(real);
        return backup;
    }

    private static void unchanged(Path file, byte[] old) throws IOException {
        if (!Arrays.equals(Files.readAllBytes(file), old)) {
            throw new IOException("expected " + file + " to be as it was read, but somebody has changed it since");
        }
    }

    private static Path backup(Path file, byte[] old, Instant at, Set<PosixFilePermission> mode) throws IOException {
        String name = prefix(file) + STAMP.format(at);
        for (int again = 1; again <= BACKUPS_MAX; again++) {
            Path backup = file.resolveSibling(again == 1 ? name : name + "-" + again);
            try {
                write(backup, old, mode);
                return backup;
            } catch (FileAlreadyExistsException e) {
                // Several in one second; the next name is free.
            }
        }
        throw new IOException(
                "expected a free name for a copy of " + file + ", but " + BACKUPS_MAX + " of this second exist");
    }

    private static String prefix(Path file) {
        return file.getFileName() + ".bak-";
    }

    private static void write(Path file, byte[] bytes, Set<PosixFilePermission> mode) throws IOException {
        Set<StandardOpenOption> fresh = Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
        try (FileChannel channel = FileChannel.open(file, fresh, PosixFilePermissions.asFileAttribute(mode))) {
            ByteBuffer rest = ByteBuffer.wrap(bytes);
            while (rest.hasRemaining()) channel.write(rest);
            // The process's umask may have taken some of it away.
            Files.setPosixFilePermissions(file, mode);
            channel.force(true);
        }
    }

    private static void own(Path fresh, PosixFileAttributes was) throws IOException {
        PosixFileAttributeView view = Files.getFileAttributeView(fresh, PosixFileAttributeView.class);
        PosixFileAttributes now = view.readAttributes();
        if (!now.owner().equals(was.owner())) view.setOwner(was.owner());
        if (!now.group().equals(was.group())) view.setGroup(was.group());
    }

    private static void sync(Path folder) throws IOException {
        try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }

    /// The oldest copies beyond [#BACKUPS_MAX].
    private static void forget(Path file) throws IOException {
        String names = "\\Q" + prefix(file) + "\\E\\d{8}T\\d{6}Z(-\\d+)?";
        List<Path> backups;
        try (Stream<Path> all = Files.list(file.getParent())) {
            backups = all.filter(one -> one.getFileName().toString().matches(names))
                    .sorted()
                    .toList();
        }
        for (Path old : backups.subList(0, Math.max(0, backups.size() - BACKUPS_MAX))) Files.deleteIfExists(old);
    }
}
