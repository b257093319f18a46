package dev.muster.core.state;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;

/// Match results as counts per pair and config key. Ratings are computed from these and never stored: the same counts
/// give the same ratings, and no game of another config key can reach them.
public record Ratings(Table<Pair, Tally> tallies) {
    static final Ratings EMPTY = new Ratings(Table.empty());

    /// Two players under one config key, `first` before `second` in order, so that a pair has one place.
    public record Pair(ConfigKey config, String first, String second) implements Comparable<Pair> {
        private static final Comparator<Pair> ORDER =
                Comparator.comparing(Pair::config).thenComparing(Pair::first).thenComparing(Pair::second);

        /// @throws IllegalArgumentException when the players are not in order
        public Pair {
            if (first.compareTo(second) >= 0) {
                throw new IllegalArgumentException("expected " + first + " before " + second);
            }
        }

        /// @throws IllegalArgumentException when the text is not of the form `hex8_2p/first/second`
        public static Pair parse(String text) {
            String[] parts = text.split("/", -1);
            if (parts.length != 3)
                throw new IllegalArgumentException("expected config/first/second, but found \"" + text + "\"");
            return new Pair(new ConfigKey(parts[0]), parts[1], parts[2]);
        }

        @Override
        public int compareTo(Pair other) {
            return ORDER.compare(this, other);
        }

        @Override
        public String toString() {
            return config + "/" + first + "/" + second;
        }
    }

    /// Counts from the first player's side.
    public record Tally(long wins, long draws, long losses) {
        static final Tally NONE = new Tally(0, 0, 0);

        Tally plus(Match match) {
            return new Tally(wins + match.wins(), draws + match.draws(), losses + match.losses());
        }

        public long games() {
            return wins + draws + losses;
        }
    }

    /// All pairs of one config key.
    public List<Map.Entry<Pair, Tally>> of(ConfigKey config) {
        List<Map.Entry<Pair, Tally>> found = new ArrayList<>();
        for (Map.Entry<Pair, Tally> entry : tallies.from(new Pair(config, "", "\0"))) {
            if (!entry.getKey().config().equals(config)) break;
            found.add(entry);
        }
        return found;
    }

    Ratings recorded(ConfigKey config, List<Match> matches) {
        Table<Pair, Tally> next = tallies;
        for (Match match : matches) {
            Match ordered = match.player().compareTo(match.opponent()) < 0 ? match : match.flipped();
            Pair pair = new Pair(config, ordered.player(), ordered.opponent());
            next = next.with(pair, next.getOrDefault(pair, Tally.NONE).plus(ordered));
        }
        return new Ratings(next);
    }
}
