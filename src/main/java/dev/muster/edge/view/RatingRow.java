package dev.muster.edge.view;

import dev.muster.core.rating.Elo;
import dev.muster.core.rating.Rating;
import dev.muster.core.rating.Wilson;
import dev.muster.core.state.ConfigKey;
import dev.muster.core.state.Model;
import dev.muster.core.state.Ratings;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// A player's rating under one config key.
///
/// @param player  a model's SHA-256, or a baseline's name
/// @param elo     absent where no games connect the player with the anchor
/// @param low     of the 95 % interval
/// @param current the config key points at this model now
public record RatingRow(
        ConfigKey config,
        String player,
        Optional<Double> elo,
        Optional<Double> low,
        Optional<Double> high,
        long games,
        boolean current) {

    /// Games of two players, counted from the first one's side.
    ///
    /// @param winRate of the first one, a draw being half a win; absent without games
    public record Pair(
            ConfigKey config,
            String first,
            String second,
            long wins,
            long draws,
            long losses,
            Optional<Double> winRate) {
        public static List<Pair> of(Picture picture, ConfigKey config) {
            return picture.state().ratings().of(config).stream()
                    .map(entry -> of(entry.getKey(), entry.getValue()))
                    .toList();
        }

        private static Pair of(Ratings.Pair pair, Ratings.Tally tally) {
            double rate =
                    Wilson.interval(tally.wins(), tally.draws(), tally.losses()).rate();
            return new Pair(
                    pair.config(),
                    pair.first(),
                    pair.second(),
                    tally.wins(),
                    tally.draws(),
                    tally.losses(),
                    Double.isNaN(rate) ? Optional.empty() : Optional.of(Math.round(rate * 1000) / 1000.0));
        }
    }

    /// Of one config key, or of all that counted games; strongest first.
    public static List<RatingRow> all(Picture picture, Optional<ConfigKey> config) {
        List<RatingRow> rows = new ArrayList<>();
        for (ConfigKey key : config.map(Set::of).orElseGet(() -> configs(picture)).stream()
                .sorted()
                .toList()) {
            rows.addAll(of(picture, key));
        }
        return rows;
    }

    /// The current model's Elo, where it is known.
    static Optional<Double> current(Picture picture, ConfigKey config) {
        return of(picture, config).stream()
                .filter(RatingRow::current)
                .findFirst()
                .flatMap(RatingRow::elo);
    }

    private static List<RatingRow> of(Picture picture, ConfigKey config) {
        List<Map.Entry<Ratings.Pair, Ratings.Tally>> tallies =
                picture.state().ratings().of(config);
        if (tallies.isEmpty()) return List.of();
        Elo.Standing standing = Elo.ratings(tallies, anchor(picture, config), Elo.ANCHOR_ELO);
        String now = picture.state()
                .models()
                .models()
                .find(config)
                .map(Model::current)
                .map(version -> version.sha().hex())
                .orElse("");
        List<RatingRow> rows = new ArrayList<>();
        for (Rating rating : standing.rated()) {
            rows.add(new RatingRow(
                    config,
                    rating.player(),
                    whole(rating.elo()),
                    whole(rating.low()),
                    whole(rating.high()),
                    rating.games(),
                    rating.player().equals(now)));
        }
        for (Elo.Unrated player : standing.apart()) {
            rows.add(new RatingRow(
                    config,
                    player.player(),
                    Optional.empty(),
                    Optional.empty(),
                    Optional.empty(),
                    player.games(),
                    player.player().equals(now)));
        }
        return rows;
    }

    /// A loop names its own baseline.
    private static String anchor(Picture picture, ConfigKey config) {
        return picture.state()
                .loops()
                .loops()
                .find(config)
                .map(loop -> loop.spec().gate().baseline())
                .orElse(Elo.ANCHOR);
    }

    private static Set<ConfigKey> configs(Picture picture) {
        Set<ConfigKey> configs = new HashSet<>();
        for (Ratings.Pair pair : picture.state().ratings().tallies().keys()) configs.add(pair.config());
        return configs;
    }

    private static Optional<Double> whole(double elo) {
        return Optional.of((double) Math.round(elo));
    }
}
