package dev.muster.edge.rent;

import dev.muster.core.rent.Rented;
import dev.muster.core.state.Instance;
import dev.muster.edge.node.Errands;
import dev.muster.edge.provider.Provider;
import dev.muster.edge.provider.ProviderFailure;
import java.io.IOException;
import java.util.Set;

/// Makes a rented machine one of the cluster's nodes.
public interface Installing {
    /// Makes what any machine gets, which takes minutes the first time; better before one is paid for.
    ///
    /// @throws IOException there is nothing to put on machines; the message says what to do
    default void prepare() throws IOException, InterruptedException {}

    /// Sees to it that what machines of a run get with it is there.
    ///
    /// @throws IOException with all that is not, and what to do
    default void secrets(Set<String> names) throws IOException {}

    /// Returns once its node was heard. A node that is heard already is left in peace.
    ///
    /// @return whether anything was done
    /// @throws IOException with what the machine or the cluster said; it may be tried again
    boolean install(Instance instance, Rented machine, Provider provider, Errands.Lead lead)
            throws ProviderFailure, IOException, InterruptedException;
}
