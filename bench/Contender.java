import java.nio.file.Path;

/// A way to get a file from `h0` to all other hosts of a lab.
interface Contender extends AutoCloseable {
    /// All that may be done before the clock starts.
    void prepare() throws Exception;

    /// Begins.
    ///
    /// @return when the clock started, by `System.nanoTime()`
    long go() throws Exception;

    /// Does the host have the whole file under its final name?
    boolean holds(String host);

    /// Where it has it.
    Path file(String host);

    /// Kills what runs on the host.
    void kill(String host) throws Exception;

    @Override
    void close() throws Exception;
}
