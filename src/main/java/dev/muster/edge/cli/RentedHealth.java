package dev.muster.edge.cli;

import dev.muster.core.drain.Drainer;
import dev.muster.core.state.Durations;
import dev.muster.edge.view.Doc;
import dev.muster.edge.view.InstanceText;
import dev.muster.edge.view.ScaleText;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/// What a doctor looks for among rented machines: the key, the providers, machines that cannot go or that nobody knows,
/// and caps. Where nothing is rented and no group is, it has nothing to say.
final class RentedHealth {
    /// Once may be the network's fault.
    private static final int FAILURES = 3;
    private static final int STRAYS_TOLD = 5;
    private static final int TOLD = 5;
    /// As the events have it of one that nobody can copy from.
    private static final Duration HELD_MAX = Drainer.HINDERED_MAX;

    private final Doc all;
    private final List<Doc> machines;

    private RentedHealth(Doc all) {
        this.all = all;
        this.machines = all.list("instances");
    }

    /// Without an answer it is as if nothing were rented; why there is none somebody else says.
    static RentedHealth ask(Client client) {
        try {
            return new RentedHealth(client.get("/v1/instances").doc());
        } catch (Failure failure) {
            return new RentedHealth(Doc.object());
        }
    }

    /// What to do about a node that is silent, where its machine is rented: mostly nothing.
    Optional<String> advice(String node) {
        return machines.stream()
                .filter(one -> one.text("node").equals(node))
                .findFirst()
                .map(one -> one.text("id") + " is rented, and " + fate(one)
                        + (one.has("message") ? " (" + one.text("message") + ")" : "") + ": `muster instance show "
                        + one.text("id") + "`");
    }

    private static String fate(Doc one) {
        String will = one.text("will");
        if (will.equals("RUN"))
            return one.flag("adopted")
                    ? "is started again by itself, but not replaced, since it was adopted"
                    : "is started again or replaced by itself";
        return "is to " + (will.equals("END") ? "end" : "stop")
                + (one.text("phase").equals("DRAINING")
                        ? ", as soon as nothing is only there: its host or a person has to bring it back for that, or `muster"
                                + " instance destroy " + one.text("id") + " --abandon-data` gives it up"
                        : "");
    }

    void examine(Client client, Report report, Instant now) {
        try {
            boolean groups = !client.get("/v1/groups").doc().list("groups").isEmpty();
            if (machines.isEmpty() && !groups && all.list("strays").isEmpty()) return;
            if (!all.flag("led")) {
                report.warn("renting", "nobody leads: providers are not asked, and what they have is not known", "");
                return;
            }
            if (!all.flag("able")) {
                report.fail(
                        "renting",
                        "the leader has no key for any provider: machines are neither seen, nor ended",
                        "VAST_API_KEY, or VAST_API_KEY_FILE, in the environment of each voter's agent");
                return;
            }
            int before = report.wrong();
            troubles(report, now);
            strays(report);
            stuck(client, report, now);
            caps(client, report);
            if (report.wrong() == before) report.ok("renting", sum(now));
        } catch (Failure failure) {
            report.fail("renting", failure.getMessage(), failure.hint());
        }
    }

    private void troubles(Report report, Instant now) {
        Set<String> denied = new HashSet<>();
        for (Doc trouble : all.list("troubles")) {
            String errand = trouble.text("errand");
            String about = errand.substring(errand.indexOf(' ') + 1);
            String said = InstanceText.failed(trouble, now);
            if (trouble.flag("denied")) {
                if (denied.add(trouble.text("note")))
                    report.fail(
                            errand.startsWith("look ") ? about : "key",
                            "the key is refused: " + said,
                            trouble.text("note").contains("expired")
                                    ? "make another, and put it where the old one was: it counts at once"
                                    : "correct the key on each voter: it counts at once");
            } else if (errand.startsWith("credit ")) {
                report.fail(
                        about,
                        "the account lacks credit: nothing is rented or started there, and no machine is blamed for it",
                        "pay some in: all goes on by itself, within two minutes");
            } else if (errand.startsWith("look ")) {
                if (trouble.number("failures") >= FAILURES)
                    report.fail(
                            about,
                            "cannot be asked: " + said,
                            "what is known of its machines stays; is its API up, and can the leader reach it?");
            } else if (errand.startsWith("destroy ")) {
                report.fail(
                        about,
                        "is not ended, and costs: " + said,
                        "look for it at its provider: `muster instance show " + about + "`");
            } else if (trouble.number("failures") >= FAILURES
                    && !trouble.text("note").contains("lacks credit")) {
                report.warn(about, errand.substring(0, errand.indexOf(' ')) + " fails: " + said, "");
            }
        }
    }

    private void strays(Report report) {
        List<Doc> strays = all.list("strays");
        for (Doc stray : strays.subList(0, Math.min(STRAYS_TOLD, strays.size())))
            report.warn(
                    "stray " + stray.text("provider") + " " + stray.text("id"),
                    stray.text("gear") + ", "
                            + InstanceText.amount(stray.decimal("per_hour_now").orElse(0)) + " per hour: "
                            + stray.text("whose"),
                    "`muster instance adopt " + stray.text("id") + " --provider " + stray.text("provider")
                            + "` looks after it; end it there, or adopt and destroy it");
        if (strays.size() > STRAYS_TOLD)
            report.warn("strays", strays.size() - STRAYS_TOLD + " more", "`muster instance list` shows them all");
    }

    /// Machines that cannot go. Of providers that cannot be asked [#troubles] tells.
    private void stuck(Client client, Report report, Instant now) throws Failure {
        for (Doc wait : client.get("/v1/scaling/plan").doc().list("waits")) {
            boolean machine = machines.stream().anyMatch(one -> one.text("id").equals(wait.text("subject")));
            if (machine && wait.text("reason").equals("STUCK"))
                report.fail(
                        wait.text("subject"),
                        wait.text("message"),
                        "`muster instance show " + wait.text("subject") + "` shows all of it");
        }
        for (Doc one : machines) {
            boolean drains = one.text("phase").equals("DRAINING");
            Doc detail =
                    drains ? client.get(InstanceCommands.path(one.text("id"))).doc() : Doc.object();
            if (detail.has("hindrance") || late(detail, now))
                report.warn(
                        one.text("id"),
                        detail.has("hindrance")
                                ? "drains, and cannot go: " + detail.text("hindrance")
                                : "drains for "
                                        + Durations.brief(Duration.between(
                                                detail.time("will_at").orElse(now), now))
                                        + ", and there is still "
                                        + InstanceText.risk(detail.get("at_risk")),
                        "`muster instance start " + one.text("id") + "` keeps it; `muster instance destroy "
                                + one.text("id") + " --abandon-data` loses what only it holds");
        }
    }

    /// Nothing runs there, and copying what only it holds takes long.
    private static boolean late(Doc detail, Instant now) {
        Doc risk = detail.get("at_risk");
        return risk.list("attempts").isEmpty()
                && risk.number("files") > 0
                && detail.time("will_at")
                        .filter(since -> !now.isBefore(since.plus(HELD_MAX)))
                        .isPresent();
    }

    private static void caps(Client client, Report report) throws Failure {
        Doc budget = client.get("/v1/budget").doc();
        for (Doc cap : budget.list("caps")) {
            if (cap.decimal("left").orElse(0) > 0) continue;
            String scope = cap.has("scope") ? " of " + cap.text("scope") : "";
            report.warn(
                    "budget",
                    "the cap per " + cap.text("span") + scope + " of "
                            + InstanceText.amount(cap.decimal("cap").orElse(0)) + " is reached: nothing new is rented"
                            + goesOn(budget, cap),
                    "`muster budget show` says what it went to; `muster budget set` changes it");
        }
    }

    /// `; i3, i5 go on past it, for $0.16 per hour`.
    private static String goesOn(Doc budget, Doc cap) {
        List<Doc> past = budget.list("goes_on").stream()
                .filter(one -> one.text("scope").equals(cap.text("scope"))
                        && one.text("span").equals(cap.text("span")))
                .toList();
        if (past.isEmpty()) return "";
        double perHour = past.stream()
                .mapToDouble(one -> one.decimal("per_hour").orElse(0))
                .sum();
        return "; "
                + past.stream()
                        .map(one -> one.text("id") + " (" + one.text("why") + ")")
                        .limit(TOLD)
                        .collect(Collectors.joining(", "))
                + (past.size() > TOLD ? " and " + (past.size() - TOLD) + " more" : "")
                + (past.size() == 1 ? " goes" : " go") + " on past it, for " + InstanceText.amount(perHour)
                + " per hour: " + ScaleText.ends(budget);
    }

    private String sum(Instant now) {
        return InstanceText.sum(all, now);
    }
}
