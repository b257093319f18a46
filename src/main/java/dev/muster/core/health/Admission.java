package dev.muster.core.health;

import dev.muster.core.plan.Policy;
import dev.muster.core.state.Durations;
import dev.muster.core.state.NodeId;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/// Whether an agent whose data directory last ran elsewhere may be its node, or is a copy of one that is alive. Asked
/// before it does anything: before it looks at a job, and before it votes.
public final class Admission {
    private Admission() {}

    /// Where the data directory last ran.
    public enum Last {
        /// Here, and the machine has not started anew since: the lock of the directory keeps a second agent out.
        HERE,
        /// In this directory of this machine, before it started anew; or the machine is a copy too.
        BEFORE_REBOOT,
        ELSEWHERE
    }

    /// What another node answered.
    ///
    /// @param voter    it votes, as far as the asking agent knows
    /// @param informed it leads, and has for long enough to know who is there; or it asked one that does
    /// @param twin     who stands in the way
    public record Word(boolean voter, boolean informed, Optional<Twin> twin) {}

    public sealed interface Verdict {
        record Enter() implements Verdict {}

        /// Ask again; `why` is for people.
        record Ask(String why) implements Verdict {}

        record Refuse(String why) implements Verdict {}
    }

    /// @param words  of this round
    /// @param others voters besides this one, whether or not they answered; empty where this one does not vote
    /// @param asking since the first round
    public static Verdict decide(
            NodeId node, Last last, List<Word> words, Optional<Integer> others, Duration asking, Policy policy) {
        if (last == Last.HERE) return new Verdict.Enter();
        for (Word word : words) {
            if (word.twin().isEmpty()) continue;
            Twin twin = word.twin().get();
            // Heard since this one came: it is alive, and not what was left of a machine that this one has followed.
            boolean alive = twin.silence().compareTo(asking) < 0;
            return alive
                    ? new Verdict.Refuse(twin.message(node))
                    : new Verdict.Ask("another agent with the identity of " + node + " was alive at "
                            + twin.known().api() + " " + Durations.brief(twin.silence())
                            + " ago; it may go on once that"
                            + " one has been silent for " + Durations.brief(policy.suspectAfter()));
        }
        if (words.stream().anyMatch(Word::informed)) return new Verdict.Enter();
        return others.map(count -> voter(last, words, count, asking, policy))
                .orElse(new Verdict.Ask("its data directory last ran "
                        + (last == Last.ELSEWHERE ? "elsewhere" : "before a reboot")
                        + ", and nobody who knows who is there has answered yet"));
    }

    /// Without so many other voters none is elected, so that waiting for them costs nothing.
    private static Verdict voter(Last last, List<Word> words, int others, Duration asking, Policy policy) {
        int needed = (others + 1) / 2; // with itself a majority of all
        long answered = words.stream().filter(Word::voter).count();
        boolean alone = others == 0 && asking.compareTo(policy.suspectAfter()) >= 0;
        if (alone || last == Last.BEFORE_REBOOT && answered >= needed) return new Verdict.Enter();
        return new Verdict.Ask(
                last == Last.BEFORE_REBOOT
                        ? "it votes again once " + needed + " of the other " + others
                                + " voters have answered that no copy of it is alive; " + answered + " have"
                        : "it votes again once the cluster's leader has said that no copy of it is alive, and none is"
                                + " known; if the machine that it ran on is gone for good, delete `place` in its data"
                                + " directory and start it again");
    }
}
