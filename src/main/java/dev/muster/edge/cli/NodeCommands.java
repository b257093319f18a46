package dev.muster.edge.cli;

import dev.muster.edge.view.Doc;
import dev.muster.edge.view.NodeText;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Function;
import picocli.CommandLine.Model.CommandSpec;

/// `muster node …` and `muster voter …`.
final class NodeCommands {
    private NodeCommands() {}

    static CommandSpec node() {
        return Catalog.group(
                "node",
                "Machines of the cluster.",
                Verb.of(
                                "list",
                                "List nodes.",
                                args -> args.text("--file").isPresent()
                                        ? HostCommands.list(
                                                args, args.text("--file").get())
                                        : Show.answer(
                                                args,
                                                "/v1/nodes",
                                                (doc, wide, now) -> NodeText.list(doc, wide),
                                                Show.names("nodes", "id")))
                        .option("-f,--file", "FILE", "list a file of hosts instead, without a cluster; - reads stdin")
                        .watchable()
                        .build(),
                Verb.of(
                                "show",
                                "Show one node and what it runs.",
                                args -> Show.answer(
                                        args,
                                        "/v1/nodes/" + Words.segment(args.word()),
                                        (doc, wide, now) -> NodeText.show(doc, now),
                                        doc -> List.of(doc.get("node").text("id"))))
                        .word("NODE", "its name")
                        .watchable()
                        .build(),
                NodeCheck.spec(host -> Optional.empty()),
                simple("drain", "No new work there; what runs finishes.", "takes no new work"),
                simple("undrain", "Back to work.", "is back at work"),
                Verb.of("retire", "Out of service until unretired.", NodeCommands::retire)
                        .word("NODE", "its name")
                        .asking()
                        .order()
                        .build(),
                simple("unretire", "Back into service.", "is back in service"),
                Verb.of("remove", "Forget a node; what it ran is replaced.", NodeCommands::remove)
                        .word("NODE", "its name")
                        .asking()
                        .order()
                        .build());
    }

    static CommandSpec voter() {
        return Catalog.group(
                "voter",
                "Nodes that keep the cluster's state and elect its leader.",
                Verb.of("list", "List voters, and whether they are a majority.", NodeCommands::voters)
                        .watchable()
                        .build(),
                Verb.of("add", "Let a node vote.", args -> {
                            Client.Answer done = Settings.client(args)
                                    .order("PUT", "/v1/voters/" + Words.segment(args.word()), Words.why(args));
                            if (done.doc().has("warning"))
                                args.shell()
                                        .err()
                                        .println("muster: " + done.doc().text("warning"));
                            return Show.done(
                                    args, done, args.word() + " will vote; `muster voter list` shows when it does");
                        })
                        .word("NODE", "its name")
                        .order()
                        .build(),
                Verb.of("remove", "Let a node vote no more.", NodeCommands::removeVoter)
                        .word("NODE", "its name")
                        .asking()
                        .order()
                        .build());
    }

    private static CommandSpec simple(String verb, String summary, String result) {
        return Verb.of(verb, summary, args -> {
                    Client.Answer done = Settings.client(args).order("POST", path(args) + "/" + verb, Words.why(args));
                    return Show.done(args, done, args.word() + " " + result);
                })
                .word("NODE", "its name")
                .unasked()
                .order()
                .build();
    }

    private static int retire(Args args) throws Failure {
        Client client = Settings.client(args);
        Doc node = client.get(path(args)).doc().get("node");
        String plan = "Retire " + node.text("id") + ": it takes no work and is not missed when it is silent, until"
                + " `muster node unretire " + node.text("id") + "`."
                + attempts(node, "; the order is refused until they have ended");
        if (!Confirm.goesOn(args, plan)) return Exit.DONE;
        return Show.done(
                args, client.order("POST", path(args) + "/retire", Words.why(args)), args.word() + " is retired");
    }

    private static int remove(Args args) throws Failure {
        Client client = Settings.client(args);
        Doc node = client.get(path(args)).doc().get("node");
        String plan = "Remove " + node.text("id") + " (" + node.text("life").toLowerCase(Locale.ROOT)
                + "): the cluster forgets it and" + " every copy of a file it holds."
                + attempts(node, ", which are lost and placed again elsewhere");
        if (!Confirm.goesOn(args, plan)) return Exit.DONE;
        return Show.done(args, client.order("DELETE", path(args), Words.why(args)), args.word() + " is removed");
    }

    private static String attempts(Doc node, String consequence) {
        long jobs = node.number("jobs");
        return jobs == 0 ? "" : " It holds " + jobs + (jobs == 1 ? " attempt" : " attempts") + consequence + ".";
    }

    private static int voters(Args args) throws Failure {
        if (args.watches()) return Show.answer(args, "/v1/voters", (doc, wide, now) -> NodeText.voters(doc), names());
        Client.Answer answer = Settings.client(args).get("/v1/voters");
        args.shell().out().print(args.output().render(answer.doc(), wide -> NodeText.voters(answer.doc()), names()));
        return answer.doc().flag("quorum_ok") ? Exit.DONE : Exit.NOT_HEALTHY;
    }

    private static Function<Doc, List<String>> names() {
        return Show.names("voters", "id");
    }

    private static int removeVoter(Args args) throws Failure {
        Client client = Settings.client(args);
        Doc voters = client.get("/v1/voters").doc();
        long left = voters.list("voters").stream()
                        .filter(voter -> voter.flag("wanted"))
                        .count()
                - 1;
        String plan = "Remove the voter " + args.word() + ": " + left + " are left, of which " + (left / 2 + 1)
                + " must be alive; the cluster survives the loss of " + Math.max(0, left - (left / 2 + 1)) + ".";
        if (!Confirm.goesOn(args, plan)) return Exit.DONE;
        Client.Answer done = client.order("DELETE", "/v1/voters/" + Words.segment(args.word()), Words.why(args));
        return Show.done(args, done, args.word() + " will vote no more");
    }

    private static String path(Args args) {
        return "/v1/nodes/" + Words.segment(args.word());
    }
}
