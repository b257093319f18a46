package dev.muster.edge.local;

import dev.muster.core.state.Money;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/// A market that rents out this machine, and what can be made to happen there. It says what it charged by its own books,
/// past the API that the cluster asks. `edge.program` has one; an interface, because what runs it uses this package.
public interface RentalMarket extends AutoCloseable {
    /// Opens one on loopback.
    interface Opener {
        /// @param folder for its machines; empty
        /// @param key    that its API takes
        RentalMarket open(Path folder, String key, long seed) throws IOException;
    }

    /// As `VAST_URL` takes it.
    String url();

    /// Somebody takes a machine's GPUs by a higher bid, and keeps them for a while.
    void outbid(String rented);

    /// A machine loses power, until its host returns.
    void hostDies(String rented);

    void hostReturns(String rented);

    /// Machines that are not destroyed.
    List<String> rented();

    /// For each machine that ever was.
    Map<String, Money> charged();

    /// In all.
    Money spent();

    /// Ends all machines' processes.
    @Override
    void close();
}
