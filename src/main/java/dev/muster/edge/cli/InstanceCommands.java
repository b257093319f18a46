package dev.muster.edge.cli;

import dev.muster.edge.view.Doc;
import dev.muster.edge.view.InstanceText;
import java.util.List;
import java.util.regex.Pattern;
import picocli.CommandLine.Model.CommandSpec;

/// `muster instance …`: machines that are rented by the hour.
final class InstanceCommands {
    static final String WORD = "as in i7, its node's name (vast-123), its label, or its provider's id";
    private static final Pattern ID = Pattern.compile("i\\d{1,18}");

    private InstanceCommands() {}

    static CommandSpec spec() {
        return Catalog.group(
                "instance",
                "Machines that are rented by the hour, from order to last bill.",
                Verb.of(
                                "list",
                                "List rented machines, and what providers list besides.",
                                args -> Show.answer(
                                        args,
                                        args.flag("--all") ? "/v1/instances?all=true" : "/v1/instances",
                                        InstanceText::list,
                                        Show.names("instances", "id")))
                        .flag("--all", "also those that ended lately")
                        .watchable()
                        .build(),
                InstanceCreate.spec(),
                Verb.of(
                                "show",
                                "Show everything about one: what it waits for, costs, and would take with it.",
                                args -> {
                                    String id =
                                            find(args, Settings.client(args)).text("id");
                                    return Show.answer(
                                            args,
                                            path(id),
                                            (doc, wide, now) -> InstanceText.show(doc, now),
                                            doc -> List.of(doc.get("instance").text("id")));
                                })
                        .word("INSTANCE", WORD)
                        .watchable()
                        .build(),
                Verb.of("start", "Have a stopped one run again, or keep one that drains.", InstanceCommands::start)
                        .word("INSTANCE", WORD)
                        .waiting("it runs")
                        .asking()
                        .order()
                        .build(),
                InstanceEnd.stop(),
                InstanceEnd.destroy(),
                InstanceReach.logs(),
                InstanceReach.ssh(),
                InstanceAdopt.spec());
    }

    private static int start(Args args) throws Failure {
        Client client = Settings.client(args);
        Doc one = find(args, client);
        String id = one.text("id");
        Doc detail = client.get(path(id)).doc();
        boolean drains = one.text("phase").equals("DRAINING");
        String plan = drains
                ? "Keep " + id + " (" + name(one)
                        + "): it drains, and is not let go; what it was told to save or end there is."
                : "Start " + id + " (" + name(one) + "): "
                        + InstanceText.amount(one.decimal("per_hour_running").orElse(0)) + " per hour instead of "
                        + InstanceText.amount(detail.decimal("per_hour_stopped").orElse(0)) + ".";
        Rentals.tryOut(args, client, path(id) + "/start", Doc.object());
        if (!Confirm.goesOn(args, plan)) return Exit.DONE;
        Client.Answer done = client.order("POST", path(id) + "/start", Words.why(args));
        Show.done(args, done, id + (drains ? " stays, and takes work again" : " is to run"));
        return InstanceWait.until(args, client, List.of(id), InstanceWait.Goal.RUNNING);
    }

    /// `2x RTX 3070 of vast:123`.
    static String name(Doc one) {
        String gear = InstanceText.gear(one);
        String rented = one.text("rented");
        return (gear.isEmpty() ? "no GPU" : gear) + " of " + one.text("provider")
                + (rented.isEmpty() ? "" : ":" + rented);
    }

    static String path(String id) {
        return "/v1/instances/" + Words.segment(id);
    }

    /// The machine that the first word names.
    ///
    /// @throws Failure when there is none, or more than one that is open
    static Doc find(Args args, Client client) throws Failure {
        String word = args.word();
        if (ID.matcher(word).matches()) return client.get(path(word)).doc().get("instance");
        List<Doc> all = client.get("/v1/instances?all=true").doc().list("instances");
        List<Doc> found = all.stream().filter(one -> is(one, word)).toList();
        List<Doc> open = found.stream().filter(one -> !one.has("ended_at")).toList();
        if (open.size() > 1)
            throw Failure.usage(
                    "expected one machine by the name of " + word + ", but found "
                            + String.join(
                                    ", ",
                                    open.stream().map(one -> one.text("id")).toList()),
                    "");
        if (!open.isEmpty()) return open.getFirst();
        if (!found.isEmpty()) return found.getLast();
        throw new Failure(
                Exit.NOT_FOUND,
                "NOT_FOUND",
                "no instance " + word,
                "`muster instance list` shows those there are, and what providers list besides");
    }

    private static boolean is(Doc one, String word) {
        return one.text("node").equals(word)
                || one.text("rented").equals(word)
                || one.text("label").equals(word)
                || (one.text("provider") + ":" + one.text("rented")).equals(word);
    }
}
