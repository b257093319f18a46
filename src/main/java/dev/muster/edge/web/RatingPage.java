package dev.muster.edge.web;

import dev.muster.core.state.Attempt;
import dev.muster.core.state.ConfigKey;
import dev.muster.core.state.Generation;
import dev.muster.core.state.Model;
import dev.muster.edge.view.Picture;
import dev.muster.edge.view.RatingRow;
import dev.muster.edge.view.Words;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;

/// How strong models are, from the games they played, and how that came over the generations.
public final class RatingPage {
    /// Players of one config key in the table, the strongest.
    private static final int PLAYERS_MAX = 60;

    private RatingPage() {}

    public static Page of(Picture picture, Query query) {
        List<RatingRow> all = RatingRow.all(picture, Optional.empty());
        TreeSet<ConfigKey> configs =
                new TreeSet<>(all.stream().map(RatingRow::config).toList());
        Page.Maker page = Page.of(Section.RATINGS, "Ratings");
        if (configs.isEmpty())
            return page.live(
                            "ratings",
                            "Ratings",
                            new Html()
                                    .leaf(
                                            "p",
                                            "empty",
                                            "No game was counted yet. A loop's evaluation counts some each generation."))
                    .page();
        ConfigKey shown = configs.stream()
                .filter(config -> config.name().equals(query.get("config")))
                .findFirst()
                .orElse(configs.first());
        if (configs.size() > 1) page.still(choices(configs, shown));
        List<RatingRow> rows =
                all.stream().filter(row -> row.config().equals(shown)).toList();
        Map<String, Integer> generations = generations(picture, shown);
        return page.live("curve", "Elo over generations", curve(shown, rows, generations))
                .live("ratings", "Ratings", table(shown, rows, generations))
                .live("pairs", "Who played whom", pairs(picture, shown))
                .page();
    }

    private static Html choices(TreeSet<ConfigKey> configs, ConfigKey shown) {
        Html html = new Html().tag("nav", "actions").with("aria-label", "Config keys");
        for (ConfigKey config : configs) {
            html.tag("a").with("href", "/ratings?config=" + Query.encoded(config.name()));
            if (config.equals(shown)) html.with("aria-current", "true");
            html.text(config.name()).end();
        }
        return html.end();
    }

    /// Of each model that a loop made or promoted.
    private static Map<String, Integer> generations(Picture picture, ConfigKey config) {
        Map<String, Integer> generations = new HashMap<>();
        for (Generation turn : picture.state().loops().of(config).values())
            turn.candidate()
                    .map(Attempt.Stored::sha)
                    .ifPresent(sha -> generations.put(sha.hex(), turn.id().number()));
        picture.state().models().models().find(config).map(Model::history).orElse(List.of()).stream()
                .filter(version -> version.generation() > 0)
                .forEach(version -> generations.putIfAbsent(version.sha().hex(), version.generation()));
        return generations;
    }

    private static Html curve(ConfigKey config, List<RatingRow> rows, Map<String, Integer> generations) {
        List<Plot.Point> points = new ArrayList<>();
        for (RatingRow row : rows) {
            Integer generation = generations.get(row.player());
            if (generation == null || row.elo().isEmpty()) continue;
            points.add(new Plot.Point(
                    generation,
                    row.elo().get(),
                    row.low().orElseThrow(),
                    row.high().orElseThrow(),
                    row.current()));
        }
        points.sort(Comparator.comparingDouble(Plot.Point::x));
        if (points.size() < 2)
            return new Html().leaf("p", "faint", "A curve over generations is drawn once two of them were rated.");
        String words = "Elo of " + config + " over generations, with 95% intervals: from "
                + Math.round(points.getFirst().y()) + " in generation "
                + Math.round(points.getFirst().x()) + " to "
                + Math.round(points.getLast().y()) + " in generation "
                + Math.round(points.getLast().x());
        return new Html()
                .tag("figure")
                .leaf("figcaption", words)
                .put(Plot.points(words, "generation", points))
                .end();
    }

    private static Html table(ConfigKey config, List<RatingRow> rows, Map<String, Integer> generations) {
        Grid grid = new Grid("Ratings of " + config, "Player", ">Elo", ">95% from", ">to", ">Generation", ">Games", "");
        for (RatingRow row : rows.subList(0, Math.min(PLAYERS_MAX, rows.size())))
            grid.row()
                    .cell(new Html().leaf("code", Words.brief(row.player())))
                    .cell(whole(row.elo()))
                    .cell(whole(row.low()))
                    .cell(whole(row.high()))
                    .cell(Optional.ofNullable(generations.get(row.player()))
                            .map(Figures::whole)
                            .orElse("–"))
                    .cell(row.games())
                    .cell(
                            row.current()
                                    ? Tone.GOOD.chip("current model")
                                    : new Html()
                                            .text(row.elo().isPresent() ? "" : "no games connect it to the baseline"));
        Html html = new Html().leaf("h2", "Ratings of " + config).put(grid.html(""));
        int hidden = rows.size() - PLAYERS_MAX;
        return hidden <= 0 ? html : html.leaf("p", "faint", hidden + " weaker players: muster rating list");
    }

    private static String whole(Optional<Double> elo) {
        return elo.map(value -> Figures.whole(Math.round(value))).orElse("–");
    }

    private static Html pairs(Picture picture, ConfigKey config) {
        List<RatingRow.Pair> pairs = RatingRow.Pair.of(picture, config);
        Grid grid = new Grid("Games of " + config, "Player", "Opponent", ">Wins", ">Draws", ">Losses", "Rate");
        for (RatingRow.Pair pair : pairs.subList(0, Math.min(PLAYERS_MAX, pairs.size())))
            grid.row()
                    .cell(new Html().leaf("code", Words.brief(pair.first())))
                    .cell(new Html().leaf("code", Words.brief(pair.second())))
                    .cell(pair.wins())
                    .cell(pair.draws())
                    .cell(pair.losses())
                    .cell(pair.winRate()
                            .map(rate -> Bar.progress(Math.round(rate * 1000), 1000, Figures.short1(rate * 100) + "%"))
                            .orElseGet(Html::new));
        return new Html().leaf("h2", "Who played whom").put(grid.html("No games."));
    }
}
