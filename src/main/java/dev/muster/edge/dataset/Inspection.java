package dev.muster.edge.dataset;

import dev.muster.edge.training.Check;
import java.nio.file.Path;
import java.util.List;

/// What came of the checks of one file.
///
/// @param file     as it was asked for
/// @param format   as `HDF5`; empty where it was not found out
/// @param bytes    its size, or -1
/// @param notes    what a person should look at; fails nothing
/// @param damaged  something is wrong with what the file holds; not only that it is missing or may not be read
public record Inspection(
        Path file,
        String format,
        long bytes,
        List<Check> checks,
        List<Summary> datasets,
        List<String> notes,
        boolean damaged) {
    /// The check of what holds numbers in a way that is not read here.
    static final String LOOKED_AT = "looked at";

    public Inspection {
        checks = List.copyOf(checks);
        datasets = List.copyOf(datasets);
        notes = List.copyOf(notes);
    }

    /// All of it was looked at, and nothing failed.
    public boolean good() {
        return !bad() && !unseen();
    }

    public boolean bad() {
        return checks.stream().anyMatch(check -> check.state() == Check.State.FAILED);
    }

    /// Something in it may be good or bad: nobody looked.
    public boolean unseen() {
        return checks.stream()
                .anyMatch(check ->
                        check.state() == Check.State.SKIPPED && check.name().endsWith(LOOKED_AT));
    }

    /// Names of what failed, in order.
    public List<String> failures() {
        return checks.stream()
                .filter(check -> check.state() == Check.State.FAILED)
                .map(check -> check.name() + ": expected " + check.expected() + ", but found " + check.found())
                .toList();
    }
}
