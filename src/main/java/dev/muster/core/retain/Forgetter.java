package dev.muster.core.retain;

import dev.muster.core.plan.Action;
import dev.muster.core.plan.Plan;
import dev.muster.core.plan.Policy;
import dev.muster.core.state.Artifact;
import dev.muster.core.state.Bytes;
import dev.muster.core.state.ClusterState;
import dev.muster.core.state.Command;
import dev.muster.core.state.Durations;
import dev.muster.core.state.References;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/// Forgets files that nothing refers to, that nobody has pinned, and of which nobody has stored or fetched a copy for
/// `forgetAfter`, where a person has set one. Without it every file keeps its copies for ever, until the stores are full and
/// no model arrives anywhere; but for the versions of files that running jobs saved and replaced.
///
/// What counts as a reference is [References#kept]: more than the handler asks for, which checks again what may have
/// changed since.
public final class Forgetter {
    /// Orders of one plan; the next plan goes on.
    static final int ORDERS_MAX = 50;

    /// It looks at all files and jobs, so only for a moment once in this time.
    static final Duration EVERY = Duration.ofMinutes(1);

    private Forgetter() {}

    public static Plan decide(ClusterState state, Policy policy, Instant now) {
        Duration moment = policy.heartbeat().multipliedBy(2);
        if (now.toEpochMilli() % EVERY.toMillis() >= moment.toMillis()) return Plan.NOTHING;
        List<Artifact> old = state.files().artifacts().values().stream()
                .filter(file -> !file.pinned() && (replaced(file, now) || aged(file, policy, now)))
                .toList();
        if (old.isEmpty()) return Plan.NOTHING;
        References references = References.kept(state);
        List<Action> actions = new ArrayList<>();
        for (Artifact file : old) {
            if (actions.size() == ORDERS_MAX) break;
            if (references.find(file.sha()).isPresent()) continue;
            actions.add(new Action.Propose(new Command.ForgetArtifact(file.sha()), why(file, now)));
        }
        return new Plan(actions, List.of());
    }

    /// What jobs saved on their way and have replaced goes without being asked for, when whoever holds it has had the time
    /// to delete it.
    private static boolean replaced(Artifact file, Instant now) {
        return file.progress() && age(file, now).compareTo(EVERY) >= 0;
    }

    private static boolean aged(Artifact file, Policy policy, Instant now) {
        return !policy.forgetAfter().isZero() && age(file, now).compareTo(policy.forgetAfter()) >= 0;
    }

    /// Since somebody last read it back; a file that is stored or put again is new.
    private static Duration age(Artifact file, Instant now) {
        Instant newest = file.storedAt();
        for (Instant receipt : file.receipts().values()) if (receipt.isAfter(newest)) newest = receipt;
        return Duration.between(newest, now);
    }

    private static String why(Artifact file, Instant now) {
        if (file.progress()) return "a later save has replaced " + file.name() + ", or its job is forgotten";
        Duration age = age(file, now);
        return "nothing refers to " + file.name() + ", and no copy was made for "
                + (age.toDays() > 1 ? age.toDays() + "d" : Durations.brief(age)) + "; " + new Bytes(file.size())
                + " on " + file.receipts().size() + " nodes may go";
    }
}
