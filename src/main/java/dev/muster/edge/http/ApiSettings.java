package dev.muster.edge.http;

import dev.muster.core.plan.Soft;
import dev.muster.core.state.ChangeLimit;
import java.time.Duration;
import java.time.InstantSource;
import java.util.function.Supplier;

/// What the API needs to know of the node it runs on.
///
/// @param host      address to listen on; `0.0.0.0` for all
/// @param port      0 takes a free one
/// @param token     the cluster's token, expected on all but the open routes
/// @param version   of the program, shown in `/health` and `/status`
/// @param telemetry what this node measured of itself last; must not block
/// @param clock     the node's clock
/// @param readLimit longest silence of a client in the middle of a request
/// @param changes   how much of the fleet an import may take out of service without a person's word
public record ApiSettings(
        String host,
        int port,
        String token,
        String version,
        Supplier<Soft.Telemetry> telemetry,
        InstantSource clock,
        Duration readLimit,
        ChangeLimit changes) {
    /// Long enough for a slow link, and longer than clients keep idle connections, so that they close them and not we.
    public static final Duration READ_LIMIT = Duration.ofSeconds(60);

    /// @throws IllegalArgumentException when the token is blank: it would let everybody in
    public ApiSettings {
        if (token.isBlank()) throw new IllegalArgumentException("expected a cluster token, but it is blank");
    }

    public ApiSettings(String host, int port, String token, String version, Supplier<Soft.Telemetry> telemetry) {
        this(host, port, token, version, telemetry, InstantSource.system(), READ_LIMIT);
    }

    /// With the usual limit of changes.
    public ApiSettings(
            String host,
            int port,
            String token,
            String version,
            Supplier<Soft.Telemetry> telemetry,
            InstantSource clock,
            Duration readLimit) {
        this(host, port, token, version, telemetry, clock, readLimit, ChangeLimit.DEFAULT);
    }

    public ApiSettings withChanges(ChangeLimit limit) {
        return new ApiSettings(host, port, token, version, telemetry, clock, readLimit, limit);
    }

    @Override
    public String toString() {
        return "ApiSettings[" + host + ":" + port + "]";
    }
}
