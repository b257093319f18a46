package dev.muster.core.state;

import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// A training run as it was launched: stages one after the other, each a job, on machines of its own or on nodes that are
/// there.
///
/// @param series      runs with the same name are compared with one another, as gates and estimates do
/// @param stages      each begins with what the ones before it have left
/// @param machines    rented for it alone, as many as the group's target; empty: it runs on nodes that are there
/// @param totalMax    in all: when it is reached, the run is stopped
/// @param durationMax from its launch, likewise
/// @param launchesMax machines that may fail one after the other before the run does
/// @param after       what becomes of its machines when it is over
/// @param estimate    what it was thought to take when it was launched
/// @param config      the training config's path, and the SHA-256 of what it said with all that it includes
/// @param tags        for people
public record RunSpec(
        String series,
        List<Stage> stages,
        Optional<Group> machines,
        Optional<Money> totalMax,
        Optional<Duration> durationMax,
        int launchesMax,
        After after,
        Optional<Estimated> estimate,
        Optional<Config> config,
        Table<String, String> tags) {
    public static final int STAGES_MAX = 20;
    public static final int LAUNCHES_DEFAULT = 3;
    private static final int TAGS_MAX = 50;
    private static final int TAG_MAX = 200;

    /// What becomes of rented machines once all that is asked for is safe elsewhere.
    public enum After {
        /// Its disk stays for a while, and is billed.
        STOP,
        END,
        /// It goes on, and is billed, until a person ends it.
        KEEP
    }

    /// @param gate  what its results must be for the run to go on
    /// @param reuse it is not run: what an earlier run of the series made of the same inputs is taken
    public record Stage(String name, JobSpec job, Optional<Gate> gate, boolean reuse) {
        public Stage {
            Ids.name("a stage's name", name);
            if (job.tasks() != 1)
                throw new IllegalArgumentException(name + ": expected one task in a stage, but found " + job.tasks());
            if (job.run().isPresent())
                throw new IllegalArgumentException(name + ": expected a job of no run, but found one of "
                        + job.run().get());
            if (gate.isPresent() && job.results().isEmpty())
                throw new IllegalArgumentException(
                        name + ": a gate looks at results, but the stage names no results file");
        }
    }

    /// @param formula before it was corrected by what earlier runs took
    /// @param gpu     for which
    /// @param basis   what it rests on, for people
    /// @param costWritten of the time that a person wrote, uncorrected; empty for a formula, and in what earlier builds wrote
    public record Estimated(
            Duration time,
            Duration low,
            Duration high,
            Duration formula,
            String gpu,
            Money cost,
            String basis,
            Optional<Money> costWritten) {
        public Estimated {
            costWritten = costWritten == null ? Optional.empty() : costWritten;
            if (time.isNegative() || low.compareTo(time) > 0 || high.compareTo(time) < 0)
                throw new IllegalArgumentException(
                        "expected a time between its bounds, but found " + low + ", " + time + ", " + high);
        }

        /// What it may be held to: a person's word is not corrected downwards.
        public Money costHeld() {
            return costWritten.filter(written -> written.compareTo(cost) > 0).orElse(cost);
        }
    }

    public record Config(String path, Sha256 sha) {}

    /// @throws IllegalArgumentException when there are no stages or two of one name, or a number is out of its range
    public RunSpec {
        stages = List.copyOf(stages);
        Ids.name("a series' name", series);
        if (stages.isEmpty() || stages.size() > STAGES_MAX)
            throw new IllegalArgumentException("expected 1 to " + STAGES_MAX + " stages, but found " + stages.size());
        Set<String> names = new HashSet<>();
        for (Stage stage : stages)
            if (!names.add(stage.name()))
                throw new IllegalArgumentException("expected one stage " + stage.name() + ", but found two");
        if (launchesMax < 1 || launchesMax > 20)
            throw new IllegalArgumentException("expected 1 to 20 launches, but found " + launchesMax);
        if (totalMax.filter(money -> money.micros() <= 0).isPresent())
            throw new IllegalArgumentException("expected a cap above $0, but found " + totalMax.get());
        if (durationMax
                .filter(time -> time.compareTo(Duration.ofMinutes(1)) < 0)
                .isPresent())
            throw new IllegalArgumentException(
                    "expected a duration of a minute or more, but found " + Durations.brief(durationMax.get()));
        if (tags.size() > TAGS_MAX
                || tags.asMap().entrySet().stream()
                        .anyMatch(tag -> tag.getKey().length() > TAG_MAX
                                || tag.getValue().length() > TAG_MAX))
            throw new IllegalArgumentException(
                    "expected at most " + TAGS_MAX + " tags of " + TAG_MAX + " characters, but found more");
        if (machines.isPresent()) rented(machines.get(), totalMax);
        if (machines.isPresent()) stages.forEach(RunSpec::unpinned);
    }

    /// Below an hour's price the first machine would be ended before it has done anything.
    private static void rented(Group machines, Optional<Money> totalMax) {
        if (machines.min() != machines.max() || machines.target() < 1)
            throw new IllegalArgumentException(
                    "expected as many machines as are needed, but found " + machines.min() + " to " + machines.max());
        Money hour = machines.priceMax().times(machines.target());
        if (totalMax.filter(money -> money.compareTo(hour) < 0).isPresent())
            throw new IllegalArgumentException(
                    "expected a total of at least one hour's price, " + hour + ", but found " + totalMax.get());
    }

    private static void unpinned(Stage stage) {
        if (stage.job().gang())
            throw new IllegalArgumentException(
                    stage.name() + ": expected one node where machines are rented for it, but found "
                            + stage.job().nodes() + "; several nodes of one task have to be your own");
        stage.job().node().ifPresent(node -> {
            throw new IllegalArgumentException(
                    stage.name() + ": expected no node where machines are rented for it, but found " + node);
        });
    }

    public int stage(String name) {
        for (int at = 0; at < stages.size(); at++) if (stages.get(at).name().equals(name)) return at;
        return -1;
    }
}
