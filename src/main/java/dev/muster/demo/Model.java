package dev.muster.demo;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.random.RandomGenerator;
import java.util.zip.CRC32;

/// A network as it lies in a file, named by the file's SHA-256. As a player it takes the policy's best move, without
/// search: what is measured is what was learned.
///
/// The file: `MUSTRHEX`, then big-endian the format (1), the board's size, the hidden units, the generation, the
/// weights as 32-bit floats, and the CRC-32 of everything before it.
record Model(Network network, String sha256) implements Player {
    private static final byte[] MAGIC = "MUSTRHEX".getBytes(StandardCharsets.US_ASCII);
    private static final int FORMAT = 1;
    private static final int HEADER_BYTES = MAGIC.length + 4 * Integer.BYTES;
    private static final int HIDDEN_MAX = 1024;

    /// Writes the network and returns it under its new name.
    static Model write(Network network, Path file) throws IOException {
        byte[] bytes = encode(network);
        AtomicFile.write(file, bytes);
        return new Model(network, sha256(bytes));
    }

    /// Reads a model. Throws `IOException` if the file cannot be read or is not a whole model file.
    static Model read(Path file) throws IOException {
        byte[] bytes = Files.readAllBytes(file);
        return new Model(decode(bytes, file), sha256(bytes));
    }

    @Override
    public int move(Position position, RandomGenerator random) {
        return network.bestMove(position);
    }

    @Override
    public String name() {
        return sha256;
    }

    private static byte[] encode(Network network) {
        float[] weights = network.weights();
        ByteBuffer buffer = ByteBuffer.allocate(HEADER_BYTES + Float.BYTES * weights.length + Integer.BYTES);
        buffer.put(MAGIC).putInt(FORMAT).putInt(network.board().size());
        buffer.putInt(network.hidden()).putInt(network.generation());
        for (float weight : weights) buffer.putFloat(weight);
        buffer.putInt(crc(buffer.array(), buffer.position()));
        return buffer.array();
    }

    private static Network decode(byte[] bytes, Path file) throws IOException {
        ByteBuffer buffer = ByteBuffer.wrap(bytes);
        byte[] magic = new byte[MAGIC.length];
        if (bytes.length < HEADER_BYTES) throw new IOException(file + " is no model: " + bytes.length + " bytes");
        buffer.get(magic);
        int format = buffer.getInt();
        int size = buffer.getInt();
        int hidden = buffer.getInt();
        int generation = buffer.getInt();
        if (!MessageDigest.isEqual(magic, MAGIC) || format != FORMAT) {
            throw new IOException(file + " is no model of format " + FORMAT);
        }
        if (size < Board.SIZE_MIN || size > Board.SIZE_MAX || hidden < 1 || hidden > HIDDEN_MAX) {
            throw new IOException(file + " is damaged: board " + size + ", " + hidden + " hidden units");
        }
        Board board = new Board(size);
        float[] weights = new float[Network.weightCount(board, hidden)];
        int expected = HEADER_BYTES + Float.BYTES * weights.length + Integer.BYTES;
        if (bytes.length != expected) {
            throw new IOException(file + " is damaged: expected " + expected + " bytes, found " + bytes.length);
        }
        for (int i = 0; i < weights.length; i++) weights[i] = buffer.getFloat();
        if (buffer.getInt() != crc(bytes, expected - Integer.BYTES)) {
            throw new IOException(file + " is damaged: its checksum does not fit");
        }
        return new Network(board, hidden, generation, weights);
    }

    private static int crc(byte[] bytes, int length) {
        CRC32 crc = new CRC32();
        crc.update(bytes, 0, length);
        return (int) crc.getValue();
    }

    private static String sha256(byte[] bytes) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }
}
