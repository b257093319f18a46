package dev.muster.edge.cli;

import dev.muster.edge.view.AlertText;
import dev.muster.edge.view.Doc;
import dev.muster.edge.view.DocText;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import picocli.CommandLine.Model.CommandSpec;

/// `muster alert …`: what is wrong, and who is told of it.
final class AlertCommands {
    private static final String ALERTS = "/v1/alerts";
    static final String POLICY = "/v1/alerts/policy";
    private static final String SILENCES = "/v1/alerts/silences";
    /// Longer than a channel may take.
    private static final Duration TEST_MAX = Duration.ofMinutes(1);

    private AlertCommands() {}

    static CommandSpec spec() {
        return Catalog.group(
                "alert",
                "What is wrong, and who is told of it.",
                Verb.of("list", "Show what is wrong, what is owed to channels, and silences.", AlertCommands::list)
                        .flag("--all", "also what is over")
                        .flag(
                                "--exit-code",
                                "1 with something that is a warning or not known, 3 with something critical")
                        .watchable()
                        .build(),
                Verb.of(
                                "show",
                                "Show one alert: each subject, and whether it was told.",
                                args -> Show.answer(
                                        args,
                                        path(args.word()),
                                        (doc, wide, now) -> AlertText.show(doc, now),
                                        doc -> List.of(doc.text("id"))))
                        .word("ALERT", "as in `alert list`: node-lost, run-failed/r7")
                        .watchable()
                        .build(),
                Verb.of(
                                "rules",
                                "Show what is watched, by which limits.",
                                args -> Show.answer(
                                        args,
                                        ALERTS + "/rules",
                                        (doc, wide, now) -> AlertText.rules(doc, wide),
                                        Show.names("rules", "rule")))
                        .build(),
                Verb.of(
                                "test",
                                "Give a test by each channel of the node that answers, and say what came of it.",
                                AlertCommands::test)
                        .option("--channel", "NAME", "only by this one")
                        .unasked()
                        .build(),
                Verb.of("silence", "Tell nobody of some alerts for a time.", AlertCommands::silence)
                        .word("PATTERN", "a rule, or RULE/SUBJECT, with * for any text: node-lost/gpu-*")
                        .option("--for", "TIME", "so long, as 2h; 30 days at most")
                        .order()
                        .unasked()
                        .build(),
                Verb.of("unsilence", "End a silence; what goes on is told then.", AlertCommands::unsilence)
                        .word("SILENCE", "its id, as in `alert list`")
                        .order()
                        .unasked()
                        .build(),
                Verb.of("policy", "Show when people are told of what, or change it.", AlertCommands::policy)
                        .option("--file,-f", "FILE", "change what stands in it; its changes are shown. - reads stdin")
                        .option("--preset", "NAME", "the same of one that comes with Muster: runbook")
                        .asking()
                        .order()
                        .build());
    }

    /// Slashes part the rule from its subject.
    private static String path(String alert) {
        int slash = alert.indexOf('/');
        return ALERTS + "/"
                + (slash < 0
                        ? Words.segment(alert)
                        : Words.segment(alert.substring(0, slash)) + "/" + Words.segment(alert.substring(slash + 1)));
    }

    private static int list(Args args) throws Failure {
        String path = args.flag("--all") ? ALERTS + "?all=true" : ALERTS;
        Show.Table table = (doc, wide, now) -> AlertText.list(doc, wide);
        if (args.watches() || !args.flag("--exit-code"))
            return Show.answer(args, path, table, Show.names("alerts", "id"));
        Client.Answer answer = Settings.client(args).get(path);
        Show.warn(args.shell(), answer);
        Doc view = answer.doc();
        args.shell()
                .out()
                .print(args.output().render(view, wide -> AlertText.list(view, wide), Show.names("alerts", "id")));
        return exit(view);
    }

    /// As `node check`; that nobody looks is no sign that all is well.
    private static int exit(Doc view) {
        Set<String> levels = view.list("alerts").stream()
                .filter(alert -> alert.number("open") > 0)
                .map(alert -> alert.text("level"))
                .collect(Collectors.toSet());
        if (levels.contains("critical")) return Exit.NOT_HEALTHY;
        return levels.isEmpty() && view.flag("led") ? Exit.DONE : Exit.ERROR;
    }

    private static int test(Args args) throws Failure {
        Doc body = args.text("--channel")
                .map(channel -> Doc.object().with("channel", channel))
                .orElse(Doc.object());
        // Asked twice, a channel would be tried twice.
        Doc answer = Settings.client(args).act(ALERTS + "/test", body, TEST_MAX).doc();
        args.shell()
                .out()
                .print(args.output().render(answer, wide -> AlertText.tests(answer), Show.names("channels", "name")));
        if (answer.list("channels").isEmpty())
            throw new Failure(
                    Exit.ERROR,
                    "NO_CHANNEL",
                    "expected a channel on " + answer.text("node") + ", but found none: nobody can be told",
                    "set SLACK_WEBHOOK_URL in the environment of each voter's agent, or write DATA/alerts.yaml there"
                            + " (docs/ALERTS.md)");
        return answer.list("channels").stream().allMatch(one -> one.flag("ok")) ? Exit.DONE : Exit.ERROR;
    }

    private static int silence(Args args) throws Failure {
        Duration time = args.duration("--for", Duration.ZERO);
        if (time.isZero())
            throw Failure.usage(
                    "expected --for TIME, but found none: a silence ends by itself",
                    "`muster alert silence " + args.word() + " --for 2h`");
        Doc body = Words.why(args)
                .with("pattern", args.word())
                .with("time", args.text("--for").orElse(""));
        Client.Answer answer = Settings.client(args).order("POST", SILENCES, body);
        String id = answer.doc().text("id");
        String sentence = id + ": nobody is told of " + args.word() + " until "
                + answer.doc().text("until") + "; `muster alert unsilence " + id + "` ends it\n";
        args.shell().out().print(args.output().render(answer.doc(), wide -> sentence, doc -> List.of(id)));
        return Exit.DONE;
    }

    private static int unsilence(Args args) throws Failure {
        Client.Answer done =
                Settings.client(args).order("DELETE", SILENCES + "/" + Words.segment(args.word()), Words.why(args));
        return Show.done(args, done, args.word() + " has ended");
    }

    private static int policy(Args args) throws Failure {
        if (args.text("--file").isPresent() && args.text("--preset").isPresent())
            throw Failure.usage("expected --file or --preset, but found both", "give one after the other");
        if (args.text("--file").isPresent() || args.text("--preset").isPresent()) return AlertPolicyChange.run(args);
        return Show.answer(
                args, POLICY, (doc, wide, now) -> DocText.yaml(AlertPolicyChange.plain(doc)), doc -> List.of());
    }
}
