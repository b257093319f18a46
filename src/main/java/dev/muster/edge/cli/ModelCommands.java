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
        String sha = args.words().get(1);
        Client client = Settings.client(args);
        String plan = "Promote " + sha + ": every node of " + args.word() + " switches to it once it holds the file.";
        if (!Confirm.goesOn(args, plan)) return Exit.DONE;
        Client.Answer done =
                client.order("POST", path(args) + "/promote", Words.why(args).with("sha", sha));
        return Show.done(
                args,
                done,
                args.word() + " points at " + sha + "; `muster model show " + args.word() + "` shows its way");
    }

    private static int rollback(Args args) throws Failure {
        Client client = Settings.client(args);
        Doc model = client.get(path(args)).doc();
        String current = model.get("model").text("sha");
        String target = args.text("--to")
                .orElseGet(() -> model.list("history").stream()
                        .map(version -> version.text("sha"))
                        .filter(sha -> !sha.equals(current))
                        .findFirst()
                        .orElse("an earlier file"));
        String plan = "Roll " + args.word() + " back from " + brief(current) + " to " + brief(target) + ".";
        if (!Confirm.goesOn(args, plan)) return Exit.DONE;
        Doc body = args.text("--to").map(to -> Words.why(args).with("to", to)).orElse(Words.why(args));
        Client.Answer done = client.order("POST", path(args) + "/rollback", body);
        return Show.done(args, done, args.word() + " is rolled back to " + brief(target));
    }

    private static String brief(String sha) {
        return sha.length() == 64 ? sha.substring(0, 12) : sha;
    }

    private static String path(Args args) {
        return "/v1/models/" + Words.segment(args.word());
    }
}
