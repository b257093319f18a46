package dev.muster.edge.raft;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.function.Consumer;

/// Counts entries and keeps a hash of all of them in order: small, for measuring.
final class CountingMachine implements ReplicatedMachine {
    private final Consumer<Leadership> listener;
    private long count;
    private long hash;

    CountingMachine(Consumer<Leadership> listener) {
        this.listener = listener;
    }

    @Override
    public byte[] apply(long term, long index, byte[] entry) {
        count++;
        hash = 31 * hash + java.util.Arrays.hashCode(entry);
        return ByteBuffer.allocate(8).putLong(count).array();
    }

    @Override
    public void votersChanged(long term, long index, List<VoterAddress> voters) {
        // Not part of what is counted.
    }

    @Override
    public void save(OutputStream out) throws IOException {
        DataOutputStream data = new DataOutputStream(out);
        data.writeLong(count);
        data.writeLong(hash);
    }

    @Override
    public void restore(InputStream in) throws IOException {
        DataInputStream data = new DataInputStream(in);
        count = data.readLong();
        hash = data.readLong();
    }

    @Override
    public void leadershipChanged(Leadership leadership) {
        listener.accept(leadership);
    }
}
