package dev.muster.core.code;

import java.util.Optional;

/// The working directory of jobs on one host.
///
/// @param commit   in full
/// @param branch   empty when none is checked out
/// @param changed  tracked files that differ from the commit
/// @param ahead    commits that no remote has
/// @param behind   commits that its branch at the remote has more, as last fetched; absent without such a branch
/// @param previous what Muster replaced last there, by its own record
public record CodeState(
        String commit,
        String subject,
        String branch,
        int changed,
        int ahead,
        Optional<Integer> behind,
        Optional<String> previous) {
    /// @throws IllegalArgumentException when the commit is no SHA
    public CodeState {
        if (!commit.matches("[0-9a-f]{40,64}"))
            throw new IllegalArgumentException("expected a commit's SHA, but found \"" + commit + "\"");
        if (changed < 0 || ahead < 0)
            throw new IllegalArgumentException("expected counts of 0 or more, but found " + changed + ", " + ahead);
    }

    public boolean dirty() {
        return changed > 0;
    }

    /// What only this host has, as in `2 files changed locally and 1 commit that no remote has`; empty for nothing.
    public String local() {
        String files = changed == 0 ? "" : changed + (changed == 1 ? " file" : " files") + " changed locally";
        String commits = ahead == 0 ? "" : ahead + (ahead == 1 ? " commit" : " commits") + " that no remote has";
        return files + (files.isEmpty() || commits.isEmpty() ? "" : " and ") + commits;
    }

    /// As people write it.
    public String brief() {
        return commit.substring(0, 10);
    }
}
