package dev.muster.core.alert;

import dev.muster.core.rating.Wilson;
import dev.muster.core.state.Actor;
import dev.muster.core.state.AlertLevel;
import dev.muster.core.state.Bulletin;
import dev.muster.core.state.ConfigKey;
import dev.muster.core.state.Distribution;
import dev.muster.core.state.Event;
import dev.muster.core.state.Loop;
import dev.muster.core.state.Model;
import dev.muster.core.state.Ratings;
import dev.muster.core.state.Run;
import dev.muster.core.state.RunId;
import dev.muster.core.state.Traces;
import java.time.Duration;
import java.time.Instant;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/// Of models, loops, training runs, and of telling people itself.
final class WorkSigns {
    /// What has happened and cannot be undone is told of for so long; then it is history.
    private static final Duration HISTORY = Duration.ofHours(24);
    /// Of one model against the one before it; fewer games say too little.
    private static final long GAMES_MIN = 20;
    /// The prior system's: 30 points worse is a regression, twice that a severe one.
    private static final double WORSE = -30;

    private static final double MUCH_WORSE = 2 * WORSE;
    /// Failures of a stage in a row; a loop tries again by itself.
    private static final int FAILURES = 3;

    private WorkSigns() {}

    static void add(Scene scene) {
        if (scene.watches(AlertRule.DISTRIBUTION))
            scene.state.models().distributions().values().forEach(one -> distribution(scene, one));
        for (Model model : scene.state.models().models().values()) {
            if (scene.watches(AlertRule.RATING_REGRESSION)) regression(scene, model);
            if (scene.watches(AlertRule.ROLLBACK)) rollback(scene, model);
        }
        for (Loop loop : scene.state.loops().loops().values()) if (loop.running()) loop(scene, loop);
        for (Run run : scene.state.runs().runs().values()) run(scene, run);
        if (scene.watches(AlertRule.ALERT_DELIVERY)) deliveries(scene);
    }

    private static void distribution(Scene scene, Distribution way) {
        if (way.supersededAt().isPresent() || way.told().isEmpty()) return;
        Distribution.Told told = way.told().get();
        boolean over = way.completedAt().filter(at -> !at.isBefore(told.at())).isPresent();
        if (over) return;
        String lacking = told.lacking().isEmpty() ? "" : ": " + names(told);
        switch (told.what()) {
            case FAILED ->
                scene.add(
                        AlertRule.DISTRIBUTION,
                        way.config().toString(),
                        AlertLevel.CRITICAL,
                        way.config() + ": nobody is there to give the model to " + told.missing() + " nodes" + lacking);
            case INCOMPLETE, LACKING ->
                scene.add(
                        AlertRule.DISTRIBUTION,
                        way.config().toString(),
                        AlertLevel.WARNING,
                        way.config() + ": " + told.missing() + (told.missing() == 1 ? " node does" : " nodes do")
                                + " not get the model" + lacking);
        }
    }

    private static String names(Distribution.Told told) {
        int shown = Math.min(3, told.lacking().size());
        String names = String.join(
                ", ",
                told.lacking().subList(0, shown).stream().map(Object::toString).toList());
        return told.missing() > shown ? names + " and " + (told.missing() - shown) + " more" : names;
    }

    /// By the games that the two have played against each other.
    private static void regression(Scene scene, Model model) {
        Optional<Model.Version> before = model.before();
        if (before.isEmpty()) return;
        String now = model.current().sha().hex();
        String then = before.get().sha().hex();
        if (now.equals(then)) return;
        for (Map.Entry<Ratings.Pair, Ratings.Tally> entry :
                scene.state.ratings().of(model.config())) {
            Ratings.Pair pair = entry.getKey();
            Ratings.Tally tally = entry.getValue();
            boolean first = pair.first().equals(now) && pair.second().equals(then);
            boolean second = pair.first().equals(then) && pair.second().equals(now);
            if (!first && !second || tally.games() < GAMES_MIN) continue;
            long wins = first ? tally.wins() : tally.losses();
            long losses = first ? tally.losses() : tally.wins();
            worse(scene, model.config(), wins, tally.draws(), losses);
        }
    }

    private static void worse(Scene scene, ConfigKey config, long wins, long draws, long losses) {
        Wilson.Interval rate = Wilson.interval(wins, draws, losses);
        double points = elo(Math.clamp(rate.rate(), 0.001, 0.999));
        if (points > WORSE || rate.high() >= 0.5) return;
        scene.add(
                AlertRule.RATING_REGRESSION,
                config.toString(),
                points <= MUCH_WORSE ? AlertLevel.CRITICAL : AlertLevel.WARNING,
                String.format(
                        Locale.ROOT,
                        "%s: the current model is %.0f Elo worse than the one before it (%d won, %d drawn, %d lost)",
                        config,
                        -points,
                        wins,
                        draws,
                        losses));
    }

    private static double elo(double rate) {
        return 400 * Math.log10(rate / (1 - rate));
    }

    private static void rollback(Scene scene, Model model) {
        Model.Version now = model.current();
        if (now.rollback() && lately(scene, now.at()))
            scene.add(
                    AlertRule.ROLLBACK,
                    model.config().toString(),
                    AlertLevel.WARNING,
                    model.config() + " was rolled back to generation " + now.generation() + " by " + now.by()
                            + (now.reason().isEmpty() ? "" : ": " + now.reason()));
    }

    private static boolean lately(Scene scene, Instant at) {
        return Duration.between(at, scene.now).compareTo(HISTORY) < 0;
    }

    // ---- loops

    private static void loop(Scene scene, Loop loop) {
        String config = loop.config().toString();
        String stage = loop.stage().name().toLowerCase(Locale.ROOT);
        Duration time = Duration.between(loop.since(), scene.now);
        if (scene.watches(AlertRule.LOOP_STALLED) && time.compareTo(most(loop.stage())) > 0)
            scene.add(
                    AlertRule.LOOP_STALLED,
                    config,
                    AlertLevel.WARNING,
                    config + " has been in " + stage + " for " + FleetSigns.brief(time));
        if (scene.watches(AlertRule.LOOP_FAILING) && loop.failures() >= FAILURES)
            scene.add(
                    AlertRule.LOOP_FAILING,
                    config,
                    AlertLevel.WARNING,
                    config + ": " + stage + " has failed " + loop.failures() + " times in a row");
    }

    /// As the prior system's health checks had it: data 1 h, evaluation 2 h, training 4 h.
    private static Duration most(Loop.Stage stage) {
        return switch (stage) {
            case SELFPLAY, TRAINING -> Duration.ofHours(4);
            case EVALUATION -> Duration.ofHours(2);
            case VERDICT, DISTRIBUTION -> Duration.ofHours(1);
        };
    }

    // ---- runs

    private static void run(Scene scene, Run run) {
        if (!run.open() && run.endedAt().filter(at -> lately(scene, at)).isEmpty()) return;
        String id = run.id().toString();
        boolean bad = run.status() == Run.Status.FAILED || run.status() == Run.Status.STOPPED && byLimit(scene, run);
        if (scene.watches(AlertRule.RUN_FAILED) && bad)
            scene.add(
                    AlertRule.RUN_FAILED,
                    id,
                    AlertLevel.WARNING, // its machine is let go: nothing burns
                    id + (run.status() == Run.Status.FAILED ? " has failed: " : " was stopped: ") + run.note());
        if (!scene.watches(AlertRule.RUN_WARNING) || !run.open()) return;
        Map<String, Traces.Warning> warnings = new TreeMap<>(run.warnings().asMap());
        for (Run.Stage stage : run.stages())
            stage.job()
                    .ifPresent(job -> scene.state.work().attemptsOf(job).values().stream()
                            .filter(attempt -> attempt.status().isActive())
                            .forEach(attempt ->
                                    warnings.putAll(attempt.traces().warnings().asMap())));
        warnings.forEach((rule, warning) -> scene.add(
                AlertRule.RUN_WARNING,
                id + " " + rule,
                warning.critical() ? AlertLevel.CRITICAL : AlertLevel.WARNING,
                id + ", " + rule + ": " + warning.text()));
    }

    /// A person knows what they stopped.
    private static boolean byLimit(Scene scene, Run run) {
        return scene.state.journal().lasting().values().stream()
                .anyMatch(entry -> entry.actor().kind() == Actor.Kind.LEADER
                        && entry.event() instanceof Event.RunStopping(RunId id, String reason)
                        && id.equals(run.id()));
    }

    // ---- telling

    private static void deliveries(Scene scene) {
        Map<String, String> troubles = new TreeMap<>();
        for (Bulletin bulletin : scene.state.alerts().outbox().values())
            for (String way : bulletin.channels())
                scene.soft
                        .alerting()
                        .trouble(way, scene.state.alerts().outbox())
                        .ifPresent(tried -> troubles.put(
                                way,
                                way + " has taken nothing for "
                                        + FleetSigns.brief(Duration.between(tried.since(), scene.now)) + ": "
                                        + tried.note()));
        if (!scene.soft.alerting().problems().isEmpty())
            troubles.put(
                    "alerts.yaml",
                    "the leader's file of channels: "
                            + String.join("; ", scene.soft.alerting().problems()));
        troubles.forEach((way, text) -> scene.add(AlertRule.ALERT_DELIVERY, way, AlertLevel.WARNING, text));
    }
}
