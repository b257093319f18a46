package dev.muster.core.check;

import dev.muster.core.state.NodeId;
import java.util.List;
import java.util.Optional;

/// What a node says of itself: its checks, and whom it could not reach.
///
/// @param dialled   nodes that it tried to reach
/// @param unreached of those, by port; at most [#UNREACHED_MAX]
/// @param dialable  whether others are to reach it: false behind NAT
/// @param installs  whether `node.yaml` names a command for missing Python packages
/// @param answers   the newest request this report was made for; 0 for none
public record Report(
        List<Check> checks,
        List<NodeId> dialled,
        List<Unreached> unreached,
        boolean dialable,
        boolean installs,
        long answers) {
    /// All ports of 64 nodes; a report stays below 16 KB.
    public static final int UNREACHED_MAX = 128;

    public Report {
        checks = List.copyOf(checks);
        dialled = List.copyOf(dialled);
        unreached = List.copyOf(unreached);
    }

    /// @param what `api` or `artifacts`
    public record Unreached(NodeId node, String what, int port, String why) {}

    public Optional<Check> find(Probe probe) {
        return checks.stream().filter(check -> check.probe() == probe).findFirst();
    }

    /// The same, made for this request.
    public Report answering(long request) {
        return new Report(checks, dialled, unreached, dialable, installs, request);
    }
}
