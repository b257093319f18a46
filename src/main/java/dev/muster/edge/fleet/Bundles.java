package dev.muster.edge.fleet;

import dev.muster.edge.config.Release;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.stream.Stream;

/// Where this program's bundle for hosts comes from: beside it in `bundle/`, made from its sources by `./dev dist --runtime`
/// (once for the same parts), or packed from this very install when that is a bundle itself.
public final class Bundles {
    private static final int MINUTES_MAX = 15;

    private final Path home;
    private final Path cache;
    private final Consumer<String> progress;

    /// @param home  folder of the launcher, `MUSTER_HOME`
    /// @param cache where bundles packed from an install are kept
    Bundles(Path home, Path cache, Consumer<String> progress) {
        this.home = home;
        this.cache = cache;
        this.progress = progress;
    }

    /// For the program that runs.
    ///
    /// @param environment usually `System.getenv()`
    /// @param progress    gets a line now and then, as making one takes a minute
    /// @throws IOException the launcher did not start this program
    public static Bundles of(Map<String, String> environment, Consumer<String> progress) throws IOException {
        String home = environment.get("MUSTER_HOME");
        if (home == null)
            throw new IOException(
                    "expected MUSTER_HOME to say where this program lies, but it is not set; start it by `muster`");
        String user = environment.getOrDefault("HOME", System.getProperty("user.home"));
        String caches = environment.getOrDefault("XDG_CACHE_HOME", user + "/.cache");
        return new Bundles(Path.of(home), Path.of(caches, "muster", "bundles"), progress);
    }

    /// The machine that this program runs on, as `uname -m` says it.
    public static String ownArch() {
        String arch = System.getProperty("os.arch");
        return arch.equals("amd64") ? "x86_64" : arch;
    }

    /// The bundle for such machines. One for another kind than this machine has to lie in `bundle/`.
    ///
    /// @param arch as `uname -m` says it: `x86_64` or `aarch64`
    /// @throws IOException there is none and none can be made; the message says what to do
    public Bundle find(String arch) throws IOException, InterruptedException {
        Optional<Path> beside = newest(home.resolve("bundle"), arch);
        if (beside.isPresent()) return Bundle.of(beside.get());
        if (arch.equals(ownArch())) {
            if (Files.exists(home.resolve("pom.xml"))) return Bundle.of(fromSources());
            if (isBundle()) return Bundle.of(fromInstall(arch));
        }
        throw new IOException(
                "expected a bundle for " + arch + " in " + home.resolve("bundle") + ", but found none, and this "
                        + ownArch()
                        + " machine cannot make one; run `./dev dist --runtime` beside the sources on a machine with "
                        + arch + ", and copy its file there");
    }

    private static Optional<Path> newest(Path folder, String arch) throws IOException {
        if (!Files.isDirectory(folder)) return Optional.empty();
        try (Stream<Path> files = Files.list(folder)) {
            return files.filter(file -> Bundle.isFor(file, arch)).max(Comparator.comparing(Bundles::time));
        }
    }

    private static long time(Path file) {
        try {
            return Files.getLastModifiedTime(file).toMillis();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private Path fromSources() throws IOException, InterruptedException {
        String out = run(List.of(home.resolve("dev").toString(), "dist", "--runtime"));
        String last = out.strip().substring(out.strip().lastIndexOf('\n') + 1);
        if (!Files.isRegularFile(Path.of(last)))
            throw new IOException("expected `./dev dist --runtime` to name the bundle, but it said: " + out.strip());
        return Path.of(last);
    }

    private boolean isBundle() {
        return Files.exists(home.resolve(Release.FILE)) && Files.isExecutable(home.resolve("runtime/bin/java"));
    }

    /// Packed under the name that it has inside, whatever its folder is called here.
    private Path fromInstall(String arch) throws IOException, InterruptedException {
        String release = Release.properties(home).getProperty("release", "");
        Path file = cache.resolve(release + "-" + arch + ".tgz");
        if (Files.exists(file)) return file;
        Files.createDirectories(cache);
        Path work = Files.createTempDirectory(cache, "new");
        Path link = work.resolve(release);
        Path packed = work.resolve("packed");
        try {
            progress.accept("packing " + home + " for hosts (once)");
            Files.createSymbolicLink(link, home.toRealPath());
            run(List.of(
                    "tar",
                    "-C",
                    work.toString(),
                    "-h",
                    "--exclude",
                    release + "/bundle",
                    "-czf",
                    packed.toString(),
                    release));
            return Files.move(packed, file, StandardCopyOption.ATOMIC_MOVE);
        } finally {
            Files.deleteIfExists(link);
            Files.deleteIfExists(packed);
            Files.delete(work);
        }
    }

    /// @return what it printed; what it says on the way goes to `progress`
    private String run(List<String> command) throws IOException, InterruptedException {
        Path out = Files.createTempFile("muster-bundle", "");
        try {
            Process process = new ProcessBuilder(command)
                    .directory(home.toFile())
                    .redirectInput(
                            ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()))
                    .redirectOutput(out.toFile())
                    .start();
            try (BufferedReader said = process.errorReader(StandardCharsets.UTF_8)) {
                said.lines().forEach(progress);
            }
            if (!process.waitFor(MINUTES_MAX, TimeUnit.MINUTES)) {
                process.destroyForcibly();
                throw new IOException(command.getFirst() + " took more than " + MINUTES_MAX + " minutes");
            }
            if (process.exitValue() != 0)
                throw new IOException("`" + String.join(" ", command) + "` failed with status " + process.exitValue()
                        + "; run it by hand to see more");
            return Files.readString(out);
        } finally {
            Files.delete(out);
        }
    }
}
