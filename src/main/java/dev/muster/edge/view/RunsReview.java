package dev.muster.edge.view;

import dev.muster.core.run.Failure;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.TreeMap;

/// What the runs of some time cost, and what became of them.
///
/// @param runs    rows of `GET /v1/runs`, those that were launched in that time
/// @param details their answers of `GET /v1/runs/ID`; empty in a report that does not look into them
/// @param month   the monthly review, else the weekly cost report
public record RunsReview(List<Doc> runs, List<Doc> details, boolean month, Duration past, Instant now) {
    private static final int COSTLY_MAX = 10;

    public RunsReview {
        runs = List.copyOf(runs);
        details = List.copyOf(details);
    }

    private List<Doc> of(String status) {
        return runs.stream().filter(run -> run.text("status").equals(status)).toList();
    }

    private static double cost(List<Doc> of) {
        return of.stream().mapToDouble(run -> run.decimal("spent").orElse(0)).sum();
    }

    /// Failed ones included: what one success takes in all.
    private OptionalDouble costPerSuccess() {
        int good = of("SUCCEEDED").size();
        return good == 0 ? OptionalDouble.empty() : OptionalDouble.of(cost(runs) / good);
    }

    private OptionalDouble average() {
        return runs.isEmpty() ? OptionalDouble.empty() : OptionalDouble.of(cost(runs) / runs.size());
    }

    public Paper paper() {
        Paper paper = new Paper((month ? "Training runs, monthly review" : "Training runs, cost report") + " of "
                + now.toString().substring(0, 10));
        paper.text("Runs launched in the last " + Words.span(past) + ", as far as the cluster still knows them.");
        paper.rows(List.of("What", ">Figure"), figures());
        paper.section("By outcome").rows(List.of("Status", ">Runs", ">Cost"), outcomes());
        paper.section("Costliest runs")
                .rows(List.of("Run", "Series", "Status", ">Cost", ">Estimated", ">Took", "Said"), costly());
        if (month) review(paper);
        long open = of("OPEN").size();
        if (open > 0) paper.text(Words.count(open, "run") + " still open: the cost so far.");
        return paper;
    }

    private List<List<String>> figures() {
        return List.of(
                List.of("Runs launched", Integer.toString(runs.size())),
                List.of("Cost", RunText.money(OptionalDouble.of(cost(runs)))),
                List.of("Cost per successful run (all cost / runs that succeeded)", RunText.money(costPerSuccess())),
                List.of("Average cost of a run", RunText.money(average())),
                List.of("Waste (cost of runs that failed)", RunText.money(OptionalDouble.of(cost(of("FAILED"))))));
    }

    private List<List<String>> outcomes() {
        List<List<String>> rows = new ArrayList<>();
        for (String status : List.of("SUCCEEDED", "REJECTED", "FAILED", "STOPPED", "OPEN")) {
            List<Doc> such = of(status);
            if (!such.isEmpty())
                rows.add(List.of(status, Integer.toString(such.size()), RunText.money(OptionalDouble.of(cost(such)))));
        }
        return rows;
    }

    private List<List<String>> costly() {
        return runs.stream()
                .sorted(Comparator.comparingDouble(
                                (Doc run) -> run.decimal("spent").orElse(0))
                        .reversed())
                .limit(COSTLY_MAX)
                .map(run -> List.of(
                        run.text("id"),
                        run.text("series"),
                        run.text("status"),
                        RunText.money(run.decimal("spent")),
                        RunText.money(run.decimal("estimated_cost")),
                        RunText.hours(run.decimal("hours")),
                        run.text("message")))
                .toList();
    }

    // ---- a month

    /// What the runbook asks for besides, and no figure tells.
    private static final List<String> PERSONS = List.of(
            "Is a kind of failure new, or one that comes again? Then docs/RUNS.md and the checks (`run validate --checks`) want"
                    + " a line.",
            "Is a config used that only fails, or that nobody means to use any more? Its last use stands above.",
            "Is waste, or cost above the estimate, more than last month? `muster run analyze RUN` of the costly ones says why.",
            "Can a machine be recreated quickly, and do archives read? PROC-002 of docs/RUNS.md on a small run, and"
                    + " `sha256sum --check SHA256SUMS` in one archived run.");

    private void review(Paper paper) {
        paper.section("Failures");
        Map<String, Long> kinds = failures();
        if (kinds.isEmpty()) paper.text("None.");
        paper.rows(
                List.of("Kind", ">Stages", "What the runbook advises"),
                kinds.entrySet().stream()
                        .sorted(Map.Entry.<String, Long>comparingByValue().reversed())
                        .map(kind ->
                                List.of(words(kind.getKey()), kind.getValue().toString(), advice(kind.getKey())))
                        .toList());
        paper.section("Configs")
                .rows(List.of("Config", ">Runs", ">Succeeded", ">Cost", ">Average", "Last used"), configs());
        paper.section("For a person");
        for (String line : PERSONS) paper.text(line);
    }

    private Map<String, Long> failures() {
        Map<String, Long> kinds = new TreeMap<>();
        for (Doc detail : details)
            for (Doc stage : detail.list("stages"))
                if (stage.text("phase").equals("FAILED")) kinds.merge(stage.text("failure"), 1L, Long::sum);
        return kinds;
    }

    private static String words(String kind) {
        return RunAnalysis.kind(Doc.object().with("failure", kind))
                .map(Failure.Kind::words)
                .orElse("not told");
    }

    private static String advice(String kind) {
        return RunAnalysis.kind(Doc.object().with("failure", kind))
                .map(Failure.Kind::advice)
                .orElse("");
    }

    private List<List<String>> configs() {
        Map<String, List<Doc>> used = new TreeMap<>();
        for (Doc detail : details) {
            String path = detail.get("spec").get("config").text("path");
            used.computeIfAbsent(path.isEmpty() ? "none" : path, name -> new ArrayList<>())
                    .add(detail.get("run"));
        }
        return used.entrySet().stream()
                .map(one -> List.of(
                        one.getKey(),
                        Integer.toString(one.getValue().size()),
                        Long.toString(one.getValue().stream()
                                .filter(run -> run.text("status").equals("SUCCEEDED"))
                                .count()),
                        RunText.money(OptionalDouble.of(cost(one.getValue()))),
                        RunText.money(OptionalDouble.of(
                                cost(one.getValue()) / one.getValue().size())),
                        one.getValue().stream()
                                .map(run -> run.text("launched_at"))
                                .max(Comparator.naturalOrder())
                                .map(at -> at.substring(0, Math.min(10, at.length())))
                                .orElse("")))
                .toList();
    }

    /// The same for programs. Amounts are dollars.
    public Doc doc() {
        Doc doc = Doc.object()
                .with("runs", (long) runs.size())
                .with("succeeded", (long) of("SUCCEEDED").size())
                .with("failed", (long) of("FAILED").size())
                .with("cost", cost(runs))
                .with("waste", cost(of("FAILED")));
        if (costPerSuccess().isPresent())
            doc = doc.with("cost_per_success", costPerSuccess().getAsDouble());
        if (!month) return doc;
        Doc kinds = Doc.object();
        for (Map.Entry<String, Long> kind : failures().entrySet())
            kinds = kinds.with(kind.getKey().isEmpty() ? "UNKNOWN" : kind.getKey(), kind.getValue());
        return doc.with("failures", kinds);
    }
}
