package dev.muster.edge.cli;

import dev.muster.edge.config.Release;
import dev.muster.edge.support.NodeSupport;
import dev.muster.edge.support.Redaction;
import dev.muster.edge.support.SupportArchive;
import dev.muster.edge.view.Doc;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import picocli.CommandLine.Model.CommandSpec;

/// `muster bundle`: one archive for somebody who helps from afar. It is made of what answers, and says what did not.
final class BundleCommand {
    private static final DateTimeFormatter STAMP =
            DateTimeFormatter.ofPattern("yyyyMMdd'T'HHmmss'Z'").withZone(ZoneOffset.UTC);

    /// What the cluster is asked, and the file it becomes.
    private static final Map<String, String> ASKED = asked();

    private BundleCommand() {}

    private static Map<String, String> asked() {
        Map<String, String> asked = new LinkedHashMap<>();
        asked.put("/status", "status.json");
        asked.put("/metrics", "metrics.txt");
        asked.put("/v1/nodes", "nodes.json");
        asked.put("/v1/voters", "voters.json");
        asked.put("/v1/jobs?limit=500", "jobs.json");
        asked.put("/v1/models", "models.json");
        asked.put("/v1/loops", "loops.json");
        asked.put("/v1/artifacts?limit=500", "artifacts.json");
        asked.put("/v1/events?limit=1000", "events.json");
        return asked;
    }

    static CommandSpec spec() {
        return Verb.of(
                        "bundle",
                        "Gather logs, state, versions and configuration for support; no secrets.",
                        BundleCommand::run)
                .option("--out,-O", "FILE", "a zip; muster-bundle-TIME.zip unless told")
                .option(
                        "--data",
                        "FOLDER",
                        "also a node's data directory on this machine, as when its agent does not start")
                .build();
    }

    /// What was gathered, and what was not.
    ///
    /// @param cluster it answered
    private record Gathered(boolean cluster, List<String> nodes, Map<String, String> missing) {}

    private static int run(Args args) throws Failure {
        Instant now = args.shell().clock().instant();
        Path file = Path.of(args.text("--out").orElse("muster-bundle-" + STAMP.format(now) + ".zip"));
        Optional<Path> data = args.text("--data").map(Path::of);
        if (data.isPresent() && !Files.isRegularFile(data.get().resolve("node.yaml")))
            throw Failure.usage("expected a node's data directory, but there is no node.yaml in " + data.get(), "");
        if (Files.isDirectory(file))
            throw Failure.usage("expected --out to be a file, but " + file + " is a folder", "");
        Path part = file.resolveSibling("." + file.getFileName() + ".part");
        try {
            Gathered gathered;
            try (OutputStream out = Files.newOutputStream(part);
                    SupportArchive archive = new SupportArchive(out, Redaction.of(secrets(args, data)))) {
                gathered = gather(args, data, archive);
                archive.add("missing.txt", missing(gathered));
            }
            if (!gathered.cluster() && gathered.nodes().isEmpty()) {
                throw new Failure(
                        Exit.ERROR,
                        "UNREACHABLE",
                        "nothing to gather: "
                                + gathered.missing().values().iterator().next(),
                        "--data names a node's data directory on this machine");
            }
            Files.move(part, file, StandardCopyOption.REPLACE_EXISTING);
            return told(args, file, gathered);
        } catch (IOException e) {
            throw new Failure(Exit.ERROR, "IO", "cannot write " + file + ": " + Client.reason(e), "");
        } finally {
            part.toFile().delete();
        }
    }

    /// Those that this machine knows; each node takes out its own.
    private static List<String> secrets(Args args, Optional<Path> data) throws Failure {
        List<String> secrets = new ArrayList<>();
        secrets.add(Settings.token(args));
        if (data.isPresent()) {
            try {
                secrets.add(Files.readString(data.get().resolve("token")));
            } catch (IOException e) {
                // a node whose token stands elsewhere
            }
        }
        args.shell().env().forEach((name, value) -> {
            if (name.matches("(?i).*(TOKEN|SECRET|PASSW|API_KEY|ACCESS_KEY|PRIVATE_KEY|ROUTING_KEY|WEBHOOK).*"))
                secrets.add(value);
        });
        return secrets;
    }

    private static Gathered gather(Args args, Optional<Path> data, SupportArchive archive) throws Failure, IOException {
        List<String> nodes = new ArrayList<>();
        Map<String, String> missing = new LinkedHashMap<>();
        if (data.isPresent()) {
            new NodeSupport(data.get(), Release.own()).write(archive, "here/", Map.of());
            nodes.add(data.get().toString());
        }
        Client client = Settings.client(args);
        Doc known;
        try {
            known = client.get("/v1/nodes").doc();
        } catch (Failure failure) {
            if (!failure.code().equals("UNREACHABLE")) throw failure;
            missing.put("the cluster", failure.getMessage());
            return new Gathered(false, nodes, missing);
        }
        cluster(client, archive, missing);
        for (Doc node : known.list("nodes")) node(args, node, archive, nodes, missing);
        return new Gathered(true, nodes, missing);
    }

    private static void cluster(Client client, SupportArchive archive, Map<String, String> missing) throws IOException {
        for (Map.Entry<String, String> one : ASKED.entrySet()) {
            try {
                archive.add(
                        "cluster/" + one.getValue(),
                        new String(client.get(one.getKey()).bytes(), StandardCharsets.UTF_8));
            } catch (Failure failure) {
                missing.put("cluster/" + one.getValue(), failure.getMessage());
            }
        }
    }

    private static void node(
            Args args, Doc node, SupportArchive archive, List<String> nodes, Map<String, String> missing)
            throws Failure {
        String id = node.text("id");
        String api = "http://" + node.text("host") + ":" + node.text("api_port");
        try (Http.Exchange exchange = Settings.client(args, List.of(api)).stream("/v1/support", List.of())) {
            archive.addAll("nodes/" + id, exchange.body());
            nodes.add(id);
        } catch (IOException e) {
            missing.put(id, Client.reason(e));
        } catch (Failure failure) {
            missing.put(id, failure.getMessage());
        }
    }

    private static String missing(Gathered gathered) {
        StringBuilder text = new StringBuilder();
        gathered.missing()
                .forEach((what, why) ->
                        text.append(what).append(": ").append(why).append('\n'));
        return text.isEmpty() ? "nothing\n" : text.toString();
    }

    private static int told(Args args, Path file, Gathered gathered) throws Failure, IOException {
        Doc missing = Doc.object();
        for (Map.Entry<String, String> one : gathered.missing().entrySet())
            missing = missing.with(one.getKey(), one.getValue());
        Doc doc = Doc.object()
                .with("file", file.toString())
                .with("bytes", Files.size(file))
                .with("nodes", Doc.of(gathered.nodes()))
                .with("missing", missing);
        StringBuilder text = new StringBuilder("wrote ")
                .append(file)
                .append(", ")
                .append(Files.size(file))
                .append(" bytes, of ")
                .append(gathered.cluster() ? "the cluster" : "this machine")
                .append(gathered.nodes().isEmpty() ? "" : " and " + String.join(", ", gathered.nodes()))
                .append('\n');
        gathered.missing()
                .forEach((what, why) -> text.append("missing: ")
                        .append(what)
                        .append(": ")
                        .append(why)
                        .append('\n'));
        text.append(
                "Look through it before you send it: what looks like a secret was removed, what is private to you was not.\n");
        args.shell().out().print(args.output().render(doc, wide -> text.toString(), any -> List.of(file.toString())));
        return Exit.DONE;
    }
}
