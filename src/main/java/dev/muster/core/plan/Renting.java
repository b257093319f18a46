package dev.muster.core.plan;

import dev.muster.core.rent.OfferQuery;
import dev.muster.core.rent.Rented;
import dev.muster.core.state.InstanceId;
import dev.muster.core.state.Money;
import dev.muster.core.state.RunId;
import dev.muster.core.state.Table;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedSet;

/// What only the leader knows of providers: what they listed and offered, and which errands it has run. A new leader knows
/// nothing of it, and asks anew.
///
/// @param listings by provider
/// @param offers   by group
/// @param created  orders that this leader has passed on, and when
/// @param tried    by errand: the last time
/// @param credits  by provider, where it was said that credit lacks, or asked whether it does
/// @param enabled  whether anything can be rented at all: nobody asks providers otherwise
public record Renting(
        Table<String, Listings> listings,
        Table<String, Found> offers,
        Table<InstanceId, Instant> created,
        Table<String, Tried> tried,
        Table<String, Credit> credits,
        boolean enabled) {
    public static final Renting NOTHING =
            new Renting(Table.empty(), Table.empty(), Table.empty(), Table.empty(), Table.empty(), true);

    private static final Duration RETRY_FIRST = Duration.ofSeconds(5);
    private static final Duration RETRY_MAX = Duration.ofMinutes(2);
    /// Longer than any errand takes; one that never tells how it ended is run again.
    private static final Duration RUNNING_MAX = Duration.ofMinutes(20);
    private static final Duration TRIED_KEPT = Duration.ofHours(1);

    /// A provider's whole answer.
    ///
    /// @param asked when it was asked for: what was ordered later need not be in it
    public record Listing(Instant asked, Instant at, List<Rented> machines) {
        public Listing {
            machines = List.copyOf(machines);
        }
    }

    /// The two newest that came whole.
    public record Listings(Listing newest, Optional<Listing> before) {
        /// As it was last listed.
        public Optional<Rented> withId(String rented) {
            return newest.machines().stream()
                    .filter(machine -> machine.id().equals(rented))
                    .findFirst();
        }
    }

    /// What could be rented for a group.
    public record Found(Instant at, OfferQuery query, OfferQuery.Selection selection) {}

    /// @param at       when it was begun, was done, or failed
    /// @param since    when it was first tried, of the tries that failed in a row
    /// @param failures in a row; none once it was done
    /// @param note     why it failed last; empty while none has
    /// @param denied   it failed for its key
    public record Tried(Instant at, Instant since, boolean running, int failures, String note, boolean denied) {}

    /// What a provider's answers say of the account.
    ///
    /// @param since it lacks credit, or has some again; [Instant#MIN] where it never lacked
    /// @param at    the newest refusal for lack of it
    /// @param shown when it was last asked for, and some was there, or something was last paid
    public record Credit(boolean lacking, Instant since, Instant at, Instant shown) {}

    public Optional<Listings> of(String provider) {
        return listings.find(provider);
    }

    public Optional<Tried> last(Errand errand) {
        return tried.find(key(errand));
    }

    /// May it be run now? Not while it is, and not soon after it was.
    public boolean due(Errand errand, Instant now) {
        Tried last = tried.find(key(errand)).orElse(null);
        if (last == null) return true;
        if (last.running()) return !now.isBefore(last.at().plus(RUNNING_MAX));
        Duration wait = RETRY_FIRST.multipliedBy(1L << Math.min(10, Math.max(0, last.failures() - 1)));
        return !now.isBefore(last.at().plus(wait.compareTo(RETRY_MAX) > 0 ? RETRY_MAX : wait));
    }

    // ---- what happened

    public Renting begun(Errand errand, Instant now) {
        Optional<Tried> last = last(errand);
        Tried next = new Tried(
                now,
                since(last, now),
                true,
                last.map(Tried::failures).orElse(0),
                last.map(Tried::note).orElse(""),
                last.filter(Tried::denied).isPresent());
        Table<InstanceId, Instant> sent =
                errand instanceof Errand.Create(InstanceId id) ? created.with(id, now) : created;
        return new Renting(listings, offers, sent, tried.with(key(errand), next), credits, enabled);
    }

    /// What was done before is no part of what fails now. A first try that runs has begun the row.
    private static Instant since(Optional<Tried> last, Instant now) {
        return last.filter(tried -> tried.failures() > 0 || tried.running())
                .map(Tried::since)
                .orElse(now);
    }

    public Renting failed(Errand errand, Instant now, String why) {
        return failed(errand, now, why, false);
    }

    /// The key was not taken: only a person can help.
    public Renting denied(Errand errand, Instant now, String why) {
        return failed(errand, now, why, true);
    }

    private Renting failed(Errand errand, Instant now, String why, boolean denied) {
        Optional<Tried> last = last(errand);
        Tried next = new Tried(
                now, since(last, now), false, last.map(Tried::failures).orElse(0) + 1, why, denied);
        return new Renting(listings, offers, created, tried.with(key(errand), next), credits, enabled);
    }

    /// It was done; the same is not asked again for a moment.
    public Renting done(Errand errand, Instant now) {
        Table<String, Tried> kept = tried;
        for (Map.Entry<String, Tried> entry : tried) {
            boolean old = entry.getValue().at().plus(TRIED_KEPT).isBefore(now);
            if (old && !entry.getValue().running()) kept = kept.without(entry.getKey());
        }
        Tried next = new Tried(now, now, false, 0, "", false);
        return new Renting(listings, offers, created, kept.with(key(errand), next), credits, enabled);
    }

    public Renting listed(String provider, Listing listing) {
        Optional<Listing> last = listings.find(provider).map(Listings::newest);
        return new Renting(
                listings.with(provider, new Listings(listing, last)), offers, created, tried, credits, enabled);
    }

    public Renting found(String group, Found found) {
        return new Renting(listings, offers.with(group, found), created, tried, credits, enabled);
    }

    /// Something was refused because the account lacks credit.
    public Renting lacksCredit(String provider, Instant now) {
        Instant since = credits.find(provider)
                .filter(Credit::lacking)
                .map(Credit::since)
                .orElse(now);
        return withCredit(provider, new Credit(true, since, now, Instant.MIN));
    }

    /// The account was looked at. One without credit lacks it, unless something was paid since.
    ///
    /// @param asked when it was asked for
    public Renting asked(String provider, boolean some, Instant asked, Instant now) {
        if (some) return hasCredit(provider, asked, now);
        boolean known = credits.find(provider)
                .filter(credit -> credit.lacking() || credit.shown().isAfter(asked))
                .isPresent();
        return known ? this : lacksCredit(provider, now);
    }

    private Renting hasCredit(String provider, Instant shown, Instant now) {
        Credit known = credits.find(provider).orElse(new Credit(false, Instant.MIN, Instant.MIN, Instant.MIN));
        return withCredit(provider, new Credit(false, known.lacking() ? now : known.since(), known.at(), shown));
    }

    /// Something was rented or started; news only where credit lacked.
    public Renting paid(String provider, Instant now) {
        return credits.has(provider) ? hasCredit(provider, now, now) : this;
    }

    private Renting withCredit(String provider, Credit credit) {
        return new Renting(listings, offers, created, tried, credits.with(provider, credit), enabled);
    }

    /// Where a person has switched renting off, or no key is there.
    public Renting disabled() {
        return enabled(false);
    }

    public Renting enabled(boolean can) {
        return new Renting(listings, offers, created, tried, credits, can);
    }

    /// One text for each thing that is asked for, whatever its details.
    public static String key(Errand errand) {
        return switch (errand) {
            case Errand.Look(String provider) -> "look " + provider;
            case Errand.FindOffers(String group, String provider, OfferQuery query) -> "offers " + group;
            case Errand.Create(InstanceId id) -> "create " + id;
            case Errand.Install(InstanceId id) -> "install " + id;
            case Errand.Start(InstanceId id) -> "start " + id;
            case Errand.Stop(InstanceId id) -> "stop " + id;
            case Errand.Destroy(InstanceId id) -> "destroy " + id;
            case Errand.Bid(InstanceId id, Money perHour) -> "bid " + id + " " + perHour;
            case Errand.DestroyStray(String provider, String rented, String label) ->
                "stray " + provider + " " + rented;
            case Errand.AskCharges(String provider) -> "charges " + provider;
            case Errand.AskCredit(String provider) -> "account " + provider;
            case Errand.FindSecrets(RunId run, SortedSet<String> names) -> "secrets " + run;
        };
    }
}
