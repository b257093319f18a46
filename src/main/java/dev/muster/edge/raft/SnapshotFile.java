package dev.muster.edge.raft;

import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.zip.CRC32C;
import java.util.zip.CheckedOutputStream;

/// One snapshot on disk: magic, term, index, what the machine wrote, and at the end a CRC-32C of all of it.
///
/// @param md5 of the whole file: Ratis compares it when it sends the file to another voter
record SnapshotFile(Path path, long term, long index, byte[] md5) {
    private static final byte[] MAGIC = "MUSTER-SNAPSHOT1".getBytes(StandardCharsets.US_ASCII);
    private static final int HEAD_BYTES = MAGIC.length + 2 * Long.BYTES;
    private static final int TAIL_BYTES = Long.BYTES;

    /// Writes the state to the machine's content.
    interface Content {
        void writeTo(OutputStream out) throws IOException;
    }

    /// Writes a snapshot so that it is either there, whole and on disk, or not there at all.
    static SnapshotFile write(Path path, long term, long index, Content content) throws IOException {
        Path unfinished = path.resolveSibling(path.getFileName() + ".tmp");
        try {
            try (OutputStream file = Files.newOutputStream(unfinished)) {
                CheckedOutputStream checked =
                        new CheckedOutputStream(new BufferedOutputStream(file, 1 << 16), new CRC32C());
                DataOutputStream out = new DataOutputStream(checked);
                out.write(MAGIC);
                out.writeLong(term);
                out.writeLong(index);
                content.writeTo(new Unclosed(out));
                out.writeLong(checked.getChecksum().getValue());
                out.flush();
            }
            sync(unfinished);
            SnapshotFile written = verify(unfinished);
            Files.move(unfinished, path, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
            sync(path.getParent());
            return new SnapshotFile(path, term, index, written.md5);
        } finally {
            Files.deleteIfExists(unfinished);
        }
    }

    /// Reads the whole file once.
    ///
    /// @throws IOException the file is not a whole snapshot; the message says what was found
    static SnapshotFile verify(Path path) throws IOException {
        long size = Files.size(path);
        if (size < HEAD_BYTES + TAIL_BYTES)
            throw new IOException("expected a snapshot of at least " + (HEAD_BYTES + TAIL_BYTES) + " bytes, found "
                    + size + " in " + path);
        MessageDigest md5 = newMd5();
        CRC32C crc = new CRC32C();
        try (DataInputStream in = new DataInputStream(
                new DigestInputStream(new BufferedInputStream(Files.newInputStream(path), 1 << 16), md5))) {
            byte[] head = in.readNBytes(HEAD_BYTES);
            crc.update(head);
            byte[] buffer = new byte[1 << 16];
            for (long left = size - HEAD_BYTES - TAIL_BYTES; left > 0; ) {
                int read = in.read(buffer, 0, (int) Math.min(left, buffer.length));
                if (read < 0) throw new IOException("expected " + size + " bytes, found fewer in " + path);
                crc.update(buffer, 0, read);
                left -= read;
            }
            long expected = in.readLong();
            if (!Arrays.equals(head, 0, MAGIC.length, MAGIC, 0, MAGIC.length) || expected != crc.getValue())
                throw new IOException("expected checksum " + Long.toHexString(expected) + ", found "
                        + Long.toHexString(crc.getValue()) + " in " + path);
            try (DataInputStream at =
                    new DataInputStream(new java.io.ByteArrayInputStream(head, MAGIC.length, 2 * Long.BYTES))) {
                return new SnapshotFile(path, at.readLong(), at.readLong(), md5.digest());
            }
        }
    }

    /// What the machine wrote, and no byte more.
    InputStream open() throws IOException {
        InputStream in = new BufferedInputStream(Files.newInputStream(path), 1 << 16);
        in.skipNBytes(HEAD_BYTES);
        return new Bounded(in, Files.size(path) - HEAD_BYTES - TAIL_BYTES);
    }

    /// Waits until a file, or the names in a directory, are on disk.
    static void sync(Path path) throws IOException {
        try (FileChannel channel =
                FileChannel.open(path, Files.isDirectory(path) ? StandardOpenOption.READ : StandardOpenOption.WRITE)) {
            channel.force(true);
        }
    }

    private static MessageDigest newMd5() {
        try {
            return MessageDigest.getInstance("MD5");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has MD5", e);
        }
    }

    /// Lets a machine use try-with-resources on the stream it is given.
    private static final class Unclosed extends java.io.FilterOutputStream {
        Unclosed(OutputStream out) {
            super(out);
        }

        @Override
        public void write(byte[] bytes, int from, int count) throws IOException {
            out.write(bytes, from, count);
        }

        @Override
        public void close() throws IOException {
            flush();
        }
    }

    private static final class Bounded extends FilterInputStream {
        private long left;

        Bounded(InputStream in, long left) {
            super(in);
            this.left = left;
        }

        @Override
        public int read() throws IOException {
            if (left == 0) return -1;
            int read = in.read();
            if (read >= 0) left--;
            return read;
        }

        @Override
        public int read(byte[] bytes, int from, int count) throws IOException {
            if (count == 0) return 0;
            if (left == 0) return -1;
            int read = in.read(bytes, from, (int) Math.min(left, count));
            if (read > 0) left -= read;
            return read;
        }

        @Override
        public long skip(long count) throws IOException {
            long skipped = in.skip(Math.min(left, count));
            left -= skipped;
            return skipped;
        }

        @Override
        public int available() throws IOException {
            return (int) Math.min(left, in.available());
        }

        @Override
        public boolean markSupported() {
            return false;
        }
    }
}
