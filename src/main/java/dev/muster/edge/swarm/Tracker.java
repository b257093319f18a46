package dev.muster.edge.swarm;

import dev.muster.core.state.NodeId;
import dev.muster.core.state.Sha256;
import dev.muster.core.state.Table;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;

/// What the leader knows of files on their way: who asks, who has what, whom it can dial. Soft: a new leader learns all
/// of it from the next exchanges. Lives while the node leads.
public final class Tracker {
    /// A file that nobody asks for is forgotten.
    private static final long QUIET_NANOS = TimeUnit.SECONDS.toNanos(60);

    private final Directory directory;
    private final Map<Sha256, TrackedFile> files = new ConcurrentHashMap<>();
    private final Reachability reachability;

    public Tracker(Directory directory) {
        this.directory = directory;
        this.reachability = new Reachability(directory);
    }

    /// A receiver tells and asks. Blocks up to `waitMillis`, until there is something for it.
    public Exchange.Answer exchange(Exchange.Ask ask) {
        OptionalLong size = directory.size(ask.sha());
        if (size.isEmpty()) {
            // This node's state may be behind the receiver's for a moment.
            return new Exchange.Answer(true, false, List.of(), List.of(), List.of(), true, 200);
        }
        forgetQuiet();
        TrackedFile file = files.computeIfAbsent(
                ask.sha(), sha -> new TrackedFile(sha, size.getAsLong(), directory, reachability));
        try {
            return file.exchange(ask);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return Exchange.Answer.NOT_LEADING;
        }
    }

    /// A node asks whether it can be dialled, and if not, to whom it shall open connections. Blocks up to `waitMillis`.
    public Exchange.Calls reach(Exchange.Reach reach) {
        try {
            return reachability.reach(reach);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return Exchange.Calls.NOT_LEADING;
        }
    }

    /// How far a file has come that somebody asked for in the last minute; empty for others.
    public Optional<Underway> underway(Sha256 sha) {
        forgetQuiet();
        return Optional.ofNullable(files.get(sha)).map(TrackedFile::underway);
    }

    /// Damaged chunks by the nodes that gave too many of them, by file. Waits for nobody.
    public Table<Sha256, Table<NodeId, Integer>> strikes() {
        Table<Sha256, Table<NodeId, Integer>> seen = Table.empty();
        for (Map.Entry<Sha256, TrackedFile> file : files.entrySet()) {
            Table<NodeId, Integer> strikes = file.getValue().strikes();
            if (!strikes.isEmpty()) seen = seen.with(file.getKey(), strikes);
        }
        return seen;
    }

    private void forgetQuiet() {
        long now = System.nanoTime();
        for (Iterator<TrackedFile> all = files.values().iterator(); all.hasNext(); ) {
            if (now - all.next().askedNanos() > QUIET_NANOS) all.remove();
        }
    }
}
