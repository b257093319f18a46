package dev.muster.sim;

import dev.muster.core.state.Command;
import dev.muster.core.state.Instance;
import dev.muster.core.state.Money;
import dev.muster.core.state.Run;
import dev.muster.core.state.RunSpec;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.Stream;

/// People who launch training runs, stop them and have them go on, as chance has it.
final class Trainers {
    private final World world;
    private final Chance chance;
    private final boolean rent;
    private int launched;

    /// @param rent their runs have machines of their own
    Trainers(World world, boolean rent) {
        this.world = world;
        this.chance = world.chance();
        this.rent = rent;
    }

    /// Each has a limit, so that it comes to its end whatever happens to its nodes.
    void launch() {
        String text = "train t%d series=%s stages=%s run=%ds duration=%dm exits=%s"
                .formatted(
                        ++launched,
                        chance.pick(List.of("a", "b")),
                        chance.pick(List.of("train,eval", "train", "prepare,train,eval")),
                        chance.between(5, 120),
                        chance.between(2, rent ? 20 : 12),
                        chance.pick(List.of("0", "0", "0", "1,0", "1")));
        if (chance.of(0.5)) text += " saved=step.pt every=%ds".formatted(chance.between(10, 40));
        if (chance.of(0.7)) text += " loss=0.%d gate=0.0%d".formatted(chance.between(1, 9), chance.between(0, 5));
        if (chance.of(0.2)) text += " reuse=" + chance.pick(List.of("train", "eval"));
        if (chance.of(0.3)) text += " anyway=yes";
        ask("", RunScript.of(Script.Words.of(text + machines()), world.state()).orElseThrow());
    }

    private String machines() {
        if (!rent || chance.of(0.2)) return "";
        return " machines=1 price=2 total=%d launches=%d after=%s"
                        .formatted(
                                chance.between(2, 5),
                                chance.between(1, 3),
                                chance.pick(List.of("stop", "stop", "end", "end", "keep")))
                + (chance.of(0.4) ? " bid=yes" : "");
    }

    void stop() {
        any(Run::open).ifPresent(run -> ask("enough", new Command.StopRun(run.id(), "enough")));
    }

    /// Now and then from an earlier stage, with other machines or without any.
    void resume() {
        any(run -> !run.open()).ifPresent(run -> {
            Optional<String> from = run.status() == Run.Status.SUCCEEDED || chance.of(0.3)
                    ? Optional.of(chance.pick(run.spec().stages()).name())
                    : Optional.empty();
            ask("go on", new Command.ResumeRun(run.id(), chance.of(0.2) ? own(run.spec()) : run.spec(), from));
        });
    }

    private static RunSpec own(RunSpec spec) {
        return new RunSpec(
                spec.series(),
                spec.stages(),
                Optional.empty(),
                spec.totalMax(),
                spec.durationMax(),
                spec.launchesMax(),
                spec.after(),
                spec.estimate(),
                spec.config(),
                spec.tags());
    }

    private Optional<Run> any(Predicate<Run> which) {
        List<Run> found =
                world.state().runs().runs().values().stream().filter(which).toList();
        return found.isEmpty() ? Optional.empty() : Optional.of(chance.pick(found));
    }

    private void ask(String why, Command command) {
        world.ask("cleo", why, command);
    }

    /// What is still to happen once the faults have stopped: every run ends, and its machines go with it.
    static List<String> missing(World world) {
        List<String> missing = new ArrayList<>();
        for (Run run : world.state().runs().runs().values()) {
            if (run.open())
                missing.add(run.id() + " has not ended: " + run.current().map(Run.Stage::name));
            else if (run.spec().after() != RunSpec.After.KEEP)
                members(world, run)
                        .filter(one -> one.open() && one.will() == Instance.Will.RUN)
                        .filter(one -> !one.willAt().isAfter(run.endedAt().orElseThrow()))
                        .forEach(one -> missing.add(one.id() + " runs for " + run.id() + ", which is " + run.status()));
        }
        return missing;
    }

    /// Runs whose bill is not that of their machines, once all of those have ended.
    static List<String> unpaid(World world) {
        List<String> wrong = new ArrayList<>();
        for (Run run : world.state().runs().runs().values()) {
            List<Instance> members = members(world, run).toList();
            Money cost = Money.ZERO;
            for (Instance one : members) cost = cost.plus(one.bill().booked());
            boolean rented = run.spec().machines().isPresent() || !members.isEmpty();
            // Of one that was charged nothing, nobody says that no charge comes any more: only time does.
            boolean free = members.stream()
                    .anyMatch(one -> !one.settled() && one.bill().booked().equals(Money.ZERO));
            boolean awaits = free && run.cost().isEmpty();
            if (rented && !awaits && !run.cost().equals(Optional.of(cost)))
                wrong.add(run.id() + " has cost " + cost + ", and is settled with " + run.cost());
        }
        return wrong;
    }

    private static Stream<Instance> members(World world, Run run) {
        return world.state().rentals().instances().values().stream()
                .filter(one -> one.group().equals(Optional.of(run.id().name())));
    }
}
