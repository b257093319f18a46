package dev.muster.edge.cli;

import dev.muster.core.run.Correction;
import dev.muster.core.run.Rate;
import dev.muster.core.run.Took;
import dev.muster.core.state.Money;
import dev.muster.edge.training.TrainingConfig;
import dev.muster.edge.training.TrainingWork;
import dev.muster.edge.view.Doc;
import dev.muster.edge.wire.Durations;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/// What a run that is to be launched is thought to take and to cost, and whether the caps have room for it.
final class RunPrice {
    /// Else a time is written.
    private static final String FORMULA = "latent-operator";

    private RunPrice() {}

    /// @param formula before the correction
    /// @param costWritten of the time that a person wrote
    record Estimated(
            Correction.Span time, Duration formula, String gpu, Money cost, String basis, Optional<Money> costWritten) {
        Doc doc() {
            Doc doc = Doc.object()
                    .with("time", Durations.text(time.likely()))
                    .with("low", Durations.text(time.least()))
                    .with("high", Durations.text(time.most()))
                    .with("formula", Durations.text(formula))
                    .with("gpu", gpu)
                    .with("cost", cost.dollars())
                    .with("basis", basis);
            return costWritten.isPresent()
                    ? doc.with("cost_written", costWritten.get().dollars())
                    : doc;
        }

        /// `1h17m (50m to 2h), $2.43 by ...`.
        String told() {
            return brief(time.likely()) + " (" + brief(time.least()) + " to " + brief(time.most()) + ")"
                    + (cost.equals(Money.ZERO) ? "" : ", " + cost) + "; " + basis;
        }

        private static String brief(Duration time) {
            return dev.muster.core.state.Durations.brief(time);
        }
    }

    /// Empty where neither the file nor the config tells.
    static Optional<Estimated> of(RunDraft draft, Optional<RunConfig> config, Client client, RunMarket market)
            throws Failure {
        Optional<Duration> formula = formula(draft, config);
        if (formula.isEmpty()) return Optional.empty();
        String gpu = draft.gpu().name().orElse(draft.gpu().count() == 0 ? "none" : "any");
        boolean written = !draft.file().estimate().orElse("").equals(FORMULA);
        Correction correction = written
                ? Correction.written(history(client), draft.series(), gpu)
                : Correction.of(history(client), draft.series(), gpu);
        Correction.Span time = correction.apply(formula.get());
        Optional<Money> perHour = draft.rented() ? market.perHour().or(() -> perHour(draft, gpu)) : Optional.empty();
        Money cost = perHour.map(price -> price.perHourFor(time.likely())).orElse(Money.ZERO);
        String basis = correction.basis()
                + perHour.map(price -> "; at " + price + " per hour").orElse("");
        Optional<Money> costWritten = perHour.filter(price -> written).map(price -> price.perHourFor(formula.get()));
        return Optional.of(new Estimated(time, formula.get(), gpu, cost, basis, costWritten));
    }

    private static Optional<Duration> formula(RunDraft draft, Optional<RunConfig> config) throws Failure {
        String written = draft.file().estimate().orElse("");
        if (written.isEmpty()) return Optional.empty();
        if (!written.equals(FORMULA)) return Optional.of(Durations.parse(written));
        if (config.isEmpty()) throw Failure.usage("expected a config for the estimate, but the run has none", "");
        try {
            return Optional.of(TrainingWork.of(config.get().config()).work().time());
        } catch (TrainingConfig.Unreadable e) {
            throw Failure.usage("estimate: " + e.getMessage(), "write a time, as in `estimate: 2h`");
        }
    }

    static List<Took> history(Client client) throws Failure {
        return client.get("/v1/history/runs").doc().list("runs").stream()
                .flatMap(run -> RunHistory.took(run).stream())
                .toList();
    }

    /// At most that; by the table where it knows the card and that is less.
    private static Optional<Money> perHour(RunDraft draft, String gpu) {
        Money most = draft.priceMax().orElseThrow();
        Optional<Money> listed = Rate.table(gpu)
                .map(rate ->
                        rate.price().perHour().times(Math.max(1, draft.gpu().count())));
        return Optional.of(listed.filter(price -> price.compareTo(most) < 0).orElse(most));
    }

    /// A run that its caps do not last for would be stopped in the middle.
    ///
    /// @throws Failure refused
    static void fits(RunDraft draft, Optional<Estimated> estimate, Client client, List<String> told, boolean anyway)
            throws Failure {
        if (!draft.rented()) return;
        Money cost = estimate.map(Estimated::cost)
                .orElse(draft.totalMax().orElse(draft.priceMax().orElseThrow()));
        if (draft.totalMax().filter(cap -> cost.compareTo(cap) > 0).isPresent() && estimate.isPresent())
            refuse(
                    "it is thought to cost " + cost + ", and may cost "
                            + draft.totalMax().get(),
                    "a higher --max-total",
                    told,
                    anyway);
        for (Doc cap : client.get("/v1/budget").doc().list("caps")) {
            if (!cap.text("scope").isEmpty()) continue;
            double left = cap.decimal("left").orElse(0);
            double asked = cap.text("span").equals("hour")
                    ? draft.priceMax().orElseThrow().dollars()
                    : cost.dollars();
            if (left < asked)
                refuse(
                        "the cap of " + dollars(cap.decimal("cap").orElse(0)) + " per " + cap.text("span") + " has "
                                + dollars(left) + " left, and the run is thought to need " + dollars(asked),
                        "`muster budget set` changes it",
                        told,
                        anyway);
        }
    }

    private static String dollars(double amount) {
        return new Money(Math.round(amount * 1e6)).brief();
    }

    private static void refuse(String why, String hint, List<String> told, boolean anyway) throws Failure {
        if (!anyway) throw new Failure(Exit.REFUSED, "OVER_BUDGET", why, hint + ", --anyway launches it all the same");
        told.add("Launched all the same: " + why);
    }
}
