package dev.muster.edge.fleet;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/// A POSIX shell on some machine: what `host.sh` runs by.
public interface HostShell {
    /// Runs the script with nothing on its standard input.
    ///
    /// @param args its `$1`, `$2` …
    /// @throws IOException when it is not known how the script ended; any exit status of its own is a [Result]
    Result run(String script, List<String> args, Duration timeout) throws IOException, InterruptedException;

    /// The same, with a file's bytes on the script's standard input.
    Result send(String script, List<String> args, Path file, Duration timeout) throws IOException, InterruptedException;

    /// How a script ended.
    ///
    /// @param exit its status
    /// @param out  what it wrote to standard output
    /// @param err  what it wrote to standard error
    record Result(int exit, String out, String err) {}
}
