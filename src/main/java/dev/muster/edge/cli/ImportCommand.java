package dev.muster.edge.cli;

import dev.muster.core.hosts.Host;
import dev.muster.core.hosts.HostFile;
import dev.muster.core.hosts.HostFileCheck;
import dev.muster.core.hosts.Wish;
import dev.muster.edge.config.HostFileReader;
import dev.muster.edge.view.Doc;
import dev.muster.edge.view.ImportText;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.OptionalInt;
import java.util.TreeSet;
import picocli.CommandLine.Model.CommandSpec;

/// `muster node import`: what a file of hosts wants becomes what the cluster wants. What would be done is shown first, and
/// exactly that is ordered.
final class ImportCommand {
    private ImportCommand() {}

    static CommandSpec spec() {
        return Verb.of("import", "Tell the cluster what a file of hosts wants.", ImportCommand::run)
                .words("FILE", "1", "distributed_hosts.yaml, in any of its shapes; - reads stdin")
                .option("--override-brake", "N", "so many nodes may go out of service, though that is a mass change")
                .asking()
                .order()
                .build();
    }

    private static int run(Args args) throws Failure {
        Output output = args.output();
        OptionalInt overridden = overridden(args);
        HostFileReader.Loaded loaded = HostCommands.whole(args, args.word());
        Client client = Settings.client(args);
        Doc body = body(loaded.file());
        Doc plan = client.check("/v1/nodes/import/check", body).doc();
        List<String> notes = notes(args, loaded, client);
        String text = ImportText.plan(plan, notes);
        if (args.dryRun() || plan.list("changes").isEmpty()) {
            args.shell().out().print(output.render(plan, wide -> text, doc -> names(doc)));
            return Exit.DONE;
        }
        if (plan.get("brake").flag("stops")) overridden = OptionalInt.of(braked(args, plan, text, overridden));
        else if (plan.flag("asks")) Confirm.goesOn(args, text.stripTrailing());
        Doc order = body.with("plan", plan.text("plan"));
        if (args.text("--why").isPresent())
            order = order.with("why", args.text("--why").get());
        if (overridden.isPresent()) order = order.with("override_brake", (long) overridden.getAsInt());
        Doc done = client.order("POST", "/v1/nodes/import", order).doc();
        args.shell().out().print(output.render(done, wide -> ImportText.plan(done, notes), doc -> names(doc)));
        return Exit.DONE;
    }

    private static List<String> names(Doc plan) {
        return plan.list("changes").stream().map(change -> change.text("node")).toList();
    }

    private static OptionalInt overridden(Args args) throws Failure {
        if (args.text("--override-brake").isEmpty()) return OptionalInt.empty();
        long number = args.number("--override-brake", 0);
        if (number < 1 || number > 1_000_000) {
            throw Failure.usage("expected --override-brake to be the number of nodes, but found " + number, "");
        }
        return OptionalInt.of((int) number);
    }

    /// The number that the person says; nobody else can know it.
    private static int braked(Args args, Doc plan, String text, OptionalInt written) throws Failure {
        int leaving = (int) plan.get("brake").number("leaving");
        if (written.isPresent() && written.getAsInt() == leaving) return leaving;
        boolean asked = written.isEmpty() && args.shell().terminal().getAsBoolean();
        if (asked) {
            args.shell().err().print(text + "Type the number of nodes that are to go out of service: ");
            args.shell().err().flush();
            if (Confirm.answer(args.shell()).equals(Integer.toString(leaving))) return leaving;
        } else if (args.output() != Output.JSON) {
            args.shell().err().print(text);
        }
        throw new Failure(
                Exit.REFUSED,
                "BRAKED",
                "nothing was done: " + plan.get("brake").text("why")
                        + (written.isPresent()
                                ? "; expected --override-brake " + leaving + ", but found " + written.getAsInt()
                                : ""),
                "if it is what you want, a person says --override-brake with the number of nodes that go out of service");
    }

    private static Doc body(HostFile file) {
        Doc hosts = Doc.object();
        for (Host host : file.hosts()) {
            Wish wish = Wish.of(host);
            Doc one = Doc.object().with("name", wish.name());
            if (!wish.status().word().isEmpty())
                one = one.with("status", wish.status().word());
            if (wish.role().isPresent())
                one = one.with("role", wish.role().get().name().toLowerCase(Locale.ROOT));
            if (!wish.instance().isEmpty()) one = one.with("instance", wish.instance());
            if (wish.ephemeral()) one = one.with("ephemeral", true);
            hosts = hosts.plus(one);
        }
        return Doc.object().with("hosts", hosts.isObject() ? Doc.of(List.of()) : hosts);
    }

    /// Who votes is a decision of its own, and what is wrong in the file is the doctor's to tell.
    private static List<String> notes(Args args, HostFileReader.Loaded loaded, Client client) throws Failure {
        List<String> notes = new ArrayList<>();
        TreeSet<String> file = new TreeSet<>();
        loaded.file().voters().forEach(voter -> file.add(voter.name()));
        TreeSet<String> cluster = new TreeSet<>();
        for (Doc voter : client.get("/v1/voters").doc().list("voters")) {
            if (voter.flag("wanted")) cluster.add(voter.text("id"));
        }
        if (!file.isEmpty() && !file.equals(cluster)) {
            notes.add("voters: the file names " + String.join(", ", file) + ", and the cluster has "
                    + String.join(", ", cluster) + "; an import does not change who votes");
            for (String name : file)
                if (!cluster.contains(name)) notes.add("voters: `muster voter add " + name + "` once it has joined");
            for (String name : cluster)
                if (!file.contains(name)) notes.add("voters: `muster voter remove " + name + "`");
        }
        long problems = HostFileCheck.of(loaded.file()).size();
        if (problems > 0) {
            notes.add(problems + (problems == 1 ? " problem" : " problems") + " in the file; `muster doctor --file "
                    + args.word() + "` lists them");
        }
        return notes;
    }
}
