package dev.muster.edge.cli;

import dev.muster.edge.swarm.Transport;
import dev.muster.edge.view.ArtifactText;
import dev.muster.edge.view.Doc;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.BooleanSupplier;
import picocli.CommandLine.Model.CommandSpec;

/// `muster artifact …`.
final class ArtifactCommands {
    /// The node reads what it got once or twice: 30 GB at 100 MB/s.
    static final Duration READ_MAX = Duration.ofMinutes(10);

    /// Files asked for at once.
    private static final int PAGE = 1_000;

    private static final int BUFFER = 64 << 10;

    private ArtifactCommands() {}

    static CommandSpec spec() {
        return Catalog.group(
                "artifact",
                "Files by their SHA-256: models, games, checkpoints.",
                Verb.of("put", "Put a file into the cluster.", ArtifactCommands::put)
                        .word("FILE", "the file")
                        .option("--kind", "KIND", "model, games, checkpoint or other, which it is unless told")
                        .flag("--model", "the same as --kind model: it is looked at, and refused when it is not whole")
                        .option("--name", "NAME", "what people know it by; the file's name unless told")
                        .option("--config", "CONFIG", "the config key it is for")
                        .order()
                        .build(),
                Verb.of("get", "Fetch a file.", ArtifactCommands::get)
                        .word("SHA", "its SHA-256, or the first eight digits")
                        .option(
                                "--out,-O",
                                "FILE",
                                "where to; its name in this folder unless told; - is standard output")
                        .option(
                                ByTransport.OPTION,
                                "WAY",
                                "have the node that is asked get it first " + ByTransport.WAYS)
                        .build(),
                Verb.of(
                                "list",
                                "List files, newest first.",
                                args -> Show.answer(
                                        args,
                                        Words.query(
                                                "/v1/artifacts",
                                                Words.parameter(
                                                        "config",
                                                        args.text("--config").orElse("")),
                                                Words.parameter(
                                                        "limit",
                                                        args.text("--limit").orElse(""))),
                                        ArtifactText::list,
                                        Show.names("artifacts", "sha")))
                        .option("--config", "CONFIG", "only of this config key")
                        .option("--limit", "COUNT", "at most so many")
                        .watchable()
                        .build(),
                Verb.of(
                                "show",
                                "Show one file.",
                                args -> Show.answer(
                                        args,
                                        path(args.word()),
                                        (doc, wide, now) -> ArtifactText.show(doc, now),
                                        doc -> List.of(doc.text("sha"))))
                        .word("SHA", "its SHA-256, or the first eight digits")
                        .watchable()
                        .build(),
                Verb.of(
                                "locations",
                                "Show who holds a file, and who is to.",
                                args -> Show.answer(
                                        args,
                                        path(args.word()) + "/locations",
                                        (doc, wide, now) -> ArtifactText.locations(doc, now),
                                        Show.names("holders", "node")))
                        .word("SHA", "its SHA-256, or the first eight digits")
                        .watchable()
                        .build(),
                Verb.of("verify", "Have nodes read their copies again.", Set.of("--node"), ArtifactCommands::verify)
                        .words("SHA", "0..1", "its SHA-256, or the first eight digits; all files unless told")
                        .option("--node", "NODE", "only this node's copies")
                        .build(),
                Verb.of("repair", "Verify copies, and show who fetches what is missing.", ArtifactCommands::repair)
                        .words("SHA", "0..1", "its SHA-256, or the first eight digits; all files unless told")
                        .option(
                                ByTransport.OPTION,
                                "WAY",
                                "have nodes that are to hold it get it now " + ByTransport.WAYS)
                        .build(),
                pin("pin", "PUT", "No copy of a file makes room.", "is pinned"),
                pin("unpin", "DELETE", "Copies of a file may make room again.", "is no longer pinned"));
    }

    private static CommandSpec pin(String verb, String method, String summary, String result) {
        return Verb.of(verb, summary, args -> {
                    Client.Answer done =
                            Settings.client(args).order(method, path(args.word()) + "/pin", Words.why(args));
                    return Show.done(args, done, args.word() + " " + result);
                })
                .word("SHA", "its SHA-256, or the first eight digits")
                .unasked()
                .order()
                .build();
    }

    private static int put(Args args) throws Failure {
        Path file = Path.of(args.word());
        if (Files.isDirectory(file)) {
            throw Failure.usage(
                    "expected a file, but found a directory at " + file,
                    "put its files one by one, or as one: tar -cf FILE.tar " + file);
        }
        if (!Files.isRegularFile(file)) throw Failure.usage("expected a file, but found none at " + file, "");
        String kind = args.flag("--model") ? "model" : args.text("--kind").orElse("other");
        String path = Words.query(
                "/v1/artifacts",
                Words.parameter(
                        "name", args.text("--name").orElse(file.getFileName().toString())),
                Words.parameter("kind", kind),
                Words.parameter("config", args.text("--config").orElse("")),
                Words.parameter("sha", sha(file)),
                Words.parameter("why", args.text("--why").orElse("")));
        Client.Answer answer = Settings.client(args).upload(path, file, READ_MAX);
        String sha = answer.doc().text("sha");
        args.shell()
                .out()
                .print(args.output()
                        .render(
                                answer.doc(),
                                wide -> "put " + file.getFileName() + " as " + sha + " into " + answer.node()
                                        + "; `muster artifact locations " + sha.substring(0, 12)
                                        + "` shows its copies\n",
                                doc -> List.of(sha)));
        return Exit.DONE;
    }

    static String sha(Path file) throws Failure {
        MessageDigest digest = digest();
        try (InputStream in = Files.newInputStream(file);
                OutputStream sink = new DigestOutputStream(OutputStream.nullOutputStream(), digest)) {
            in.transferTo(sink);
        } catch (IOException e) {
            throw new Failure(Exit.ERROR, "IO", "cannot read " + file + ": " + e.getMessage(), "");
        }
        return HexFormat.of().formatHex(digest.digest());
    }

    private static MessageDigest digest() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }

    /// What follows the last slash of the name that somebody gave the file, if a file may be called that; else its SHA-256.
    static String fileName(String name, String sha) {
        String last = name.substring(name.lastIndexOf('/') + 1);
        return last.matches("\\.{0,2}|.*\\p{Cntrl}.*") ? sha : last;
    }

    /// Some exceptions say no more than the file.
    static String reason(IOException e) {
        return switch (e) {
            case NoSuchFileException none -> "no such directory";
            case AccessDeniedException denied -> "permission denied";
            case FileSystemException other when other.getReason() == null -> other.toString();
            default -> String.valueOf(e.getMessage());
        };
    }

    /// Under its name only when it is whole.
    private static int get(Args args) throws Failure {
        Client client = Settings.client(args);
        Optional<Transport> by = ByTransport.of(args);
        Doc file = client.get(path(args.word())).doc();
        if (by.isPresent()) ByTransport.expect(ByTransport.fetch(client, file.text("sha"), "", by.get()));
        if (args.text("--out").filter("-"::equals).isPresent()) return print(args, client, file);
        String name = fileName(file.text("name"), file.text("sha"));
        Path asked = Path.of(args.text("--out").orElse(name));
        Path target = real(Files.isDirectory(asked) ? asked.resolve(name) : asked);
        if (Files.exists(target) && !Files.isRegularFile(target)) return pour(client, file, target);
        lay(client, file.text("sha"), target);
        args.shell()
                .out()
                .print(args.output()
                        .render(
                                file.with("file", target.toString()),
                                wide -> "got " + target + ", " + file.number("size") + " bytes\n",
                                doc -> List.of(target.toString())));
        return Exit.DONE;
    }

    /// The file is there when it is whole, and not before.
    static void lay(Client client, String sha, Path target) throws Failure {
        Path part = part(target);
        try {
            String found = fetch(client, sha, part);
            if (!found.equals(sha)) {
                // A copy is damaged: its node is told to look, and the next try comes from elsewhere.
                new Verified(client, Optional.empty()).of(List.of(sha));
                found = fetch(client, sha, part);
            }
            if (!found.equals(sha)) {
                throw new Failure(
                        Exit.ERROR,
                        "MISMATCH",
                        "expected " + sha + ", but twice " + Files.size(part) + " bytes of " + found + " came",
                        "`muster artifact verify " + sha.substring(0, 12) + "` says who holds it whole");
            }
            Files.move(part, target, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            throw new Failure(Exit.ERROR, "IO", "cannot write " + target + ": " + reason(e), "");
        } finally {
            part.toFile().delete();
        }
    }

    /// @return the SHA-256 of what came
    static String fetch(Client client, String sha, Path part) throws Failure, IOException {
        MessageDigest digest = digest();
        try (Http.Exchange exchange = client.stream(path(sha) + "/content", List.of());
                OutputStream out = new DigestOutputStream(Files.newOutputStream(part), digest)) {
            exchange.body().transferTo(out);
        }
        return HexFormat.of().formatHex(digest.digest());
    }

    /// A name that no other call has, or two that write to the same file would write each other's bytes.
    private static Path part(Path target) {
        Path part = target.resolveSibling(
                ".muster-part-" + ProcessHandle.current().pid() + "-" + Long.toHexString(System.nanoTime()));
        part.toFile().deleteOnExit(); // also when it is told to end
        return part;
    }

    /// Where a link leads to is written, not the link.
    private static Path real(Path path) throws Failure {
        try {
            return Files.exists(path) ? path.toRealPath() : path;
        } catch (IOException e) {
            throw new Failure(Exit.ERROR, "IO", "cannot write " + path + ": " + reason(e), "");
        }
    }

    /// A device or a pipe is written to as it is: nothing takes its place.
    private static int pour(Client client, Doc file, Path target) throws Failure {
        try (OutputStream out = Files.newOutputStream(target, StandardOpenOption.WRITE)) {
            return pour(client, file, out, () -> false);
        } catch (IOException e) {
            throw new Failure(Exit.ERROR, "IO", "cannot write " + target + ": " + reason(e), "");
        }
    }

    private static int print(Args args, Client client, Doc file) throws Failure {
        return pour(client, file, args.shell().out(), args.shell()::deaf);
    }

    /// The bytes and nothing else; that they were the wrong ones is known, and told, after they went out.
    private static int pour(Client client, Doc file, OutputStream out, BooleanSupplier deaf) throws Failure {
        String sha = file.text("sha");
        MessageDigest digest = digest();
        try (Http.Exchange exchange = client.stream(path(sha) + "/content", List.of())) {
            byte[] buffer = new byte[BUFFER];
            long written = 0;
            for (int read = exchange.body().read(buffer);
                    read >= 0;
                    read = exchange.body().read(buffer)) {
                out.write(buffer, 0, read);
                digest.update(buffer, 0, read);
                if (deaf.getAsBoolean()) break;
                written += read;
            }
            out.flush();
            if (deaf.getAsBoolean() || written != file.number("size")) {
                throw new Failure(
                        Exit.ERROR,
                        "IO",
                        "expected to write " + file.number("size") + " bytes, but its reader took " + written
                                + " at most",
                        "what was written is not the whole file");
            }
        } catch (IOException e) {
            throw new Failure(Exit.ERROR, "IO", "cut off: " + reason(e), "what was written is not the whole file");
        }
        String found = HexFormat.of().formatHex(digest.digest());
        if (found.equals(sha)) return Exit.DONE;
        throw new Failure(
                Exit.ERROR,
                "MISMATCH",
                "expected " + sha + ", but " + found + " came, and was written",
                "try again, or `muster artifact verify " + sha.substring(0, 12) + "`");
    }

    private static int verify(Args args) throws Failure {
        Client client = Settings.client(args);
        Optional<String> node = args.own("--node");
        if (node.isPresent()) client.get("/v1/nodes/" + Words.segment(node.get()));
        Doc copies = new Verified(client, node).of(shas(args, client, node));
        args.shell()
                .out()
                .print(args.output()
                        .render(
                                copies,
                                wide -> ArtifactText.copies(copies, "copies") + lost(copies),
                                Show.names("copies", "node")));
        return allGood(copies) ? Exit.DONE : Exit.NOT_HEALTHY;
    }

    static boolean allGood(Doc copies) {
        return !copies.has("lost")
                && copies.list("copies").stream()
                        .allMatch(copy -> copy.text("state").equals("VERIFIED"));
    }

    /// Files that no node holds any more, a line each.
    static String lost(Doc copies) {
        StringBuilder text = new StringBuilder();
        for (Doc sha : copies.list("lost"))
            text.append("nobody holds ")
                    .append(sha.text(), 0, Math.min(12, sha.text().length()))
                    .append(" any more; `muster artifact put` of the same file brings it back\n");
        return text.toString();
    }

    /// Has one file after the other read.
    record Verified(Client client, Optional<String> node) {
        Doc of(List<String> shas) throws Failure {
            Doc copies = Doc.of(List.of());
            List<String> lost = new ArrayList<>();
            for (String sha : shas) {
                String path = Words.query(path(sha) + "/verify", Words.parameter("node", node.orElse("")));
                List<Doc> found = client.order(path, READ_MAX).doc().list("copies");
                for (Doc copy : found) copies = copies.plus(copy);
                if (found.isEmpty() && node.isEmpty()) lost.add(sha);
            }
            Doc answer = Doc.object().with("copies", copies);
            return lost.isEmpty() ? answer : answer.with("lost", Doc.of(lost));
        }
    }

    private static List<String> shas(Args args, Client client, Optional<String> node) throws Failure {
        if (!args.words().isEmpty()) return args.words();
        Set<String> shas = new LinkedHashSet<>(); // one that comes meanwhile moves the others to the next page
        for (int skip = 0; ; skip += PAGE) {
            List<Doc> files = client.get("/v1/artifacts?limit=" + PAGE + "&skip=" + skip)
                    .doc()
                    .list("artifacts");
            for (Doc file : files) {
                boolean there = node.isEmpty()
                        || file.list("holders").stream()
                                .anyMatch(holder -> holder.text().equals(node.get()));
                if (there) shas.add(file.text("sha"));
            }
            if (files.size() < PAGE) return List.copyOf(shas);
        }
    }

    private static int repair(Args args) throws Failure {
        Client client = Settings.client(args);
        Optional<Transport> by = ByTransport.of(args);
        List<String> shas = shas(args, client, Optional.empty());
        Doc copies = new Verified(client, Optional.empty()).of(shas);
        Doc files = Doc.of(List.of());
        StringBuilder text = new StringBuilder();
        for (String sha : shas) {
            Doc where = client.get(path(sha) + "/locations").doc();
            files = files.plus(where);
            long serving = where.list("holders").stream()
                    .filter(holder -> holder.flag("in_service"))
                    .count();
            text.append(sha, 0, Math.min(12, sha.length()))
                    .append(": ")
                    .append(serving)
                    .append('/')
                    .append(where.text("target"))
                    .append(" copies");
            if (where.has("fetchers")) text.append("; to fetch it: ").append(names(where));
            text.append('\n');
            if (by.isEmpty()) continue;
            for (Doc node : where.list("fetchers"))
                text.append(ByTransport.lines(ByTransport.fetch(client, sha, node.text(), by.get())));
        }
        Doc answer = copies.with("files", files);
        args.shell()
                .out()
                .print(args.output()
                        .render(
                                answer,
                                wide -> ArtifactText.copies(answer, "copies") + "\n" + text + lost(answer),
                                doc -> shas));
        return allGood(copies) ? Exit.DONE : Exit.NOT_HEALTHY;
    }

    private static String names(Doc where) {
        return String.join(", ", where.list("fetchers").stream().map(Doc::text).toList());
    }

    static String path(String sha) {
        return "/v1/artifacts/" + Words.segment(sha);
    }
}
