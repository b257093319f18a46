package dev.muster.edge.cli;

import dev.muster.core.rent.Deal;
import dev.muster.core.rent.GpuName;
import dev.muster.core.rent.Offer;
import dev.muster.core.rent.OfferField;
import dev.muster.core.rent.OfferQuery;
import dev.muster.core.rent.Sort;
import dev.muster.core.run.Correction;
import dev.muster.core.run.Estimate;
import dev.muster.core.run.Rate;
import dev.muster.core.run.Took;
import dev.muster.edge.training.TrainingConfig;
import dev.muster.edge.training.TrainingWork;
import dev.muster.edge.view.EstimateText;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import picocli.CommandLine.Model.CommandSpec;

/// `muster run estimate`: what a run would take and cost, before it costs anything. Asks no node; with `--offers` a provider.
final class RunEstimate {
    private RunEstimate() {}

    static CommandSpec spec() {
        return Rentals.options(Verb.of(
                                "estimate",
                                "Hours and dollars of a training run for each type of GPU: by a formula, corrected by"
                                        + " what earlier runs took.",
                                RunEstimate::run)
                        .word("CONFIG", "a training config"))
                .options(
                        "--gpu,-g",
                        "NAME",
                        "a type of GPU, as in A100 or \"RTX 4090\"; H100, A100 and H200 unless told")
                .option("--history", "FILE", "what earlier runs took, as docs/RUNS.md tells")
                .option("--series", "NAME", "whose earlier runs are the most alike; the config's name unless told")
                .option("--disk", "GB", "that will be rented, " + Estimate.Luggage.USUAL.diskGb() + " unless told")
                .option(
                        "--download",
                        "GB",
                        "that will be received, " + Estimate.Luggage.USUAL.downGb() + " unless told")
                .flag("--offers", "ask the provider what such machines cost now; else prices are from a table")
                .build();
    }

    private static int run(Args args) throws Failure {
        Output output = args.output();
        String config = args.word();
        TrainingWork work = work(config);
        List<String> gpus = gpus(args);
        Estimate.Luggage luggage = luggage(args);
        List<Took> history = args.text("--history").isPresent()
                ? RunHistory.read(DataPaths.path(args.text("--history").get()))
                : List.of();
        String series = args.text("--series").orElse(series(config));
        List<String> notes = new ArrayList<>();
        Map<String, Rate> rates = rates(args, gpus, luggage, notes);
        List<Estimate> estimates = gpus.stream()
                .map(gpu -> new Estimate(
                        gpu,
                        work.work().time(),
                        Correction.of(history, series, gpu),
                        Optional.ofNullable(rates.get(gpu)),
                        luggage))
                .toList();
        Optional<Estimate.Advice> advice = Estimate.advice(estimates, Optional.of(work.dim()));
        args.shell()
                .out()
                .print(output.render(
                        EstimateText.doc(config, work.work(), estimates, advice, notes),
                        wide -> EstimateText.table(work.work(), estimates, advice, notes, wide),
                        any -> advice.stream().map(Estimate.Advice::gpu).toList()));
        return Exit.DONE;
    }

    private static TrainingWork work(String config) throws Failure {
        try {
            return TrainingWork.of(TrainingConfig.read(DataPaths.path(config)));
        } catch (TrainingConfig.Unreadable e) {
            throw Failure.usage(e.getMessage(), "");
        }
    }

    /// Versions of a config have the same name in other folders.
    private static String series(String config) {
        Path name = Path.of(config).getFileName();
        return name == null ? config : name.toString().replaceFirst("\\.ya?ml$", "");
    }

    private static Estimate.Luggage luggage(Args args) throws Failure {
        long disk = args.number("--disk", Estimate.Luggage.USUAL.diskGb());
        long down = args.number("--download", Estimate.Luggage.USUAL.downGb());
        if (disk < 0 || down < 0 || disk > Deal.DISK_MAX_GB || down > Deal.DISK_MAX_GB)
            throw Failure.usage(
                    "expected --disk and --download to be 0 to " + Deal.DISK_MAX_GB + " GB, but found " + disk + " and "
                            + down,
                    "");
        return new Estimate.Luggage((int) disk, (int) down);
    }

    private static List<String> gpus(Args args) throws Failure {
        List<String> gpus = new ArrayList<>();
        for (String written : args.all("--gpu")) {
            for (String one : written.split(",")) gpus.add(gpu(one.strip()));
        }
        return gpus.isEmpty()
                ? Rate.TABLE.stream().map(Rate.Listed::gpu).toList()
                : gpus.stream().distinct().toList();
    }

    /// One card as providers spell it; a whole family as it was written.
    private static String gpu(String written) throws Failure {
        List<String> found = GpuName.find(written, List.of());
        if (found.size() == 1) return found.getFirst();
        if (!found.isEmpty()) return written.toUpperCase(Locale.ROOT).replace('_', ' ');
        List<String> near = OfferWords.near(written, List.of());
        throw Failure.usage(
                "unknown GPU \"" + written + "\""
                        + (near.isEmpty() ? "" : "; did you mean " + String.join(" or ", near) + "?"),
                "--gpu takes a name as in A100, \"RTX 4090\" or RTX_4090");
    }

    private static Map<String, Rate> rates(Args args, List<String> gpus, Estimate.Luggage luggage, List<String> notes)
            throws Failure {
        Map<String, Rate> rates = new LinkedHashMap<>();
        for (String gpu : gpus) Rate.table(gpu).ifPresent(rate -> rates.put(gpu, rate));
        if (args.flag("--offers")) offered(args, gpus, luggage, rates, notes);
        else notes.add("prices are the table's; --offers asks what is offered now");
        for (String gpu : gpus)
            if (!rates.containsKey(gpu))
                notes.add(gpu + ": no price is known" + (args.flag("--offers") ? "" : "; --offers asks for one"));
        return rates;
    }

    /// The estimate stands without offers; it says then why the price is another.
    private static void offered(
            Args args, List<String> gpus, Estimate.Luggage luggage, Map<String, Rate> rates, List<String> notes)
            throws Failure {
        try {
            Rentals.with(args, (provider, providers) -> {
                for (String gpu : gpus) {
                    List<Offer> offers = provider.offers(query(gpu, luggage)).offers();
                    if (offers.isEmpty()) {
                        notes.add(gpu + ": " + provider.name() + " offers none now"
                                + (rates.containsKey(gpu) ? "; the price is the table's" : ""));
                        continue;
                    }
                    Offer best = offers.getFirst();
                    rates.put(gpu, new Rate(best.price(), "offer " + best.id() + " of " + provider.name()));
                }
                return Exit.DONE;
            });
        } catch (Failure e) {
            if (e.exit() == Exit.USAGE) throw e;
            notes.add("prices are the table's: " + e.getMessage());
        }
    }

    /// The cheapest with one such card.
    private static OfferQuery query(String gpu, Estimate.Luggage luggage) {
        return OfferQuery.DEFAULT
                .on(Deal.onDemand(luggage.diskGb()))
                .andGpus(GpuName.find(gpu, List.of()))
                .atLeast(OfferField.DISK, Integer.toString(luggage.diskGb()))
                .and(OfferField.GPUS + "=1")
                .by(Sort.parse("dph"))
                .first(1);
    }
}
