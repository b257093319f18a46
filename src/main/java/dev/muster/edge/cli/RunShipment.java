package dev.muster.edge.cli;

import dev.muster.edge.archive.Folder;
import dev.muster.edge.archive.Tar;
import dev.muster.edge.config.RunFile;
import dev.muster.edge.view.Doc;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// What a run's stages begin with: the project's folder as it is now, and files and folders besides. Each is put into the
/// cluster by its content; what is there already is not sent again.
///
/// @param code empty when the run ships none
record RunShipment(Optional<Folder> code, List<Extra> extras) {
    /// Larger ones belong into the store by themselves, and data to where it is used.
    private static final long CODE_MAX = 1L << 30;
    /// Names of files in the plan.
    private static final int UNCOMMITTED_SHOWN = 10;

    /// @param to in the working directory
    record Extra(Path from, String to, boolean folder, long bytes) {}

    static RunShipment of(RunDraft draft, Optional<RunConfig> config) throws Failure {
        try {
            Optional<Folder> code = draft.file().code().isPresent()
                    ? Optional.of(Folder.of(
                            draft.folder().resolve(draft.file().code().get()).normalize(),
                            draft.file().exclude()))
                    : Optional.empty();
            if (code.isPresent() && code.get().bytes() > CODE_MAX)
                throw Failure.usage(
                        "expected at most 1 GiB of code, but found "
                                + (code.get().bytes() >> 20) + " MiB in "
                                + code.get().root(),
                        "`exclude: [data/**]` leaves data out, .gitignore too");
            List<Extra> extras = new ArrayList<>();
            for (String input : draft.file().inputs()) extras.add(extra(draft, input));
            if (config.isPresent()) addConfig(draft, config.get(), code, extras);
            return new RunShipment(code, extras);
        } catch (IOException e) {
            throw Failure.usage("expected to read what is shipped, but " + Client.why(e), "");
        }
    }

    private static Extra extra(RunDraft draft, String written) throws Failure, IOException {
        String from = RunFile.from(written);
        String to = from.equals(written) ? written : written.substring(from.length() + 1);
        Path path = draft.folder().resolve(from);
        if (!Files.exists(path))
            throw Failure.usage("inputs: expected a file or folder " + path + ", but found none", "");
        return extra(path, to);
    }

    private static Extra extra(Path path, String to) throws IOException {
        boolean folder = Files.isDirectory(path);
        return new Extra(path, to, folder, folder ? Folder.of(path, List.of()).bytes() : Files.size(path));
    }

    /// A config, and what it includes, that the code does not hold is laid beside it.
    private static void addConfig(RunDraft draft, RunConfig config, Optional<Folder> code, List<Extra> extras)
            throws Failure, IOException {
        Path root = draft.folder().toRealPath();
        for (Path file : config.config().files()) {
            Path real = file.toRealPath();
            if (!real.startsWith(root))
                throw Failure.usage(
                        "expected the config, and all that it includes, below " + root + ", but found " + real, "");
            boolean shipped = code.isPresent()
                    && real.startsWith(code.get().root().toRealPath())
                    && code.get()
                            .files()
                            .contains(code.get()
                                    .root()
                                    .toRealPath()
                                    .relativize(real)
                                    .toString());
            if (!shipped) extras.add(extra(real, root.relativize(real).toString()));
        }
    }

    /// As the stages' inputs, once all of it is in the cluster.
    List<Doc> put(Args args, Client client) throws Failure {
        List<Doc> inputs = new ArrayList<>();
        int number = 1;
        if (code.isPresent()) inputs.add(packed(args, client.another(number++), code.get(), ".", "code.tar.gz"));
        for (Extra extra : extras) {
            Client each = client.another(number++);
            if (extra.folder())
                inputs.add(packed(
                        args, each, folder(extra), extra.to(), extra.from().getFileName() + ".tar.gz"));
            else inputs.add(input(put(args, each, extra.from(), extra.to()), extra.to(), "COPY"));
        }
        return inputs;
    }

    private static Folder folder(Extra extra) throws Failure {
        try {
            return Folder.of(extra.from(), List.of());
        } catch (IOException e) {
            throw Failure.usage("expected to read " + extra.from() + ", but " + Client.why(e), "");
        }
    }

    private static Doc packed(Args args, Client client, Folder folder, String to, String name) throws Failure {
        try {
            Path file = Files.createTempFile("muster-", ".tar.gz");
            try {
                try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(file), 1 << 16)) {
                    Tar.pack(folder.root(), folder.files(), out);
                }
                return input(put(args, client, file, name), to, "UNPACK");
            } finally {
                Files.delete(file);
            }
        } catch (IOException e) {
            throw new Failure(Exit.ERROR, "IO", "cannot pack " + folder.root() + ": " + Client.why(e), "");
        }
    }

    private static Doc input(String sha, String path, String as) {
        return Doc.object().with("artifact", sha).with("path", path).with("as", as);
    }

    /// What a node holds already is not sent again.
    private static String put(Args args, Client client, Path file, String name) throws Failure {
        String sha = ArtifactCommands.sha(file);
        try {
            boolean held = !client.get("/v1/artifacts/" + sha + "/locations")
                    .doc()
                    .list("holders")
                    .isEmpty();
            if (held) return sha;
        } catch (Failure failure) {
            if (failure.exit() != Exit.NOT_FOUND) throw failure;
        }
        String path = Words.query(
                "/v1/artifacts",
                Words.parameter("name", name),
                Words.parameter("kind", "other"),
                Words.parameter("sha", sha));
        client.upload(path, file, ArtifactCommands.READ_MAX);
        return sha;
    }

    /// For the plan, a line each.
    List<String> told() {
        List<String> told = new ArrayList<>();
        code.ifPresent(folder -> told.add("ships " + folder.files().size() + " files of " + folder.root() + ", "
                + (folder.bytes() >> 10) + " KiB"
                + folder.commit()
                        .map(commit -> ", commit " + commit.substring(0, Math.min(12, commit.length()))
                                + (folder.dirty() ? " with changes that are not committed" : ""))
                        .orElse("")));
        code.filter(folder -> !folder.uncommitted().isEmpty()).ifPresent(folder -> told.add(uncommitted(folder)));
        for (Extra extra : extras)
            told.add("ships " + extra.from() + " as " + extra.to() + ", " + (extra.bytes() >> 10) + " KiB");
        return told;
    }

    private static String uncommitted(Folder folder) {
        List<String> files = folder.uncommitted();
        int more = files.size() - UNCOMMITTED_SHOWN;
        return "not committed, and shipped as " + (files.size() == 1 ? "it is" : "they are") + ": " + files.size()
                + (files.size() == 1 ? " file, " : " files, ")
                + String.join(", ", files.subList(0, Math.min(UNCOMMITTED_SHOWN, files.size())))
                + (more > 0 ? " and " + more + " more" : "");
    }

    /// Sizes are bytes.
    Doc doc() {
        Doc ships = Doc.of(List.of());
        if (code.isPresent()) {
            Folder folder = code.get();
            Doc one = Doc.object()
                    .with("from", folder.root().toString())
                    .with("to", ".")
                    .with("files", (long) folder.files().size())
                    .with("size", folder.bytes())
                    .with("uncommitted", Doc.of(folder.uncommitted()));
            ships = ships.plus(
                    folder.commit().isPresent()
                            ? one.with("commit", folder.commit().get())
                            : one);
        }
        for (Extra extra : extras)
            ships = ships.plus(Doc.object()
                    .with("from", extra.from().toString())
                    .with("to", extra.to())
                    .with("size", extra.bytes()));
        return ships;
    }
}
