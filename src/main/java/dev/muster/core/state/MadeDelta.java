package dev.muster.core.state;

import java.util.Optional;

/// What came of coding a file against an earlier one, which receivers may hold.
///
/// @param sha   of the delta, a file of its own but no artifact; absent where it would not have been worth its time, so that
///              nobody tries again
/// @param size  of the delta in bytes; 0 where there is none
/// @param maker has it, or found that it is not worth having
public record MadeDelta(Optional<Sha256> sha, long size, NodeId maker) {
    /// @throws IllegalArgumentException when it has a size and no name, or the other way round
    public MadeDelta {
        if (size < 0 || sha.isPresent() != (size > 0)) {
            throw new IllegalArgumentException(
                    "expected a delta's name and a size above 0, or neither, but found " + sha + " and " + size);
        }
    }

    /// Not worth its time.
    public static MadeDelta none(NodeId maker) {
        return new MadeDelta(Optional.empty(), 0, maker);
    }
}
