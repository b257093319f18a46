package dev.muster.edge.delta;

import dev.muster.edge.delta.Layout.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// Says which bytes of the old file a changed part of the new one should be laid against, by the tensors of both.
final class Aligner {
    /// What lies between tensors goes along with them up to this size, and tensors of this size with larger ones: a block
    /// of its own costs more than what it gains.
    private static final int SMALL_BYTES = 16 << 10;

    private final List<Stretch> stretches = new ArrayList<>();

    /// A part of the new file.
    ///
    /// @param shift   what to add to an offset in the new file for the one in the old file
    /// @param aligned whether tensors say so; else `shift` means nothing
    /// @param width   bytes of one number; 0 = unknown
    /// @param base    an offset in the new file where a number begins
    record Stretch(long from, long to, long shift, boolean aligned, int width, long base) {
        private long length() {
            return to - from;
        }

        private static Stretch unaligned(long from, long to) {
            return new Stretch(from, to, 0, false, 0, 0);
        }

        private Stretch within(long first, long end) {
            return new Stretch(Math.max(from, first), Math.min(to, end), shift, aligned, width, base);
        }

        private boolean joins(Stretch next) {
            if (aligned && next.aligned && shift != next.shift) return false;
            return next.length() <= SMALL_BYTES || length() <= SMALL_BYTES || sameNumbers(next);
        }

        private boolean sameNumbers(Stretch next) {
            return aligned == next.aligned && width == next.width && (width == 0 || (base - next.base) % width == 0);
        }

        /// Both together, with the numbers of the one that has more of them.
        private Stretch with(Stretch next) {
            Stretch chief = aligned != next.aligned ? (aligned ? this : next) : length() >= next.length() ? this : next;
            return new Stretch(from, next.to, chief.shift, chief.aligned, chief.width, chief.base);
        }
    }

    Aligner(Layout news, Layout olds) {
        Map<String, Tensor> before = olds.byName();
        long end = 0;
        for (Tensor tensor : news.tensors()) {
            Tensor match = before.get(tensor.name());
            // Tensors that overlap the last one are no tensors.
            if (match == null || tensor.offset() < end) continue;
            end = tensor.offset() + Math.min(tensor.length(), match.length());
            stretches.add(new Stretch(
                    tensor.offset(), end, match.offset() - tensor.offset(), true, tensor.width(), tensor.offset()));
        }
    }

    /// The stretch that begins at `at` and goes on as long as one way of laying it serves, at most to `end`.
    Stretch next(long at, long end) {
        int i = firstEndingAfter(at);
        Stretch all = piece(i, at, end);
        while (all.to() < end) {
            if (i < stretches.size() && stretches.get(i).to() <= all.to()) i++;
            Stretch next = piece(i, all.to(), end);
            if (!all.joins(next)) break;
            all = all.with(next);
        }
        return all;
    }

    private Stretch piece(int i, long at, long end) {
        if (i == stretches.size()) return Stretch.unaligned(at, end);
        Stretch next = stretches.get(i);
        return at < next.from() ? Stretch.unaligned(at, Math.min(end, next.from())) : next.within(at, end);
    }

    private int firstEndingAfter(long at) {
        int low = 0;
        int high = stretches.size();
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (stretches.get(middle).to() > at) {
                high = middle;
            } else {
                low = middle + 1;
            }
        }
        return low;
    }
}
