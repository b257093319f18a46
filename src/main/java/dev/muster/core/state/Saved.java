package dev.muster.core.state;

import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;

/// What an attempt has made so far, as it was last saved. A task's next attempt begins with what the one before had.
///
/// @param files   by their path in the working directory, each as it was at one moment
/// @param earlier the newest version before of which another node has a copy: what is left where the newest goes with its
///                node
/// @param number  of the save among the attempt's own; an order with a lower one is late. 0 of an attempt that has saved
///                nothing by itself
/// @param at      when the cluster heard of it, as far as the attempt saved something by itself
public record Saved(
        Table<String, Attempt.Stored> files, Table<String, Attempt.Stored> earlier, long number, Optional<Instant> at) {
    /// Files of one attempt. Each is some 150 bytes of every snapshot.
    public static final int FILES_MAX = 256;

    public static final Saved NOTHING = new Saved(Table.empty(), Table.empty(), 0, Optional.empty());

    /// For another attempt to begin with.
    ///
    /// @param given whether some node gives the file
    Saved inherited(Predicate<Sha256> given) {
        Saved next = new Saved(files, earlier, 0, Optional.empty());
        for (Attempt.Stored before : earlier.values()) {
            Attempt.Stored newest = files.require(before.path());
            if (given.test(before.sha()) && !given.test(newest.sha()))
                next = new Saved(
                        next.files.with(before.path(), before), next.earlier.without(before.path()), 0, next.at);
        }
        return next;
    }

    /// The node's next look: what is there now, in place of all that was.
    public Saved next(Table<String, Attempt.Stored> now, Instant time) {
        return new Saved(now, Table.empty(), number + 1, Optional.of(time));
    }

    /// @param elsewhere whether another node has a copy of the file
    Saved with(Event.ProgressSaved event, Predicate<Sha256> elsewhere, Instant time) {
        Table<String, Attempt.Stored> next = files;
        Table<String, Attempt.Stored> before = earlier;
        for (String path : event.gone()) {
            next = next.without(path);
            before = before.without(path);
        }
        for (Attempt.Stored file : event.files()) {
            Optional<Attempt.Stored> old = next.find(file.path()).filter(known -> elsewhere.test(known.sha()));
            if (old.isPresent() && !old.get().equals(file)) before = before.with(file.path(), old.get());
            next = next.with(file.path(), file);
        }
        return new Saved(next, before, event.number(), Optional.of(time));
    }

    /// How many files there would be after it.
    int sizeWith(List<Attempt.Stored> more, List<String> gone) {
        Set<String> paths = new HashSet<>(files.keys());
        gone.forEach(paths::remove);
        more.forEach(file -> paths.add(file.path()));
        return paths.size();
    }

    /// Every version that is still needed.
    List<Sha256> versions() {
        List<Sha256> all = new ArrayList<>();
        for (Attempt.Stored file : files.values()) all.add(file.sha());
        for (Attempt.Stored file : earlier.values()) all.add(file.sha());
        return all;
    }

    /// Files that are not the same in `known`, in path order.
    public List<Attempt.Stored> newSince(Saved known) {
        List<Attempt.Stored> changed = new ArrayList<>();
        for (Attempt.Stored file : files.values())
            if (!known.files().find(file.path()).equals(Optional.of(file))) changed.add(file);
        return changed;
    }

    /// Paths of files that are not there any more.
    public List<String> goneSince(Saved known) {
        return known.files().keys().stream().filter(path -> !files.has(path)).toList();
    }
}
