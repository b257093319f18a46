/// Scripts on other machines, by the system's `ssh`, and on this one.
///
/// Owns [Ssh] (all hosts: one connection each, reused; so many at once), [HostShell] (what scripts run by), [SshTarget] (one
/// machine of the host file) and [SshException] (what can be wrong, and what to do about it). Knows nothing of what the scripts
/// are for. May use `core.hosts`. Why a program and no library: ADR 22. Start reading at [Ssh], then [Connection] and [ScriptRun].
package dev.muster.edge.ssh;
