package dev.muster.edge.cli;

import dev.muster.edge.view.Doc;
import java.time.Duration;
import java.util.List;
import picocli.CommandLine.Model.CommandSpec;

/// `muster job logs`: an attempt's stdout and stderr, as raw bytes.
final class JobLogs {
    private static final Duration POLL = Duration.ofMillis(500);
    private static final int PART = 256 << 10;

    private JobLogs() {}

    static CommandSpec spec() {
        return Verb.of("logs", "Print what a job wrote.", JobLogs::run)
                .word(
                        "JOB",
                        "a job (j7), one of its tasks (j7.0), an attempt (j7.0.1) or its member of rank 2 (j7.0.1.2)")
                .option("--rank", "RANK", "of a task on several nodes that member, 0 unless told")
                .flag("--follow,-f", "go on until the attempt has ended")
                .build();
    }

    private static int run(Args args) throws Failure {
        Client client = Settings.client(args);
        List<String> attempts = attempts(client, args.word(), args.number("--rank", 0));
        boolean follows = args.flag("--follow");
        if (follows && attempts.size() > 1) {
            throw Failure.usage(
                    args.word() + " has " + attempts.size() + " tasks, but only one can be followed",
                    "`muster job logs -f " + attempts.getFirst() + "` follows the first");
        }
        for (String attempt : attempts) {
            if (attempts.size() > 1) args.shell().out().println("==> " + attempt + " <==");
            print(args.shell(), client, attempt, follows);
        }
        return Exit.DONE;
    }

    private static void print(Shell shell, Client client, String attempt, boolean follows) throws Failure {
        long from = 0;
        while (!shell.deaf()) {
            Client.Answer part = client.get("/v1/attempts/" + attempt + "/logs?from=" + from + "&max=" + PART);
            shell.out().write(part.bytes(), 0, part.bytes().length);
            shell.out().flush();
            from = Long.parseLong(part.header("Muster-Log-Next"));
            boolean more = part.bytes().length > 0;
            if (part.header("Muster-Log-Ended").equals("true") || !more && !follows) return;
            if (!more && !shell.pause().of(POLL)) return;
        }
    }

    /// The newest attempt of each task, of several nodes that of the rank.
    private static List<String> attempts(Client client, String id, long rank) throws Failure {
        String member = rank == 0 ? "" : "." + rank;
        if (id.matches("j\\d+\\.\\d+\\.\\d+(\\.\\d+)?")) return List.of(id.split("\\.").length > 3 ? id : id + member);
        String job = id.contains(".") ? id.substring(0, id.indexOf('.')) : id;
        Doc found = client.get("/v1/jobs/" + Words.segment(job)).doc();
        long nodes = Math.max(1, found.get("spec").number("nodes"));
        if (rank < 0 || rank >= nodes)
            throw Failure.usage(
                    "expected a rank of 0 to " + (nodes - 1) + ", for " + job + " runs on "
                            + (nodes == 1 ? "one node" : nodes + " nodes") + ", but found " + rank,
                    "");
        List<Doc> tasks = found.list("tasks").stream()
                .filter(task -> id.equals(job) || task.text("id").equals(id))
                .toList();
        if (tasks.isEmpty())
            throw new Failure(
                    Exit.NOT_FOUND, "NOT_FOUND", "no task " + id, "`muster job show " + job + "` lists its tasks");
        List<String> started = tasks.stream()
                .filter(task -> task.number("attempts") > 0)
                .map(task -> task.text("id") + "." + task.text("attempts") + member)
                .toList();
        if (!started.isEmpty()) return started;
        throw new Failure(
                Exit.NOT_FINISHED,
                "NOT_STARTED",
                id + " has not started yet",
                "`muster job explain " + job + "` says why");
    }
}
