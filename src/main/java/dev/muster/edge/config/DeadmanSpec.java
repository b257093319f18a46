package dev.muster.edge.config;

import java.time.Duration;
import java.util.Map;

/// Who is asked every so often while all is well, and tells people when nobody asks any more.
///
/// @param post    asked by POST, else by GET
/// @param headers such as a key
/// @param timeout for one answer
public record DeadmanSpec(Secret url, Duration every, boolean post, Map<String, Secret> headers, Duration timeout) {
    /// More often is a load, and no news.
    public static final Duration EVERY_MIN = Duration.ofSeconds(10);

    public DeadmanSpec {
        if (every.compareTo(EVERY_MIN) < 0)
            throw new IllegalArgumentException("expected 10s or more, but found " + every.toSeconds() + "s");
    }

    public String masked() {
        return ChannelSpec.masked(url);
    }
}
