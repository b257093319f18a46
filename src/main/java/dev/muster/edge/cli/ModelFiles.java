package dev.muster.edge.cli;

import dev.muster.edge.model.ModelCheck;
import dev.muster.edge.model.ModelFile;
import dev.muster.edge.view.ArtifactText;
import dev.muster.edge.view.Doc;
import dev.muster.edge.view.ModelText;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import picocli.CommandLine.Model.CommandSpec;

/// `muster model list`, `verify` and `link`: the models' files on the nodes.
final class ModelFiles {
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
            if (ModelText.everywhere(model)) continue;
            try {
                String line = client.get(ModelDistribute.way(model.text("config")))
                        .doc()
                        .text("line");
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

    static List<Doc> models(Client client, Optional<String> config) throws Failure {
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
}
