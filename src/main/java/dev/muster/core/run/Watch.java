package dev.muster.core.run;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.SortedMap;
import java.util.TreeMap;

/// Does a run go well? Takes readings as they come, in constant memory, and grades each rule at any time.
///
/// A loss is judged by its robust slope over the shortest past that tells: noise makes that past longer instead of raising an
/// alarm, so a clean loss that stands still is told after half an hour, a noisy one after some hours.
public final class Watch {
    public enum Level {
        OK,
        WARNING,
        CRITICAL
    }

    public enum Rule {
        TRACEBACK("Read it in the log, and run the same config locally before launching again."),
        NOT_A_NUMBER("Reduce the learning rate, clip gradients (training.grad_clip), look for NaN in the data."),
        START_UTILIZATION(
                "The GPU waits: look at the log for what it waits for, most often the data or a cache being made."),
        UTILIZATION("Look what the GPU waits for: workers of the data loader (training.num_workers), the batch size."),
        MEMORY("Reduce the batch size before it runs out, or take a larger GPU."),
        LOSS("Check its convergence: learning rate, data; stop it if it rises."),
        FINAL_LOSS("Train it for more epochs, or with another learning rate."),
        GRADIENT("Lower the learning rate or clip gradients when they are large; raise it when they vanish."),
        COST("Check whether it is stuck, and how much is left; `muster run stop` keeps what it has saved.");

        private final String advice;

        Rule(String advice) {
            this.advice = advice;
        }

        /// The runbook's.
        public String advice() {
            return advice;
        }
    }

    /// What was measured at one moment; what was not is missing.
    ///
    /// @param utilization of the GPU, in percent
    /// @param memory      of the GPU in use, in percent
    /// @param metrics     by canonical names: `operator/loss`, `diffusion/grad_norm`, `loss`
    /// @param cost        so far, as a share of the estimate
    public record Reading(
            Instant at,
            OptionalDouble utilization,
            OptionalDouble memory,
            SortedMap<String, Double> metrics,
            OptionalDouble cost) {
        public Reading {
            metrics = new TreeMap<>(metrics);
        }
    }

    /// How one rule stands.
    ///
    /// @param subject  the metric, where there are several; else empty
    /// @param since    since when it has been at this level
    /// @param evidence in words
    public record Alert(Rule rule, String subject, Level level, Instant since, String evidence) {}

    /// A run with more is logging something else.
    private static final int CURVES_MAX = 64;

    private static final int EVIDENCE_MAX = 300;
    /// Fewer values have no slope to speak of.
    private static final int POINTS_MIN = 10;
    /// What was not told for so long is over, as a stage's loss when the next one runs.
    private static final Duration STALE = Duration.ofMinutes(30);
    /// For the line of its exception, which comes at once, but for buffers.
    private static final Duration EXCEPTION_WAIT = Duration.ofMinutes(1);
    /// An hour: the runbook's second look at a loss.
    private static final Duration LONG_FLAT = Duration.ofHours(1);

    private record Standing(Level level, Instant since) {}

    private final WatchRules rules;
    private final Instant begin;
    private final Curve utilization = new Curve();
    private final Curve memory = new Curve();
    private final SortedMap<String, Curve> curves = new TreeMap<>();
    private final SortedMap<String, Standing> standings = new TreeMap<>();
    private final SortedMap<String, String> notNumbers = new TreeMap<>();
    private String traceback = "";
    /// A traceback has begun whose exception has not come yet.
    private boolean inTraceback;
    private Instant tracebackAt = Instant.EPOCH;
    private String startIdle = "";
    private double cost = Double.NaN;

    /// @param begin of the run
    public Watch(WatchRules rules, Instant begin) {
        this.rules = rules;
        this.begin = begin;
    }

    public void reading(Reading reading) {
        reading.utilization().ifPresent(value -> add(utilization, reading.at(), value));
        reading.memory().ifPresent(value -> add(memory, reading.at(), value));
        reading.cost().ifPresent(share -> cost = share);
        for (Map.Entry<String, Double> metric : reading.metrics().entrySet())
            metric(reading.at(), metric.getKey(), metric.getValue());
        if (startIdle.isEmpty()) startIdle = idleAtStart(reading.at());
    }

    private static void add(Curve curve, Instant at, double value) {
        if (Double.isFinite(value)) curve.add(at, value);
    }

    private void metric(Instant at, String name, double value) {
        boolean judged = isLoss(name) || isGradient(name);
        if (!judged || !curves.containsKey(name) && curves.size() >= CURVES_MAX) return;
        Curve curve = curves.computeIfAbsent(name, any -> new Curve());
        if (Double.isFinite(value)) curve.add(at, value);
        // Mixed precision skips steps with infinite gradients, and goes on.
        else if (isLoss(name)) notNumbers.putIfAbsent(name, name + " was " + value + " at " + at);
    }

    /// A line of the log.
    public void line(Instant at, String written) {
        if (!traceback.isEmpty()) return;
        String line = Failure.Reader.clean(written);
        if (!inTraceback) {
            inTraceback = line.contains("Traceback (most recent call last)");
            if (inTraceback) tracebackAt = at;
            return;
        }
        // Frames and their source are indented; what ends it is the exception.
        boolean frame = line.isBlank() || Character.isWhitespace(line.charAt(0));
        if (!frame) traceback = at + ": " + brief(line.strip());
    }

    /// Of one that was cut off, there is no more to say.
    private String traceback(Instant now) {
        boolean cut = traceback.isEmpty()
                && inTraceback
                && Duration.between(tracebackAt, now).compareTo(EXCEPTION_WAIT) > 0;
        if (cut) traceback = tracebackAt + ": a traceback whose exception was not written";
        return traceback;
    }

    private static String brief(String line) {
        return line.length() > EVIDENCE_MAX ? line.substring(0, EVIDENCE_MAX) + "…" : line;
    }

    static boolean isLoss(String name) {
        String plain = name.toLowerCase(Locale.ROOT);
        return plain.endsWith("loss") && !plain.matches("(.*[/_.])?(val|valid|validation|eval|test)[/_.].*");
    }

    static boolean isGradient(String name) {
        return name.toLowerCase(Locale.ROOT).endsWith("grad_norm");
    }

    private static boolean isDiffusion(String name) {
        return name.toLowerCase(Locale.ROOT).contains("diff");
    }

    /// Every rule that there is something to say of.
    ///
    /// @param ended the run is over, so that its last losses are final
    public List<Alert> alerts(Instant now, boolean ended) {
        List<Alert> alerts = new ArrayList<>();
        alerts.add(once(Rule.TRACEBACK, "", traceback(now), "none in the log", now));
        alerts.add(once(Rule.NOT_A_NUMBER, "", String.join("; ", notNumbers.values()), "all losses are numbers", now));
        alerts.add(once(Rule.START_UTILIZATION, "", startIdle, "the GPU was not idle at the start", now));
        held(
                alerts,
                Rule.UTILIZATION,
                "",
                utilization,
                rules.utilization(),
                rules.utilizationHold(),
                "GPU in use",
                "%",
                now);
        held(alerts, Rule.MEMORY, "", memory, rules.memory(), rules.memoryHold(), "GPU memory in use", "%", now);
        curves.forEach((name, curve) -> {
            if (curve.isEmpty()) return;
            if (isGradient(name)) {
                WatchRules.Range range = isDiffusion(name) ? rules.diffusionGradient() : rules.operatorGradient();
                held(alerts, Rule.GRADIENT, name, curve, range, rules.gradientHold(), name, "", now);
            } else {
                alerts.add(loss(name, curve, now));
                if (ended && isDiffusion(name)) alerts.add(finalLoss(name, curve, now));
            }
        });
        if (!Double.isNaN(cost))
            alerts.add(
                    alert(Rule.COST, "", rules.cost().level(cost), Math.round(cost * 100) + "% of the estimate", now));
        alerts.removeIf(alert -> rules.off().contains(alert.rule()));
        return List.copyOf(alerts);
    }

    /// Those of the alerts for which the run is to be stopped.
    public List<Alert> aborts(List<Alert> alerts) {
        return alerts.stream()
                .filter(alert ->
                        alert.level() == Level.CRITICAL && rules.abortOn().contains(alert.rule()))
                .toList();
    }

    private Alert alert(Rule rule, String subject, Level level, String evidence, Instant now) {
        String key = rule + " " + subject;
        Standing before = standings.get(key);
        Standing standing = before != null && before.level() == level ? before : new Standing(level, now);
        standings.put(key, standing);
        return new Alert(rule, subject, level, standing.since(), evidence);
    }

    /// What happened once does not become well again.
    private Alert once(Rule rule, String subject, String happened, String well, Instant now) {
        return alert(
                rule,
                subject,
                happened.isEmpty() ? Level.OK : Level.CRITICAL,
                happened.isEmpty() ? well : happened,
                now);
    }

    /// By the median of the hold time: neither a moment's rest nor a single step counts.
    private void held(
            List<Alert> alerts,
            Rule rule,
            String subject,
            Curve curve,
            WatchRules.Range range,
            Duration hold,
            String what,
            String unit,
            Instant now) {
        if (curve.isEmpty()) return;
        if (Duration.between(curve.newest(), now).compareTo(STALE) > 0) {
            alerts.add(alert(rule, subject, Level.OK, what + ": told last at " + curve.newest(), now));
            return;
        }
        Instant until = curve.newest();
        List<Curve.Point> past = curve.since(until.minus(hold));
        if (past.isEmpty()) return;
        // After a gap, as of a restart, the newest readings alone tell nothing.
        boolean known = curve.covers(until, hold) && !past.getFirst().at().isAfter(until.minus(hold.dividedBy(2)));
        double median = Curve.median(past);
        Level level = known ? range.level(median) : Level.OK;
        String evidence = what + ": " + number(median) + unit + " in the last "
                + (known ? hold.toMinutes() + " min" : "minutes; not yet judged");
        alerts.add(alert(rule, subject, level, evidence, now));
    }

    private String idleAtStart(Instant at) {
        if (utilization.isEmpty() || at.isAfter(begin.plus(rules.start()))) return "";
        if (!utilization.covers(at, rules.startHold())) return "";
        double median = Curve.median(utilization.since(at.minus(rules.startHold())));
        if (rules.utilization().level(median) != Level.CRITICAL) return "";
        return "GPU in use: " + number(median) + "% for " + rules.startHold().toMinutes() + " min at " + at
                + ", within " + rules.start().toMinutes() + " min of the start";
    }

    private Alert loss(String name, Curve curve, Instant now) {
        if (Duration.between(curve.newest(), now).compareTo(STALE) > 0)
            return alert(Rule.LOSS, name, Level.OK, name + ": told last at " + curve.newest(), now);
        Instant until = curve.newest();
        for (Duration window = rules.flatFor();
                window.compareTo(Curve.FINE_PAST) <= 0;
                window = window.multipliedBy(2)) {
            List<Curve.Point> past = curve.since(until.minus(window));
            if (!curve.covers(until, window)) break;
            if (past.size() < POINTS_MIN) continue;
            Trend trend = trend(past);
            String evidence = trend.words(name, window, rules.flatFor());
            if (trend.least() > rules.riseShare()) return alert(Rule.LOSS, name, Level.CRITICAL, evidence, now);
            if (trend.least() > -rules.flatShare())
                return alert(Rule.LOSS, name, Level.WARNING, evidence + longFlat(curve, until, window), now);
            if (trend.likely() < -rules.flatShare()) return alert(Rule.LOSS, name, Level.OK, evidence, now);
        }
        return alert(Rule.LOSS, name, Level.OK, name + ": too little is known, or it is too noisy, to say more", now);
    }

    /// The longer it lasts, the more it is worth a look.
    private String longFlat(Curve curve, Instant until, Duration window) {
        if (window.compareTo(LONG_FLAT) < 0) {
            if (!curve.covers(until, LONG_FLAT)) return "";
            Trend longer = trend(curve.since(until.minus(LONG_FLAT)));
            if (longer.least() <= -rules.flatShare()) return "";
        }
        return "; not falling for more than an hour, look at its convergence";
    }

    /// As shares per half hour (the rule's time) of the median.
    private record Trend(double median, double least, double likely) {
        String words(String name, Duration window, Duration per) {
            String change =
                    Math.abs(likely) < 0.0005 ? "no change" : (likely > 0 ? "+" : "") + number(likely * 100) + "%";
            return name + ": " + number(median) + ", " + change + " per " + per.toMinutes() + " min in the last "
                    + window.toMinutes() + " min";
        }
    }

    private Trend trend(List<Curve.Point> past) {
        double median = Curve.median(past);
        Curve.Slope slope = Curve.slope(past);
        double scale =
                Math.max(Math.abs(median), Double.MIN_NORMAL) / (rules.flatFor().toMillis() / 3_600_000.0);
        return new Trend(median, slope.least() / scale, slope.likely() / scale);
    }

    /// By the median of its last values.
    private Alert finalLoss(String name, Curve curve, Instant now) {
        double median = Curve.median(curve.since(curve.newest().minus(rules.gradientHold())));
        return alert(
                Rule.FINAL_LOSS,
                name,
                rules.diffusionFinal().level(median),
                name + ": " + number(median) + " at the end",
                now);
    }

    private static String number(double value) {
        return String.format(Locale.ROOT, "%.3g", value);
    }
}
