package dev.muster.edge.swarm;

import dev.muster.core.state.NodeId;
import dev.muster.core.state.Sha256;
import dev.muster.core.swarm.Manifest;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// The plain way: one holder after the other, chunk by chunk where the manifest is known, so that an earlier try goes on;
/// the whole file in one answer otherwise.
final class OneSource {
    /// Failures of one holder before the next is asked.
    private static final int FAILURES_MAX = 3;

    private final Sha256 sha;
    private final long size;
    private final Flight.Means means;
    private final Store store;

    OneSource(Sha256 sha, long size, Flight.Means means, Store store) {
        this.sha = sha;
        this.size = size;
        this.means = means;
        this.store = store;
    }

    /// @param from bytes by source, added to
    /// @throws IOException says what each holder said
    void fetch(List<NodeId> holders, Optional<Manifest> manifest, Map<NodeId, Long> from)
            throws IOException, InterruptedException {
        List<String> troubles = new ArrayList<>();
        for (NodeId holder : holders) {
            try {
                if (manifest.isPresent()) chunks(holder, manifest.get(), from);
                else whole(holder, from);
                return;
            } catch (Arrival.NoRoom e) {
                throw e;
            } catch (IOException e) {
                troubles.add(holder + ": " + e.getMessage());
            }
        }
        throw new IOException(
                holders.isEmpty()
                        ? "expected a node that holds " + sha + ", but nobody does"
                        : "expected one of " + holders + " to give " + sha.brief() + ", but "
                                + String.join("; ", troubles));
    }

    private void whole(NodeId holder, Map<NodeId, Long> from) throws IOException, InterruptedException {
        try (Connection connection = means.connections().to(holder, false)) {
            Head answer = connection.ask("GET", "/artifacts/" + sha, means.token(), Optional.empty(), new byte[0]);
            if (answer.status() != 200) throw new IOException("it answered " + answer.start());
            try (InputStream in = connection.stream()) {
                store.receive(sha, size, in);
            }
            means.counters().bytesIn.add(size);
            from.merge(holder, size, Long::sum);
        }
    }

    private void chunks(NodeId holder, Manifest manifest, Map<NodeId, Long> from)
            throws IOException, InterruptedException {
        try (Arrival arrival = Arrival.open(store, manifest, means.counters())) {
            int failures = 0;
            for (int chunk = 0; chunk < manifest.count(); ) {
                if (arrival.has(chunk)) {
                    chunk++;
                    continue;
                }
                switch (new Flight(arrival, means, chunk, holder, false).fly()) {
                    case Flight.Landing.Good good -> from.merge(holder, (long) manifest.length(chunk), Long::sum);
                    case Flight.Landing.Failed(var why, String message) -> {
                        if (++failures == FAILURES_MAX) throw new IOException(message);
                    }
                    case Flight.Landing.Cut(String message) -> {
                        if (++failures == FAILURES_MAX) throw new IOException(message);
                    }
                    case Flight.Landing.Broken(IOException why) -> throw why;
                }
            }
            arrival.finish();
        }
    }
}
