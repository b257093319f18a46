package dev.muster.core.run;

import dev.muster.core.state.ClusterState;
import dev.muster.core.state.Group;
import dev.muster.core.state.Money;
import dev.muster.core.state.Run;
import dev.muster.core.state.RunSpec;
import dev.muster.core.state.Traces;
import dev.muster.core.state.Watching;
import java.time.Instant;
import java.util.Optional;

/// What a run costs against what it was thought to: [Watch.Rule#COST], which only the leader can judge.
///
/// @param warning what is to be said of it
/// @param isNews  it is worse than was known
/// @param stops   and the run is to be stopped for it
record CostRule(Traces.Warning warning, boolean isNews, boolean stops) {
    /// Empty while all is well, where nothing was estimated or rented, and where the rule is off.
    ///
    /// @param stage that runs or is next: its numbers count
    static Optional<CostRule> of(ClusterState state, Run run, String stage, Instant now) {
        RunSpec.Estimated estimate = run.spec().estimate().orElse(null);
        Group terms = run.spec().machines().orElse(null);
        if (estimate == null || terms == null || estimate.costHeld().micros() <= 0) return Optional.empty();
        Watching wanted =
                run.spec().stages().get(run.spec().stage(stage)).job().watch().orElse(Watching.NOTHING);
        // Who had it go on knew what it had cost by then.
        Money spent = state.rentals().spent(run.since(), now, run.id().name());
        // Until a machine does anything at all it costs as much as a short run.
        Money hour = terms.priceMax().times(terms.target());
        if (spent.compareTo(hour) < 0) return Optional.empty();
        WatchRules rules = rules(wanted);
        double share = (double) spent.micros() / estimate.costHeld().micros();
        Watch.Level level = rules.off().contains(Watch.Rule.COST)
                ? Watch.Level.OK
                : rules.cost().level(share);
        if (level == Watch.Level.OK) return Optional.empty();
        boolean critical = level == Watch.Level.CRITICAL;
        Traces.Warning warning = new Traces.Warning(
                critical,
                "",
                "it has cost " + spent + ", " + Math.round(share * 100) + "% of the " + estimate.costHeld()
                        + " estimated");
        return Optional.of(new CostRule(
                warning,
                warning.worseThan(run.warnings().find(Watch.Rule.COST.name())),
                critical && rules.abortOn().contains(Watch.Rule.COST)));
    }

    private static WatchRules rules(Watching wanted) {
        try {
            return WatchRules.of(wanted);
        } catch (IllegalArgumentException e) {
            return WatchRules.of(new Watching(wanted.metrics(), wanted.stopOn()));
        }
    }

    Optional<Traces.Warning> news() {
        return isNews ? Optional.of(warning) : Optional.empty();
    }

    /// Why the run is stopped; empty when it is not.
    Optional<String> stop() {
        return stops ? Optional.of("aborted by COST: " + warning.text()) : Optional.empty();
    }
}
