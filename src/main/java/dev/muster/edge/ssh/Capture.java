package dev.muster.edge.ssh;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.OptionalInt;

/// A script's own part of a stream: what stands between two marks, bounded.
final class Capture {
    /// What was said before the script began is only quoted in messages.
    private static final int BEFORE_MAX = 4096;

    private enum Phase {
        BEFORE,
        INSIDE,
        ENDING,
        AFTER
    }

    private final byte[] begin;
    private final byte[] end;
    private final Kept before = new Kept(BEFORE_MAX);
    private final Kept inside = new Kept(HostShell.OUTPUT_MAX);
    private Phase phase = Phase.BEFORE;
    private byte[] rest = {};
    private OptionalInt status = OptionalInt.empty();

    Capture(String mark) {
        this.begin = Payload.begin(mark).getBytes(StandardCharsets.US_ASCII);
        this.end = Payload.end(mark).getBytes(StandardCharsets.US_ASCII);
    }

    /// @return the script has ended: nothing more is of interest
    synchronized boolean add(byte[] bytes, int count) {
        byte[] all = new byte[rest.length + count];
        System.arraycopy(rest, 0, all, 0, rest.length);
        System.arraycopy(bytes, 0, all, rest.length, count);
        rest = all;
        if (phase == Phase.BEFORE && found(begin, before)) phase = Phase.INSIDE;
        if (phase == Phase.INSIDE && found(end, inside)) phase = Phase.ENDING;
        if (phase == Phase.ENDING) readStatus();
        return phase == Phase.AFTER;
    }

    /// Moves what stands before the mark into `kept`, and without the mark all that cannot be its beginning.
    private boolean found(byte[] mark, Kept kept) {
        int at = indexOf(rest, mark);
        int plain = at >= 0 ? at : Math.max(0, rest.length - mark.length + 1);
        kept.add(rest, plain);
        int next = at >= 0 ? at + mark.length : plain;
        rest = Arrays.copyOfRange(rest, next, rest.length);
        return at >= 0;
    }

    private static int indexOf(byte[] text, byte[] mark) {
        for (int at = 0; at + mark.length <= text.length; at++) {
            if (text[at] == mark[0] && Arrays.equals(text, at, at + mark.length, mark, 0, mark.length)) return at;
        }
        return -1;
    }

    private void readStatus() {
        String text = new String(rest, StandardCharsets.US_ASCII);
        int stop = text.indexOf(';');
        if (stop < 0) return;
        status = OptionalInt.of(Integer.parseInt(text.substring(0, stop)));
        phase = Phase.AFTER;
    }

    synchronized boolean begun() {
        return phase != Phase.BEFORE;
    }

    /// Empty until the script has ended.
    synchronized OptionalInt status() {
        return status;
    }

    synchronized String text() {
        return inside.text();
    }

    /// What others said before the script began.
    synchronized String before() {
        return phase == Phase.BEFORE ? before.text() + new String(rest, StandardCharsets.UTF_8) : before.text();
    }

    /// The first bytes, and how many more there were.
    private static final class Kept {
        private final int max;
        private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        private long left;

        Kept(int max) {
            this.max = max;
        }

        void add(byte[] more, int count) {
            int fits = Math.min(count, max - bytes.size());
            bytes.write(more, 0, fits);
            left += count - fits;
        }

        String text() {
            String text = bytes.toString(StandardCharsets.UTF_8);
            return left == 0
                    ? text
                    : text + "\n[muster: cut after " + max + " bytes; " + left + " more were left out]\n";
        }
    }
}
