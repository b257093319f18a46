package dev.muster.edge.artifact;

/// The answer to placing an artifact in a work directory.
public sealed interface PlaceResult permits PutResult.NoSpace, PlaceResult.Placed, PlaceResult.Missing {

    /// @param shared true if it is the store's own file under another name
    record Placed(boolean shared) implements PlaceResult {}

    /// The store does not hold it.
    record Missing() implements PlaceResult {}
}
