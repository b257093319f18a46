package dev.muster.edge.local;

import java.io.File;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// How to call this very program again: by the launcher where there is one (it knows the right flags and caches), or by
/// this JVM with the same class path.
final class Muster {
    /// The most heap of an agent that is started without the launcher.
    private static final String HEAP = "96m";

    private Muster() {}

    /// @param heap the most, as `64m`; empty for the usual. The launcher takes it from `MUSTER_HEAP`
    static List<String> command(Optional<String> heap) {
        String home = System.getenv("MUSTER_HOME");
        if (home != null && Files.isExecutable(Path.of(home, "muster")))
            return List.of(Path.of(home, "muster").toString());
        return java(heap.orElse(HEAP));
    }

    private static List<String> java(String heap) {
        return List.of(
                java(),
                "-Xmx" + heap,
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "--enable-native-access=ALL-UNNAMED",
                "--sun-misc-unsafe-memory-access=allow",
                "-cp",
                classPath(),
                "dev.muster.Main");
    }

    /// By this JVM, whatever launcher there is: for a program that says itself where it lies. From a jar with this JVM's own
    /// flags, which its start-up cache was made with.
    static List<String> bare() {
        String path = System.getProperty("java.class.path");
        boolean jar = path.endsWith(".jar") && !path.contains(File.pathSeparator);
        if (!jar) return java(HEAP);
        List<String> command = new ArrayList<>(List.of(java()));
        for (String flag : ManagementFactory.getRuntimeMXBean().getInputArguments())
            if (!flag.startsWith("-Xmx")) command.add(flag);
        command.addAll(List.of("-Xmx" + HEAP, "-jar", classPath()));
        return command;
    }

    /// A small JVM for a job: one thread's work, little memory. Both compilers, because a training is long and busy; what
    /// SQLite unpacks stays in the working directory.
    static List<String> job(String mainClass) {
        return List.of(
                java(),
                "-Xmx64m",
                "-Xss512k",
                "-XX:+UseSerialGC",
                "-XX:+UseCompactObjectHeaders",
                "-Dorg.sqlite.tmpdir=.",
                "--enable-native-access=ALL-UNNAMED",
                "-cp",
                classPath(),
                mainClass);
    }

    static String java() {
        return Path.of(System.getProperty("java.home"), "bin", "java").toString();
    }

    private static String classPath() {
        return Stream.of(System.getProperty("java.class.path").split(File.pathSeparator))
                .map(entry -> Path.of(entry).toAbsolutePath().toString())
                .collect(Collectors.joining(File.pathSeparator));
    }
}
