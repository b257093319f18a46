package dev.muster.edge.web;

import dev.muster.core.plan.RentReport;
import dev.muster.core.state.Instance;
import dev.muster.core.state.NodeId;
import dev.muster.core.state.Rentals;
import dev.muster.edge.view.BudgetView;
import dev.muster.edge.view.InstanceRow;
import dev.muster.edge.view.Picture;
import dev.muster.edge.view.Words;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/// Rented machines, and what they cost.
public final class MoneyPage {
    private static final int DAYS = 14;

    private MoneyPage() {}

    /// @param report what the leader knows besides; empty where nobody leads
    public static Page of(Picture picture, Optional<RentReport> report, Query query) {
        BudgetView budget = BudgetView.of(picture);
        boolean all = !query.get("state").isEmpty();
        return Page.of(Section.MONEY, "Machines & money")
                .live("figures", "Figures", figures(budget))
                .live("caps", "Caps", caps(budget))
                .still(new Filters("/instances", query)
                        .choice("state", "Machines", List.of("with those that ended"))
                        .html())
                .live("machines", "Rented machines", machines(picture, report, query, all))
                .live("trouble", "At providers", atProviders(report))
                .live("ledger", "Ledger", ledger(picture, budget))
                .page();
    }

    private static Html figures(BudgetView budget) {
        return Card.row(List.of(
                Card.of(
                        "Cost per hour",
                        Figures.dollars(budget.perHour()),
                        Figures.dollars(budget.committed()) + " committed"),
                Card.of(
                        "Spent today",
                        Figures.dollars(budget.day().spent()),
                        Figures.dollars(budget.day().forecast()) + " forecast at midnight"),
                Card.of(
                        "Spent this month",
                        Figures.dollars(budget.month().spent()),
                        Figures.dollars(budget.month().forecast()) + " forecast at its end")));
    }

    private static Html caps(BudgetView budget) {
        Grid grid = new Grid("Caps", "Cap", ">Of", ">Spent", ">Reserved", ">Left", "Used", "=Reached");
        for (BudgetView.Cap cap : budget.caps()) {
            double used = cap.cap() <= 0 ? 1 : (cap.spent() + cap.reserved()) / cap.cap();
            grid.row()
                    .cell((cap.scope().isEmpty() ? "all machines" : cap.scope()) + ", per " + cap.span())
                    .cell(Figures.dollars(cap.cap()))
                    .cell(Figures.dollars(cap.spent()))
                    .cell(Figures.dollars(cap.reserved()))
                    .cell(Figures.dollars(cap.left()))
                    .cell(Bar.of(used, Math.round(used * 100) + "%"))
                    .cell(cap.reachedAt().map(Layout::minute).orElse("not in this " + cap.span()));
        }
        Html html = new Html().leaf("h2", "Caps");
        html.put(grid.html("No cap is set: nothing limits what is rented. `muster budget set` sets one."));
        for (BudgetView.GoesOn one : budget.goesOn())
            html.leaf(
                    "p",
                    "note warn",
                    one.id() + " goes on at " + Figures.dollars(one.perHour()) + " per hour, past the "
                            + (one.scope().isEmpty() ? "" : one.scope() + " ") + one.span() + " cap: " + one.why());
        return html;
    }

    private static Html machines(Picture picture, Optional<RentReport> report, Query query, boolean all) {
        List<Instance> shown = picture.state().rentals().instances().values().stream()
                .filter(one -> all || one.open())
                .sorted(Comparator.comparing(Instance::orderedAt).reversed())
                .toList();
        Grid grid = new Grid(
                "Rented machines",
                "Machine",
                "State",
                "=Node",
                "=GPU",
                "Group",
                "=Provider",
                ">Per hour",
                ">Spent",
                ">Age",
                "Message");
        for (Instance instance : query.cut(shown)) row(grid, picture, InstanceRow.of(picture, instance, report));
        Html html = new Html().leaf("h2", "Rented machines");
        html.put(grid.html(
                "Nothing is rented. `muster offer search` shows what there is, `muster instance create` rents it."));
        return shown.size() > Query.ROWS ? html.put(query.pager("/instances", shown.size())) : html;
    }

    private static void row(Grid grid, Picture picture, InstanceRow one) {
        grid.row("i-" + one.id())
                .cell(new Html()
                        .link(Places.events("instance/" + one.id()), one.id().toString()))
                .cell(Tones.chip(one.phase()))
                .cell(one.node().map(node -> node(picture, node)).orElseGet(Html::new))
                .cell(one.gpus() + " × " + one.gpu())
                .cell(one.group().orElse(""))
                .cell(one.provider() + (one.adopted() ? ", adopted" : ""))
                .cell(Figures.dollars(one.perHourNow()))
                .cell(new Html().passing(Figures.dollars(one.spent())))
                .cell(one.endedAt()
                        .map(end -> new Html().text("ended"))
                        .orElseGet(() -> new Html().ago(one.orderedAt(), picture.now())))
                .cell(one.message());
    }

    private static Html node(Picture picture, NodeId node) {
        return picture.state().fleet().nodes().has(node) ? Places.link(node) : new Html().text(node.name());
    }

    private static Html atProviders(Optional<RentReport> report) {
        Html html = new Html();
        if (report.isEmpty())
            return html.leaf("h2", "At providers")
                    .leaf("p", "note warn", "Nobody leads, so nobody asks the providers.");
        RentReport known = report.get();
        if (known.troubles().isEmpty() && known.strays().isEmpty()) return html;
        html.leaf("h2", "At providers");
        for (RentReport.Trouble trouble : known.troubles())
            html.leaf(
                    "p",
                    "note bad",
                    trouble.errand() + " failed " + Words.count(trouble.failures(), "time") + ": " + trouble.note());
        if (known.strays().isEmpty()) return html;
        Grid grid = new Grid("Machines that nothing here knows", "Machine", "Provider", "Label", ">Per hour", "Whose");
        for (RentReport.Stray stray : known.strays())
            grid.row()
                    .cell(stray.id())
                    .cell(stray.provider())
                    .cell(stray.label())
                    .cell(Figures.dollars(stray.perHourNow().dollars()))
                    .cell(stray.whose());
        return html.put(grid.html(""));
    }

    private static Html ledger(Picture picture, BudgetView budget) {
        List<Plot.Column> days = days(picture);
        double all = days.stream().mapToDouble(Plot.Column::value).sum();
        Html html = new Html().leaf("h2", "Ledger");
        html.tag("figure")
                .leaf(
                        "figcaption",
                        "Spent per day, the last " + DAYS + " days (" + budget.zone() + "): " + Figures.dollars(all));
        html.put(Plot.columns("Spent per day, " + Figures.dollars(all) + " in " + DAYS + " days", days))
                .end();
        html.tag("div", "split")
                .put(shares("By group", "Group", budget.groups()))
                .put(shares("By kind", "Kind", budget.kinds()));
        html.put(dayTable(days)).end();
        return html;
    }

    private static Html dayTable(List<Plot.Column> days) {
        Grid grid = new Grid("Spent per day", "Day", ">Spent");
        for (Plot.Column day : days.reversed())
            if (day.value() != 0) grid.row().cell(day.words()).cell(Figures.dollars(day.value()));
        return new Html()
                .tag("div")
                .leaf("h2", "By day")
                .put(grid.html("Nothing was spent in these days."))
                .end();
    }

    private static List<Plot.Column> days(Picture picture) {
        Rentals rentals = picture.state().rentals();
        ZoneId zone = rentals.scaling().zoneId();
        ZonedDateTime today = picture.now().atZone(zone).toLocalDate().atStartOfDay(zone);
        List<Plot.Column> days = new ArrayList<>();
        double after = 0;
        for (int back = 0; back < DAYS; back++) {
            ZonedDateTime day = today.minusDays(back);
            double since = rentals.spent(day.toInstant(), picture.now()).dollars();
            days.addFirst(new Plot.Column(
                    day.toLocalDate().toString(), Math.max(0, Math.round((since - after) * 1e6) / 1e6)));
            after = since;
        }
        return days;
    }

    private static Html shares(String title, String head, List<BudgetView.Share> shares) {
        Grid grid = new Grid(title, head, ">Machines", ">Per hour", ">Today", ">Month");
        for (BudgetView.Share share : shares)
            grid.row()
                    .cell(share.name().isEmpty() ? "no group" : share.name())
                    .cell(share.machines())
                    .cell(Figures.dollars(share.perHour()))
                    .cell(new Html().passing(Figures.dollars(share.today())))
                    .cell(new Html().passing(Figures.dollars(share.month())));
        return new Html()
                .tag("div")
                .leaf("h2", title)
                .put(grid.html("Nothing was spent this month."))
                .end();
    }
}
