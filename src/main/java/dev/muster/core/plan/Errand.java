package dev.muster.core.plan;

import dev.muster.core.rent.OfferQuery;
import dev.muster.core.state.InstanceId;
import dev.muster.core.state.Money;
import dev.muster.core.state.RunId;
import java.util.SortedSet;

/// What is asked of a provider, or done on one of its machines. Each is asked for by what is in the log, and asking twice
/// is asking once, but for [Create], which is asked by one leader, once.
public sealed interface Errand {
    /// All our machines there.
    record Look(String provider) implements Errand {}

    /// What could be rented for a group.
    record FindOffers(String group, String provider, OfferQuery query) implements Errand {}

    /// Order the machine that is in the log.
    record Create(InstanceId instance) implements Errand {}

    /// Make its node one of the cluster: let our key in, put the agent there, start it.
    record Install(InstanceId instance) implements Errand {}

    record Start(InstanceId instance) implements Errand {}

    record Stop(InstanceId instance) implements Errand {}

    record Destroy(InstanceId instance) implements Errand {}

    /// Bid as the log says.
    record Bid(InstanceId instance, Money perHour) implements Errand {}

    /// End a machine with one of our labels that no open instance has.
    record DestroyStray(String provider, String rented, String label) implements Errand {}

    /// What was charged for the machines that we have there.
    record AskCharges(String provider) implements Errand {}

    /// Whether there is credit again.
    record AskCredit(String provider) implements Errand {}

    /// Whether the leader's host has the secrets that it would put on the run's machines.
    record FindSecrets(RunId run, SortedSet<String> names) implements Errand {}
}
