package dev.muster.core.scale;

import dev.muster.core.state.Durations;
import dev.muster.core.state.Fleet;
import dev.muster.core.state.Group;
import dev.muster.core.state.Instance;
import dev.muster.core.state.Node;
import dev.muster.core.state.NodeId;
import dev.muster.core.state.Role;
import dev.muster.core.state.Scaling;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/// What size a group should have. In this order: its limits, which need no signal; what waits; what is idle. A group moves
/// in one direction at a time.
final class Sizing {
    private final Fleet fleet;
    private final Scaling scaling;
    private final Idleness idleness;
    private final Instant now;
    private final Optional<Double> playShare;

    Sizing(Fleet fleet, Scaling scaling, Idleness idleness, Instant now) {
        this.fleet = fleet;
        this.scaling = scaling;
        this.idleness = idleness;
        this.now = now;
        // Of interest only where it limits something.
        this.playShare = scaling.selfplayShare() < 1 ? idleness.playShare() : Optional.empty();
    }

    Size of(Crew crew, Backlog backlog) {
        Group group = crew.group();
        int there = crew.size() - crew.offline();
        if (there < group.min())
            return step(
                    crew,
                    group.min() - there,
                    0,
                    there + " of at least " + machines(group.min())
                            + (crew.offline() == 0 ? "" : ", " + crew.offline() + " offline"));
        if (crew.size() > group.max()) return over(crew);
        int waiting = backlog.waiting(crew);
        int unclaimed = backlog.unclaimed(crew);
        int more = wanted(crew, unclaimed);
        if (more > 0) return up(crew, more, waiting, unclaimed);
        return waiting > 0 ? new Size.Stay(enough(crew, waiting, unclaimed)) : down(crew);
    }

    // ---- up

    /// Machines that are missing for what there is to do, whatever else stands in their way.
    private int wanted(Crew crew, int unclaimed) {
        Group group = crew.group();
        boolean work = unclaimed > 0 || busy(crew);
        int usual = work || !crew.past().shrank() ? group.target() - crew.size() : 0;
        int forBacklog = Math.ceilDiv(unclaimed, scaling.backlogPer());
        return Math.min(group.max() - crew.size(), Math.max(usual, forBacklog));
    }

    private boolean busy(Crew crew) {
        return crew.used().isPresent() && crew.used().getAsDouble() >= scaling.upAt();
    }

    private Size up(Crew crew, int missing, int waiting, int unclaimed) {
        Group group = crew.group();
        String seen = signals(crew, waiting);
        if (group.role() == Role.SELFPLAY
                && playShare.filter(share -> share > scaling.selfplayShare()).isPresent())
            return new Size.Stay(seen + "; " + share(playShare.get()) + " of the busy machines play, and "
                    + share(scaling.selfplayShare()) + " are to (selfplay_share)");
        boolean free = crew.used().isPresent() && !busy(crew);
        int more = free ? Math.min(missing, group.target() - crew.size()) : missing;
        if (more <= 0)
            return new Size.Stay(seen + "; it grows beyond its target of " + group.target() + " from "
                    + share(scaling.upAt()) + " in use (up_at)");
        int places = Math.min(more, crew.past().unfilled());
        if (places > 0)
            return step(
                    crew,
                    places,
                    unclaimed > 0 ? scaling.backlogPer() : 0,
                    seen + "; instead of " + places + " that failed or " + (places == 1 ? "was" : "were") + " lost");
        Optional<String> cooling = cooling(crew);
        if (cooling.isPresent()) return new Size.Stay(seen + "; would grow by " + more + ", " + cooling.get());
        return step(crew, more, unclaimed > 0 ? scaling.backlogPer() : 0, seen + ", target " + group.target());
    }

    private Optional<String> cooling(Crew crew) {
        Crew.Past past = crew.past();
        return past.lastUp()
                .flatMap(at -> left(at, scaling.upCooldown()))
                .map(rest -> "but grew lately; again in " + rest + " (up_cooldown)")
                .or(() -> past.lastDown()
                        .flatMap(at -> left(at, scaling.upCooldown()))
                        .map(rest -> "but shrank lately; again in " + rest + " (up_cooldown)"));
    }

    private Optional<String> left(Instant at, Duration time) {
        Duration rest = Duration.between(now, at.plus(time));
        return rest.isPositive() ? Optional.of(Durations.brief(rest)) : Optional.empty();
    }

    private Size step(Crew crew, int more, int claim, String why) {
        int room = scaling.stepMax() - crew.past().ordered();
        return room <= 0
                ? new Size.Stay(why + "; would grow by " + more + ", but "
                        + crew.past().ordered() + " were ordered within a minute (step_max)")
                : new Size.Up(Math.min(room, more), claim, why);
    }

    private String enough(Crew crew, int waiting, int unclaimed) {
        String seen = signals(crew, waiting);
        if (crew.size() >= crew.group().max())
            return seen + "; it has its most, " + machines(crew.group().max());
        return unclaimed == 0 ? seen + ", for which machines are on their way" : seen;
    }

    // ---- down

    /// Beyond what it may have. Of none at all, a person or a window has said that nothing shall run there: then what plays
    /// goes, too, and ends or is tried again elsewhere; what trains or evaluates is waited for.
    private Size over(Crew crew) {
        int excess = crew.size() - crew.group().max();
        boolean none = crew.group().max() == 0;
        String why = crew.size() + " of at most " + machines(crew.group().max());
        List<Instance> go = new ArrayList<>();
        for (Instance instance : leastUseful(crew)) {
            Idleness.Use use = instance.node().map(idleness::use).orElse(Idleness.Use.NOTHING);
            if (use == Idleness.Use.NOTHING || none && use == Idleness.Use.PLAY) go.add(instance);
        }
        if (go.isEmpty()) return new Size.Stay(why + "; all are busy, and a busy machine is not ended");
        return new Size.Down(go.subList(0, Math.min(go.size(), excess)), why);
    }

    private Size down(Crew crew) {
        Group group = crew.group();
        String seen = signals(crew, 0);
        if (crew.size() <= group.min()) return new Size.Stay(seen + ", " + limits(crew));
        if (crew.used().isEmpty()) return new Size.Stay(seen + "; none has joined yet");
        if (crew.used().getAsDouble() > scaling.downAt()) return new Size.Stay(seen + ", " + limits(crew));
        List<Instance> idle = new ArrayList<>();
        List<String> not = new ArrayList<>();
        for (Instance instance : leastUseful(crew)) {
            Optional<String> keeps = keeps(instance);
            if (keeps.isEmpty()) idle.add(instance);
            else not.add(keeps.get());
        }
        if (idle.isEmpty()) return new Size.Stay(seen + "; none can go: " + some(not));
        Optional<String> rest = shrunk(crew);
        if (rest.isPresent()) return new Size.Stay(seen + "; " + machines(idle.size()) + " idle, but " + rest.get());
        int most = Math.min(scaling.stepMax(), crew.size() - group.min());
        return new Size.Down(
                idle.subList(0, Math.min(most, idle.size())),
                seen + "; idle for " + Durations.brief(scaling.idleAfter()) + " or longer");
    }

    private Optional<String> shrunk(Crew crew) {
        if (crew.past().ordered() > 0) return Optional.of("it is just growing");
        return crew.past()
                .lastUp()
                .flatMap(at -> left(at, scaling.downCooldown()))
                .map(rest -> "it grew lately; again in " + rest + " (down_cooldown)")
                .or(() -> crew.past()
                        .lastDown()
                        .flatMap(at -> left(at, scaling.downCooldown()))
                        .map(rest -> "it shrank lately; again in " + rest + " (down_cooldown)"));
    }

    /// Why a machine is not ended although nothing waits; empty when it may go.
    private Optional<String> keeps(Instance instance) {
        Optional<Node> node = instance.node().flatMap(fleet.nodes()::find);
        if (node.isEmpty()) return Optional.of(instance.id() + " has not joined");
        NodeId name = node.get().id();
        if (fleet.votes(name)) return Optional.of(name + " votes");
        if (idleness.use(name) != Idleness.Use.NOTHING) return Optional.of(name + " is busy");
        if (now.isBefore(instance.orderedAt().plus(scaling.ageMin())))
            return Optional.of(instance.id() + " is younger than " + Durations.brief(scaling.ageMin()) + " (age_min)");
        Instant due = idleness.since(node.get()).plus(scaling.idleAfter());
        if (now.isBefore(due))
            return Optional.of(
                    name + " is idle, and may go in " + Durations.brief(Duration.between(now, due)) + " (idle_after)");
        return idleness.doubt(node.get());
    }

    /// Idle ones first, then what plays; of those the dearest, of those the newest.
    private List<Instance> leastUseful(Crew crew) {
        return crew.machines().stream()
                .filter(instance -> instance.node().filter(fleet::votes).isEmpty())
                .sorted(usefulness())
                .toList();
    }

    Comparator<Instance> usefulness() {
        return Comparator.comparing(
                        (Instance one) -> one.node().map(idleness::use).orElse(Idleness.Use.NOTHING))
                .thenComparing(Comparator.comparing(Instance::committed).reversed())
                .thenComparing(Comparator.comparing(Instance::id).reversed());
    }

    // ---- words

    private static String signals(Crew crew, int waiting) {
        return machines(crew.size())
                + (crew.coming() > 0 ? ", " + crew.coming() + " on their way" : "")
                + (crew.lost().isEmpty() ? "" : ", " + crew.lost().size() + " lost") + "; "
                + (waiting == 1 ? "1 task waits" : waiting + " tasks wait")
                + (crew.used().isPresent() ? ", " + share(crew.used().getAsDouble()) + " in use" : "");
    }

    private static String limits(Crew crew) {
        Group group = crew.group();
        if (crew.size() < group.target())
            return "below its target of " + group.target()
                    + ", as machines were idle before; it is filled again as soon as" + " something waits";
        return "min " + group.min() + ", target " + group.target() + ", max " + group.max();
    }

    /// The first says enough of many.
    private static String some(List<String> reasons) {
        if (reasons.isEmpty()) return "all vote";
        return reasons.getFirst() + (reasons.size() > 1 ? ", and " + (reasons.size() - 1) + " more" : "");
    }

    static String machines(int count) {
        return count == 1 ? "1 machine" : count + " machines";
    }

    private static String share(double share) {
        return String.format(Locale.ROOT, "%.0f %%", 100 * share);
    }
}
