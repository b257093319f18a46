package dev.muster.core.alert;

import dev.muster.core.plan.Action;
import dev.muster.core.plan.Alerting;
import dev.muster.core.plan.Alerting.Turn;
import dev.muster.core.plan.Alerting.Way;
import dev.muster.core.plan.Plan;
import dev.muster.core.plan.Soft;
import dev.muster.core.plan.Wait;
import dev.muster.core.state.Alert;
import dev.muster.core.state.AlertLevel;
import dev.muster.core.state.AlertPolicy;
import dev.muster.core.state.Alerts;
import dev.muster.core.state.Bulletin;
import dev.muster.core.state.ClusterState;
import dev.muster.core.state.Command;
import dev.muster.core.state.Command.SightAlerts.Sight;
import dev.muster.core.state.Durations;
import dev.muster.core.state.Silence;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/// Has noticed what has lasted, has people told what is new to them, and has each notice given by each way until that has taken it.
public final class AlertPlanner {
    /// Of one order; the next plan goes on.
    private static final int SIGHTS_MAX = 1_000;
    /// What no channel has taken for so long is old news.
    private static final Duration OWED_MAX = Duration.ofHours(24);

    private final Alerts alerts;
    private final Alerting alerting;
    private final AlertPolicy policy;
    private final Instant now;
    private final List<Action> actions = new ArrayList<>();
    private final List<Wait> waits = new ArrayList<>();

    private AlertPlanner(ClusterState state, Soft soft, Instant now) {
        this.alerts = state.alerts();
        this.alerting = soft.alerting();
        this.policy = alerts.policy();
        this.now = now;
    }

    public static Plan decide(ClusterState state, Soft soft, Instant now) {
        AlertPlanner planner = new AlertPlanner(state, soft, now);
        planner.silences();
        planner.notice();
        planner.tell();
        planner.give();
        return new Plan(planner.actions, planner.waits);
    }

    private void silences() {
        for (Silence silence : alerts.silences().values())
            if (!silence.holds(now))
                actions.add(new Action.Propose(new Command.EndSilence(silence.id()), "its time is over"));
    }

    // ---- what is noticed

    private void notice() {
        List<Sight> sights = new ArrayList<>();
        for (Map.Entry<String, Turn> entry : alerting.turns()) {
            if (sights.size() >= SIGHTS_MAX) break;
            int space = entry.getKey().indexOf(' ');
            String alert = entry.getKey().substring(0, space);
            Turn turn = entry.getValue();
            if (Duration.between(turn.since(), now).compareTo(holds(alert, turn)) < 0) continue;
            sights.add(new Sight(alert, entry.getKey().substring(space + 1), turn.level(), turn.text()));
        }
        if (!sights.isEmpty())
            actions.add(new Action.Propose(
                    new Command.SightAlerts(sights), sights.size() == 1 ? "it has lasted" : "they have lasted"));
    }

    private Duration holds(String alert, Turn turn) {
        if (turn.level().isEmpty()) return policy.clear();
        int slash = alert.indexOf('/');
        return AlertRule.find(slash < 0 ? alert : alert.substring(0, slash))
                .map(AlertRule::hold)
                .orElse(Duration.ZERO);
    }

    // ---- what is told

    private void tell() {
        boolean told = false;
        for (Alert alert : alerts.alerts().values()) {
            Map<String, Alert.Member> news = new TreeMap<>();
            for (Map.Entry<String, Alert.Member> member : alert.members())
                if (member.getValue().news()) news.put(member.getKey(), member.getValue());
            if (news.isEmpty()) continue;
            Optional<Wait> held = held(alert, news);
            held.ifPresent(waits::add);
            // Each order carries the notice's number, so one comes after the other.
            if (held.isPresent() || told) continue;
            told = true;
            actions.add(new Action.Propose(
                    new Command.TellAlert(alert.id(), alerts.next(), List.copyOf(news.keySet()), ways(alert, news)),
                    "it is news"));
        }
    }

    /// Why nothing of it is told now. Takes out what nobody wants to hear.
    private Optional<Wait> held(Alert alert, Map<String, Alert.Member> news) {
        Optional<Silence> silence = silence(alert, news);
        if (news.isEmpty()) {
            return silence.map(one ->
                    wait(alert, "silenced by " + one.by() + " until " + one.until() + " (" + one.pattern() + ")"));
        }
        Optional<Instant> cool = cool(alert, news);
        if (news.isEmpty()) return cool.map(at -> later(alert, at, "it was told to be over just now"));
        boolean over = alert.members().values().stream().allMatch(Alert.Member::over);
        boolean critical =
                news.values().stream().anyMatch(member -> !member.over() && member.level() == AlertLevel.CRITICAL);
        boolean urgent = critical || over && alert.worst().equals(Optional.of(AlertLevel.CRITICAL));
        Instant first = news.values().stream()
                .map(Alert.Member::at)
                .min(Instant::compareTo)
                .orElse(now);
        Instant gathered = first.plus(policy.gather());
        if (now.isBefore(gathered)) return Optional.of(later(alert, gathered, "gathering what comes with it"));
        if (!urgent && policy.quiet().stream().anyMatch(hours -> hours.holds(now, policy.zoneId())))
            return Optional.of(wait(alert, "quiet hours: only what is critical is told"));
        Instant again = alert.toldAt().map(at -> at.plus(policy.again())).orElse(now);
        if (!critical && !over && now.isBefore(again))
            return Optional.of(later(alert, again, "something of it was told just now"));
        if (!urgent && alerts.sentWithin(now) >= policy.hourMax())
            return Optional.of(wait(
                    alert, "there were " + policy.hourMax() + " notices within an hour (hour_max): it is told later"));
        return Optional.empty();
    }

    /// That something is over is told also of what is silenced: whoever was told of it may wait for that.
    private Optional<Silence> silence(Alert alert, Map<String, Alert.Member> news) {
        Optional<Silence> found = Optional.empty();
        for (Map.Entry<String, Alert.Member> one : List.copyOf(news.entrySet())) {
            Optional<Silence> silence = alerts.silenced(alert.rule(), one.getKey(), now);
            if (silence.isEmpty() || one.getValue().over()) continue;
            news.remove(one.getKey());
            found = silence;
        }
        return found;
    }

    /// What was told to be over just now is not told anew, unless it is worse.
    ///
    /// @return until when, of the first that may be told
    private Optional<Instant> cool(Alert alert, Map<String, Alert.Member> news) {
        Optional<Instant> first = Optional.empty();
        for (Map.Entry<String, Alert.Member> one : List.copyOf(news.entrySet())) {
            Optional<Instant> until = alerts.lately()
                    .find(Alerts.key(alert.id(), one.getKey()))
                    .filter(last ->
                            !one.getValue().over() && one.getValue().level().compareTo(last.level()) <= 0)
                    .map(last -> last.at().plus(policy.cooldown()))
                    .filter(now::isBefore);
            if (until.isEmpty()) continue;
            news.remove(one.getKey());
            if (first.isEmpty() || until.get().isBefore(first.get())) first = until;
        }
        return first;
    }

    private static Wait later(Alert alert, Instant at, String why) {
        return wait(alert, why + "; told at " + at.truncatedTo(java.time.temporal.ChronoUnit.SECONDS));
    }

    private static Wait wait(Alert alert, String message) {
        return new Wait(alert.id(), Wait.Reason.ALERT, message);
    }

    /// Whoever was told of it is told that it is over.
    private SortedSet<String> ways(Alert alert, Map<String, Alert.Member> news) {
        AlertLevel level = alert.open() ? alert.level() : AlertLevel.UNKNOWN;
        for (Alert.Member member : news.values()) if (!member.over()) level = level.worse(member.level());
        boolean over = news.values().stream().allMatch(Alert.Member::over);
        if (over) level = alert.worst().map(level::worse).orElse(level);
        SortedSet<String> ways = new TreeSet<>();
        for (Way way : alerting.ways()) if (way.takes(alert.rule(), level)) ways.add(way.name());
        return ways;
    }

    // ---- what is given

    private void give() {
        TreeSet<String> busy = new TreeSet<>();
        for (Bulletin bulletin : alerts.outbox().values())
            for (String way : bulletin.channels()) {
                boolean known =
                        alerting.ways().stream().anyMatch(one -> one.name().equals(way));
                if (!now.isBefore(bulletin.at().plus(OWED_MAX)))
                    drop(bulletin, way, "nobody has taken it for " + Durations.brief(OWED_MAX));
                else if (!known)
                    waits.add(new Wait(
                            bulletin.alert(),
                            Wait.Reason.ALERT,
                            "notice " + bulletin.number() + " is owed to " + way
                                    + ", which the leader does not know: its file of channels lacks it"));
                // One alert's notices come in order; what one channel refuses of one holds up no other.
                else if (busy.add(way + " " + bulletin.alert()) && alerting.due(bulletin, way, now))
                    actions.add(new Action.Tell(bulletin, way, "it has not taken it yet"));
            }
    }

    private void drop(Bulletin bulletin, String way, String why) {
        actions.add(new Action.Propose(new Command.RecordDelivery(bulletin.number(), way, false, why), why));
    }
}
