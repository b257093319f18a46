package dev.muster.edge.cli;

import dev.muster.edge.view.Doc;
import dev.muster.edge.view.ScaleText;
import java.util.List;
import picocli.CommandLine.Model.CommandSpec;

/// `muster scale …`: what the autoscaler would do, and by what rules.
final class ScaleCommands {
    private static final String POLICY = "/v1/scaling";
    private static final String PLAN = "/v1/scaling/plan";

    private ScaleCommands() {}

    static CommandSpec spec() {
        return Catalog.group(
                "scale",
                "How many machines are rented, and why.",
                Verb.of(
                                "plan",
                                "Say what would be done now, and what not and why.",
                                args -> Show.answer(
                                        args,
                                        PLAN,
                                        (doc, wide, now) -> ScaleText.plan(doc, now),
                                        Show.names("steps", "what")))
                        .watchable()
                        .build(),
                Verb.of(
                                "apply",
                                "Have the cluster do what `scale plan` says: switches the autoscaler on.",
                                ScaleCommands::apply)
                        .asking()
                        .order()
                        .build(),
                Verb.of(
                                "policy",
                                "Show by what rules machines are scaled and kept, or switch them.",
                                ScaleCommands::policy)
                        .option(
                                "--file,-f",
                                "FILE",
                                "have this instead: groups, budgets, windows and rules; its changes are shown")
                        .flag("--prune", "with --file: groups that it does not name go, too")
                        .flag("--off", "nothing is rented or ended by itself; what is wanted of machines is kept up")
                        .flag("--on", "the same as `scale apply`")
                        .asking()
                        .order()
                        .build(),
                ScaleSimulate.spec());
    }

    private static int apply(Args args) throws Failure {
        Client client = Settings.client(args);
        Doc plan = client.get(PLAN).doc();
        String text = ScaleText.plan(plan, args.shell().clock().instant());
        if (plan.flag("enabled") || args.dryRun()) {
            args.shell().out().print(args.output().render(plan, wide -> text, Show.names("steps", "what")));
            return Exit.DONE;
        }
        if (!Confirm.goesOn(args, text + "\nSwitch the autoscaler on?")) return Exit.DONE;
        Client.Answer done = client.order("PUT", POLICY, Words.why(args).with("enabled", true));
        return Show.done(args, done, "the autoscaler is on; `muster scale plan` shows what it does");
    }

    private static int policy(Args args) throws Failure {
        if (args.flag("--on") && args.flag("--off")) throw Failure.usage("expected --on or --off, but found both", "");
        if (args.text("--file").isPresent()) {
            if (args.flag("--on") || args.flag("--off"))
                throw Failure.usage("expected --file alone: the file says whether the autoscaler is on", "");
            return PolicyChange.run(args, args.text("--file").get());
        }
        if (args.flag("--prune")) throw Failure.usage("expected --file beside --prune", "");
        if (args.flag("--on")) return apply(args);
        if (!args.flag("--off"))
            return Show.answer(args, POLICY, (doc, wide, now) -> ScaleText.policy(doc), doc -> List.of());
        String plan = "Switch the autoscaler off: nothing is rented or ended by itself.";
        if (args.dryRun() && !Confirm.goesOn(args, plan)) return Exit.DONE;
        Client.Answer done =
                Settings.client(args).order("PUT", POLICY, Words.why(args).with("enabled", false));
        return Show.done(args, done, "the autoscaler is off");
    }
}
