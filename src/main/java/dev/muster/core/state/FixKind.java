package dev.muster.core.state;

/// Something that an agent may put right on its own machine. Each is bounded, may be done twice without harm, and never
/// touches a job.
public enum FixKind {
    /// Check the models' files and links, and make those that are missing or lead nowhere.
    RELINK,
    /// Make room now: half-received files, quarantine, and copies of files that nothing needs.
    COLLECT,
    /// `timedatectl set-ntp true`.
    SYNC_CLOCK,
    /// The command that `node.yaml` names for missing Python packages.
    INSTALL
}
