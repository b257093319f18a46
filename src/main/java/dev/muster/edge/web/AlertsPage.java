package dev.muster.edge.web;

import dev.muster.core.plan.Soft;
import dev.muster.core.plan.Wait;
import dev.muster.edge.view.AlertRow;
import dev.muster.edge.view.AlertsView;
import dev.muster.edge.view.Picture;
import java.time.Instant;
import java.util.List;

/// What is wrong, who is told of it, and who does not want to hear it.
public final class AlertsPage {
    private static final String SET_ONE = "Set SLACK_WEBHOOK_URL in the environment of the voters' agents, or write"
            + " alerts.yaml into their data directories; docs/ALERTS.md, Channels, has all of them.";

    private AlertsPage() {}

    public static Page of(Picture picture, List<Wait> waits, Query query) {
        AlertsView view = AlertsView.of(picture, waits, false);
        return Page.of(Section.ALERTS, "Alerts")
                .live("standing", "Standing", standing(view))
                .live("open", "Open alerts", open(picture, view, query))
                .live("owed", "Owed to channels", owed(view))
                .live("silences", "Silences", silences(view))
                .live("channels", "Channels", channels(view))
                .page();
    }

    /// Why what is below is not all that a person would be told.
    private static Html standing(AlertsView view) {
        Html html = new Html();
        if (!view.led())
            html.leaf(
                    "p",
                    "note bad",
                    "Nobody leads: nobody looks whether anything is wrong, and nobody is told. What is below was so when a leader last looked.");
        else if (view.channels().isEmpty())
            html.leaf("p", "note warn", "The leader has no channel: nobody is told of anything. " + SET_ONE);
        return html;
    }

    // ---- what is open

    private static Html open(Picture picture, AlertsView view, Query query) {
        Html html = new Html().leaf("h2", "Open");
        if (view.alerts().isEmpty()) html.put(nothing(picture, view));
        for (AlertRow alert : query.cut(view.alerts())) html.put(alert(alert, view.at()));
        if (view.alerts().size() > Query.ROWS)
            html.put(query.pager(Places.alerts(), view.alerts().size()));
        return html.tag("p", "actions")
                .link(Places.silence(""), "Silence something…")
                .link("/events?type=" + Query.encoded("ALERT*,SILENCE*"), "Events of alerts")
                .end();
    }

    /// That nobody has looked is no sign that all is well.
    private static Html nothing(Picture picture, AlertsView view) {
        Html html = new Html().tag("p", "empty");
        if (!view.led())
            return html.text("Nothing was wrong when a leader last looked.").end();
        if (view.lookedAt().isEmpty())
            return html.text("Nothing is known to be wrong; the leader has not looked yet.")
                    .end();
        Instant since = picture.soft().map(Soft::leadingSince).orElse(view.at());
        html.text("Nothing is wrong. ");
        picture.standing()
                .leader()
                .ifPresent(leader -> html.put(Places.link(leader)).text(", which leads, "));
        return html.text("has looked every two seconds for ")
                .ago(since, view.at())
                .text(".")
                .end();
    }

    private static Html alert(AlertRow alert, Instant now) {
        Html html = new Html().tag("article", "alert").with("id", id(alert));
        html.tag("h3").put(Tones.level(alert.level())).text(" " + alert.title()).end();
        html.tag("p", "faint")
                .text("For ")
                .ago(alert.since(), now)
                .put(told(alert, now))
                .end();
        for (String wait : alert.waits()) html.leaf("p", "Not told now: " + wait);
        html.put(subjects(alert, now));
        if (alert.more() > 0)
            html.tag("p", "faint")
                    .text("and " + Figures.whole(alert.more()) + " more, which ")
                    .leaf("code", "muster alert show " + alert.id())
                    .text(" lists")
                    .end();
        return html.put(ways(alert)).end();
    }

    /// Names of subjects may have spaces, ids may not.
    private static String id(AlertRow alert) {
        return "a-" + Query.encoded(alert.id());
    }

    private static Html told(AlertRow alert, Instant now) {
        if (alert.toldAt().isEmpty()) return new Html().text("; nobody was told yet");
        Html html = new Html().text("; told ").ago(alert.toldAt().get(), now).text(" ago");
        return alert.news() ? html.text(", and there is more to tell") : html;
    }

    private static Html subjects(AlertRow alert, Instant now) {
        Grid grid = new Grid("Subjects of " + alert.id(), "Subject", "=Level", "What", "=For", "=Told as", "=Silence");
        for (AlertRow.Subject one : alert.subjects())
            grid.row(id(alert) + "/" + Query.encoded(one.subject()))
                    .cell(one.subject())
                    .cell(one.over() ? Tone.GOOD.chip("over") : Tones.level(one.level()))
                    .cell(one.text())
                    .cell(new Html().ago(one.since(), now))
                    .cell(one.told().orElse("not yet"))
                    .cell(silence(alert, one));
        return grid.html("");
    }

    private static Html silence(AlertRow alert, AlertRow.Subject one) {
        if (one.silence().isPresent())
            return new Html().link("#m-" + one.silence().get(), one.silence().get());
        if (one.over()) return new Html();
        return new Html()
                .tag("a")
                .with("href", Places.silence(pattern(alert.rule(), one.subject())))
                .text("Silence…")
                .leaf("span", "unseen", " " + one.subject())
                .end();
    }

    /// A letter that no pattern may have stands for any text.
    private static String pattern(String rule, String subject) {
        return rule + "/" + subject.replaceAll("[^A-Za-z0-9_.:@ +=/-]", "*");
    }

    /// What a person can do about it. An alert of its own for each subject is silenced alone.
    private static Html ways(AlertRow alert) {
        boolean apart = !alert.id().equals(alert.rule());
        String pattern =
                apart ? pattern(alert.rule(), alert.id().substring(alert.rule().length() + 1)) : alert.rule();
        return new Html()
                .tag("p", "actions")
                .link(Places.silence(pattern), "Silence " + alert.id() + "…")
                .link(Places.events("alert/" + alert.id()), "Events")
                .tag("span")
                .text("What to do: ")
                .leaf("code", alert.runbook())
                .end()
                .end();
    }

    // ---- who is told

    private static Html owed(AlertsView view) {
        if (view.owed().isEmpty()) return new Html();
        Grid grid = new Grid("Owed to channels", "Channel", "Notice", "=For", ">Failed", "Last try");
        for (AlertsView.Owed one : view.owed())
            grid.row("o-" + one.number() + "-" + Query.encoded(one.channel()))
                    .cell(one.channel())
                    .cell(one.number() + ", " + one.kind() + ": " + one.title())
                    .cell(new Html().ago(one.at(), view.at()))
                    .cell(one.failures())
                    .cell(lastTry(one, view.at()));
        return new Html().leaf("h2", "Owed to channels").put(grid.html(""));
    }

    private static String lastTry(AlertsView.Owed one, Instant now) {
        if (!one.known()) return "the leader has no such channel";
        if (one.failures() == 0) return "none has failed";
        String again = one.next()
                .filter(now::isBefore)
                .map(at -> "; again at " + Layout.clock(at))
                .orElse("");
        return one.note() + (one.lasting() ? " (somebody has to change something)" : "") + again;
    }

    private static Html silences(AlertsView view) {
        Grid grid = new Grid("Silences", "Of", "=Until", "By", "Why", ">Open", "=End");
        for (AlertsView.Muted one : view.silences())
            grid.row("m-" + one.id())
                    .cell(new Html().leaf("code", one.pattern()))
                    .cell(Layout.minute(one.until()))
                    .cell(one.by())
                    .cell(one.why())
                    .cell(one.covers())
                    .cell(new Html()
                            .tag("a")
                            .with("href", Places.endSilence(one.id()))
                            .text("End it…")
                            .leaf("span", "unseen", " " + one.pattern())
                            .end());
        return new Html()
                .leaf("h2", "Silences")
                .put(grid.html("Nothing is silenced: people are told of all that the policy lets through."));
    }

    private static Html channels(AlertsView view) {
        Grid grid = new Grid("Channels", "Channel", "=Type", "Levels", "Rules", ">Owed", "Trouble");
        for (AlertsView.Channel one : view.channels())
            grid.row("c-" + Query.encoded(one.name()))
                    .cell(one.name())
                    .cell(one.type())
                    .cell(String.join(", ", one.levels()))
                    .cell(rules(one))
                    .cell(one.owed())
                    .cell(one.note());
        String none = view.led()
                ? "There is none. " + SET_ONE
                : "Nobody leads, so it is not known by which channels people are told.";
        return new Html().leaf("h2", "Channels of the leader").put(grid.html(none));
    }

    private static String rules(AlertsView.Channel one) {
        String rules = one.rules().isEmpty() ? "all" : String.join(", ", one.rules());
        return one.except().isEmpty() ? rules : rules + " but " + String.join(", ", one.except());
    }
}
