package dev.muster.edge.cli;

import dev.muster.core.state.Bytes;
import dev.muster.edge.view.Doc;
import dev.muster.edge.view.DocText;
import dev.muster.edge.view.JobText;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import picocli.CommandLine.Model.CommandSpec;

/// `muster job run`: submits a job, and with `--wait` stays until it has ended.
final class JobRun {
    private static final Duration POLL = Duration.ofMillis(500);

    private JobRun() {}

    static CommandSpec spec() {
        return Verb.of("run", "Run a command on the cluster.", Set.of("--node", "--timeout"), JobRun::run)
                .option("-f,--file", "FILE", "the job in YAML or JSON; options go over it; - reads stdin")
                .option("--name", "NAME", "for people; the program's name unless told")
                .option("--kind", "KIND", "selfplay, training, evaluation or other")
                .option("--config", "CONFIG", "config key it works for")
                .option("--tasks", "COUNT", "so many replicas")
                .option("--nodes", "COUNT", "each task runs on so many nodes at once, all or nothing; 1 unless told")
                .option("--cpus", "CPUS", "cores per task, 1 unless told")
                .option("--memory", "SIZE", "memory per task, as in 4GiB")
                .option("--gpus", "COUNT", "GPUs per task")
                .option("--gpu-memory", "SIZE", "needed on each GPU")
                .option("--priority", "0-100", "higher first, 50 unless told")
                .option("--max-attempts", "COUNT", "tries per task, 3 unless told")
                .option("--timeout", "TIME", "longest run of one attempt")
                .option("--grace", "TIME", "from SIGTERM to SIGKILL, 1m unless told")
                .options("--env,-e", "NAME=VALUE", "an environment variable")
                .options("--input", "SHA:PATH", "a file laid at PATH before the start")
                .options("--output", "PATH", "a file kept when the command ends well")
                .options(
                        "--sync",
                        "PATTERN",
                        "files saved while it runs, as in 'games/*.jsonl'; the next attempt finds them")
                .option("--sync-every", "TIME", "from one save to the next, 1m unless told")
                .option("--matches", "PATH", "a file of match results to be counted")
                .option("--node", "NODE", "run there and nowhere else")
                .flag("--wait", "stay until the job has ended; exit 100 when it failed, 103 when it was cancelled")
                .option("--timeout-wait", "TIME", "with --wait: give up waiting then, exit 101")
                .flag("--dry-run", "let a node check the job, print it, and submit nothing")
                .order()
                .words("COMMAND", "0..*", "program and arguments, after --")
                .stopsAtFirstWord()
                .build();
    }

    private static int run(Args args) throws Failure {
        Doc job = job(args);
        if (args.dryRun()) return dryRun(args, job);
        Duration patience = args.duration("--timeout-wait", Duration.ofDays(365));
        Client client = Settings.client(args);
        Doc done = client.order("POST", "/v1/jobs", job).doc();
        String id = done.text("job");
        boolean placeable = done.flag("placeable");
        boolean waits = args.flag("--wait") && placeable;
        if (!waits || args.output() != Output.JSON) {
            args.shell().out().print(args.output().render(done, wide -> id + " is submitted\n", answer -> List.of(id)));
            args.shell().out().flush();
        }
        if (!placeable) {
            args.shell()
                    .err()
                    .println("muster: no node can ever run " + id + " as it is: " + done.text("why_not")
                            + "\n  it waits for a node that can; `muster job stop " + id + "` takes it back");
            return Exit.NOT_HEALTHY;
        }
        return waits ? await(args, client, id, patience) : Exit.DONE;
    }

    /// The node reads and checks the job as it would on submission.
    private static int dryRun(Args args, Doc job) throws Failure {
        Doc checked = Settings.client(args).check("/v1/jobs/check", job).doc();
        args.shell().out().print(args.output() == Output.JSON ? DocText.json(job) : DocText.yaml(job));
        args.shell().out().flush();
        if (checked.flag("placeable")) return Exit.DONE;
        args.shell().err().println("muster: no node can ever run this job as it is: " + checked.text("why_not"));
        return Exit.NOT_HEALTHY;
    }

    @SuppressWarnings("try") // the note only has to be taken back
    private static int await(Args args, Client client, String id, Duration patience) throws Failure {
        Shell shell = args.shell();
        Instant end = shell.clock().instant().plus(patience);
        String before = "";
        boolean told = false;
        try (Shell.Interruption note = shell.onInterrupt("\nmuster: detached; " + id + " goes on. `muster job show "
                + id + "` shows it, `muster job stop " + id + "` stops it")) {
            do {
                try {
                    Doc job = client.get("/v1/jobs/" + id).doc();
                    String progress = JobText.progress(job.get("job"));
                    if (!progress.equals(before)) shell.err().println(progress);
                    before = progress;
                    told = false;
                    if (!job.get("job").text("status").equals("OPEN")) return ended(args, job);
                } catch (Failure failure) {
                    if (!failure.code().equals("UNREACHABLE")) throw failure;
                    if (!told)
                        shell.err().println("muster: " + failure.getMessage() + "; trying again, the job goes on");
                    told = true;
                }
            } while (shell.clock().instant().isBefore(end) && shell.pause().of(POLL));
        }
        throw new Failure(
                Exit.NOT_FINISHED,
                "NOT_FINISHED",
                id + " has not ended in time; it goes on",
                "`muster job show " + id + "` shows it");
    }

    private static int ended(Args args, Doc job) throws Failure {
        if (args.output() == Output.JSON) args.shell().out().print(DocText.json(job));
        return switch (job.get("job").text("status")) {
            case "SUCCEEDED" -> Exit.DONE;
            case "CANCELLED" -> Exit.CANCELLED;
            default -> {
                tellWhy(args, job);
                yield Exit.JOB_FAILED;
            }
        };
    }

    /// Of the first tasks that failed; a job of thousands has one reason more often than many.
    private static void tellWhy(Args args, Doc job) {
        job.list("tasks").stream()
                .filter(task -> task.text("status").equals("FAILED"))
                .limit(3)
                .forEach(task ->
                        args.shell().err().println("muster: " + task.text("id") + " failed: " + task.text("note")));
    }

    // ---- what was written, as the API takes it

    private static Doc job(Args args) throws Failure {
        Doc job = args.text("--file").isPresent()
                ? Written.job(
                        args.text("--file").get(), args.shell(), args.words().isEmpty())
                : Doc.object();
        for (String key : List.of("name", "kind", "config", "grace", "matches"))
            job = with(job, key, args.text("--" + key));
        job = with(job, "timeout", args.own("--timeout"));
        job = with(job, "node", node(args));
        job = with(job, "why", args.text("--why"));
        job = number(job, "tasks", args, "--tasks");
        job = number(job, "nodes", args, "--nodes");
        job = number(job, "priority", args, "--priority");
        job = number(job, "max_attempts", args, "--max-attempts");
        job = resources(job, args);
        job = env(job, args.all("--env"));
        for (String input : args.all("--input"))
            job = job.with("inputs", job.get("inputs").plus(input(input)));
        for (String path : args.all("--output")) {
            Doc output = Doc.object().with("path", path).with("required", true);
            job = job.with("outputs", job.get("outputs").plus(output));
        }
        job = sync(job, args);
        if (!args.words().isEmpty()) job = job.with("command", Doc.of(args.words()));
        if (!job.has("command")) {
            throw Failure.usage(
                    "expected a command, but found none", "muster job run --name NAME -- PROGRAM ARGUMENT…");
        }
        return job;
    }

    private static Doc with(Doc job, String key, Optional<String> value) {
        return value.map(text -> job.with(key, text)).orElse(job);
    }

    private static Doc number(Doc job, String key, Args args, String option) throws Failure {
        return args.text(option).isPresent() ? job.with(key, args.number(option, 0)) : job;
    }

    private static Optional<String> node(Args args) throws Failure {
        Optional<String> node = args.own("--node");
        if (node.isEmpty() || !Settings.isUrl(node.get())) return node;
        throw Failure.usage(
                "expected --node to name the node that is to run the job, but found \"" + node.get() + "\"",
                "to choose whom to ask write --api, or --node before the word job");
    }

    private static Doc resources(Doc job, Args args) throws Failure {
        Doc needs = job.get("resources");
        if (args.text("--cpus").isPresent())
            needs = needs.with("cpu_millis", millis(args.text("--cpus").get()));
        if (args.text("--memory").isPresent())
            needs = needs.with("memory", bytes("--memory", args.text("--memory").get()));
        if (args.text("--gpus").isPresent()) needs = needs.with("gpus", args.number("--gpus", 0));
        if (args.text("--gpu-memory").isPresent()) {
            needs = needs.with(
                    "gpu_memory",
                    bytes("--gpu-memory", args.text("--gpu-memory").get()));
        }
        return needs.isSomething() ? job.with("resources", needs) : job;
    }

    private static long millis(String cpus) throws Failure {
        try {
            long millis = Math.round(Double.parseDouble(cpus) * 1000);
            if (millis < 0 || millis > Integer.MAX_VALUE) throw new NumberFormatException(cpus);
            return millis;
        } catch (NumberFormatException e) {
            throw Failure.usage("expected --cpus to be cores, as in 2 or 0.5, but found \"" + cpus + "\"", "");
        }
    }

    private static long bytes(String option, String text) throws Failure {
        try {
            return Bytes.parse(text).count();
        } catch (IllegalArgumentException e) {
            throw Failure.usage(option + ": " + e.getMessage(), "");
        }
    }

    private static Doc env(Doc job, List<String> written) throws Failure {
        Doc env = job.get("env");
        for (String variable : written) {
            int equals = variable.indexOf('=');
            if (equals < 1) throw Failure.usage("expected --env NAME=VALUE, but found \"" + variable + "\"", "");
            env = env.with(variable.substring(0, equals), variable.substring(equals + 1));
        }
        return env.isSomething() ? job.with("env", env) : job;
    }

    private static Doc sync(Doc job, Args args) throws Failure {
        Doc sync = job.get("sync");
        List<String> patterns = new ArrayList<>();
        sync.list("paths").forEach(path -> patterns.add(path.text()));
        patterns.addAll(args.all("--sync"));
        if (!patterns.isEmpty()) sync = sync.with("paths", Doc.of(patterns));
        Optional<String> every = args.text("--sync-every");
        if (every.isPresent() && !sync.has("paths"))
            throw Failure.usage("expected --sync beside --sync-every, but found none", "--sync 'games/*.jsonl'");
        if (every.isPresent()) sync = sync.with("every", every.get());
        return sync.isSomething() ? job.with("sync", sync) : job;
    }

    private static Doc input(String written) throws Failure {
        int colon = written.indexOf(':');
        if (colon < 1) throw Failure.usage("expected --input SHA:PATH, but found \"" + written + "\"", "");
        return Doc.object().with("artifact", written.substring(0, colon)).with("path", written.substring(colon + 1));
    }
}
