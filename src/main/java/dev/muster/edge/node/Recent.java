package dev.muster.edge.node;

import dev.muster.core.state.Transition;
import dev.muster.edge.wire.Wire;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;

/// The newest steps, for followers: who has a state that is not older than the oldest step here needs no whole state.
final class Recent {
    /// 4,096 steps of about 400 bytes are 1.6 MB, and two seconds of the fastest log we measured.
    static final int MAX = 4_096;

    private final ArrayDeque<Kept> kept = new ArrayDeque<>();
    private long next;
    private long base;

    /// A step and its place in this node's own count; its line is encoded for the first follower that asks.
    static final class Kept {
        private final long place;
        private final long revision;
        private final Transition step;
        private byte[] line;

        private Kept(long place, long revision, Transition step) {
            this.place = place;
            this.revision = revision;
            this.step = step;
        }

        long place() {
            return place;
        }

        long revision() {
            return revision;
        }

        synchronized byte[] line() {
            if (line == null) line = Recent.line(new Frame.Step(step, revision));
            return line;
        }
    }

    static byte[] line(Frame frame) {
        return (Wire.text(frame) + "\n").getBytes(StandardCharsets.UTF_8);
    }

    synchronized void add(Transition step, long revision) {
        kept.addLast(new Kept(next++, revision, step));
        if (kept.size() > MAX) base = kept.removeFirst().revision();
    }

    /// A whole state was taken: what came before is of no use.
    synchronized void clear(long revision) {
        kept.clear();
        next++;
        base = revision;
    }

    /// Where a follower with this revision goes on, or -1 when it needs a whole state.
    synchronized long placeAfter(long revision) {
        if (revision < base) return -1;
        for (Kept step : kept) if (step.revision() > revision) return step.place();
        return next;
    }

    /// Where a follower goes on that was just given a whole state; take the place before the state.
    synchronized long end() {
        return next;
    }

    /// The steps from this place on, at most `max`; null when some are gone.
    synchronized List<Kept> from(long place, int max) {
        long oldest = kept.isEmpty() ? next : kept.peekFirst().place();
        if (place < oldest) return null;
        List<Kept> found = new ArrayList<>();
        if (place >= next) return found;
        Iterator<Kept> newestFirst = kept.descendingIterator();
        while (newestFirst.hasNext()) {
            Kept step = newestFirst.next();
            if (step.place() < place) break;
            found.addFirst(step);
        }
        return found.size() > max ? found.subList(0, max) : found;
    }
}
