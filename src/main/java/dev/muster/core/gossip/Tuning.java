package dev.muster.core.gossip;

/// The numbers gossip goes by, with their reasons; milliseconds.
///
/// @param intervalMs      between two probes
/// @param ackMs           for a direct answer, before others are asked to ask
/// @param helpers         that are asked to ask
/// @param suspicion       shortest time to object: so many intervals times log10 of the members
/// @param patience        by how much longer it is while nobody else accuses
/// @param confirmations   accusers besides the first that make it shortest
/// @param repeats         how often a rumor is sent: so many times log10 of the members
/// @param newsMs          between two rounds of news, while there are any
/// @param fanout          whom a round of news goes to
/// @param letterBytes     of rumors in one letter
/// @param compareMs       between two comparisons of whole tables
/// @param reviveMs        between two attempts to reach somebody who is held dead: so partitions merge
/// @param lineMs          between two signs of life on the lines of a node that cannot be dialled
/// @param forgetMs        after which a dead member is forgotten
/// @param membersMax      remembered; the longest dead go first
public record Tuning(
        int intervalMs,
        int ackMs,
        int helpers,
        double suspicion,
        double patience,
        int confirmations,
        int repeats,
        int newsMs,
        int fanout,
        int letterBytes,
        int compareMs,
        int reviveMs,
        int lineMs,
        long forgetMs,
        int membersMax) {
    /// One second and three helpers are SWIM's; 200 ms, fanout 3 and 4 log n repeats memberlist's; 30 s to compare is what
    /// scalecube found needed. Two and a half intervals of suspicion are little more than half of memberlist's: a wrong
    /// word costs nothing here, and 43 nodes are certain of a crash in 4 s.
    public static final Tuning DEFAULT =
            new Tuning(1_000, 500, 3, 2.5, 6, 3, 4, 200, 3, 4_096, 30_000, 10_000, 5_000, 24 * 3_600_000L, 5_000);

    public Tuning withForgetMs(long ms) {
        return new Tuning(
                intervalMs,
                ackMs,
                helpers,
                suspicion,
                patience,
                confirmations,
                repeats,
                newsMs,
                fanout,
                letterBytes,
                compareMs,
                reviveMs,
                lineMs,
                ms,
                membersMax);
    }

    /// Accusations last so long at least among so many members.
    long suspicionMinMs(int members) {
        return (long) (suspicion * Math.max(1, Math.log10(members)) * intervalMs);
    }

    int transmissions(int members) {
        return (int) Math.ceil(repeats * Math.log10(members + 1.0));
    }
}
