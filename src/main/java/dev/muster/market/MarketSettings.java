package dev.muster.market;

import java.time.Instant;

/// What kind of market it is.
///
/// @param start         where virtual time begins
/// @param machines      how many there are
/// @param churn         how lively other renters and hosts are: 1 as on the real market, 0 nobody else is there and
///     prices stand
/// @param failures      how often hosts go offline: 1 as their reliability says, 0 never
/// @param stuckShare    of new instances, those that stay in `loading` for ever
/// @param imageShare    of new instances, those whose image cannot be started
/// @param extensions    of contracts, those whose host offers a price increase before the end
/// @param credit        what is on the account at first
/// @param card          a card on file pays what is owed; without one, instances are destroyed when the credit is used
///     up
public record MarketSettings(
        Instant start,
        int machines,
        double churn,
        double failures,
        double stuckShare,
        double imageShare,
        double extensions,
        Usd credit,
        boolean card) {
    public MarketSettings {
        if (machines < 1 || machines > 100_000)
            throw new IllegalArgumentException("expected 1 to 100000 machines, but found " + machines);
        for (double share : new double[] {stuckShare, imageShare, extensions}) {
            if (!(share >= 0 && share <= 1))
                throw new IllegalArgumentException("expected shares of 0 to 1, but found " + share);
        }
        if (!(churn >= 0 && churn <= 1000 && failures >= 0 && failures <= 1000))
            throw new IllegalArgumentException(
                    "expected churn and failures of 0 to 1000, but found " + churn + " and " + failures);
    }

    /// As the real market: 300 machines, lively, with all its troubles. How often boots hang or fail is a guess that
    /// makes a client meet each within some fifty instances.
    public static MarketSettings standard(Instant start) {
        return new MarketSettings(start, 300, 1, 1, 0.02, 0.01, 0.3, Usd.of(100), false);
    }

    /// Nobody else is there and nothing fails by itself: what happens is what the client does, and the faults it asks
    /// for.
    public static MarketSettings calm(Instant start) {
        return new MarketSettings(start, 60, 0, 0, 0, 0, 0, Usd.of(100), false);
    }

    public MarketSettings withMachines(int count) {
        return new MarketSettings(start, count, churn, failures, stuckShare, imageShare, extensions, credit, card);
    }

    public MarketSettings withChurn(double value) {
        return new MarketSettings(start, machines, value, failures, stuckShare, imageShare, extensions, credit, card);
    }

    public MarketSettings withFailures(double value) {
        return new MarketSettings(start, machines, churn, value, stuckShare, imageShare, extensions, credit, card);
    }

    public MarketSettings withExtensions(double value) {
        return new MarketSettings(start, machines, churn, failures, stuckShare, imageShare, value, credit, card);
    }

    public MarketSettings withCredit(Usd value) {
        return new MarketSettings(start, machines, churn, failures, stuckShare, imageShare, extensions, value, card);
    }

    public MarketSettings withCard(boolean value) {
        return new MarketSettings(start, machines, churn, failures, stuckShare, imageShare, extensions, credit, value);
    }

    long startMicros() {
        return Market.micros(start);
    }
}
