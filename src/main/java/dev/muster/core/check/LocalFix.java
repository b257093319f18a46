package dev.muster.core.check;

import dev.muster.core.state.Fix;
import dev.muster.core.state.FixKind;
import java.util.Optional;

/// A fix in its node's own journal: written before it is begun, so that it is done once, whatever happens to the agent.
///
/// @param end absent while it is under way
public record LocalFix(long token, FixKind kind, Optional<Fix.Ended> end) {}
