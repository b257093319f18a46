package dev.muster.core.plan;

/// One start of an agent: which one of those that ever ran from a data directory speaks, and where.
///
/// @param id      made at random at each start
/// @param place   the machine and the directory in it; a copy of the directory is another place, a restart is not
/// @param api     where it says it is reached, for people
/// @param version of its program
public record Presence(String id, String place, String api, String version) {
    /// Both cannot be alive at once: a directory is locked by the agent that runs from it.
    public boolean succeeds(Presence earlier) {
        return place.equals(earlier.place());
    }
}
