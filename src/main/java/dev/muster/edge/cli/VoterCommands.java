package dev.muster.edge.cli;

import dev.muster.edge.view.Doc;
import dev.muster.edge.view.NodeText;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Collectors;
import picocli.CommandLine.Model.CommandSpec;

/// `muster voter …`.
final class VoterCommands {
    private VoterCommands() {}

    static CommandSpec spec() {
        return Catalog.group(
                "voter",
                "Nodes that keep the cluster's state and elect its leader.",
                Verb.of(
                                "list",
                                "List voters, whether they are a majority, and what each of them lacks.",
                                VoterCommands::list)
                        .watchable()
                        .build(),
                Verb.of("add", "Let a node vote.", VoterCommands::add)
                        .word("NODE", "its name")
                        .unasked()
                        .flag("--dry-run", "say what would become of the quorum, and do nothing")
                        .order()
                        .build(),
                Verb.of("remove", "Let a node vote no more.", VoterCommands::remove)
                        .word("NODE", "its name")
                        .asking()
                        .order()
                        .build());
    }

    private static int list(Args args) throws Failure {
        if (args.watches()) return Show.answer(args, "/v1/voters", (doc, wide, now) -> NodeText.voters(doc), names());
        Client.Answer answer = Settings.client(args).get("/v1/voters");
        args.shell().out().print(args.output().render(answer.doc(), wide -> NodeText.voters(answer.doc()), names()));
        return answer.doc().flag("quorum_ok") ? Exit.DONE : Exit.NOT_HEALTHY;
    }

    private static Function<Doc, List<String>> names() {
        return Show.names("voters", "id");
    }

    private static int add(Args args) throws Failure {
        Client.Answer done = Settings.client(args).order("PUT", path(args) + dry(args.dryRun()), Words.why(args));
        for (Doc warning : done.doc().list("warnings")) args.shell().err().println("muster: " + warning.text());
        String order = args.dryRun()
                ? args.word() + " would vote: "
                : args.word() + " will vote; `muster voter list` shows when it does: ";
        return Show.done(args, done, order + quorum(done.doc()) + behind(done.doc()));
    }

    private static int remove(Args args) throws Failure {
        Client client = Settings.client(args);
        // Asked first, so that what is refused is not asked about.
        Doc plan = client.order("DELETE", path(args) + dry(true), Doc.object()).doc();
        String text = "Remove the voter " + args.word() + ": " + quorum(plan) + behind(plan) + ".";
        if (!Confirm.goesOn(args, text)) return Exit.DONE;
        return Show.done(
                args,
                client.order("DELETE", path(args), Words.why(args)),
                args.word() + " will vote no more: " + quorum(plan));
    }

    private static String path(Args args) {
        return "/v1/voters/" + Words.segment(args.word());
    }

    private static String dry(boolean run) {
        return run ? "?dry_run=true" : "";
    }

    private static String quorum(Doc change) {
        int voters = change.list("voters").size();
        return voters + (voters == 1 ? " voter, of which " : " voters, of which ") + change.number("quorum")
                + " must be alive and " + change.number("alive") + (change.number("alive") == 1 ? " is" : " are")
                + "; the cluster survives the loss of " + change.number("survives");
    }

    private static String behind(Doc change) {
        List<Doc> first = change.list("under_way");
        return first.isEmpty()
                ? ""
                : "; it waits until the change of "
                        + first.stream().map(Doc::text).collect(Collectors.joining(", ")) + " is done";
    }
}
