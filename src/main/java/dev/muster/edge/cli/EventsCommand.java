package dev.muster.edge.cli;

import dev.muster.edge.view.Doc;
import dev.muster.edge.view.DocText;
import dev.muster.edge.view.EventText;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import picocli.CommandLine.Model.CommandSpec;

/// `muster events`: what happened; with `--follow` what happens, across restarts of nodes.
final class EventsCommand {
    private static final Duration RECONNECT = Duration.ofSeconds(1);
    /// The server says something at least every 15 s.
    private static final Duration SILENCE = Duration.ofSeconds(40);

    private EventsCommand() {}

    static CommandSpec spec() {
        return Verb.of("events", "Show what happened in the cluster, oldest first.", EventsCommand::run)
                .flag("--follow,-f", "go on with what happens from now on")
                .option("--type", "NAMES", "only these events, comma-separated; TASK_* takes all that begin so")
                .option("--since", "TIME", "only from then on: so long ago, as 2h, or a time, as 2026-01-31T12:00:00Z")
                .option(
                        "--within",
                        "KIND/NAME",
                        "only about it, as run/t3, with its jobs and machines; also node, job,"
                                + " model, loop, instance, group, artifact, alert")
                .option("--by", "WHO", "only what that person or node did")
                .option("--after", "REVISION", "only later ones")
                .option("--limit", "COUNT", "the newest so many, 100 unless told")
                .build();
    }

    private static int run(Args args) throws Failure {
        Client client = Settings.client(args);
        Output output = args.output();
        String path = Words.query(
                "/v1/events",
                Words.parameter("after", args.text("--after").orElse("")),
                Words.parameter("limit", args.text("--limit").orElse("")),
                Words.parameter("since", args.text("--since").orElse("")),
                Words.parameter("type", args.text("--type").orElse("")),
                Words.parameter("within", args.text("--within").orElse("")),
                Words.parameter("by", args.text("--by").orElse("")));
        Client.Answer answer = client.get(path);
        Show.warn(args.shell(), answer);
        if (!args.flag("--follow")) {
            args.shell()
                    .out()
                    .print(output.render(
                            answer.doc(), wide -> EventText.list(answer.doc()), Show.names("events", "revision")));
            return Exit.DONE;
        }
        for (Doc event : answer.doc().list("events")) args.shell().out().print(line(output, event));
        return follow(args, client, output, answer.doc().number("revision"));
    }

    private static int follow(Args args, Client client, Output output, long from) throws Failure {
        String path = Words.query(
                "/v1/events",
                Words.parameter("type", args.text("--type").orElse("")),
                Words.parameter("within", args.text("--within").orElse("")),
                Words.parameter("by", args.text("--by").orElse("")));
        long revision = from;
        boolean told = false;
        do {
            List<String> headers = List.of("Accept: text/event-stream", "Last-Event-ID: " + revision);
            try (Http.Exchange stream = client.stream(path, headers)) {
                stream.patience(SILENCE);
                told = false;
                revision = read(args.shell(), stream, output, revision);
            } catch (IOException e) {
                if (!told)
                    args.shell().err().println("muster: the stream broke (" + Client.reason(e) + "); trying again");
                told = true;
            }
        } while (!args.shell().deaf() && args.shell().pause().of(RECONNECT));
        return Exit.DONE;
    }

    /// Until the stream ends or our reader has gone.
    private static long read(Shell shell, Http.Exchange stream, Output output, long from) throws IOException {
        BufferedReader reader = new BufferedReader(new InputStreamReader(stream.body(), StandardCharsets.UTF_8));
        long revision = from;
        for (String line = reader.readLine(); line != null; line = reader.readLine()) {
            if (!line.startsWith("data: ")) continue;
            Doc event = Doc.json(line.substring("data: ".length()).getBytes(StandardCharsets.UTF_8));
            revision = Math.max(revision, event.number("revision"));
            shell.out().print(line(output, event));
            if (shell.deaf()) return revision;
        }
        return revision;
    }

    private static String line(Output output, Doc event) {
        return switch (output) {
            case TABLE, WIDE -> EventText.line(event);
            case JSON -> DocText.compact(event) + "\n";
            case YAML -> "---\n" + DocText.yaml(event);
            case NAME -> event.text("revision") + "\n";
        };
    }
}
