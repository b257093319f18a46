package dev.muster.edge.provider;

import dev.muster.core.rent.Balance;
import dev.muster.core.rent.Capabilities;
import dev.muster.core.rent.Charge;
import dev.muster.core.rent.Created;
import dev.muster.core.rent.OfferQuery;
import dev.muster.core.rent.RentOrder;
import dev.muster.core.rent.Rented;
import dev.muster.core.state.Money;
import java.time.Instant;
import java.util.List;

/// Somebody who rents machines to us, or lists those we own.
///
/// Each method asks the provider and returns when it has answered: call it on a thread that may wait. It keeps the pace
/// that the provider wants, and repeats only what can be repeated without harm. Everything that goes wrong is a
/// [ProviderFailure]; a list that could not be had is one, and never an empty list. What [#can()] denies is refused as
/// [ProviderFailure.Unsupported] before anything is sent.
///
/// Safe for use by several threads.
public interface Provider extends AutoCloseable {
    /// As in `vast`.
    String name();

    Capabilities can();

    /// What could be rented now. It was looked through once more on our side, and `dropped` says what came besides.
    OfferQuery.Selection offers(OfferQuery query) throws ProviderFailure;

    /// GPUs by the provider's names; empty when it has no such list.
    List<String> gpuNames() throws ProviderFailure;

    /// All our machines, also those that somebody else ordered with the same account, each once.
    List<Rented> list() throws ProviderFailure;

    /// Orders one machine. It is never asked for twice here.
    ///
    /// @throws ProviderFailure.Unsure when it may have been ordered: look for the label in [#list()] before anything
    ///     else. Its row may come some seconds later
    Created create(RentOrder order) throws ProviderFailure;

    /// Starts a stopped machine.
    ///
    /// @throws ProviderFailure.Refused with the code [ProviderFailure#QUEUED] when it cannot start now, but will by
    ///     itself, and then bills: stop it to prevent that
    void start(String id) throws ProviderFailure;

    /// Stops it; its disk is kept, and billed. Harmless when it is stopped.
    void stop(String id) throws ProviderFailure;

    /// Ends it, with its disk. Harmless when it is gone.
    void destroy(String id) throws ProviderFailure;

    /// Bids anew for a machine that is rented at a bid.
    ///
    /// @param perHour for the whole machine
    void bid(String id, Money perHour) throws ProviderFailure;

    /// Lets a public SSH key log in. Harmless when it may already.
    void attachKey(String id, String publicKey) throws ProviderFailure;

    /// The last lines that the machine wrote.
    ///
    /// @param lines at least 1
    String logs(String id, int lines) throws ProviderFailure;

    Balance account() throws ProviderFailure;

    /// What was charged in that time, by whole days where the provider counts so.
    List<Charge> charges(Instant from, Instant to) throws ProviderFailure;

    @Override
    void close();
}
