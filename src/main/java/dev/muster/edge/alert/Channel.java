package dev.muster.edge.alert;

/// One way to tell people.
public interface Channel extends AutoCloseable {
    /// Tells it, and returns once the other side has taken it.
    ///
    /// @throws NotTold it has not, or nobody knows; the message holds no secret. Telling it again is right: services know a duplicate by
    ///     [Notice#key], people by [Notice#number]
    void tell(Notice notice) throws NotTold, InterruptedException;

    @Override
    void close();
}
