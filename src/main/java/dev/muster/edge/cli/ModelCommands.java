package dev.muster.edge.cli;

import dev.muster.edge.view.Doc;
import dev.muster.edge.view.ModelText;
import java.util.List;
import picocli.CommandLine.Model.CommandSpec;

/// `muster model …` and `muster rating …`.
final class ModelCommands {
    private ModelCommands() {}

    static CommandSpec model() {
        return Catalog.group(
                "model",
                "The model each config key plays with.",
                Verb.of(
                                "list",
                                "List current models, and how far those are that are still on their way.",
                                ModelFiles::list)
                        .watchable()
                        .build(),
                Verb.of(
                                "show",
                                "Show one model and who holds it.",
                                args -> Show.answer(
                                        args,
                                        path(args),
                                        (doc, wide, now) -> ModelText.model(doc, now),
                                        ModelCommands::sha))
                        .word("CONFIG", "a config key, as in hex8_2p")
                        .watchable()
                        .build(),
                Verb.of("history", "List everything the pointer has pointed at.", ModelCommands::history)
                        .word("CONFIG", "a config key")
                        .build(),
                Verb.of("promote", "Point a config key at a file.", ModelCommands::promote)
                        .word("CONFIG", "a config key")
                        .word("SHA", "the file, or the first eight digits of its SHA-256")
                        .asking()
                        .order()
                        .build(),
                Verb.of("rollback", "Point a config key back at an earlier file.", ModelCommands::rollback)
                        .word("CONFIG", "a config key")
                        .option("--to", "SHA", "that file; the newest earlier one unless told")
                        .asking()
                        .order()
                        .build(),
                ModelDistribute.spec(),
                ModelFiles.verify(),
                ModelFiles.link());
    }

    static CommandSpec rating() {
        return Catalog.group(
                "rating",
                "How strong players are, computed from the counted games.",
                Verb.of(
                                "list",
                                "List ratings.",
                                args -> Show.answer(
                                        args,
                                        Words.query(
                                                "/v1/ratings",
                                                Words.parameter(
                                                        "config",
                                                        args.text("--config").orElse(""))),
                                        (doc, wide, now) -> ModelText.ratings(doc),
                                        Show.names("ratings", "player")))
                        .option("--config", "CONFIG", "only of this config key")
                        .watchable()
                        .build(),
                Verb.of(
                                "show",
                                "Show one config key's ratings and games.",
                                args -> Show.answer(
                                        args,
                                        Words.query("/v1/ratings", Words.parameter("config", args.word())),
                                        (doc, wide, now) -> ModelText.rating(doc),
                                        Show.names("ratings", "player")))
                        .word("CONFIG", "a config key")
                        .watchable()
                        .build());
    }

    /// A key that is still being learned has no history yet, which is no error.
    private static int history(Args args) throws Failure {
        try {
            return Show.answer(
                    args, path(args), (doc, wide, now) -> ModelText.history(doc, now), Show.names("history", "sha"));
        } catch (Failure none) {
            if (!none.code().equals("NOT_FOUND") || !learns(args)) throw none;
            Doc empty = Doc.object().with("history", Doc.of(List.of()));
            String sentence = "no model of " + args.word() + " has been promoted yet\n";
            args.shell().out().print(args.output().render(empty, wide -> sentence, doc -> List.of()));
            return Exit.DONE;
        }
    }

    private static boolean learns(Args args) throws Failure {
        try {
            return Settings.client(args)
                    .get("/v1/loops/" + Words.segment(args.word()))
                    .doc()
                    .has("loop");
        } catch (Failure failure) {
            if (failure.code().equals("NOT_FOUND")) return false;
            throw failure;
        }
    }

    private static List<String> sha(Doc answer) {
        return List.of(answer.get("model").text("sha"));
    }

    private static int promote(Args args) throws Failure {
        Doc order = Words.why(args).with("sha", args.words().get(1));
        String done = args.word() + " points at %s; `muster model show " + args.word() + "` shows its way";
        return move(args, "promote", order, "sha", done);
    }

    private static int rollback(Args args) throws Failure {
        Doc why = Words.why(args);
        Doc order = args.text("--to").map(to -> why.with("to", to)).orElse(why);
        return move(args, "rollback", order, "to", args.word() + " is rolled back to %s");
    }

    /// A node looks what the order would do; what a person then agrees to is what is ordered, and nothing else.
    ///
    /// @param key  where the order names the file
    /// @param done what to say afterwards, with a blank for the file
    private static int move(Args args, String verb, Doc order, String key, String done) throws Failure {
        Client client = Settings.client(args);
        String path = path(args) + "/" + verb;
        if (args.text("--request-id").isPresent() && !args.dryRun()) return again(args, client, path, order);
        Doc move = client.check(path + "/check", order).doc();
        if (!Confirm.goesOn(args, plan(verb, move))) return Exit.DONE;
        Doc exact = order.with(key, move.text("to"));
        if (move.has("from")) exact = exact.with("expected", move.text("from"));
        return Show.done(args, client.order("POST", path, exact), done.formatted(brief(move.text("to"))));
    }

    /// Perhaps it was applied already, and then what it would do now is not what it did.
    private static int again(Args args, Client client, String path, Doc order) throws Failure {
        String id = args.text("--request-id").orElse("");
        if (!Confirm.goesOn(args, "Give the order with request id " + id + ", which is applied once."))
            return Exit.DONE;
        String done = "done; `muster model show " + args.word() + "` shows where " + args.word() + " points";
        return Show.done(args, client.order("POST", path, order), done);
    }

    private static String plan(String verb, Doc move) {
        String config = move.text("config");
        String to = brief(move.text("to"));
        if (move.text("from").equals(move.text("to"))) return config + " points at " + to + " already.";
        String held = "; " + move.text("holders") + " of " + move.text("targets") + " nodes hold it.";
        if (verb.equals("rollback"))
            return "Roll " + config + " back from " + brief(move.text("from")) + " to " + to + held;
        return "Promote " + to + (move.has("from") ? " instead of " + brief(move.text("from")) : "")
                + ": every node of " + config + " switches to it once it holds the file" + held;
    }

    private static String brief(String sha) {
        return sha.length() == 64 ? sha.substring(0, 12) : sha;
    }

    private static String path(Args args) throws Failure {
        return "/v1/models/" + Words.config(args.word());
    }
}
