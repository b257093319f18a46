package dev.muster.edge.node;

import dev.muster.core.state.ClusterState;
import java.io.IOException;
import java.io.OutputStream;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/// What followers of this voter read: a whole state when they need one, then each step, and a beat every second.
final class Feed {
    private static final Duration BEAT = Duration.ofSeconds(1);
    /// Steps gather this long before they are sent, so that a busy log does not wake every follower for each one.
    private static final long LINGER_MS = 5;
    private static final int BURST = 256;

    private final Replica replica;
    private final Supplier<Frame.Beat> beat;
    private final BooleanSupplier serving;

    Feed(Replica replica, Supplier<Frame.Beat> beat, BooleanSupplier serving) {
        this.replica = replica;
        this.beat = beat;
        this.serving = serving;
    }

    /// As [PeerService#follow].
    void follow(long from, OutputStream out) throws IOException {
        Recent recent = replica.recent();
        long place = from == 0 ? -1 : recent.placeAfter(from);
        long beatAt = System.nanoTime();
        try {
            while (serving.getAsBoolean()) {
                ClusterState seen = replica.state();
                List<Recent.Kept> steps = place < 0 ? null : recent.from(place, BURST);
                if (steps == null) {
                    place = state(out);
                    continue;
                }
                for (Recent.Kept step : steps) out.write(step.line());
                if (!steps.isEmpty()) place = steps.getLast().place() + 1;
                if (System.nanoTime() >= beatAt && steps.size() < BURST) {
                    out.write(Recent.line(beat.get()));
                    beatAt = System.nanoTime() + BEAT.toNanos();
                }
                out.flush();
                if (steps.size() == BURST) continue;
                ClusterState now = replica.awaitChange(seen, Duration.ofNanos(Math.max(1, beatAt - System.nanoTime())));
                if (now != seen) TimeUnit.MILLISECONDS.sleep(LINGER_MS);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /// @return where to go on
    private long state(OutputStream out) throws IOException {
        long place = replica.recent().end();
        out.write(Recent.line(new Frame.State(replica.state())));
        return place;
    }
}
