package dev.muster.edge.vastsim;

import dev.muster.market.MarketSettings;

/// How a simulated market is served.
///
/// @param port   0 takes a free one
/// @param apiKey what clients show
/// @param speed  how many times faster than real virtual time passes: lags, other renters and bills
/// @param pacing answers 429 to who asks more often than the real service allows; by real time
public record SimSettings(
        String host, int port, String apiKey, long seed, double speed, boolean pacing, MarketSettings market) {
    public SimSettings {
        if (port < 0 || port > 65_535)
            throw new IllegalArgumentException("expected a port of 0 to 65535, but found " + port);
        if (!(speed > 0 && speed <= 100_000))
            throw new IllegalArgumentException("expected a speed above 0 and up to 100000, but found " + speed);
        if (apiKey.isBlank()) throw new IllegalArgumentException("expected an API key, but found none");
    }
}
