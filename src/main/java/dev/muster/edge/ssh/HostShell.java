package dev.muster.edge.ssh;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/// A shell on some machine: what scripts run by. Many threads may use it at once.
///
/// Scripts are for a POSIX `sh`; which one the machine has is not known. They begin in the account's home, with its environment
/// as its login shell makes it for commands. What that shell, its files and the server say besides is left out of the result.
/// A program that the script leaves running (`nohup … &`) goes on, and nobody waits for it.
public interface HostShell {
    /// Most bytes kept of a script's output and of its errors, each. More is read, counted and left out, and the text says so.
    int OUTPUT_MAX = 1 << 20;

    /// Runs the script with nothing on its standard input.
    ///
    /// @param args    its `$1`, `$2` …; any text but NUL
    /// @param timeout for all of it, connecting included, from when it is its turn; then its processes are asked to end
    /// @throws SshException when it is not known how the script ended; any exit status of its own is a [Result]
    Result run(String script, List<String> args, Duration timeout) throws SshException, InterruptedException;

    /// The same, with a file's bytes on the script's standard input.
    ///
    /// @param file on this machine
    Result send(String script, List<String> args, Path file, Duration timeout)
            throws SshException, InterruptedException;

    /// How a script ended.
    ///
    /// @param exit its status, 0 to 255; 128 and the signal's number when a signal ended it
    /// @param out  what it wrote to standard output, as UTF-8
    /// @param err  what it wrote to standard error
    record Result(int exit, String out, String err) {
        public boolean ok() {
            return exit == 0;
        }
    }
}
