package dev.muster.core.plan;

/// Something that is not done, and why.
///
/// @param subject the id of what waits: a task (`j7.0`), a node, a generation (`hex8_2p#3`), a config key
/// @param message for people: what it needs, what there is, what to do
public record Wait(String subject, Reason reason, String message) {
    public enum Reason {
        /// No node, however empty, could take the task.
        NEVER_FITS,
        /// Every node that could take the task is full, draining, suspect or fenced.
        NO_ROOM,
        /// A failed task or stage is tried again later.
        BACKOFF,
        /// The mass-change brake holds a fence until a person decides.
        BRAKE,
        /// A suspect node is given time.
        SUSPECT,
        /// A model is on its way to nodes that do not hold it yet.
        REPLICAS,
        /// A loop's stage runs its job.
        STAGE,
        /// A wanted voter is not ready to vote.
        VOTER,
        /// A rented machine is on its way into the cluster, or out of it.
        INSTANCE,
        /// A rented machine cannot be stopped or ended, or its provider cannot be asked: a person should look.
        STUCK,
        /// A machine at a provider that belongs to no order of ours.
        STRAY,
        /// A group would grow or shrink, and does not.
        SCALE,
        /// A cap leaves no room.
        BUDGET,
        /// An alert is not told: silenced, in quiet hours, or there is no way to tell it.
        ALERT
    }
}
