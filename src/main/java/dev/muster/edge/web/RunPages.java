package dev.muster.edge.web;

import dev.muster.core.plan.RentReport;
import dev.muster.core.plan.Wait;
import dev.muster.core.state.Run;
import dev.muster.edge.view.CurveText;
import dev.muster.edge.view.InstanceRow;
import dev.muster.edge.view.Picture;
import dev.muster.edge.view.RunRow;
import dev.muster.edge.view.WarningRow;
import dev.muster.edge.view.Words;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Training runs, and one of them: its stages, what it costs, its curves.
public final class RunPages {
    private RunPages() {}

    public static Page list(Picture picture, List<Wait> waits, Query query) {
        List<Run> matching = picture.state().runs().runs().values().stream()
                .filter(run -> query.get("status").isEmpty()
                        || Tones.lower(run.status()).equals(query.get("status")))
                .filter(run -> run.spec().series().contains(query.get("series")))
                .sorted(Comparator.comparing(Run::launchedAt).reversed())
                .toList();
        Grid grid = new Grid(
                "Runs",
                "Run",
                "Series",
                "State",
                "Stage",
                "Stages",
                ">Cost",
                ">Cap",
                ">Hours",
                ">Estimated",
                "Launched",
                "Message");
        for (Run run : query.cut(matching)) row(grid, picture, RunRow.of(picture, run, waits));
        Html list = grid.html("No run is like that. `muster run launch` launches one from its run.yaml.");
        return Page.of(Section.RUNS, "Runs")
                .still(new Filters("/runs", query)
                        .choice(
                                "status",
                                "State",
                                Arrays.stream(Run.Status.values())
                                        .map(Tones::lower)
                                        .toList())
                        .field("series", "Series contains", "operator")
                        .html())
                .live("list", "Runs", new Html().put(list).put(query.pager("/runs", matching.size())))
                .page();
    }

    private static void row(Grid grid, Picture picture, RunRow run) {
        grid.row("r-" + run.id())
                .link(Places.run(run.id()), run.id().toString())
                .cell(run.series())
                .cell(new Html().put(Tones.chip(run.status())).text(run.champion() ? " best" : ""))
                .cell(run.stage().orElse(""))
                .cell(Bar.progress(run.done(), run.stages(), run.done() + " of " + run.stages()))
                .cell(new Html().passing(Figures.dollars(run.spent())))
                .cell(Figures.dollars(run.totalMax()))
                .cell(new Html().passing(hours(run.hours())))
                .cell(run.estimated().map(RunPages::hours).orElse("–"))
                .cell(new Html().ago(run.launchedAt(), picture.now()).text(" ago"))
                .cell(run.message());
    }

    private static String hours(double hours) {
        return hours < 10 ? Figures.short1(Math.round(hours * 100) / 100.0) + " h" : Math.round(hours) + " h";
    }

    /// @param curves of its newest stage that has measured something
    /// @param note   why there are none; may be empty
    public record Curves(List<CurveText.Series> curves, String note) {
        public static final Curves NONE = new Curves(List.of(), "");
    }

    public static Page one(Picture picture, Run run, List<Wait> waits, Optional<RentReport> report, Curves curves) {
        RunRow.Detail detail = RunRow.Detail.of(picture, run, waits, report);
        return Page.of(Section.RUNS, "Run " + run.id())
                .live("state", "State", state(picture, detail))
                .live("cost", "Cost", cost(detail))
                .live("stages", "Stages", stages(detail))
                .live("curves", "Curves", curves(curves))
                .live("results", "Results", results(detail))
                .live("machines", "Machines", machines(picture, detail))
                .page();
    }

    private static Html state(Picture picture, RunRow.Detail detail) {
        RunRow run = detail.run();
        Html html = new Html().tag("p", "actions").put(Tones.chip(run.status()));
        html.link(Places.events("run/" + run.id()), "Events").end();
        for (WarningRow warning : detail.warnings()) html.put(warning(warning));
        for (String wait : detail.waits()) html.leaf("p", "note", "Waits: " + wait);
        return html.put(new FactList()
                .fact(
                        "Series",
                        run.series()
                                + detail.champion()
                                        .map(best -> "; best: " + best)
                                        .orElse(""))
                .fact("Message", run.message())
                .fact(
                        "Launched",
                        new Html().ago(run.launchedAt(), picture.now()).text(" ago by " + detail.submitter()))
                .fact("Stages", Bar.progress(run.done(), run.stages(), run.done() + " of " + run.stages() + " done"))
                .html());
    }

    private static Html warning(WarningRow warning) {
        Html html = new Html().tag("div", warning.critical() ? "note bad" : "note warn");
        html.leaf("strong", (warning.critical() ? "Critical: " : "Warning: ") + warning.text());
        return html.text(warning.advice().isEmpty() ? "" : " " + warning.advice())
                .end();
    }

    private static Html cost(RunRow.Detail detail) {
        RunRow run = detail.run();
        List<Html> cards = new ArrayList<>();
        cards.add(Card.of(
                "Cost so far",
                new Html().passing(Figures.dollars(run.spent())),
                run.settled() ? "billed" : "at the prices now listed"));
        cards.add(Card.of(
                "Estimated cost", Figures.dollars(run.estimatedCost()), share(run.spent(), run.estimatedCost())));
        cards.add(Card.of("Cap", Figures.dollars(run.totalMax()), share(run.spent(), run.totalMax())));
        cards.add(Card.of(
                "Hours",
                new Html().passing(hours(run.hours())),
                run.estimated().map(estimate -> hours(estimate) + " estimated").orElse("no estimate")));
        return new Html().leaf("h2", "Cost").put(Card.row(cards));
    }

    private static String share(double spent, Optional<Double> of) {
        return of.filter(all -> all > 0)
                .map(all -> Math.round(spent / all * 100) + "% of it spent")
                .orElse("");
    }

    private static Html stages(RunRow.Detail detail) {
        Grid grid = new Grid("Stages", "Stage", "State", "Job", ">Tries", "Node", ">Ran", "GPU in use", "Gate", "Note");
        for (RunRow.StageRow stage : detail.stages())
            grid.row("s-" + stage.name())
                    .cell(stage.name())
                    .cell(Tones.chip(stage.phase()))
                    .cell(stage.job().map(Places::link).orElseGet(Html::new))
                    .cell(stage.tries() == 0 ? "" : Integer.toString(stage.tries()))
                    .cell(stage.node().map(Places::link).orElseGet(Html::new))
                    .cell(stage.ran().isPositive() ? Words.span(stage.ran()) : "–")
                    .cell(stage.load()
                            .map(load -> Bar.percent(load.gpuPercent()))
                            .orElseGet(Html::new))
                    .cell(stage.verdict()
                            .map(verdict -> Tones.lower(verdict.answer()) + ": " + verdict.why())
                            .orElse(""))
                    .cell(note(stage));
        Html html = new Html().leaf("h2", "Stages").put(grid.html("It has no stages."));
        for (RunRow.StageRow stage : detail.stages()) {
            for (WarningRow warning : stage.warnings()) html.put(warning(warning));
            stage.tracked()
                    .filter(tracked -> !tracked.url().isEmpty())
                    .ifPresent(tracked -> html.tag("p")
                            .text(stage.name() + " is tracked: ")
                            .tag("a")
                            .with("href", tracked.url())
                            .with("rel", "noreferrer noopener")
                            .text(Figures.or(tracked.id(), tracked.url()))
                            .end()
                            .end());
        }
        return html;
    }

    private static String note(RunRow.StageRow stage) {
        return (stage.failure().isEmpty() ? "" : stage.failure() + ": ")
                + stage.from().map(run -> "taken from " + run + " ").orElse("")
                + stage.note();
    }

    private static Html curves(Curves curves) {
        Html html = new Html().leaf("h2", "Curves");
        boolean any = false;
        for (CurveText.Series series : curves.curves()) {
            Optional<Html> drawn = Plot.curve(series);
            if (drawn.isEmpty()) continue;
            double last = Arrays.stream(series.y())
                    .filter(Double::isFinite)
                    .reduce((one, next) -> next)
                    .orElse(0);
            html.tag("figure")
                    .leaf("figcaption", series.title() + ", last " + CurveText.number(last))
                    .put(drawn.get())
                    .end();
            any = true;
        }
        if (any) return html;
        return html.leaf(
                "p",
                "empty",
                Figures.or(curves.note(), "No stage has left or saved a metrics file (.jsonl, .csv, .wandb) yet."));
    }

    private static Html results(RunRow.Detail detail) {
        Grid grid = new Grid("Results", "Result", "Stage", ">Value");
        for (RunRow.StageRow stage : detail.stages())
            for (Map.Entry<String, Double> result : stage.results())
                grid.row().cell(result.getKey()).cell(stage.name()).cell(CurveText.number(result.getValue()));
        return grid.isEmpty() ? new Html() : new Html().leaf("h2", "Results").put(grid.html(""));
    }

    private static Html machines(Picture picture, RunRow.Detail detail) {
        if (detail.instances().isEmpty()) return new Html();
        Grid grid = new Grid("Machines", "Machine", "State", "GPU", ">Per hour", ">Spent", ">Age", "Message");
        for (InstanceRow one : detail.instances())
            grid.row("i-" + one.id())
                    .cell(one.id().toString())
                    .cell(Tones.chip(one.phase()))
                    .cell(one.gpus() + " × " + one.gpu())
                    .cell(Figures.dollars(one.perHourNow()))
                    .cell(new Html().passing(Figures.dollars(one.spent())))
                    .cell(one.endedAt()
                            .map(end -> new Html().text("ran " + Words.span(Duration.between(one.orderedAt(), end))))
                            .orElseGet(() -> new Html().ago(one.orderedAt(), picture.now())))
                    .cell(one.message());
        return new Html().leaf("h2", "Machines").put(grid.html(""));
    }
}
