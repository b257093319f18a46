package dev.muster.edge.cli;

import dev.muster.core.hosts.HostRole;
import dev.muster.core.hosts.HostStatus;
import dev.muster.core.hosts.Wish;
import dev.muster.core.state.Desired;
import dev.muster.core.state.NodeId;
import dev.muster.core.state.Role;
import dev.muster.edge.config.HostEdit;
import dev.muster.edge.view.Doc;
import dev.muster.edge.view.NodeText;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalInt;
import picocli.CommandLine.Model.CommandSpec;

/// `muster node …`.
final class NodeCommands {
    private NodeCommands() {}

    static CommandSpec node() {
        return Catalog.group(
                "node",
                "Machines of the cluster.",
                Verb.of(
                                "list",
                                "List nodes.",
                                args -> args.text("--file").isPresent()
                                        ? HostCommands.list(
                                                args, args.text("--file").get())
                                        : Show.answer(
                                                args,
                                                "/v1/nodes",
                                                (doc, wide, now) -> NodeText.list(doc, wide),
                                                Show.names("nodes", "id")))
                        .option("-f,--file", "FILE", "list a file of hosts instead, without a cluster; - reads stdin")
                        .watchable()
                        .build(),
                Verb.of(
                                "show",
                                "Show one node and what it runs.",
                                args -> Show.answer(
                                        args,
                                        "/v1/nodes/" + Words.segment(args.word()),
                                        (doc, wide, now) -> NodeText.show(doc, now),
                                        doc -> List.of(doc.get("node").text("id"))))
                        .word("NODE", "its name")
                        .watchable()
                        .build(),
                NodeCheck.spec(new SshReach()),
                simple("drain", Desired.DRAINING, "No new work there; what runs finishes.", "takes no new work"),
                simple("undrain", Desired.READY, "Back to work.", "is back at work"),
                Verb.of("retire", "Out of service until unretired.", NodeCommands::retire)
                        .word("NODE", "its name")
                        .option("-f,--file", "FILE", WRITES)
                        .asking()
                        .order()
                        .build(),
                simple("unretire", Desired.READY, "Back into service.", "is back in service"),
                Verb.of("remove", "Forget a node; what it ran is replaced.", NodeCommands::remove)
                        .word("NODE", "its name")
                        .option("-f,--file", "FILE", WRITES)
                        .asking()
                        .order()
                        .build(),
                Verb.of("add", "Declare a machine before it joins.", NodeCommands::add)
                        .word("NODE", "its name")
                        .option("--role", "ROLE", "coordinator, selfplay, training or mixed")
                        .option("--instance", "ID", "what its provider calls it, as in vast:29129529")
                        .option("-f,--file", "FILE", WRITES)
                        .option("--host", "ADDRESS", "of SSH; goes into the file only")
                        .option("--user", "NAME", "of SSH; goes into the file only")
                        .option("--port", "PORT", "of SSH; goes into the file only")
                        .unasked()
                        .order()
                        .build(),
                ImportCommand.spec());
    }

    private static final String WRITES = "write it into this file of hosts, too, once the cluster has taken it";

    private static CommandSpec simple(String verb, Desired desired, String summary, String result) {
        return Verb.of(verb, summary, args -> {
                    Optional<FileEdit> file = status(args, desired);
                    return give(
                            args, "POST", path(args) + "/" + verb, Words.why(args), file, args.word() + " " + result);
                })
                .word("NODE", "its name")
                .option("-f,--file", "FILE", WRITES)
                .unasked()
                .order()
                .build();
    }

    /// The cluster first: what it refuses is written nowhere.
    private static int give(Args args, String method, String path, Doc body, Optional<FileEdit> file, String sentence)
            throws Failure {
        Client.Answer done = Settings.client(args).order(method, path, body);
        Doc answer = file.isPresent() ? file.get().write(args, done.doc()) : done.doc();
        args.shell()
                .out()
                .print(args.output().render(answer, wide -> sentence + FileEdit.told(answer) + "\n", doc -> List.of()));
        return Exit.DONE;
    }

    private static Optional<FileEdit> status(Args args, Desired desired) throws Failure {
        Optional<String> file = args.text("--file");
        if (file.isEmpty()) return Optional.empty();
        HostEdit edit = new HostEdit.Status(id(args), desired);
        return Optional.of(FileEdit.of(args, file.get(), edit, "status: " + HostStatus.word(desired)));
    }

    private static NodeId id(Args args) throws Failure {
        try {
            return new NodeId(args.word());
        } catch (IllegalArgumentException e) {
            throw Failure.usage(e.getMessage(), "");
        }
    }

    private static int retire(Args args) throws Failure {
        Optional<FileEdit> file = status(args, Desired.RETIRED);
        Doc node = known(Settings.client(args), args);
        String plan = "Retire " + args.word() + ": it takes no work and is not missed when it is silent, until"
                + " `muster node unretire " + args.word() + "`."
                + attempts(node, "; the order is refused until they have ended")
                + file.map(edit -> "\n" + edit.plan()).orElse("");
        if (!Confirm.goesOn(args, plan)) return Exit.DONE;
        return give(args, "POST", path(args) + "/retire", Words.why(args), file, args.word() + " is retired");
    }

    private static int remove(Args args) throws Failure {
        Optional<String> named = args.text("--file");
        Optional<FileEdit> file = named.isEmpty()
                ? Optional.empty()
                : Optional.of(FileEdit.of(args, named.get(), new HostEdit.Remove(id(args)), "no host " + args.word()));
        Doc node = known(Settings.client(args), args);
        String life = node.has("life") ? node.text("life").toLowerCase(Locale.ROOT) : "declared, never joined";
        String plan =
                "Remove " + args.word() + " (" + life + "): the cluster forgets it and every copy of a file it holds."
                        + attempts(node, ", which are lost and placed again elsewhere")
                        + file.map(edit -> "\n" + edit.plan()).orElse("");
        if (!Confirm.goesOn(args, plan)) return Exit.DONE;
        return give(args, "DELETE", path(args), Words.why(args), file, args.word() + " is removed");
    }

    /// What the cluster knows of it: a node, or only what was declared.
    private static Doc known(Client client, Args args) throws Failure {
        Doc answer = client.get("/v1/nodes").doc();
        for (Doc node : answer.list("nodes")) if (node.text("id").equals(args.word())) return node;
        for (Doc host : answer.list("declared")) if (host.text("id").equals(args.word())) return host;
        return client.get(path(args)).doc().get("node");
    }

    private static int add(Args args) throws Failure {
        NodeId id = id(args);
        Optional<String> word = args.text("--role");
        Optional<Role> role = word.flatMap(text -> Wish.role(List.of(HostRole.of(text))));
        if (word.isPresent() && role.isEmpty()) {
            throw Failure.usage(
                    "expected --role to be coordinator, selfplay, training or mixed, but found \"" + word.get() + "\"",
                    "");
        }
        Optional<FileEdit> file = added(args, id, word.orElse(""));
        Doc body = Words.why(args).with("name", id.name());
        if (role.isPresent()) body = body.with("role", role.get().name().toLowerCase(Locale.ROOT));
        if (args.text("--instance").isPresent())
            body = body.with("instance", args.text("--instance").get());
        return give(args, "POST", "/v1/nodes", body, file, id + " is declared; `muster cluster join` there lets it in");
    }

    private static Optional<FileEdit> added(Args args, NodeId id, String role) throws Failure {
        Optional<String> file = args.text("--file");
        Optional<String> host = args.text("--host");
        if (file.isEmpty()
                && (host.isPresent()
                        || args.text("--user").isPresent()
                        || args.text("--port").isPresent())) {
            throw Failure.usage(
                    "expected --file beside --host, --user and --port: the cluster keeps no addresses of SSH",
                    "--file names the file of hosts that does");
        }
        if (file.isEmpty()) return Optional.empty();
        if (host.isEmpty()) throw Failure.usage("expected --host beside --file, but found none", "");
        long port = args.number("--port", 0);
        if (port < 0 || port > 65_535) throw Failure.usage("expected --port to be 1 to 65535, but found " + port, "");
        HostEdit edit = new HostEdit.Add(
                id,
                host.get(),
                args.text("--user").orElse(""),
                port == 0 ? OptionalInt.empty() : OptionalInt.of((int) port),
                role,
                Desired.READY);
        return Optional.of(FileEdit.of(args, file.get(), edit, "a host " + id));
    }

    private static String attempts(Doc node, String consequence) {
        long jobs = node.number("jobs");
        return jobs == 0 ? "" : " It holds " + jobs + (jobs == 1 ? " attempt" : " attempts") + consequence + ".";
    }

    private static String path(Args args) {
        return "/v1/nodes/" + Words.segment(args.word());
    }
}
