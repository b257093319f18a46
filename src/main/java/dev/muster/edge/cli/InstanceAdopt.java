package dev.muster.edge.cli;

import dev.muster.core.rent.Charge;
import dev.muster.core.rent.Rented;
import dev.muster.core.state.Money;
import dev.muster.edge.provider.Provider;
import dev.muster.edge.provider.ProviderFailure;
import dev.muster.edge.view.Doc;
import dev.muster.edge.view.InstanceText;
import java.time.Instant;
import java.util.List;
import picocli.CommandLine.Model.CommandSpec;

/// `muster instance adopt`: a machine that somebody rented otherwise is the cluster's to look after from now on.
final class InstanceAdopt {
    private InstanceAdopt() {}

    static CommandSpec spec() {
        return Rentals.options(Verb.of(
                                "adopt", "Look after a machine that somebody rented otherwise.", InstanceAdopt::run)
                        .word("PROVIDER_ID", "the provider's id of it")
                        .option("--role", "ROLE", "mixed, selfplay or training; mixed unless told")
                        .option("--name", "NODE", "its name in the cluster; vast-123 unless told")
                        .option("--confirm", "NODE", "that name once more, where it is a node's that runs there"))
                .asking()
                .order()
                .build();
    }

    private static int run(Args args) throws Failure {
        if (!args.text("--confirm").equals(args.text("--name"))
                && args.text("--confirm").isPresent())
            throw Failure.usage(
                    "expected --confirm to say what --name says, but found "
                            + args.text("--confirm").get(),
                    "");
        Client client = Settings.client(args);
        return Rentals.with(args, (provider, providers) -> {
            Rented machine = provider.list().stream()
                    .filter(one -> one.id().equals(args.word()))
                    .findFirst()
                    .orElseThrow(() -> new Failure(
                            Exit.NOT_FOUND,
                            "NOT_FOUND",
                            "no machine " + args.word() + " at " + provider.name(),
                            "`muster instance list` shows what providers list besides ours"));
            String passed = caps(client, machine);
            String plan = "Adopt " + machine.provider() + ":" + machine.id() + " (" + gear(machine) + ", "
                    + InstanceText.amount(machine.bill().perHourNow().dollars()) + " per hour now, "
                    + InstanceText.amount(machine.bill().perHourRunning().dollars())
                    + " running): it is kept running, counts in the budgets from now on, and is drained before it is"
                    + " ended.\nOnly what the cluster itself puts or makes there is safe elsewhere before it ends; what"
                    + " somebody made there before is not looked at. Only a person ends it."
                    + before(provider, machine, args.shell().clock().instant()) + passed;
            Rentals.tryOut(args, client, "/v1/instances/adopt", body(args, machine));
            if (!Confirm.goesOn(args, plan)) return Exit.DONE;
            // Who was not asked has not read it.
            if (args.flag("--yes"))
                args.shell().err().print(passed.isEmpty() ? "" : "muster:" + passed.replace('\n', ' ') + "\n");
            Client.Answer done = client.order("POST", "/v1/instances/adopt", body(args, machine));
            String id = done.doc().text("id");
            args.shell()
                    .out()
                    .print(args.output()
                            .render(
                                    done.doc(),
                                    wide -> machine.provider() + ":" + machine.id() + " is " + id + "\n",
                                    doc -> List.of(id)));
            return Exit.DONE;
        });
    }

    /// What it cost before is its owner's, and in no budget here.
    private static String before(Provider provider, Rented machine, Instant now) {
        if (machine.bill().started().isEmpty()) return "";
        try {
            Money sum = Money.ZERO;
            for (Charge charge : provider.charges(machine.bill().started().get(), now))
                if (charge.machine().equals(machine.id())) sum = sum.plus(charge.amount());
            return "\nIt has cost " + InstanceText.amount(sum.dollars()) + " so far, which is not counted.";
        } catch (ProviderFailure e) {
            return "\nWhat it has cost so far is not known, and not counted (" + e.getMessage() + ").";
        }
    }

    /// It burns already, so no cap refuses it; but whoever adopts it should know what that keeps from being rented.
    private static String caps(Client client, Rented machine) throws Failure {
        StringBuilder text = new StringBuilder();
        for (Doc cap : client.get("/v1/budget").doc().list("caps")) {
            if (cap.has("scope")) continue;
            double left = cap.decimal("left").orElse(0)
                    - machine.bill().perHourRunning().dollars();
            if (left < 0)
                text.append("\nIt passes the cap per ")
                        .append(cap.text("span"))
                        .append(" of ")
                        .append(InstanceText.amount(cap.decimal("cap").orElse(0)))
                        .append(" by ")
                        .append(InstanceText.amount(-left))
                        .append(": nothing new is rented before there is room again.");
        }
        return text.toString();
    }

    private static String gear(Rented machine) {
        int gpus = machine.gpus().count();
        return gpus == 0 ? "no GPU" : gpus + "x " + machine.gpus().name();
    }

    private static Doc body(Args args, Rented machine) {
        Rented.Bill bill = machine.bill();
        Doc rent = Doc.object()
                .with("provider", machine.provider())
                .with("offer", machine.offer())
                .with("machine", machine.machine())
                .with("gpu", machine.gpus().name())
                .with("gpus", (long) machine.gpus().count())
                .with("per_hour", bill.perHourRunning().dollars())
                .with("per_hour_stopped", bill.perHourStorage().dollars())
                .with("disk_gb", 0L)
                .with("image", machine.image())
                .with("role", args.text("--role").orElse("mixed"));
        Money bid = bill.perHourRunning().minus(bill.perHourStorage());
        // What was bid is nowhere listed; it is what the machine costs without its disk.
        if (bill.bid() && bid.compareTo(Money.ZERO) > 0) rent = rent.with("bid", bid.dollars());
        Doc seen = Doc.object()
                .with("rented", machine.id())
                .with("observed", machine.observed().name())
                .with("per_hour_now", bill.perHourNow().dollars())
                .with("per_hour_running", bill.perHourRunning().dollars())
                .with("message", machine.message());
        if (bill.ends().isPresent())
            seen = seen.with("contract_ends", bill.ends().get().toString());
        Doc body = Words.why(args)
                .with("label", machine.label())
                .with("rent", rent)
                .with("seen", seen);
        if (args.text("--name").isPresent())
            body = body.with("node", args.text("--name").get());
        return args.text("--confirm").isPresent()
                ? body.with("runs", args.text("--confirm").get())
                : body;
    }
}
