package dev.muster.edge.cli;

import dev.muster.edge.view.Doc;
import dev.muster.edge.view.DocText;
import dev.muster.edge.view.RunText;
import java.time.Duration;
import java.util.List;
import picocli.CommandLine.Model.CommandSpec;

/// `muster run list`, `show` and `stop`.
final class RunShow {
    static final Duration POLL = Duration.ofSeconds(1);

    private RunShow() {}

    static CommandSpec list() {
        return Verb.of(
                        "list",
                        "List training runs, the newest first.",
                        args -> Show.answer(
                                args,
                                Words.query(
                                        "/v1/runs",
                                        Words.parameter(
                                                "series", args.text("--series").orElse(""))),
                                RunText::list,
                                Show.names("runs", "id")))
                .option("--series", "NAME", "only of this series")
                .watchable()
                .build();
    }

    static CommandSpec show() {
        return Verb.of("show", "Show one run: its stages, machines, cost, curves; --watch until it is over.", args -> {
                    Client client = Settings.client(args);
                    if (args.watches()) return watch(args, client, args.word(), Show.every(args));
                    RunCurves curves = new RunCurves(client);
                    return Show.answer(
                            args,
                            path(args.word()),
                            (doc, wide, now) -> RunText.show(doc, now) + curves.of(doc),
                            doc -> List.of(doc.get("run").text("id")));
                })
                .word("RUN", "its id")
                .watchable()
                .build();
    }

    static CommandSpec stop() {
        return Verb.of(
                        "stop",
                        "Stop a run. What it has saved is kept, and it can be resumed.",
                        TrainingCommands.refusing(args -> {
                            String id = args.word();
                            Client client = Settings.client(args);
                            Doc run = client.get(path(id)).doc().get("run");
                            if (!run.text("status").equals("OPEN"))
                                throw new Failure(
                                        Exit.REFUSED,
                                        "CONFLICT",
                                        "expected " + id + " to be open, but it is " + run.text("status"),
                                        run.text("status").equals("SUCCEEDED")
                                                ? ""
                                                : "`muster run resume " + id + "` goes on with it");
                            if (!Confirm.goesOn(
                                    args, "Stop " + id + ": its stage " + run.text("stage") + " ends within its grace"))
                                return Exit.DONE;
                            Client.Answer done = client.order("POST", path(id) + "/stop", Words.why(args));
                            return Show.done(
                                    args, done, id + " stops; `muster run show " + id + "` shows how far it is");
                        }))
                .word("RUN", "its id")
                .asking()
                .order()
                .build();
    }

    /// On a terminal the whole of it with its curves, as `run show --watch` has it; else one line for each change, and the whole
    /// once it is over.
    ///
    /// @return 0 when it succeeded, 100 when it failed or a gate said no, 103 when it was stopped
    @SuppressWarnings("try") // the note only has to be taken back
    static int watch(Args args, Client client, String id, Duration every) throws Failure {
        Shell shell = args.shell();
        String before = "";
        boolean told = false;
        RunCurves curves = new RunCurves(client);
        boolean table = args.output() == Output.TABLE || args.output() == Output.WIDE;
        boolean drawn = table && shell.colours();
        try (Shell.Interruption note = shell.onInterrupt("\nmuster: detached; " + id + " goes on. `muster run show "
                + id + "` shows it, `muster run stop " + id + "` stops it")) {
            do {
                try {
                    Doc answer = client.get(path(id)).doc();
                    Doc run = answer.get("run");
                    boolean over = !run.text("status").equals("OPEN");
                    String line = drawn ? whole(args, answer, curves) : RunText.line(answer);
                    if (drawn) shell.out().print("\u001b[H\u001b[2J" + line);
                    else if (!line.equals(before)) shell.err().println(line);
                    shell.out().flush();
                    before = line;
                    told = false;
                    if (over && table && !drawn) shell.out().print(whole(args, answer, curves));
                    if (over) return ended(args, answer);
                } catch (Failure failure) {
                    if (!failure.code().equals("UNREACHABLE")) throw failure;
                    if (!told)
                        shell.err().println("muster: " + failure.getMessage() + "; trying again, the run goes on");
                    told = true;
                }
            } while (shell.pause().of(every));
        }
        throw new Failure(Exit.NOT_FINISHED, "NOT_FINISHED", id + " has not ended; it goes on", "");
    }

    private static String whole(Args args, Doc answer, RunCurves curves) {
        return RunText.show(answer, args.shell().clock().instant()) + curves.of(answer);
    }

    private static int ended(Args args, Doc answer) throws Failure {
        if (args.output() == Output.JSON) args.shell().out().print(DocText.json(answer));
        return switch (answer.get("run").text("status")) {
            case "SUCCEEDED" -> Exit.DONE;
            case "STOPPED" -> Exit.CANCELLED;
            default -> Exit.JOB_FAILED;
        };
    }

    static String path(String id) {
        return "/v1/runs/" + Words.segment(id);
    }
}
