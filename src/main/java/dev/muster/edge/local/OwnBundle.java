package dev.muster.edge.local;

import dev.muster.edge.config.Release;
import dev.muster.edge.fleet.Bundle;
import dev.muster.edge.fleet.Bundles;
import dev.muster.edge.fleet.HostScript;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;

/// This very program as a bundle for machines that are this machine: it names the jars and the Java that run now, and holds
/// neither, so that it is made in a moment. For all else it is a bundle as any other: it is sent, unpacked and started by
/// `host.sh`.
public final class OwnBundle {
    private static final String RELEASE = Release.PREFIX + "here";

    private OwnBundle() {}

    /// Makes the program's folder, with the bundle of it in `bundle/`, where [Bundles] looks.
    ///
    /// @param folder is made
    /// @return `MUSTER_HOME` of the program; `muster` is in it
    public static Path make(Path folder) throws IOException, InterruptedException {
        Path home = Files.createDirectories(folder.resolve(RELEASE));
        Files.createDirectories(home.resolve("runtime/bin"));
        program(home.resolve("runtime/bin/java"), "exec " + quoted(Muster.java()) + " \"$@\"");
        program(
                home.resolve("muster"),
                "MUSTER_HOME=$(cd \"$(dirname \"$0\")\" && pwd -P)\n"
                        // As the launcher has it for agents.
                        + "MALLOC_ARENA_MAX=${MALLOC_ARENA_MAX:-2}\nexport MUSTER_HOME MALLOC_ARENA_MAX\nexec "
                        + Muster.bare().stream().map(OwnBundle::quoted).collect(Collectors.joining(" ")) + " \"$@\"");
        String arch = Bundles.ownArch();
        Files.writeString(home.resolve("host.sh"), HostScript.text());
        Files.writeString(home.resolve(Release.FILE), "release=" + RELEASE + "\narch=" + arch + "\n");
        Files.createFile(home.resolve("muster.jar"));
        Path file = Files.createDirectories(home.resolve("bundle")).resolve(RELEASE + "-" + arch + ".tgz");
        pack(folder, file);
        Bundle.of(file);
        return home;
    }

    private static void pack(Path folder, Path file) throws IOException, InterruptedException {
        Process tar = new ProcessBuilder(List.of(
                        "tar",
                        "-C",
                        folder.toString(),
                        "--exclude",
                        RELEASE + "/bundle",
                        "-czf",
                        file.toString(),
                        RELEASE))
                .redirectErrorStream(true)
                .start();
        tar.getOutputStream().close();
        String said = new String(tar.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (tar.waitFor() != 0)
            throw new IOException("expected tar to make " + file + ", but it said: " + said.strip());
    }

    private static void program(Path file, String text) throws IOException {
        Files.writeString(file, "#!/bin/sh\n" + text + "\n");
        if (!file.toFile().setExecutable(true)) throw new IOException("expected to make " + file + " executable");
    }

    private static String quoted(String word) {
        return "'" + word.replace("'", "'\\''") + "'";
    }
}
