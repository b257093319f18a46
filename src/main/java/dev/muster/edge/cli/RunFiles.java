package dev.muster.edge.cli;

import dev.muster.edge.view.Doc;
import dev.muster.edge.view.DocText;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/// Files that a run has left, and what brings them here.
final class RunFiles {
    static final String SUMMARY = "summary.json";
    private static final String RESULTS = "results.json";

    /// @param serving those of the holders that are in service
    record Held(int holders, int serving) {
        static final Held NOWHERE = new Held(0, 0);

        Held {
            if (serving < 0 || serving > holders)
                throw new IllegalArgumentException(serving + " of " + holders + " holders are in service");
        }
    }

    /// @param kind `output`, `saved` of a stage that failed, or `log`: what is kept of its attempts
    record Left(String stage, String kind, String path, String sha, long size, Held held) {
        /// Does nobody hold it any more?
        boolean lost() {
            return held.holders() == 0;
        }

        /// Below the run's folder: two stages may leave the same path.
        Path in(Path folder) throws Failure {
            Path home = folder.resolve(stage).normalize();
            Path target = path(home);
            if (!target.startsWith(home) || target.equals(home))
                throw new Failure(
                        Exit.ERROR,
                        "UNSAFE",
                        "expected a path inside the folder of " + stage + ", but found " + path,
                        "`muster artifact get " + sha.substring(0, 12) + " --out FILE` fetches it elsewhere");
            return target;
        }

        String named() {
            return stage + "/" + path + " (" + sha.substring(0, 12) + ")";
        }

        private Path path(Path home) throws Failure {
            try {
                return home.resolve(path).normalize();
            } catch (InvalidPathException e) {
                throw new Failure(Exit.ERROR, "IO", stage + ": no path on this machine: " + path, "");
            }
        }

        Doc doc() {
            return Doc.object()
                    .with("stage", stage)
                    .with("kind", kind)
                    .with("path", path)
                    .with("sha", sha)
                    .with("size", size)
                    .with("copies", (long) held.serving())
                    .with("lost", lost());
        }
    }

    /// @param here  were there already, whole
    /// @param fetch are to be fetched
    /// @param lost  nobody holds any more
    record Plan(Path folder, List<Left> here, List<Left> fetch, List<Left> lost) {
        String lostWords() {
            return "nobody holds "
                    + String.join(", ", lost.stream().map(Left::named).toList()) + " any more";
        }

        List<Left> all() {
            return Stream.of(here, fetch, lost).flatMap(List::stream).toList();
        }

        Plan into(Path other) {
            return new Plan(other, here, fetch, lost);
        }

        String words() {
            long bytes = fetch.stream().mapToLong(Left::size).sum();
            return "fetch " + fetch.size() + " files, " + bytes + " bytes, into " + folder
                    + (here.isEmpty() ? "" : "; " + here.size() + " are there already")
                    + (lost.isEmpty() ? "" : "; nobody holds " + lost.size() + " any more");
        }
    }

    private final Client client;
    private final Map<String, Held> held = new HashMap<>();

    RunFiles(Client client) {
        this.client = client;
    }

    /// @param answer of `GET /v1/runs/ID`
    /// @throws Failure usage, when the run has no such stage
    List<Left> of(Doc answer, Optional<String> stage) throws Failure {
        List<Left> files = new ArrayList<>();
        for (Doc row : stages(answer, stage)) {
            Set<String> made = new LinkedHashSet<>();
            for (Doc file : row.list("outputs")) {
                files.add(left(row, "output", file));
                made.add(file.text("path"));
            }
            // What a stage leaves at its end may have been saved on its way: one place has one file.
            for (Doc file : row.list("saved"))
                if (!made.contains(file.text("path"))) files.add(left(row, "saved", file));
            for (Doc file : row.list("kept")) {
                Left log = left(row, "log", file);
                // Nothing that the run made: without it the rest is whole.
                if (!log.lost()) files.add(log);
            }
        }
        return files;
    }

    static List<Doc> stages(Doc answer, Optional<String> stage) throws Failure {
        List<Doc> rows = answer.list("stages");
        if (stage.isEmpty()) return rows;
        List<Doc> named = rows.stream()
                .filter(row -> row.text("name").equals(stage.get()))
                .toList();
        if (!named.isEmpty()) return named;
        List<String> names = rows.stream().map(row -> row.text("name")).toList();
        throw Failure.usage(
                "expected --stage to be " + String.join(", ", names) + ", but found \"" + stage.get() + "\"", "");
    }

    private Left left(Doc row, String kind, Doc file) throws Failure {
        String sha = file.text("sha");
        if (!held.containsKey(sha)) held.put(sha, heldBy(sha));
        return new Left(row.text("name"), kind, file.text("path"), sha, file.number("size"), held.get(sha));
    }

    private Held heldBy(String sha) throws Failure {
        try {
            List<Doc> holders =
                    client.get(ArtifactCommands.path(sha) + "/locations").doc().list("holders");
            long serving =
                    holders.stream().filter(holder -> holder.flag("in_service")).count();
            return new Held(holders.size(), (int) serving);
        } catch (Failure failure) {
            if (failure.exit() == Exit.NOT_FOUND) return Held.NOWHERE;
            throw failure;
        }
    }

    /// Nothing is written yet.
    ///
    /// @throws Failure when a file of other content is in the way
    static Plan plan(List<Left> files, Path folder) throws Failure {
        List<Left> here = new ArrayList<>();
        List<Left> fetch = new ArrayList<>();
        List<Left> lost = new ArrayList<>();
        Set<String> others = new LinkedHashSet<>();
        for (Left file : files) {
            Path target = file.in(folder);
            if (Files.exists(target)) {
                if (holds(target, file)) here.add(file);
                else others.add(target.toString());
            } else if (file.lost()) lost.add(file);
            else fetch.add(file);
        }
        if (others.isEmpty()) return new Plan(folder, here, fetch, lost);
        throw new Failure(
                Exit.ERROR,
                "CONFLICT",
                "expected nothing else where the run's files go, but found other content in "
                        + String.join(", ", others),
                "nothing was written; move them away, or name another folder with --out");
    }

    static boolean holds(Path target, Left file) throws Failure {
        try {
            return Files.isRegularFile(target)
                    && Files.size(target) == file.size()
                    && ArtifactCommands.sha(target).equals(file.sha());
        } catch (IOException e) {
            throw new Failure(Exit.ERROR, "IO", "cannot read " + target + ": " + ArtifactCommands.reason(e), "");
        }
    }

    /// What can be fetched is, also when something is lost.
    ///
    /// @throws Failure at the end, when a file is not to be had
    void fetch(Plan plan) throws Failure {
        List<String> lacking = bring(plan);
        if (!lacking.isEmpty())
            throw lacks(
                    lacking,
                    "",
                    "all else is in " + plan.folder() + "; `muster artifact put` of a lost file brings it back");
    }

    /// @return what is not to be had, and why, for people; empty when all is there
    List<String> bring(Plan plan) {
        List<String> lacking = new ArrayList<>();
        if (!plan.lost().isEmpty()) lacking.add(plan.lostWords());
        for (Left file : plan.fetch()) {
            try {
                lay(file, file.in(plan.folder()));
            } catch (Failure failure) {
                lacking.add(file.named() + ": " + failure.getMessage());
            }
        }
        return lacking;
    }

    static Failure lacks(List<String> lacking, String then, String hint) {
        return new Failure(Exit.ERROR, "LOST", String.join("; ", lacking) + then, hint);
    }

    void lay(Left file, Path target) throws Failure {
        folder(target.getParent());
        ArtifactCommands.lay(client, file.sha(), target);
    }

    /// What has been fetched into another folder on the same disk.
    static void move(Plan from, Path to) throws Failure {
        for (Left file : from.fetch()) {
            Path target = file.in(to);
            folder(target.getParent());
            try {
                Files.move(file.in(from.folder()), target);
            } catch (IOException e) {
                throw new Failure(Exit.ERROR, "IO", "cannot write " + target + ": " + ArtifactCommands.reason(e), "");
            }
        }
    }

    static void folder(Path folder) throws Failure {
        try {
            Files.createDirectories(folder);
        } catch (IOException e) {
            throw new Failure(
                    Exit.ERROR, "IO", "cannot make the folder " + folder + ": " + ArtifactCommands.reason(e), "");
        }
    }

    /// `STAGE/results.json`: the numbers of each stage that has some, where it has not left a file of that name itself.
    static void results(List<Doc> stages, List<Left> left, Path folder) throws Failure {
        for (Doc stage : stages) {
            String name = stage.text("name");
            boolean own = left.stream()
                    .anyMatch(file -> file.stage().equals(name) && file.path().equals(RESULTS));
            if (stage.has("results") && !own)
                write(folder.resolve(name).resolve(RESULTS), DocText.json(stage.get("results")));
        }
    }

    /// Ours to write anew: whole, or not at all.
    static void write(Path target, String text) throws Failure {
        Path absolute = target.toAbsolutePath();
        folder(absolute.getParent());
        Path part = absolute.resolveSibling(
                ".muster-part-" + ProcessHandle.current().pid() + "-" + absolute.getFileName());
        try {
            Files.writeString(part, text, StandardCharsets.UTF_8);
            Files.move(part, absolute, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            throw new Failure(Exit.ERROR, "IO", "cannot write " + target + ": " + ArtifactCommands.reason(e), "");
        } finally {
            part.toFile().delete();
        }
    }

    /// A folder that is gone when it is closed.
    record Temporary(Path folder) implements AutoCloseable {
        static Temporary make() throws Failure {
            try {
                return new Temporary(Files.createTempDirectory("muster-run-"));
            } catch (IOException e) {
                throw new Failure(Exit.ERROR, "IO", "cannot make a temporary folder: " + e.getMessage(), "");
            }
        }

        /// On the disk of what it is to become.
        static Temporary beside(Path target) throws Failure {
            Path parent = target.toAbsolutePath().getParent();
            RunFiles.folder(parent);
            try {
                return new Temporary(Files.createTempDirectory(parent, ".muster-part-"));
            } catch (IOException e) {
                throw new Failure(
                        Exit.ERROR, "IO", "cannot write in " + parent + ": " + ArtifactCommands.reason(e), "");
            }
        }

        @Override
        public void close() {
            try (Stream<Path> paths = Files.walk(folder)) {
                for (Path path : paths.sorted(Comparator.reverseOrder()).toList()) Files.deleteIfExists(path);
            } catch (IOException e) {
                // The system removes what is left of temporary files.
            }
        }
    }
}
