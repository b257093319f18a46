package dev.muster.edge.view;

import dev.muster.core.run.Correction;
import dev.muster.core.run.Estimate;
import dev.muster.core.run.Work;
import dev.muster.core.state.Money;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalDouble;

/// What a run would take and cost, on each type of GPU.
public final class EstimateText {
    private EstimateText() {}

    /// Money in dollars, times in hours.
    public static Doc doc(
            String config, Work work, List<Estimate> estimates, Optional<Estimate.Advice> advice, List<String> notes) {
        Doc parts = Doc.of(List.of());
        for (Work.Part part : work.parts())
            parts = parts.plus(Doc.object()
                    .with("name", part.name())
                    .with("epochs", part.epochs())
                    .with("seconds_per_epoch", part.secondsPerEpoch()));
        Doc rows = Doc.of(List.of());
        for (Estimate estimate : estimates) rows = rows.plus(row(estimate));
        Doc doc = Doc.object()
                .with("config", config)
                .with("formula_minutes", work.time().toMillis() / 60_000.0)
                .with("parts", parts)
                .with("fixed_minutes", work.fixed().toSeconds() / 60.0)
                .with("estimates", rows);
        if (advice.isPresent())
            doc = doc.with(
                    "recommended",
                    Doc.object()
                            .with("gpu", advice.get().gpu())
                            .with("why", advice.get().why()));
        return doc.with("notes", Doc.of(notes));
    }

    private static Doc row(Estimate estimate) {
        Correction.Span time = estimate.time();
        Doc row = Doc.object()
                .with("gpu", estimate.gpu())
                .with("hours", hours(time.likely()))
                .with("hours_least", hours(time.least()))
                .with("hours_most", hours(time.most()))
                .with("basis", estimate.correction().basis())
                .with("runs", (long) estimate.correction().runs())
                .with("disk_gb", (long) estimate.luggage().diskGb())
                .with("download_gb", (long) estimate.luggage().downGb());
        if (estimate.rate().isEmpty()) return row;
        Estimate.Cost cost = estimate.cost(time.likely()).orElseThrow();
        return row.with("per_hour", estimate.rate().get().price().perHour().dollars())
                .with("price_source", estimate.rate().get().source())
                .with("machine", cost.machine().dollars())
                .with("disk", cost.disk().dollars())
                .with("traffic", cost.traffic().dollars())
                .with("total", cost.total().dollars())
                .with("total_least", total(estimate, time.least()).dollars())
                .with("total_most", total(estimate, time.most()).dollars());
    }

    public static String table(
            Work work, List<Estimate> estimates, Optional<Estimate.Advice> advice, List<String> notes, boolean wide) {
        TextTable table = wide
                ? new TextTable(
                        "GPU",
                        ">TIME",
                        "RANGE",
                        ">PER HOUR",
                        "PRICE",
                        ">MACHINE",
                        ">DISK",
                        ">TRAFFIC",
                        ">TOTAL",
                        "RANGE",
                        "BASIS")
                : new TextTable(
                        "GPU", ">TIME", "RANGE", ">PER HOUR", ">MACHINE", ">DISK", ">TRAFFIC", ">TOTAL", "RANGE");
        for (Estimate estimate : estimates) table.row(cells(estimate, wide));
        StringBuilder text = new StringBuilder(table.render()).append('\n');
        text.append("the formula: ").append(Words.span(work.time()));
        String joint = ", ";
        for (Work.Part part : work.parts()) {
            text.append(joint).append(part.name()).append(' ').append(part.epochs());
            text.append(" x ")
                    .append(Words.decimal(OptionalDouble.of(part.secondsPerEpoch())))
                    .append("s");
        }
        if (work.fixed().isPositive()) text.append(joint).append("evaluation ").append(Words.span(work.fixed()));
        text.append('\n');
        if (!wide) bases(text, estimates);
        if (!estimates.isEmpty()) luggage(text, estimates.getFirst().luggage());
        for (String note : notes) text.append(note).append('\n');
        advice.ifPresent(one -> text.append("recommended: ")
                .append(one.gpu())
                .append(" (")
                .append(one.why())
                .append(")\n"));
        return text.toString();
    }

    private static Object[] cells(Estimate estimate, boolean wide) {
        Correction.Span time = estimate.time();
        Optional<Estimate.Cost> cost = estimate.cost(time.likely());
        String times = Words.span(time.least()) + " to " + Words.span(time.most());
        String perHour =
                estimate.rate().map(rate -> cents(rate.price().perHour())).orElse("");
        String machine = cost.map(one -> cents(one.machine())).orElse("");
        String disk = cost.map(one -> cents(one.disk())).orElse("");
        String traffic = cost.map(one -> cents(one.traffic())).orElse("");
        String total = cost.map(one -> cents(one.total())).orElse("");
        String totals = cost.map(
                        one -> cents(total(estimate, time.least())) + " to " + cents(total(estimate, time.most())))
                .orElse("");
        return wide
                ? new Object[] {
                    estimate.gpu(),
                    Words.span(time.likely()),
                    times,
                    perHour,
                    estimate.rate().map(rate -> rate.source()).orElse(""),
                    machine,
                    disk,
                    traffic,
                    total,
                    totals,
                    estimate.correction().basis()
                }
                : new Object[] {
                    estimate.gpu(), Words.span(time.likely()), times, perHour, machine, disk, traffic, total, totals
                };
    }

    /// Each told once: most often it is the same for all.
    private static void bases(StringBuilder text, List<Estimate> estimates) {
        List<String> bases = estimates.stream()
                .map(one -> one.correction().basis())
                .distinct()
                .toList();
        for (String basis : bases) {
            text.append("basis: ");
            if (bases.size() > 1)
                text.append(String.join(
                                ", ",
                                estimates.stream()
                                        .filter(one -> one.correction().basis().equals(basis))
                                        .map(Estimate::gpu)
                                        .toList()))
                        .append(": ");
            text.append(basis).append('\n');
        }
    }

    private static void luggage(StringBuilder text, Estimate.Luggage luggage) {
        text.append("with a disk of ")
                .append(luggage.diskGb())
                .append(" GB, and ")
                .append(luggage.downGb())
                .append(" GB received (--disk, --download)\n");
    }

    private static Money total(Estimate estimate, Duration time) {
        return estimate.cost(time).orElseThrow().total();
    }

    private static double hours(Duration time) {
        return time.toMillis() / 3_600_000.0;
    }

    private static String cents(Money money) {
        return String.format(Locale.ROOT, "$%,.2f", money.dollars());
    }
}
