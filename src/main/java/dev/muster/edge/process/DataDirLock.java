package dev.muster.edge.process;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/// One agent per data directory. The kernel holds the lock for the process and lets go when it ends, however it ends;
/// the file `lock` stays and holds the pid of the last holder.
public final class DataDirLock implements AutoCloseable {
    /// POSIX locks belong to the process, and closing any channel to the file would drop them: so a second try in
    /// this JVM must not even open it.
    private static final Set<Path> HELD = ConcurrentHashMap.newKeySet();

    private final Path file;
    private final FileChannel channel;

    private DataDirLock(Path file, FileChannel channel) {
        this.file = file;
        this.channel = channel;
    }

    /// Another agent holds the directory. The message names its pid.
    public static final class HeldByAnother extends IOException {
        private static final long serialVersionUID = 1;

        private HeldByAnother(Path file, String pid) {
            super("expected to be the only agent on " + file.getParent()
                    + ", but found it held by the process with pid " + pid
                    + "; stop that one, or choose another data directory");
        }
    }

    /// Takes the lock, making the directory if needed.
    ///
    /// @throws HeldByAnother another process, or this one, holds it
    /// @throws IOException   the file cannot be made or locked
    public static DataDirLock acquire(Path dir) throws IOException {
        Path file = Files.createDirectories(dir).toRealPath().resolve("lock");
        if (!HELD.add(file)) {
            throw new HeldByAnother(file, ProcessHandle.current().pid() + " (this one)");
        }
        boolean held = false;
        try {
            DataDirLock lock = new DataDirLock(file, lock(file));
            held = true;
            return lock;
        } finally {
            if (!held) {
                HELD.remove(file);
            }
        }
    }

    /// The pid of the agent that holds the directory, or empty when none does.
    ///
    /// @throws IOException the lock cannot be looked at
    public static Optional<Long> holder(Path dir) throws IOException {
        Path file = dir.resolve("lock");
        if (!Files.exists(file)) return Optional.empty();
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            if (channel.tryLock() != null) return Optional.empty();
            return Optional.of(Long.parseLong(Files.readString(file).strip()));
        } catch (NumberFormatException e) {
            throw new IOException("expected a pid in " + file + ", but found something else", e);
        }
    }

    private static FileChannel lock(Path file) throws IOException {
        FileChannel channel =
                FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
        boolean done = false;
        try {
            FileLock lock = channel.tryLock();
            if (lock == null) {
                throw new HeldByAnother(file, Files.readString(file).strip());
            }
            byte[] pid = (ProcessHandle.current().pid() + "\n").getBytes(StandardCharsets.US_ASCII);
            channel.truncate(0).write(ByteBuffer.wrap(pid), 0);
            channel.force(true);
            done = true;
            return channel;
        } finally {
            if (!done) {
                channel.close();
            }
        }
    }

    /// Lets go.
    @Override
    public void close() throws IOException {
        channel.close();
        HELD.remove(file);
    }
}
