package dev.muster.core.rating;

import dev.muster.core.state.Ratings.Pair;
import dev.muster.core.state.Ratings.Tally;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/// Ratings of all players at once: the Bradley-Terry model's most likely strengths, given every counted game.
///
/// A draw is half a win. Each pair that played is given one more, virtual draw: a player that won all its games has a
/// finite rating, and a few games say little. The order of games does not matter, and the same counts give the same
/// ratings. Memory grows with the square and time with the cube of the players: a few hundred are a matter of
/// milliseconds.
public final class Elo {
    /// What the named baseline `random` is worth.
    public static final String ANCHOR = "random";
    public static final double ANCHOR_ELO = 400;

    private static final double PER_LOGIT = 400 / Math.log(10);

    private Elo() {}

    /// @param rated those connected to the anchor by games, strongest first
    /// @param apart those that are not: their games say nothing about their distance to the anchor
    public record Standing(List<Rating> rated, List<Unrated> apart) {
        public Standing {
            rated = List.copyOf(rated);
            apart = List.copyOf(apart);
        }
    }

    public record Unrated(String player, long games) {}

    /// @param tallies of one config key
    public static Standing ratings(List<Map.Entry<Pair, Tally>> tallies, String anchor, double anchorElo) {
        Map<String, Long> games = new TreeMap<>();
        Map<String, Set<String>> opponents = new TreeMap<>();
        for (Map.Entry<Pair, Tally> entry : tallies) {
            count(
                    games,
                    opponents,
                    entry.getKey().first(),
                    entry.getKey().second(),
                    entry.getValue().games());
            count(
                    games,
                    opponents,
                    entry.getKey().second(),
                    entry.getKey().first(),
                    entry.getValue().games());
        }
        Set<String> connected = connected(anchor, opponents);
        List<String> free =
                connected.stream().filter(player -> !player.equals(anchor)).toList();
        BradleyTerry fit = BradleyTerry.fit(free, anchor, tallies);
        List<Rating> rated = new ArrayList<>();
        if (connected.contains(anchor))
            rated.add(new Rating(anchor, anchorElo, anchorElo, anchorElo, games.getOrDefault(anchor, 0L)));
        for (int i = 0; i < free.size(); i++) {
            double elo = anchorElo + fit.strength(i) * PER_LOGIT;
            double reach = Wilson.Z * fit.error(i) * PER_LOGIT;
            rated.add(new Rating(free.get(i), elo, elo - reach, elo + reach, games.getOrDefault(free.get(i), 0L)));
        }
        rated.sort(Comparator.comparingDouble(Rating::elo).reversed().thenComparing(Rating::player));
        List<Unrated> apart = games.entrySet().stream()
                .filter(player -> !connected.contains(player.getKey()))
                .map(player -> new Unrated(player.getKey(), player.getValue()))
                .toList();
        return new Standing(rated, apart);
    }

    private static void count(
            Map<String, Long> games, Map<String, Set<String>> opponents, String player, String opponent, long more) {
        games.merge(player, more, Long::sum);
        if (more > 0) opponents.computeIfAbsent(player, name -> new TreeSet<>()).add(opponent);
    }

    private static Set<String> connected(String anchor, Map<String, Set<String>> opponents) {
        Set<String> reached = new TreeSet<>();
        Deque<String> next = new ArrayDeque<>();
        if (opponents.containsKey(anchor) && reached.add(anchor)) next.add(anchor);
        while (!next.isEmpty()) {
            for (String opponent : opponents.getOrDefault(next.remove(), Set.of())) {
                if (reached.add(opponent)) next.add(opponent);
            }
        }
        return reached;
    }
}
