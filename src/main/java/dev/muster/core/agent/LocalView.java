package dev.muster.core.agent;

import dev.muster.core.state.AttemptId;
import dev.muster.core.state.ConfigKey;
import dev.muster.core.state.NodeId;
import dev.muster.core.state.Sha256;
import dev.muster.core.state.Table;
import java.util.Collections;
import java.util.Set;
import java.util.TreeSet;

/// What a node knows of itself.
///
/// @param held     artifacts in its store, read back and verified
/// @param fetching artifacts on their way
/// @param pointers the file each config key points at on this node
public record LocalView(
        NodeId self,
        Table<AttemptId, LocalAttempt> attempts,
        Set<Sha256> held,
        Set<Sha256> fetching,
        Table<ConfigKey, Sha256> pointers) {
    public LocalView {
        held = Collections.unmodifiableSortedSet(new TreeSet<>(held));
        fetching = Collections.unmodifiableSortedSet(new TreeSet<>(fetching));
    }
}
