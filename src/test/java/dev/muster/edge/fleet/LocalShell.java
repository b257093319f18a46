package dev.muster.edge.fleet;

import dev.muster.edge.ssh.HostShell;
import dev.muster.edge.ssh.SshException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/// One of this machine's shells, with an environment of a host that has no Java, no Python and no curl.
record LocalShell(List<String> shell, Path home, Path bin) implements HostShell {
    /// What a host has to have: bash, coreutils, util-linux, tar, gzip, and what every system has.
    private static final List<String> TOOLS = List.of(
            ("sh bash dash busybox env awk basename cat chmod cksum cp cut date dd df dirname flock getconf grep gzip head id kill"
                            + " ln ls mkdir mkfifo mv nice printf ps readlink renice rm rmdir sed setsid sha256sum sleep split stat"
                            + " sync tail tar timeout touch tr true uname wc")
                    .split(" "));

    /// A folder with those programs of this machine alone.
    static void layTools(Path bin) throws IOException {
        for (String tool : TOOLS) {
            for (String folder : List.of("/usr/bin", "/bin")) {
                Path program = Path.of(folder, tool);
                if (!Files.exists(program)) continue;
                Files.createSymbolicLink(bin.resolve(tool), program);
                break;
            }
        }
    }

    @Override
    public Result run(String script, List<String> args, Duration timeout) throws SshException, InterruptedException {
        return send(script, args, Path.of("/dev/null"), timeout);
    }

    @Override
    public Result send(String script, List<String> args, Path file, Duration timeout)
            throws SshException, InterruptedException {
        List<String> command = new ArrayList<>(shell);
        command.addAll(List.of("-c", script, "host.sh"));
        command.addAll(args);
        try {
            return call(command, file, timeout);
        } catch (IOException e) {
            throw new SshException(SshException.Kind.LOST, String.valueOf(e.getMessage()));
        }
    }

    /// Runs a program in this host's environment.
    Result call(List<String> command, Path stdin, Duration timeout) throws IOException, InterruptedException {
        Path out = Files.createTempFile(home, "out", "");
        Path err = Files.createTempFile(home, "err", "");
        ProcessBuilder builder = new ProcessBuilder(command)
                .redirectInput(stdin.toFile())
                .redirectOutput(out.toFile())
                .redirectError(err.toFile());
        builder.environment().clear();
        builder.environment()
                .putAll(Map.of("HOME", home.toString(), "PATH", bin.toString(), "MUSTER_JDK_PLACES", "/nowhere"));
        Process process = builder.start();
        if (!process.waitFor(timeout.toMillis(), TimeUnit.MILLISECONDS)) {
            process.destroyForcibly();
            throw new IOException("expected " + command.getLast() + " within " + timeout + "; it said: "
                    + Files.readString(out) + Files.readString(err));
        }
        return new Result(process.exitValue(), Files.readString(out), Files.readString(err));
    }
}
