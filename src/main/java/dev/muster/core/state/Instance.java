package dev.muster.core.state;

import java.time.Instant;
import java.util.Optional;

/// A rented machine, from order to last bill. It is in the log before it is ordered, so that none is ever forgotten.
///
/// What is wanted of it ([Will]) and what is seen of it ([Sighting]) are two things, and the first is only changed by
/// orders.
///
/// @param label    its name at the provider, never used before: a lost answer is found by it
/// @param group    it belongs to, or belonged to until that was deleted; empty when a person rented it
/// @param term     of the leader that wrote the order down: only that one, and only once, may ask the provider for it
/// @param will     what is wanted of it
/// @param willAt   since when
/// @param why      in whose words
/// @param abandon  a person said that it may go with whatever it holds
/// @param released since when it is certain that nothing required is only there: before that it is neither stopped nor
///     destroyed
/// @param seen     as it was last listed; empty until it was found at the provider
/// @param seenAt   since when it is seen in that state
/// @param node     its name in the cluster, once it was found
/// @param ended    how it ended
/// @param raised   when its bid was last raised, and why
/// @param freeAt   since when nobody else keeps it from running, neither a higher bid nor we; what earlier builds wrote
///                 says when it was seen
/// @param adopted  somebody else rented it: what it cost before is not ours
/// @param again    what is rented in its place, should it fail before it has joined
/// @param replaced it has failed so
/// @param orphanedAt since when the log has a later leader: from then on nobody passes it on
public record Instance(
        InstanceId id,
        String label,
        Rent rent,
        Optional<String> group,
        long term,
        Instant orderedAt,
        Will will,
        Instant willAt,
        String why,
        boolean abandon,
        Optional<Instant> released,
        Optional<Sighting> seen,
        Instant seenAt,
        Optional<NodeId> node,
        Optional<Ended> ended,
        Optional<Raise> raised,
        Bill bill,
        Instant freeAt,
        boolean adopted,
        Optional<Again> again,
        boolean replaced,
        Optional<Instant> orphanedAt) {
    public Instance {
        freeAt = freeAt == null ? seenAt : freeAt;
        orphanedAt = orphanedAt == null ? Optional.empty() : orphanedAt;
    }

    /// What is wanted.
    public enum Will {
        RUN,
        /// Its disk is kept, and billed.
        STOP,
        /// Destroyed, with its disk. There is no way back.
        END
    }

    /// @param found whether it was ever found at the provider
    public record Ended(Instant at, boolean found, String note) {}

    /// @param from the bid before
    public record Raise(Instant at, Money from, String why) {}

    /// For people.
    public enum Phase {
        /// Written down; whether the provider has it is not known yet.
        ORDERED,
        /// The provider has it, and it does not run yet, or no more.
        STARTING,
        /// It runs, and is not in the cluster.
        JOINING,
        RUNNING,
        /// Somebody with a higher bid has it.
        OUTBID,
        /// To be stopped or ended; what it holds is being made safe.
        DRAINING,
        STOPPING,
        STOPPED,
        ENDING,
        /// There, and not as it should be: its message says why.
        FAILED,
        ENDED,
        /// It never came to be.
        ABANDONED
    }

    static Instance ordered(
            InstanceId id,
            String label,
            Rent rent,
            Optional<String> group,
            long term,
            Instant at,
            String why,
            Optional<Again> again) {
        return new Instance(
                id,
                label,
                rent,
                group,
                term,
                at,
                Will.RUN,
                at,
                why,
                false,
                Optional.empty(),
                Optional.empty(),
                at,
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Bill.from(at),
                at,
                false,
                again,
                false,
                Optional.empty());
    }

    public boolean open() {
        return ended.isEmpty();
    }

    /// Somebody else rented it, and nobody knows what is on it: only a person ends it. What a leader has looked after again
    /// was ordered here.
    ///
    /// @param ours its label is one of this cluster's
    public boolean foreign(boolean ours) {
        return adopted && !ours;
    }

    /// Has it ended, and has its provider said what it cost to the end?
    public boolean settled() {
        return ended.isPresent()
                && bill.charged()
                        .filter(upTo -> !upTo.isBefore(ended.get().at()))
                        .isPresent();
    }

    /// The provider's id; empty until it was found there.
    public Optional<String> rented() {
        return seen.map(Sighting::rented);
    }

    public Optional<Observed> observed() {
        return seen.map(Sighting::observed);
    }

    /// Its node takes no new work, and what it holds counts as held nowhere.
    public boolean leaving() {
        return open() && will != Will.RUN;
    }

    /// Another is to be rented in its place, as whoever ordered it said: it is gone, and never was of any use. What a person
    /// has ended before it was ordered is not missed.
    public boolean wantsAnother() {
        boolean never = ended.filter(end -> !end.found()).isPresent() && will == Will.RUN;
        return ended.isPresent()
                && (replaced || never)
                && again.filter(Again::more).isPresent();
    }

    /// Until when another is looked for; empty when that is over.
    public Optional<Instant> awaitsAnother(Instant now) {
        return wantsAnother() ? ended.map(end -> end.at().plus(Again.WITHIN)).filter(now::isBefore) : Optional.empty();
    }

    /// Why it is to be stopped or ended, in the words of whoever said so.
    public String reason() {
        return why.isEmpty() ? "a person ordered it" : why;
    }

    /// Its provider's words, where they are of what it is now; of one that is down by our will, and of one that is up, they
    /// are of what was before.
    public Optional<String> words() {
        return seen.filter(now -> switch (now.observed()) {
                    case FAILED, HOST_LOST -> true;
                    case PROVISIONING, PULLING, QUEUED, PREEMPTED, UNKNOWN -> will == Will.RUN;
                    case RUNNING, STOPPING, STOPPED, GONE -> false;
                })
                .map(Sighting::message)
                .filter(words -> !words.isEmpty());
    }

    /// How it came to its end, for people; empty while it is there.
    public Optional<String> cause() {
        return ended.map(end -> will == Will.RUN ? end.note() + lastSeen() : reason());
    }

    /// Its provider's last words on what vanished.
    private String lastSeen() {
        return seen.filter(now -> now.observed() != Observed.RUNNING)
                .map(now -> "; last seen as " + now.observed() + (now.message().isEmpty() ? "" : ": " + now.message()))
                .orElse("");
    }

    /// Per hour, as far as we are committed to pay: what it costs, or will as soon as it comes up. One that is to end may
    /// come up first.
    public Money committed() {
        if (!open()) return Money.ZERO;
        boolean down = observed()
                .filter(now -> now == Observed.STOPPED || now == Observed.FAILED)
                .isPresent();
        return down && will != Will.RUN ? seen.orElseThrow().perHourNow() : perHourRunning();
    }

    /// While it runs; a bid that was raised counts before the provider lists it.
    Money perHourRunning() {
        if (seen.isEmpty()) return rent.perHour();
        Money listed = seen.get().perHourNow().max(seen.get().perHourRunning());
        return rent.bid().isPresent() ? listed.max(rent.perHour()) : listed;
    }

    /// @param joined whether its node is in the cluster
    public Phase phase(boolean joined) {
        if (ended.isPresent()) return ended.get().found() ? Phase.ENDED : Phase.ABANDONED;
        if (seen.isEmpty()) return Phase.ORDERED;
        return switch (will) {
            case END -> released.isPresent() ? Phase.ENDING : Phase.DRAINING;
            case STOP -> stopping(seen.get().observed());
            case RUN -> running(seen.get().observed(), joined);
        };
    }

    private Phase stopping(Observed observed) {
        return switch (observed) {
            case STOPPED, PREEMPTED -> Phase.STOPPED;
            default -> released.isPresent() ? Phase.STOPPING : Phase.DRAINING;
        };
    }

    private static Phase running(Observed observed, boolean joined) {
        return switch (observed) {
            case PROVISIONING, PULLING, STOPPED, STOPPING, QUEUED -> Phase.STARTING;
            case RUNNING -> joined ? Phase.RUNNING : Phase.JOINING;
            case PREEMPTED -> Phase.OUTBID;
            case FAILED, HOST_LOST, GONE, UNKNOWN -> Phase.FAILED;
        };
    }

    // ---- facts

    Instance seen(Sighting now, NodeId name, Instant at) {
        boolean free =
                !now.observed().held() && observed().filter(Observed::held).isPresent();
        boolean same =
                seen.filter(before -> before.observed() == now.observed()).isPresent();
        Change change = new Change(this);
        if (!same) change.seenAt = at;
        if (free || seen.isEmpty()) change.freeAt = at;
        change.seen = Optional.of(now);
        change.node = node.or(() -> Optional.of(name));
        return change.made();
    }

    /// The words for which it ends stay when nobody has others.
    Instance wanted(Will now, boolean abandoned, Instant at, String reason) {
        boolean keeps = reason.isEmpty() && now == will;
        Change change = new Change(this);
        change.will = now;
        change.willAt = at;
        change.why = keeps ? why : reason;
        change.abandon = abandoned;
        change.released = Optional.empty();
        change.replaced = false;
        return change.made();
    }

    Instance asReplaced() {
        Change change = new Change(this);
        change.replaced = true;
        return change.made();
    }

    Instance orphaned(Instant at) {
        Change change = new Change(this);
        change.orphanedAt = Optional.of(at);
        return change.made();
    }

    Instance asAdopted() {
        Change change = new Change(this);
        change.adopted = true;
        return change.made();
    }

    Instance released(Instant at) {
        Change change = new Change(this);
        change.released = Optional.of(at);
        return change.made();
    }

    Instance ended(Instant at, String note) {
        Change change = new Change(this);
        change.ended = Optional.of(new Ended(at, seen.isPresent(), note));
        return change.made();
    }

    Instance bidRaised(Rent terms, Instant at, String reason) {
        Change change = new Change(this);
        change.raised = Optional.of(new Raise(at, rent.bid().orElseThrow(), reason));
        change.rent = terms;
        return change.made();
    }

    Instance withGroup(Optional<String> now) {
        Change change = new Change(this);
        change.group = now;
        return change.made();
    }

    Instance withBill(Bill now) {
        Change change = new Change(this);
        change.bill = now;
        return change.made();
    }

    /// What a fact changes; the rest stays.
    private static final class Change {
        private final Instance of;
        private Rent rent;
        private Optional<String> group;
        private Will will;
        private Instant willAt;
        private String why;
        private boolean abandon;
        private Optional<Instant> released;
        private Optional<Sighting> seen;
        private Instant seenAt;
        private Optional<NodeId> node;
        private Optional<Ended> ended;
        private Optional<Raise> raised;
        private Bill bill;
        private Instant freeAt;
        private boolean adopted;
        private boolean replaced;
        private Optional<Instant> orphanedAt;

        Change(Instance of) {
            this.of = of;
            this.rent = of.rent;
            this.group = of.group;
            this.will = of.will;
            this.willAt = of.willAt;
            this.why = of.why;
            this.abandon = of.abandon;
            this.released = of.released;
            this.seen = of.seen;
            this.seenAt = of.seenAt;
            this.node = of.node;
            this.ended = of.ended;
            this.raised = of.raised;
            this.bill = of.bill;
            this.freeAt = of.freeAt;
            this.adopted = of.adopted;
            this.replaced = of.replaced;
            this.orphanedAt = of.orphanedAt;
        }

        Instance made() {
            return new Instance(
                    of.id,
                    of.label,
                    rent,
                    group,
                    of.term,
                    of.orderedAt,
                    will,
                    willAt,
                    why,
                    abandon,
                    released,
                    seen,
                    seenAt,
                    node,
                    ended,
                    raised,
                    bill,
                    freeAt,
                    adopted,
                    of.again,
                    replaced,
                    orphanedAt);
        }
    }
}
