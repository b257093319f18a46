package dev.muster.core.run;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// One figure over time, in constant memory: spans of time with the mean of each, twice as long whenever there are too many.
/// A run of weeks has spans of an hour or two; the newest hours are kept finely beside them.
///
/// Values have to be finite, and times to go forward: what is older than the newest is taken for it.
public final class Curve {
    private static final int SPANS_MAX = 512;
    private static final Duration FINEST = Duration.ofSeconds(15);
    /// As much as any rule looks back.
    static final Duration FINE_PAST = Duration.ofHours(4);

    /// Enough for a slope, and for its some thousand pairs.
    private static final int POINTS_MAX = 96;

    /// A value, and when: the mean of a span.
    public record Point(Instant at, double value) {}

    private static final class Span {
        private final Instant begin;
        private double sum;
        private long seconds;
        private long count;

        Span(Instant begin) {
            this.begin = begin;
        }

        void add(Instant at, double value) {
            sum += value;
            seconds += Duration.between(begin, at).toSeconds();
            count++;
        }

        void add(Span later) {
            sum += later.sum;
            seconds += later.seconds
                    + later.count * Duration.between(begin, later.begin).toSeconds();
            count += later.count;
        }

        Point point() {
            return new Point(begin.plusSeconds(seconds / count), sum / count);
        }
    }

    /// The whole past coarsely, and the last hours finely.
    private final List<Span> all = new ArrayList<>();

    private final List<Span> recent = new ArrayList<>();
    private Duration length = FINEST;
    private Instant newest = Instant.MIN;

    /// @throws IllegalArgumentException when the value is not finite
    public void add(Instant time, double value) {
        if (!Double.isFinite(value)) throw new IllegalArgumentException("expected a finite value, but found " + value);
        Instant at = time.isBefore(newest) ? newest : time;
        newest = at;
        put(all, length, at, value);
        if (all.size() > SPANS_MAX) halve();
        put(recent, FINEST, at, value);
        Instant past = at.minus(FINE_PAST);
        int old = 0;
        while (recent.get(old).begin.isBefore(past)) old++;
        if (old > SPANS_MAX || recent.size() > 2 * SPANS_MAX + SPANS_MAX / 2)
            recent.subList(0, Math.max(old, 1)).clear();
    }

    private static void put(List<Span> spans, Duration length, Instant at, double value) {
        if (spans.isEmpty() || !at.isBefore(spans.getLast().begin.plus(length))) spans.add(new Span(at));
        spans.getLast().add(at, value);
    }

    private void halve() {
        List<Span> old = List.copyOf(all);
        all.clear();
        for (int at = 0; at < old.size(); at += 2) {
            if (at + 1 < old.size()) old.get(at).add(old.get(at + 1));
            all.add(old.get(at));
        }
        length = length.multipliedBy(2);
    }

    public boolean isEmpty() {
        return all.isEmpty();
    }

    /// When the newest value came.
    ///
    /// @throws IllegalStateException when there is none
    public Instant newest() {
        if (all.isEmpty()) throw new IllegalStateException("expected a curve with values, but found none");
        return newest;
    }

    /// @throws IllegalStateException when there is none
    public Instant first() {
        if (all.isEmpty()) throw new IllegalStateException("expected a curve with values, but found none");
        return all.getFirst().begin;
    }

    /// All of it, some hundred points.
    public List<Point> points() {
        return all.stream().map(Span::point).toList();
    }

    /// Those of the last hours that are not older than `from`.
    List<Point> since(Instant from) {
        return recent.stream()
                .filter(span -> !span.begin.isBefore(from))
                .map(Span::point)
                .toList();
    }

    /// Does it reach back that far, all but a tenth of it?
    boolean covers(Instant now, Duration window) {
        return !all.isEmpty() && !first().isAfter(now.minus(window).plus(window.dividedBy(10)));
    }

    static double median(List<Point> points) {
        double[] values = points.stream().mapToDouble(Point::value).sorted().toArray();
        int middle = values.length / 2;
        return values.length % 2 == 1 ? values[middle] : (values[middle - 1] + values[middle]) / 2;
    }

    /// By how much it changed per hour: the median of the slopes between all pairs of points (Theil 1950, Sen 1968), which a few
    /// outliers do not move, and between what it lies 99 times of 100 if the points are independent.
    record Slope(double least, double likely, double most) {}

    /// @param points three at least
    static Slope slope(List<Point> points) {
        List<Point> few = thinned(points);
        int count = few.size();
        double[] slopes = new double[count * (count - 1) / 2];
        int next = 0;
        for (int later = 1; later < count; later++) {
            for (int earlier = 0; earlier < later; earlier++) {
                double hours = Math.max(
                        1e-9,
                        Duration.between(few.get(earlier).at(), few.get(later).at())
                                        .toMillis()
                                / 3_600_000.0);
                slopes[next++] = (few.get(later).value() - few.get(earlier).value()) / hours;
            }
        }
        Arrays.sort(slopes);
        // Kendall's S has this variance, and is normal enough from ten points on.
        double margin = 2.576 * Math.sqrt(count * (count - 1.0) * (2.0 * count + 5) / 18);
        int low = Math.clamp((long) Math.floor((slopes.length - margin) / 2), 0, slopes.length - 1);
        int high = Math.clamp((long) Math.ceil((slopes.length + margin) / 2), 0, slopes.length - 1);
        return new Slope(slopes[low], slopes[slopes.length / 2], slopes[high]);
    }

    /// Neighbours are put together until there are few enough.
    private static List<Point> thinned(List<Point> points) {
        if (points.size() <= POINTS_MAX) return points;
        List<Point> few = new ArrayList<>();
        for (int part = 0; part < POINTS_MAX; part++) {
            List<Point> some = points.subList((int) ((long) part * points.size() / POINTS_MAX), (int)
                    ((long) (part + 1) * points.size() / POINTS_MAX));
            double mean = some.stream().mapToDouble(Point::value).average().orElseThrow();
            few.add(new Point(some.get(some.size() / 2).at(), mean));
        }
        return few;
    }
}
