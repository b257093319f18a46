package dev.muster.edge.cli;

import dev.muster.edge.view.Doc;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.function.Function;

/// Asks, renders, prints; with `--watch` again and again.
final class Show {
    private static final Duration WATCH_MIN = Duration.ofSeconds(1);

    private Show() {}

    /// How an answer looks.
    interface Table {
        String render(Doc doc, boolean wide, Instant now);
    }

    /// @param path  what to ask for
    /// @param names for `-o name`
    static int answer(Args args, String path, Table table, Function<Doc, List<String>> names) throws Failure {
        Client client = Settings.client(args);
        Output output = args.output();
        if (!args.watches()) return once(args, client.get(path), output, table, names);
        Duration every = every(args);
        String before = "";
        do {
            String text = text(args, client.get(path), output, table, names);
            if (args.shell().colours()) args.shell().out().print("\u001b[H\u001b[2J" + text);
            else if (!text.equals(before)) args.shell().out().print(text);
            before = text;
        } while (!args.shell().deaf() && args.shell().pause().of(every));
        return Exit.DONE;
    }

    /// How often it is shown again.
    static Duration every(Args args) throws Failure {
        Duration every = args.seconds("--watch", Duration.ofSeconds(2));
        if (every.compareTo(WATCH_MIN) < 0)
            throw Failure.usage(
                    "--watch: expected 1s or more, but found \""
                            + args.text("--watch").orElse("") + "\"",
                    "");
        return every;
    }

    private static int once(
            Args args, Client.Answer answer, Output output, Table table, Function<Doc, List<String>> names) {
        warn(args.shell(), answer);
        args.shell().out().print(text(args, answer, output, table, names));
        return Exit.DONE;
    }

    private static String text(
            Args args, Client.Answer answer, Output output, Table table, Function<Doc, List<String>> names) {
        Instant now = args.shell().clock().instant();
        return output.render(answer.doc(), wide -> table.render(answer.doc(), wide, now), names);
    }

    /// A read-only answer may be old, and orders will fail: said before anything else.
    static void warn(Shell shell, Client.Answer answer) {
        if (answer.readOnly().isEmpty()) return;
        shell.err()
                .println("muster: read-only: " + answer.readOnly() + " (as of " + answer.header("Muster-As-Of") + ")");
        shell.err().flush();
    }

    /// The ids of a list's elements.
    static Function<Doc, List<String>> names(String list, String key) {
        return doc -> doc.list(list).stream().map(row -> row.text(key)).toList();
    }

    /// What an order did; nothing with `-o name`.
    static int done(Args args, Client.Answer answer, String sentence) throws Failure {
        args.shell().out().print(args.output().render(answer.doc(), wide -> sentence + "\n", doc -> List.of()));
        return Exit.DONE;
    }
}
