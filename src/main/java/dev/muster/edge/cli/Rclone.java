package dev.muster.edge.cli;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// The program `rclone`, which knows B2, S3 and many other stores; its remotes and keys are its own.
final class Rclone {
    /// Of what it says when it fails: the end tells why.
    private static final int LINES_MAX = 5;

    private final Path program;
    private final Shell shell;

    private Rclone(Path program, Shell shell) {
        this.program = program;
        this.shell = shell;
    }

    /// `REMOTE:PATH`, and not a path with a colon somewhere in it.
    static boolean means(String place) {
        return place.matches(":?[^/:]+:.*");
    }

    /// @throws Failure when it is not on the PATH
    static Rclone found(Shell shell) throws Failure {
        for (String folder : shell.env().getOrDefault("PATH", "").split(File.pathSeparator)) {
            if (folder.isEmpty()) continue;
            Path program = Path.of(folder, "rclone");
            if (Files.isExecutable(program) && !Files.isDirectory(program)) return new Rclone(program, shell);
        }
        throw new Failure(
                Exit.ERROR,
                "MISSING",
                "expected the program rclone for a place like REMOTE:PATH, but it is not on the PATH",
                "install it (rclone.org) and make the remote with `rclone config`; or name a folder");
    }

    void copy(Path folder, String place) throws Failure {
        run("copy", folder.toString(), place);
    }

    /// By what the store says of its files; where it keeps no hashes, by reading them again.
    void check(Path folder, String place) throws Failure {
        String said = run("check", "--one-way", folder.toString(), place);
        if (said.contains("could not be checked")) run("check", "--one-way", "--download", folder.toString(), place);
    }

    /// @return what it said on stderr
    private String run(String verb, String... words) throws Failure {
        List<String> command = new ArrayList<>(List.of(program.toString(), verb));
        command.addAll(List.of(words));
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
        builder.environment().putAll(shell.env());
        try {
            Process process = builder.start();
            process.getOutputStream().close();
            String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            int exit = process.waitFor();
            if (exit == 0) return said;
            throw new Failure(
                    Exit.ERROR,
                    "REMOTE",
                    "rclone " + verb + " to " + words[words.length - 1] + " ended with " + exit + ": " + end(said),
                    "`rclone listremotes` shows the remotes there are; nothing of the run was removed");
        } catch (IOException e) {
            throw new Failure(Exit.ERROR, "IO", "cannot run " + program + ": " + e.getMessage(), "");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new Failure(Exit.ERROR, "NOT_DONE", "interrupted while rclone ran", "");
        }
    }

    private static String end(String said) {
        List<String> lines = said.lines().filter(line -> !line.isBlank()).toList();
        return String.join("; ", lines.subList(Math.max(0, lines.size() - LINES_MAX), lines.size()));
    }
}
