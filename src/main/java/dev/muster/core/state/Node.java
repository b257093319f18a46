package dev.muster.core.state;

import java.time.Instant;
import java.util.Optional;

/// A machine in the cluster.
///
/// @param identity        made once in the node's data directory; another identity under the same name is refused
/// @param desired         what a person wants
/// @param maxParallelJobs attempts at once, whatever the hardware
/// @param fenced          a `FenceNode` in the log declared it gone; its attempts were replaced, its late results are refused
/// @param leaving         it runs on a rented machine that is to be stopped or ended: no new work, and what it holds
///                        counts as held nowhere; false in what earlier builds wrote
/// @param run             it runs on a machine that was rented for that run: it takes no other work
public record Node(
        NodeId id,
        String identity,
        Role role,
        Desired desired,
        Hardware hardware,
        int maxParallelJobs,
        Endpoints endpoints,
        boolean fenced,
        Instant joinedAt,
        boolean leaving,
        Optional<RunId> run) {
    /// On a machine that stays.
    public Node(
            NodeId id,
            String identity,
            Role role,
            Desired desired,
            Hardware hardware,
            int maxParallelJobs,
            Endpoints endpoints,
            boolean fenced,
            Instant joinedAt) {
        this(
                id,
                identity,
                role,
                desired,
                hardware,
                maxParallelJobs,
                endpoints,
                fenced,
                joinedAt,
                false,
                Optional.empty());
    }

    /// @throws IllegalArgumentException when fewer than 0 jobs are allowed
    public Node {
        run = run == null ? Optional.empty() : run;
        if (maxParallelJobs < 0) {
            throw new IllegalArgumentException(
                    id + ": expected max_parallel_jobs of 0 or more, but found " + maxParallelJobs);
        }
    }

    /// May new work be placed here, as far as the log knows?
    public boolean schedulable() {
        return desired == Desired.READY && !fenced && !leaving && role != Role.COORDINATOR;
    }

    Node withDesired(Desired wanted) {
        return new Node(
                id, identity, role, wanted, hardware, maxParallelJobs, endpoints, fenced, joinedAt, leaving, run);
    }

    Node withFenced(boolean gone) {
        return new Node(
                id, identity, role, desired, hardware, maxParallelJobs, endpoints, gone, joinedAt, leaving, run);
    }

    /// As its rented machine is.
    Node on(boolean goes, Optional<RunId> owner) {
        return new Node(
                id, identity, role, desired, hardware, maxParallelJobs, endpoints, fenced, joinedAt, goes, owner);
    }
}
