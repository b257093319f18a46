package dev.muster.core.agent;

import dev.muster.core.state.AttemptId;
import dev.muster.core.state.ConfigKey;
import dev.muster.core.state.NodeId;
import dev.muster.core.state.Sha256;
import dev.muster.core.state.Table;
import dev.muster.core.state.Transfer;
import java.util.Collections;
import java.util.Set;
import java.util.TreeSet;

/// What a node knows of itself.
///
/// @param held     artifacts in its store, read back and verified
/// @param fetching artifacts on their way
/// @param pointers the file each config key points at on this node
/// @param came     how files came that were fetched lately
public record LocalView(
        NodeId self,
        Table<AttemptId, LocalAttempt> attempts,
        Set<Sha256> held,
        Set<Sha256> fetching,
        Table<ConfigKey, Sha256> pointers,
        Table<Sha256, Transfer> came) {
    public LocalView {
        held = Collections.unmodifiableSortedSet(new TreeSet<>(held));
        fetching = Collections.unmodifiableSortedSet(new TreeSet<>(fetching));
    }

    /// Of a node that fetched nothing lately.
    public LocalView(
            NodeId self,
            Table<AttemptId, LocalAttempt> attempts,
            Set<Sha256> held,
            Set<Sha256> fetching,
            Table<ConfigKey, Sha256> pointers) {
        this(self, attempts, held, fetching, pointers, Table.empty());
    }
}
