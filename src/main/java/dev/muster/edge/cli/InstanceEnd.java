package dev.muster.edge.cli;

import dev.muster.core.rent.Capabilities;
import dev.muster.edge.provider.Providers;
import dev.muster.edge.view.Doc;
import dev.muster.edge.view.InstanceText;
import java.util.List;
import java.util.Locale;
import picocli.CommandLine.Model.CommandSpec;

/// `muster instance stop` and `muster instance destroy`: never before what the machine holds is safe elsewhere.
final class InstanceEnd {
    private InstanceEnd() {}

    static CommandSpec stop() {
        return Verb.of(
                        "stop",
                        "Stop a machine as soon as what it holds is safe elsewhere; its disk stays, and is billed.",
                        InstanceEnd::stop)
                .word("INSTANCE", InstanceCommands.WORD)
                .waiting("it has stopped")
                .asking()
                .order()
                .build();
    }

    static CommandSpec destroy() {
        return Verb.of(
                        "destroy",
                        "End a machine, with its disk, as soon as what it holds is safe elsewhere.",
                        InstanceEnd::destroy)
                .word("INSTANCE", InstanceCommands.WORD)
                .flag("--abandon-data", "at once, with whatever it holds: that has to be typed, or said by --confirm")
                .option("--confirm", "INSTANCE", "with --abandon-data, where there is no terminal: its id once more")
                .waiting("it is gone")
                .asking()
                .order()
                .build();
    }

    private static int stop(Args args) throws Failure {
        Client client = Settings.client(args);
        Doc one = InstanceCommands.find(args, client);
        String id = one.text("id");
        if (Providers.can(one.text("provider")).filter(Capabilities::stop).isEmpty())
            throw Failure.usage(
                    one.text("provider") + " cannot stop a machine and keep its disk",
                    "`muster instance destroy " + id + "` ends it");
        Doc detail = client.get(InstanceCommands.path(id)).doc();
        String plan = plan("Drain and stop ", one, detail) + "\nIts disk stays, and costs "
                + InstanceText.amount(detail.decimal("per_hour_stopped").orElse(0)) + " per hour.";
        Rentals.tryOut(args, client, InstanceCommands.path(id) + "/stop", Doc.object());
        if (!Confirm.goesOn(args, plan)) return Exit.DONE;
        Client.Answer done = client.order("POST", InstanceCommands.path(id) + "/stop", Words.why(args));
        Show.done(args, done, id + " is to stop, as soon as nothing is only there");
        return InstanceWait.until(args, client, List.of(id), InstanceWait.Goal.STOPPED);
    }

    private static int destroy(Args args) throws Failure {
        boolean abandon = args.flag("--abandon-data");
        if (!abandon && args.text("--confirm").isPresent())
            throw Failure.usage("expected --abandon-data beside --confirm", "");
        Client client = Settings.client(args);
        Doc one = InstanceCommands.find(args, client);
        String id = one.text("id");
        if (one.has("ended_at")) return over(args, one);
        Doc detail = client.get(InstanceCommands.path(id)).doc();
        Doc body = Words.why(args).with("abandon_data", abandon);
        Rentals.tryOut(args, client, InstanceCommands.path(id) + "/destroy", body);
        if (abandon ? !abandons(args, one, detail) : !Confirm.goesOn(args, plan("Drain and destroy ", one, detail)))
            return Exit.DONE;
        Client.Answer done = client.order("POST", InstanceCommands.path(id) + "/destroy", body);
        Show.done(
                args,
                done,
                one.text("phase").equals("ORDERED") && one.has("message")
                        ? id + " is to be destroyed; it " + one.text("message")
                        : abandon
                                ? id + " is to be destroyed with whatever it holds"
                                : id + " is to be destroyed, as soon as nothing is only there");
        return InstanceWait.until(args, client, List.of(id), InstanceWait.Goal.ENDED);
    }

    /// Whoever wants it gone has that already.
    private static int over(Args args, Doc one) throws Failure {
        String text = one.text("id") + " has ended already, at " + one.text("ended_at") + ": " + one.text("message")
                + "; nothing is to be done";
        Doc doc = Doc.object()
                .with("id", one.text("id"))
                .with("ended_at", one.text("ended_at"))
                .with("message", one.text("message"));
        args.shell().out().print(args.output().render(doc, wide -> text + "\n", none -> List.of(one.text("id"))));
        return Exit.DONE;
    }

    private static String plan(String what, Doc one, Doc detail) {
        return what + one.text("id") + " (" + InstanceCommands.name(one) + ", "
                + InstanceText.amount(one.decimal("per_hour_now").orElse(0))
                + " per hour): no new work there, what runs"
                + " ends or is told to, and what is only there is copied first.\nThere now: "
                + InstanceText.risk(detail.get("at_risk")) + "." + hindrance(one, detail);
    }

    /// It will not go as things stand, and whoever orders it should know before.
    private static String hindrance(Doc one, Doc detail) {
        if (!detail.has("hindrance")) return "";
        return "\nThat waits, and costs, as long as it is so: " + detail.text("hindrance") + ". `muster instance start "
                + one.text("id") + "` takes it back; --abandon-data lets it go with what it holds.";
    }

    /// `--yes` is not enough for what cannot be had back.
    private static boolean abandons(Args args, Doc one, Doc detail) throws Failure {
        String id = one.text("id");
        String plan = "Destroy " + id + " (" + InstanceCommands.name(one) + ") with whatever it holds: what is only"
                + " there is lost, and what runs there is placed again elsewhere.\nThere now: "
                + InstanceText.risk(detail.get("at_risk")) + ".";
        if (args.dryRun()) return Confirm.goesOn(args, plan);
        if (args.text("--confirm").isPresent()) {
            if (args.text("--confirm").get().equals(id)) return true;
            throw Failure.usage(
                    "expected --confirm " + id + ", but found "
                            + args.text("--confirm").get(),
                    "");
        }
        if (!args.shell().terminal().getAsBoolean())
            throw Failure.usage(
                    plan + "\nexpected --confirm " + id + ", because there is no terminal to ask at",
                    "--dry-run only says what would be done");
        args.shell().err().print(plan + "\nType " + id + " to abandon its data: ");
        args.shell().err().flush();
        if (Confirm.answer(args.shell()).equals(id.toLowerCase(Locale.ROOT))) return true;
        throw new Failure(Exit.ERROR, "NOT_DONE", "nothing was done", "");
    }
}
