package dev.muster.edge.swarm;

import java.util.Map;

/// What a node offers others, with its limits: one for all its connections, whoever opened them.
public final class Serving {
    /// Uploads at once: two files to eight nodes each, and some to spare. More would only share the line.
    public static final int UPLOADS_MAX = 32;

    private final Uploads uploads;

    private Serving(Uploads uploads) {
        this.uploads = uploads;
    }

    /// @param token      the cluster's
    /// @param uploadsMax uploads at the same time
    /// @param uploadRate bytes per second, 0 for no limit
    public static Serving of(
            LocalChunks chunks, Lead lead, String token, int uploadsMax, long uploadRate, Counters counters) {
        return of(chunks, lead, token, uploadsMax, uploadRate, new PeerRates(Map.of()), counters);
    }

    static Serving of(
            LocalChunks chunks,
            Lead lead,
            String token,
            int uploadsMax,
            long uploadRate,
            PeerRates peers,
            Counters counters) {
        return new Serving(new Uploads(chunks, lead, token, uploadsMax, new Limiter(uploadRate), peers, counters));
    }

    Uploads uploads() {
        return uploads;
    }
}
