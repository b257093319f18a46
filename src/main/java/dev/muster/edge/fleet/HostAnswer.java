package dev.muster.edge.fleet;

import java.util.function.Function;

/// What came of a call to a host: a value, or why not in the host's own words.
public sealed interface HostAnswer<T> {
    /// It is done, now or before.
    record Done<T>(T value) implements HostAnswer<T> {}

    /// It was not done, or did not hold.
    ///
    /// @param words what the host says: what was expected, what was found, what to do
    record Refused<T>(Refusal why, String words) implements HostAnswer<T> {}

    /// Why, by the script's exit status.
    enum Refusal {
        /// Something else; the words tell.
        FAILED(1),
        /// A call that the script does not know.
        USAGE(2),
        /// The agent does not answer `/health` with its node's id and the current release. It was left as it is.
        SILENT(3),
        /// The new release did not answer; the former one is back and does.
        SWITCHED_BACK(4),
        /// The bundle that arrived is not the one that was sent.
        DAMAGED(10),
        /// The bundle does not run on such a machine.
        OTHER_MACHINE(11),
        /// Not enough room on the disk.
        NO_ROOM(12),
        /// Another node's data lies there.
        OTHER_NODE(13),
        /// The host lacks a program that is needed.
        TOOL_MISSING(14),
        /// Another call works on the same root.
        BUSY(15),
        /// No release, or no node, to do it with.
        NOTHING_THERE(16),
        /// The agent's API answered, and said no.
        NOT_ORDERED(17);

        private final int exit;

        Refusal(int exit) {
            this.exit = exit;
        }

        /// The script's exit status for it; any other one is [#FAILED].
        static Refusal of(int exit) {
            for (Refusal refusal : values()) if (refusal.exit == exit) return refusal;
            return FAILED;
        }
    }

    /// The same answer about another value.
    default <R> HostAnswer<R> map(Function<T, R> to) {
        return switch (this) {
            case Done<T>(T value) -> new Done<>(to.apply(value));
            case Refused<T>(Refusal why, String words) -> new Refused<>(why, words);
        };
    }
}
