package dev.muster.edge.dataset;

import dev.muster.edge.training.Check;
import java.util.List;

/// What came of all that was looked at.
///
/// @param splits   are there files for each split?
/// @param warnings what fails nothing, and is about no single file
/// @param moves    bad files that were moved aside, or would be
public record DataVerdict(
        List<Check> splits, List<Inspection> files, List<String> warnings, List<Quarantine.Move> moves) {
    public DataVerdict {
        splits = List.copyOf(splits);
        files = List.copyOf(files);
        warnings = List.copyOf(warnings);
        moves = List.copyOf(moves);
    }

    public boolean good() {
        return files.stream().allMatch(Inspection::good)
                && splits.stream().noneMatch(check -> check.state() == Check.State.FAILED);
    }

    public DataVerdict with(List<Quarantine.Move> moves) {
        return new DataVerdict(splits, files, warnings, moves);
    }
}
