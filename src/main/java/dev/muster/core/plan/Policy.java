package dev.muster.core.plan;

import dev.muster.core.state.ChangeLimit;
import java.time.Duration;

/// The numbers planners decide by, with their defaults in one place. One time base: all are multiples of `heartbeat`.
///
/// @param heartbeat       between two of a node's heartbeats
/// @param suspectAfter    silence that makes a node suspect: nothing new is placed there
/// @param fenceAfter      silence after which a node is fenced and its attempts are replaced
/// @param fenceShare      of all nodes in service that may be fenced within `fenceWindow` without a person
/// @param fenceWindow     for `fenceShare`
/// @param placementsMax   of one plan; the next plan goes on
/// @param diskFreeMin     bytes free on a node's disk below which nothing is placed there, [DiskFloor#work]
/// @param distributionPatience without a new copy, after which the journal says who lacks a promoted model
/// @param forgetAfter     without a new copy, after which a file that nothing refers to and nobody has pinned is forgotten;
///                        zero: never
/// @param changes         how much of the fleet an import may take out of service without a person's word
public record Policy(
        Duration heartbeat,
        Duration suspectAfter,
        Duration fenceAfter,
        double fenceShare,
        Duration fenceWindow,
        int placementsMax,
        long diskFreeMin,
        Duration distributionPatience,
        Duration forgetAfter,
        ChangeLimit changes) {
    /// Suspect after five missed heartbeats; fenced after a minute, which outlasts a voter's restart and a short network
    /// outage; at most a quarter of the nodes (but always one) in ten minutes, because a fault that takes more is more
    /// likely the observer's. Two minutes without a new copy outlast a restart of whoever gives it. No
    /// file is forgotten before a person has said when: games and results may be wanted though nothing refers to them.
    public static final Policy DEFAULT = new Policy(
            Duration.ofSeconds(2),
            Duration.ofSeconds(10),
            Duration.ofSeconds(60),
            0.25,
            Duration.ofMinutes(10),
            500,
            DiskFloor.DEFAULT.work(),
            Duration.ofMinutes(2),
            Duration.ZERO,
            ChangeLimit.DEFAULT);

    /// With the usual limit of changes.
    public Policy(
            Duration heartbeat,
            Duration suspectAfter,
            Duration fenceAfter,
            double fenceShare,
            Duration fenceWindow,
            int placementsMax,
            long diskFreeMin,
            Duration distributionPatience,
            Duration forgetAfter) {
        this(
                heartbeat,
                suspectAfter,
                fenceAfter,
                fenceShare,
                fenceWindow,
                placementsMax,
                diskFreeMin,
                distributionPatience,
                forgetAfter,
                ChangeLimit.DEFAULT);
    }

    public Policy withForgetAfter(Duration time) {
        return new Policy(
                heartbeat,
                suspectAfter,
                fenceAfter,
                fenceShare,
                fenceWindow,
                placementsMax,
                diskFreeMin,
                distributionPatience,
                time,
                changes);
    }

    /// @throws IllegalArgumentException when the times are not in order
    public Policy {
        if (suspectAfter.compareTo(heartbeat.multipliedBy(2)) < 0
                || fenceAfter.compareTo(suspectAfter.multipliedBy(2)) < 0) {
            throw new IllegalArgumentException(
                    "expected 2 heartbeats <= suspect_after and 2 suspect_after <= fence_after, but found " + heartbeat
                            + ", " + suspectAfter + ", " + fenceAfter);
        }
        if (!(fenceShare > 0 && fenceShare <= 1)) {
            throw new IllegalArgumentException("expected a fence_share above 0 and at most 1, but found " + fenceShare);
        }
    }
}
