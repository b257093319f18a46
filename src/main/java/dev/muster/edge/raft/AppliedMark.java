package dev.muster.edge.raft;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.OptionalLong;
import java.util.zip.CRC32C;

/// The last index this voter has applied, in a file of 20 bytes: what is applied was committed, so a log that ends
/// earlier has lost entries. Written after each entry and not synced: it survives a killed process, and after a power
/// cut it may be old, which only makes the check weaker.
final class AppliedMark implements Closeable {
    static final String FILE = "applied";
    private static final int MAGIC = 0x4d41524b; // "MARK"
    private static final int BYTES = 4 + Long.BYTES + 8;

    private final FileChannel channel;
    private final ByteBuffer buffer = ByteBuffer.allocateDirect(BYTES);
    private final CRC32C crc = new CRC32C();

    private AppliedMark(FileChannel channel) {
        this.channel = channel;
    }

    static AppliedMark open(Path voterDir) throws IOException {
        return new AppliedMark(
                FileChannel.open(voterDir.resolve(FILE), StandardOpenOption.CREATE, StandardOpenOption.WRITE));
    }

    /// @throws VoterFailure the file is there and is not what we wrote
    static OptionalLong read(Path voterDir) throws IOException, VoterFailure {
        Path file = voterDir.resolve(FILE);
        if (!Files.exists(file)) return OptionalLong.empty();
        byte[] bytes = Files.readAllBytes(file);
        if (bytes.length == 0) return OptionalLong.empty(); // created, and killed before the first entry
        ByteBuffer found = ByteBuffer.wrap(bytes);
        if (bytes.length != BYTES
                || found.getInt(0) != MAGIC
                || found.getLong(12) != checksum(found.slice(0, 12), new CRC32C()))
            throw VoterFailure.damaged(
                    voterDir, file, "expected a checksummed index in " + file + ", found something else", null);
        return OptionalLong.of(found.getLong(4));
    }

    void write(long index) throws IOException {
        buffer.clear().putInt(MAGIC).putLong(index);
        buffer.putLong(checksum(buffer.slice(0, 12), crc)).flip();
        while (buffer.hasRemaining()) channel.write(buffer, buffer.position());
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }

    private static long checksum(ByteBuffer bytes, CRC32C crc) {
        crc.reset();
        crc.update(bytes);
        return crc.getValue();
    }
}
