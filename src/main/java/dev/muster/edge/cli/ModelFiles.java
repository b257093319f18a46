package dev.muster.edge.cli;

import dev.muster.edge.model.ModelCheck;
import dev.muster.edge.model.ModelFile;
import dev.muster.edge.swarm.Transport;
import dev.muster.edge.view.ArtifactText;
import dev.muster.edge.view.Doc;
import dev.muster.edge.view.ModelText;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import picocli.CommandLine.Model.CommandSpec;

/// `muster model verify`, `link` and `distribute`: the models' files on the nodes.
final class ModelFiles {
    private static final Duration WAIT = Duration.ofMinutes(10);
    private static final Duration POLL = Duration.ofSeconds(1);

    private ModelFiles() {}

    /// The table, and a line for each model that is not everywhere yet.
    static int list(Args args) throws Failure {
        Client client = Settings.client(args);
        return Show.answer(
                args,
                "/v1/models",
                (doc, wide, now) -> ModelText.models(doc, wide, now) + onTheirWay(client, doc),
                Show.names("models", "config"));
    }

    private static String onTheirWay(Client client, Doc answer) {
        StringBuilder lines = new StringBuilder();
        for (Doc model : answer.list("models")) {
            if (model.has("distributed_at")) continue;
            try {
                String line = client.get(way(model.text("config"))).doc().text("line");
                lines.append(model.text("config")).append(": ").append(line).append('\n');
            } catch (Failure e) {
                lines.append(model.text("config"))
                        .append(": ")
                        .append(e.getMessage())
                        .append('\n');
            }
        }
        return lines.isEmpty() ? "" : "\n" + lines;
    }

    private static String way(String config) {
        return "/v1/models/" + Words.segment(config) + "/distribution";
    }

    static CommandSpec verify() {
        return Verb.of("verify", "Read a model's file again, here or on the nodes.", ModelFiles::verify)
                .words("CONFIG", "0..1", "a config key; all of them unless told")
                .option("--file", "FILE", "look at this file on this machine, and ask no node")
                .flag("--all-nodes", "every node in service, also those that are not known to hold it")
                .build();
    }

    static CommandSpec link() {
        return Verb.of(
                        "link",
                        "Check the models' files and links on nodes, and put right what is not.",
                        Set.of("--node"),
                        ModelFiles::link)
                .option("--node", "NODE", "only there; the node that is asked unless told")
                .flag("--all-nodes", "every node in service")
                .build();
    }

    static CommandSpec distribute() {
        return Verb.of(
                        "distribute",
                        "Wait until nodes hold the current model, and show how far it is.",
                        ModelFiles::distribute)
                .option("--model", "CONFIG", "a config key")
                .flag("--all", "all config keys")
                .option("--nodes", "NODES", "wait only for these, comma-separated")
                .flag("--force", "first have all copies read again, so that damaged ones are fetched again")
                .option(ByTransport.OPTION, "WAY", "have nodes that lack it get it now " + ByTransport.WAYS)
                .option("--wait", "TIME", "longest wait, 10m unless told")
                .build();
    }

    private static int verify(Args args) throws Failure {
        if (args.text("--file").isPresent())
            return file(args, Path.of(args.text("--file").get()));
        Client client = Settings.client(args);
        Optional<String> node = args.flag("--all-nodes") ? Optional.of("all") : Optional.empty();
        List<String> shas = new ArrayList<>();
        for (Doc model : models(client, args.words().stream().findFirst())) shas.add(model.text("sha"));
        Doc copies = new ArtifactCommands.Verified(client, node).of(shas);
        args.shell()
                .out()
                .print(args.output()
                        .render(copies, wide -> ArtifactText.copies(copies, "copies"), Show.names("copies", "node")));
        return ArtifactCommands.allGood(copies) ? Exit.DONE : Exit.NOT_HEALTHY;
    }

    private static List<Doc> models(Client client, Optional<String> config) throws Failure {
        return config.isPresent()
                ? List.of(client.get("/v1/models/" + Words.segment(config.get()))
                        .doc()
                        .get("model"))
                : client.get("/v1/models").doc().list("models");
    }

    private static int file(Args args, Path file) throws Failure {
        if (!Files.isRegularFile(file)) throw Failure.usage("expected a file, but found none at " + file, "");
        try {
            ModelCheck check = ModelFile.check(file, file.getFileName().toString());
            if (check instanceof ModelCheck.Broken broken) {
                throw new Failure(Exit.REFUSED, "UNSAFE", file + " is no whole model: " + broken.reason(), "");
            }
            ModelCheck.Sound sound = (ModelCheck.Sound) check;
            Doc doc = Doc.object()
                    .with("file", file.toString())
                    .with("size", Files.size(file))
                    .with("format", sound.format())
                    .with("metadata", Doc.of(sound.metadata()));
            String text = file + ": nothing wrong found, " + sound.format() + ", " + Files.size(file) + " bytes\n"
                    + (sound.metadata().isEmpty() ? "" : "  " + String.join(", ", sound.metadata()) + "\n");
            args.shell().out().print(args.output().render(doc, wide -> text, all -> List.of(file.toString())));
            return Exit.DONE;
        } catch (IOException e) {
            throw new Failure(Exit.ERROR, "IO", "cannot read " + file + ": " + e.getMessage(), "");
        }
    }

    private static int link(Args args) throws Failure {
        String node = args.flag("--all-nodes") ? "all" : args.own("--node").orElse("");
        Doc report = Settings.client(args)
                .order(Words.query("/v1/models/link", Words.parameter("node", node)), ArtifactCommands.READ_MAX)
                .doc();
        args.shell()
                .out()
                .print(args.output().render(report, wide -> ArtifactText.links(report), Show.names("nodes", "node")));
        boolean well = report.list("nodes").stream()
                .allMatch(one -> !one.has("why")
                        && one.list("links").stream()
                                .noneMatch(link -> link.text("state").equals("FAILED")));
        return well ? Exit.DONE : Exit.NOT_HEALTHY;
    }

    private static int distribute(Args args) throws Failure {
        if (args.text("--model").isPresent() == args.flag("--all"))
            throw Failure.usage("expected either --model CONFIG or --all", "");
        Optional<Transport> by = ByTransport.of(args);
        Client client = Settings.client(args);
        Instant end = args.shell().clock().instant().plus(args.duration("--wait", WAIT));
        Set<String> only = new TreeSet<>();
        for (String name : args.text("--nodes").orElse("").split(",")) if (!name.isBlank()) only.add(name.strip());
        boolean done = true;
        for (Doc model : models(client, args.text("--model"))) {
            if (args.flag("--force"))
                new ArtifactCommands.Verified(client, Optional.empty()).of(List.of(model.text("sha")));
            if (by.isPresent()) fetch(args, client, model.text("sha"), only, by.get());
            done &= await(args, client, model.text("config"), only, end);
        }
        return done ? Exit.DONE : Exit.NOT_FINISHED;
    }

    private static void fetch(Args args, Client client, String sha, Set<String> only, Transport by) throws Failure {
        for (String node : only.isEmpty() ? Set.of("all") : only) {
            String lines = ByTransport.lines(ByTransport.fetch(client, sha, node, by));
            if (args.output() == Output.TABLE || args.output() == Output.WIDE)
                args.shell().out().print(lines);
        }
    }

    /// One line per change; in JSON only the last picture.
    private static boolean await(Args args, Client client, String config, Set<String> only, Instant end)
            throws Failure {
        boolean table = args.output() == Output.TABLE || args.output() == Output.WIDE;
        String before = "";
        while (true) {
            Doc progress = client.get(way(config)).doc();
            String line = line(progress);
            if (table && !line.equals(before)) args.shell().out().print(line);
            before = line;
            boolean done = progress.list("nodes").stream()
                    .filter(node -> only.isEmpty() || only.contains(node.text("node")))
                    .allMatch(node -> node.text("state").equals("HELD"));
            boolean late = !args.shell().clock().instant().isBefore(end);
            if (done || late || args.shell().deaf() || !args.shell().pause().of(POLL)) {
                if (!table)
                    args.shell().out().print(args.output().render(progress, wide -> "", Show.names("nodes", "node")));
                return done;
            }
        }
    }

    private static String line(Doc progress) {
        StringBuilder text = new StringBuilder(progress.text("config"))
                .append(": ")
                .append(progress.text("line"))
                .append('\n');
        for (Doc node : progress.list("nodes")) {
            if (node.text("state").equals("HELD")) continue;
            text.append("  ")
                    .append(node.text("node"))
                    .append(": ")
                    .append(node.text("state").toLowerCase(Locale.ROOT));
            if (node.has("why")) text.append(", ").append(node.text("why"));
            text.append('\n');
        }
        return text.toString();
    }
}
