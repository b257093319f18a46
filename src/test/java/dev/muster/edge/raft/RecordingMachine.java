package dev.muster.edge.raft;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/// Remembers every entry in order; its state is the list, so losing, doubling or swapping one shows.
final class RecordingMachine implements ReplicatedMachine {
    private final List<String> entries = new ArrayList<>();
    private final List<List<String>> voterSets = new ArrayList<>();
    private volatile Leadership leadership;
    private final Consumer<Leadership> listener;
    private volatile int restored;

    RecordingMachine() {
        this(now -> {});
    }

    RecordingMachine(Consumer<Leadership> listener) {
        this.listener = listener;
    }

    @Override
    public synchronized byte[] apply(long term, long index, byte[] entry) {
        String text = new String(entry, StandardCharsets.UTF_8);
        if (text.equals("poison")) throw new IllegalStateException("poisoned");
        entries.add(text);
        return (text + "#" + entries.size()).getBytes(StandardCharsets.UTF_8);
    }

    @Override
    public synchronized void votersChanged(long term, long index, List<VoterAddress> voters) {
        voterSets.add(voters.stream().map(VoterAddress::id).sorted().toList());
    }

    @Override
    public synchronized void save(OutputStream out) throws IOException {
        try (DataOutputStream data = new DataOutputStream(out)) {
            data.writeInt(entries.size());
            for (String entry : entries) {
                data.writeInt(entry.length());
                data.writeBytes(entry);
            }
        }
    }

    @Override
    public synchronized void restore(InputStream in) throws IOException {
        DataInputStream data = new DataInputStream(in);
        entries.clear();
        for (int left = data.readInt(); left > 0; left--)
            entries.add(new String(data.readNBytes(data.readInt()), StandardCharsets.US_ASCII));
        if (in.read() != -1) throw new IOException("more than was saved");
        restored++;
    }

    @Override
    public void leadershipChanged(Leadership now) {
        leadership = now;
        listener.accept(now);
    }

    synchronized List<String> entries() {
        return List.copyOf(entries);
    }

    synchronized List<List<String>> voterSets() {
        return List.copyOf(voterSets);
    }

    Leadership leadership() {
        return leadership;
    }

    int restored() {
        return restored;
    }
}
