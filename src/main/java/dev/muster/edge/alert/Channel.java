package dev.muster.edge.alert;

/// One way to tell people.
public interface Channel extends AutoCloseable {
    /// Tells it, and returns once the other side has taken it.
    ///
    /// @throws NotTold it has not, or nobody knows; the message holds no secret. Telling it again is right: services know a duplicate by
    ///     [Notice#key], people by [Notice#number]
    void tell(Notice notice) throws NotTold, InterruptedException;

    /// Does the other side forget what is open, unless it is told again every minute? Then it is: the newest notice of each alert that is
    /// not over, as it was.
    default boolean keepsOpen() {
        return false;
    }

    @Override
    default void close() {}
}
