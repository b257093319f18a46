package dev.muster.edge.cli;

import dev.muster.edge.config.ConfigException;
import dev.muster.edge.config.RunFile;
import dev.muster.edge.view.Doc;
import dev.muster.edge.view.RunText;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Model.CommandSpec;

/// `muster run launch`: checks a run, says what it is thought to cost, ships code and config, and gives it to the cluster,
/// which sees to it from then on.
final class RunLaunch {
    private static final String USUAL_FILE = "run.yaml";
    private static final int FILE_MAX = 1 << 20;
    private static final DateTimeFormatter STAMP =
            DateTimeFormatter.ofPattern("'run_'yyyyMMdd_HHmmss").withZone(ZoneOffset.UTC);

    private RunLaunch() {}

    static CommandSpec spec() {
        return Verb.of(
                        "launch",
                        "Launch a training run: its stages, on a machine of its own or on nodes that are there.",
                        TrainingCommands.refusing(RunLaunch::run))
                .option("-f,--file", "FILE", "the run, in YAML; " + USUAL_FILE + " in this folder unless told")
                .option("--config", "CONFIG", "the training config, instead of the file's")
                .option("--run-id", "NAME", "its id; run_YYYYMMDD_HHMMSS unless told")
                .option("--series", "NAME", "runs that are compared with one another; the config's name unless told")
                .option("--gpu,-g", "GPUS", "as A100, A100:2 or A100:40GB..80GB:1")
                .option("--max-price", "DOLLARS", "per hour of a machine, all included")
                .option("--max-total", "DOLLARS", "of the whole run; when it is reached, the run is stopped")
                .option("--max-duration", "TIME", "from now; likewise")
                .option("--disk", "GB", "of a rented machine")
                .option("--image", "IMAGE", "of its container")
                .flag("--rented", "on a machine of its own, whatever the file says")
                .flag("--own", "on nodes that are there, whatever the file says")
                .flag("--spot,--bid", "at a bid, and taken away by a higher one")
                .flag("--auto-shutdown", "stop the machine after the last stage, as is done unless told otherwise")
                .flag("--destroy", "destroy the machine after the last stage")
                .flag("--keep", "leave the machine running, and billed, after the last stage")
                .words(
                        "--run-arg",
                        "ARG",
                        "for the stages, where a command says {run_args}; --tag=K=V and --skip-STAGE are understood",
                        new AnyWord())
                .options("--tag", "NAME=VALUE", "for people")
                .options("--env,-e", "NAME=VALUE", "an environment variable of all stages")
                .options("--skip", "STAGE", "take what an earlier run of the series made of the same")
                .flag("--skip-training", "the same as --skip of the first stage")
                .flag("--skip-validation", "launch it though its config fails the checks")
                .flag("--anyway", "though the last runs of the series failed alike, or a cap may not last")
                .flag("--watch,-w", "stay, and show it until it is over")
                .asking()
                .order()
                .build();
    }

    private static int run(Args args) throws Failure {
        Path written = Path.of(args.text("--file").orElse(USUAL_FILE));
        if (!Files.isRegularFile(written))
            throw Failure.usage(
                    "expected a run in " + written + ", but there is no such file",
                    "docs/RUNS.md has one to begin with");
        Path folder = Optional.ofNullable(written.toAbsolutePath().getParent()).orElse(Path.of(""));
        String id =
                args.text("--run-id").orElse(STAMP.format(args.shell().clock().instant()));
        RunDraft draft = RunDraft.of(args, file(args, written), folder, id);
        Optional<RunConfig> config = RunConfig.of(draft);
        if (config.isPresent() && !args.flag("--skip-validation")) config.get().validate(draft);
        RunShipment shipment = RunShipment.of(draft, config);
        Client client = Settings.client(args);
        RunMarket market = RunMarket.of(args, draft, client);
        Optional<RunPrice.Estimated> estimate = RunPrice.of(draft, config, client, market);
        boolean anyway = args.flag("--anyway");
        List<String> told = new ArrayList<>();
        RunPrice.fits(draft, estimate, client, told, anyway);
        String path = "/v1/runs/" + Words.segment(id);
        // A refusal shows before anybody is asked, and before anything is sent.
        Doc bare = draft.body(config, estimate, List.of(), anyway);
        Doc checked = client.check(path + "/check", bare).doc();
        if (checked.has("secrets"))
            told.add("no machine will be rented before the leader has its secrets: " + checked.text("secrets"));
        RunPlan plan =
                new RunPlan(draft, config, estimate, market, shipment, told, RunPlan.warnings(draft, bare, client));
        if (!Confirm.goesOn(args, plan.text(), plan.doc())) return Exit.DONE;
        if (!Confirm.tellsUnread(args, plan.text())) warn(args, plan);
        Doc body = draft.body(config, estimate, shipment.put(args, client), anyway);
        Doc done = client.order(
                        "PUT",
                        path,
                        args.text("--why").map(why -> body.with("why", why)).orElse(body))
                .doc();
        args.shell()
                .out()
                .print(args.output()
                        .render(
                                plan.doc().with("revision", done.number("revision")),
                                wide -> RunText.launched(id, draft.rented()),
                                doc -> List.of(id)));
        args.shell().out().flush();
        return args.flag("--watch") ? RunShow.watch(args, client, id, RunShow.POLL) : Exit.DONE;
    }

    /// With `--yes` nobody has read the plan.
    private static void warn(Args args, RunPlan plan) {
        if (!args.flag("--yes")) return;
        for (String warning : plan.warnings()) args.shell().err().println("muster: " + warning);
    }

    private static RunFile file(Args args, Path written) throws Failure {
        try {
            Path folder =
                    Optional.ofNullable(written.toAbsolutePath().getParent()).orElse(Path.of(""));
            return RunFile.read(written, Written.bytes(written.toString(), args.shell(), FILE_MAX), folder);
        } catch (ConfigException e) {
            throw Failure.usage(e.getMessage(), "docs/RUNS.md lists the keys");
        }
    }
}
