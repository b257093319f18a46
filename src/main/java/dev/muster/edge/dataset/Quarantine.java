package dev.muster.edge.dataset;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.channels.FileChannel;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/// A folder for bad files, each with a text beside it that says why. Nothing in it is ever overwritten.
public final class Quarantine {
    private static final String REASON = ".REASON.txt";
    /// More of one name are somebody's loop.
    private static final int SAME_NAME_MAX = 1000;

    private static final int BLOCK_BYTES = 1 << 20;

    private final Path folder;

    public Quarantine(Path folder) {
        this.folder = folder;
    }

    /// @param from what is moved: where a link leads
    /// @param link by which it was found, which leads nowhere then
    /// @param to   not yet known to be free before it is moved
    /// @param done it is there
    public record Move(Path from, Optional<Path> link, Path to, boolean done) {}

    /// Does a file lie in quarantine already, in whatever folder?
    public static boolean holds(Path file) {
        return Files.exists(file.resolveSibling(file.getFileName() + REASON));
    }

    public Move plan(Path file) throws IOException {
        Path real = file.toRealPath();
        Optional<Path> link = Files.isSymbolicLink(file) ? Optional.of(file) : Optional.empty();
        return new Move(real, link, free(real), false);
    }

    private Path free(Path file) throws IOException {
        String name = file.getFileName().toString();
        int dot = name.lastIndexOf('.');
        String stem = dot > 0 ? name.substring(0, dot) : name;
        String ending = dot > 0 ? name.substring(dot) : "";
        for (int number = 1; number <= SAME_NAME_MAX; number++) {
            Path place = folder.resolve(number == 1 ? name : stem + "-" + number + ending);
            if (isFree(place) && isFree(reason(place))) return place;
        }
        throw new IOException("there are " + SAME_NAME_MAX + " files named as " + name + " in " + folder);
    }

    private static boolean isFree(Path place) {
        return Files.notExists(place, LinkOption.NOFOLLOW_LINKS);
    }

    private static Path reason(Path place) {
        return place.resolveSibling(place.getFileName() + REASON);
    }

    /// @throws IOException when it could not be moved; then it is where it was
    public Move move(Move planned, List<String> failures, Instant now) throws IOException {
        Files.createDirectories(folder);
        for (int tries = 0; ; tries++) {
            Path to = free(planned.from());
            Path reason = reason(to);
            try {
                Files.writeString(reason, text(planned, failures, now), StandardOpenOption.CREATE_NEW);
            } catch (FileAlreadyExistsException e) {
                // Somebody else took the name at the same moment.
                if (tries == SAME_NAME_MAX) throw e;
                continue;
            }
            try {
                take(planned.from(), to);
                return new Move(planned.from(), planned.link(), to, true);
            } catch (IOException e) {
                Files.deleteIfExists(reason);
                if (!(e instanceof FileAlreadyExistsException) || tries == SAME_NAME_MAX) throw e;
            }
        }
    }

    private static String text(Move planned, List<String> failures, Instant now) {
        StringBuilder text = new StringBuilder("moved here by muster run check-data at " + now + "\n");
        text.append("from ").append(planned.from()).append('\n');
        planned.link().ifPresent(link -> text.append("which ").append(link).append(" leads to\n"));
        for (String failure : failures) text.append("- ").append(failure).append('\n');
        return text.toString();
    }

    /// In one step within a file system; else a copy that was read again before the file is deleted.
    private static void take(Path from, Path to) throws IOException {
        // A second name fails where one is taken, which renaming does not.
        try {
            Files.createLink(to, from);
        } catch (FileAlreadyExistsException e) {
            throw e;
        } catch (IOException | UnsupportedOperationException e) {
            without(from, to);
            return;
        }
        leave(from, to);
    }

    /// It is in one place afterwards, whatever happens.
    private static void leave(Path from, Path to) throws IOException {
        try {
            Files.delete(from);
        } catch (IOException e) {
            Files.deleteIfExists(to);
            throw e;
        }
    }

    private static void without(Path from, Path to) throws IOException {
        if (Files.getFileStore(from)
                .equals(Files.getFileStore(to.toAbsolutePath().getParent()))) {
            try {
                if (!isFree(to)) throw new FileAlreadyExistsException(to.toString());
                Files.move(from, to, StandardCopyOption.ATOMIC_MOVE);
                return;
            } catch (AtomicMoveNotSupportedException e) {
                // Then it is copied, as to another file system.
            }
        }
        try {
            byte[] sent = copy(from, to);
            if (!MessageDigest.isEqual(sent, hash(to)))
                throw new IOException("the copy of " + from + " is not the same when it is read again");
        } catch (FileAlreadyExistsException e) {
            throw e;
        } catch (IOException e) {
            Files.deleteIfExists(to);
            throw e;
        }
        leave(from, to);
    }

    private static byte[] copy(Path from, Path to) throws IOException {
        MessageDigest digest = digest();
        byte[] block = new byte[BLOCK_BYTES];
        try (InputStream in = Files.newInputStream(from);
                OutputStream out = Files.newOutputStream(to, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
            for (int read = in.read(block); read >= 0; read = in.read(block)) {
                digest.update(block, 0, read);
                out.write(block, 0, read);
            }
        }
        try (FileChannel channel = FileChannel.open(to, StandardOpenOption.WRITE)) {
            channel.force(true);
        }
        return digest.digest();
    }

    private static byte[] hash(Path file) throws IOException {
        MessageDigest digest = digest();
        byte[] block = new byte[BLOCK_BYTES];
        try (InputStream in = Files.newInputStream(file)) {
            for (int read = in.read(block); read >= 0; read = in.read(block)) digest.update(block, 0, read);
        }
        return digest.digest();
    }

    private static MessageDigest digest() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }
}
