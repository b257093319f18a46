package dev.muster.edge.archive;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystems;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.PathMatcher;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;

/// The files of a project's folder that a run needs: in a git repository what git knows or does not ignore, as it is now
/// and whether committed or not; elsewhere all but hidden folders and caches.
///
/// @param files  relative to the folder, sorted
/// @param bytes  of all of them
/// @param commit of the repository
/// @param dirty  something is not committed; also a file that was deleted
/// @param uncommitted those of the files that are not in the commit as they are now
public record Folder(
        Path root, List<String> files, long bytes, Optional<String> commit, boolean dirty, List<String> uncommitted) {
    private static final Set<String> CACHES = Set.of("__pycache__", "node_modules", "wandb", "venv", "target");
    private static final int GIT_SECONDS = 60;

    public Folder {
        files = List.copyOf(files);
        uncommitted = List.copyOf(uncommitted);
    }

    /// @param exclude patterns of what to leave out, as in `data/**`
    /// @throws IOException when it cannot be read
    public static Folder of(Path root, List<String> exclude) throws IOException {
        if (!Files.isDirectory(root)) throw new IOException("expected a folder " + root + ", but found none");
        Optional<String> listed = git(root, "ls-files", "-z", "--cached", "--others", "--exclude-standard", "--", ".");
        List<PathMatcher> left = exclude.stream()
                .map(pattern -> FileSystems.getDefault().getPathMatcher("glob:" + pattern))
                .toList();
        Set<String> files = new TreeSet<>();
        for (String file : listed.isPresent() ? List.of(listed.get().split("\0")) : walked(root)) {
            boolean wanted = !file.isEmpty() && left.stream().noneMatch(pattern -> pattern.matches(Path.of(file)));
            // A submodule is a folder, and a file that was deleted is none.
            if (wanted && Files.isRegularFile(root.resolve(file))) files.add(file);
        }
        long bytes = 0;
        for (String file : files) bytes += Files.size(root.resolve(file));
        boolean git = listed.isPresent();
        return new Folder(
                root,
                List.copyOf(files),
                bytes,
                git ? git(root, "rev-parse", "HEAD").map(String::strip) : Optional.empty(),
                git && !git(root, "status", "--porcelain", "--", ".").orElse("").isBlank(),
                git ? uncommitted(root, files) : List.of());
    }

    /// Before the first commit, all of them.
    private static List<String> uncommitted(Path root, Set<String> files) throws IOException {
        Optional<String> changed = git(root, "diff", "--name-only", "--no-renames", "-z", "--relative", "HEAD");
        if (changed.isEmpty()) return List.copyOf(files);
        String others = git(root, "ls-files", "-z", "--others", "--exclude-standard", "--", ".")
                .orElse("");
        Set<String> found = new TreeSet<>(List.of((changed.get() + others).split("\0")));
        found.retainAll(files);
        return List.copyOf(found);
    }

    private static List<String> walked(Path root) throws IOException {
        List<String> files = new ArrayList<>();
        Files.walkFileTree(root, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult preVisitDirectory(Path folder, BasicFileAttributes attributes) {
                String name =
                        folder.getFileName() == null ? "" : folder.getFileName().toString();
                boolean skipped = !folder.equals(root) && (name.startsWith(".") || CACHES.contains(name));
                return skipped ? FileVisitResult.SKIP_SUBTREE : FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
                files.add(root.relativize(file).toString());
                return FileVisitResult.CONTINUE;
            }
        });
        return files;
    }

    /// What git says; empty where it is no repository, or there is no git.
    private static Optional<String> git(Path root, String... words) throws IOException {
        List<String> command = new ArrayList<>(List.of("git", "-C", root.toString()));
        command.addAll(List.of(words));
        Path out = Files.createTempFile("muster-git", "");
        try {
            Process process = new ProcessBuilder(command)
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .redirectOutput(out.toFile())
                    .start();
            process.getOutputStream().close();
            if (!process.waitFor(GIT_SECONDS, TimeUnit.SECONDS)) {
                process.destroyForcibly();
                throw new IOException("git took more than " + GIT_SECONDS + " s in " + root);
            }
            return process.exitValue() == 0
                    ? Optional.of(Files.readString(out, StandardCharsets.UTF_8))
                    : Optional.empty();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        } catch (IOException e) {
            if (e.getMessage() != null && e.getMessage().contains("Cannot run program")) return Optional.empty();
            throw e;
        } finally {
            Files.deleteIfExists(out);
        }
    }
}
