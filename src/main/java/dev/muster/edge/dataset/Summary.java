package dev.muster.edge.dataset;

import java.util.List;
import java.util.Optional;

/// One dataset of a file, or one table of a database.
///
/// @param name  within the file; empty where the file is one
/// @param type  as `float32`; else what it is
/// @param note  why nothing of it was looked at; empty otherwise
public record Summary(String name, List<Long> shape, String type, Optional<Numbers> numbers, String note) {
    public Summary {
        shape = List.copyOf(shape);
    }

    /// @param looked        how many; fewer than there are with a sample
    /// @param firstBad      row of the first that is no finite number, or -1
    /// @param min           of the finite ones, NaN where there is none; so `max` and `mean`
    /// @param constantRows  rows with one value only
    /// @param firstConstant the first of them, or -1
    public record Numbers(
            long looked,
            long nan,
            long infinite,
            long firstBad,
            double min,
            double max,
            double mean,
            long constantRows,
            long firstConstant) {}
}
