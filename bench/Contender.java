import dev.muster.edge.local.Lab;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/// A way to get a file from `h0` to all other hosts of a lab.
interface Contender extends AutoCloseable {
    /// All that may be done before the clock starts.
    void prepare() throws Exception;

    /// Traffic when the source first had the file; empty where nobody else can have got some of it before the clock starts.
    default Optional<Map<String, Lab.Traffic>> offered() {
        return Optional.empty();
    }

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
