package dev.muster.core.state;

import java.time.Instant;
import java.util.Optional;

/// The way of a config key's current file to every node.
public record Distribution(ConfigKey config, Sha256 sha, Instant startedAt, Optional<Instant> completedAt) {
    Distribution completed(Instant at) {
        return new Distribution(config, sha, startedAt, Optional.of(at));
    }
}
