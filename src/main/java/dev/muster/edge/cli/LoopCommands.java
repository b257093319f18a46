package dev.muster.edge.cli;

import dev.muster.edge.view.Doc;
import dev.muster.edge.view.ModelText;
import java.util.List;
import picocli.CommandLine.Model.CommandSpec;

/// `muster loop …`.
final class LoopCommands {
    private LoopCommands() {}

    static CommandSpec spec() {
        return Catalog.group(
                "loop",
                "Selfplay, train, evaluate, promote, distribute, repeat.",
                Verb.of(
                                "list",
                                "List loops.",
                                args -> Show.answer(
                                        args,
                                        "/v1/loops",
                                        (doc, wide, now) -> ModelText.loops(doc, now),
                                        Show.names("loops", "config")))
                        .watchable()
                        .build(),
                Verb.of(
                                "show",
                                "Show one loop and its generations.",
                                args -> Show.answer(
                                        args,
                                        path(args.word()),
                                        (doc, wide, now) -> ModelText.loop(doc, now),
                                        doc -> List.of(doc.get("loop").text("config"))))
                        .word("CONFIG", "a config key")
                        .watchable()
                        .build(),
                Verb.of("start", "Start, restart or change a loop.", LoopCommands::start)
                        .option("-f,--file", "FILE", "the loop, in YAML or JSON; - reads stdin")
                        .order()
                        .build(),
                Verb.of("stop", "Submit nothing more; a running job goes on.", args -> {
                            Client.Answer done =
                                    Settings.client(args).order("POST", path(args.word()) + "/stop", Words.why(args));
                            return Show.done(args, done, "the loop of " + args.word() + " is stopped");
                        })
                        .word("CONFIG", "a config key")
                        .unasked()
                        .order()
                        .build());
    }

    private static int start(Args args) throws Failure {
        String file = args.text("--file")
                .orElseThrow(() -> Failure.usage("expected -f FILE, the loop to start", "docs/OPERATING.md shows one"));
        Doc loop = Written.read(file, args.shell());
        if (!loop.has("config"))
            throw Failure.usage(file + ": expected the key config, as in `config: hex8_2p`, but found none", "");
        String config = loop.text("config");
        Doc body = args.text("--why").map(why -> loop.with("why", why)).orElse(loop);
        Client.Answer done = Settings.client(args).order("PUT", path(config), body);
        return Show.done(
                args, done, "the loop of " + config + " runs; `muster loop show " + config + "` shows where it is");
    }

    private static String path(String config) {
        return "/v1/loops/" + Words.segment(config);
    }
}
