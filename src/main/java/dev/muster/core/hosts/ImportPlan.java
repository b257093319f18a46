package dev.muster.core.hosts;

import dev.muster.core.state.ChangeLimit;
import dev.muster.core.state.ClusterState;
import dev.muster.core.state.Command;
import dev.muster.core.state.Declared;
import dev.muster.core.state.Desired;
import dev.muster.core.state.Node;
import dev.muster.core.state.NodeId;
import dev.muster.core.state.ServiceBrake;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/// What a file of hosts would change in the cluster, and what it would not and why.
///
/// Only words that say what somebody wants change what is desired. What somebody once saw (`offline`, `terminated`) is
/// told and left alone: whoever is there is seen by the cluster itself. Nothing is removed, and who votes is not changed.
///
/// @param steps in the file's order
/// @param left  what the file says and is not done, then who is not in the file
/// @param brake whether the steps together take too much out of service
public record ImportPlan(List<Step> steps, List<Left> left, ServiceBrake brake, ChangeLimit limit) {
    public enum Kind {
        /// Nobody knew the name.
        ADDED,
        /// What is known of it changes, but not what is wanted.
        UPDATED,
        /// Back into service.
        RETURNED,
        /// Takes no new work from now on.
        DRAINED,
        /// Out of service.
        RETIRED
    }

    /// @param reason the file's word, and what was found
    public record Step(Kind kind, Command.HostChange change, String reason) {
        public NodeId node() {
            return change.to().node();
        }

        /// Somebody is to be asked before this is done.
        public boolean asks() {
            return kind != Kind.ADDED && kind != Kind.UPDATED;
        }
    }

    /// @param name perhaps none that a node can have
    public record Left(String name, String reason) {}

    public ImportPlan {
        steps = List.copyOf(steps);
        left = List.copyOf(left);
    }

    /// @param heard who is there, as the leader hears it; for words in reasons, and never to anybody's disadvantage
    /// @param now   for the limit's window
    public static ImportPlan of(
            List<Wish> wishes, ClusterState state, Set<NodeId> heard, ChangeLimit limit, Instant now) {
        Planning planning = new Planning(state, heard);
        for (Wish wish : wishes) planning.wish(wish);
        planning.others();
        Map<NodeId, Desired> wanted = new TreeMap<>();
        for (Step step : planning.steps)
            wanted.put(step.node(), step.change().to().desired());
        return new ImportPlan(planning.steps, planning.left, ServiceBrake.of(state, wanted, limit, now), limit);
    }

    /// The order that does it; refused when the cluster has changed since.
    ///
    /// @param overridden what a person typed, when the brake stops it
    public Command.ImportNodes order(OptionalInt overridden) {
        return new Command.ImportNodes(steps.stream().map(Step::change).toList(), limit, overridden);
    }

    public boolean asks() {
        return steps.stream().anyMatch(Step::asks);
    }

    private static final class Planning {
        private final ClusterState state;
        private final Set<NodeId> heard;
        private final List<Step> steps = new ArrayList<>();
        private final List<Left> left = new ArrayList<>();
        private final Set<NodeId> named = new TreeSet<>();

        Planning(ClusterState state, Set<NodeId> heard) {
            this.state = state;
            this.heard = heard;
        }

        void wish(Wish wish) {
            try {
                NodeId id = new NodeId(wish.name());
                if (!named.add(id)) left.add(new Left(wish.name(), "stands in the file twice; the first one counts"));
                else host(id, wish);
            } catch (IllegalArgumentException e) {
                left.add(new Left(wish.name(), Objects.requireNonNullElse(e.getMessage(), "cannot be a node")));
            }
        }

        /// Whom the file does not name.
        void others() {
            for (NodeId id : state.fleet().known()) {
                if (named.contains(id)) continue;
                left.add(new Left(
                        id.name(),
                        "is not in the file; an import forgets nobody, `muster node remove " + id + "` does"));
            }
        }

        private void host(NodeId id, Wish wish) {
            Optional<Desired> now = state.fleet().desired(id);
            if (now.isEmpty() && !declares(wish)) return;
            Desired target = target(id, wish, now);
            Declared to = new Declared(id, target, wish.role(), wish.instance(), wish.ephemeral());
            Command.HostChange change = new Command.HostChange(to, now);
            if (now.isEmpty()) {
                steps.add(new Step(Kind.ADDED, change, told(wish)));
            } else if (now.get() != target) {
                steps.add(new Step(kind(target), change, reason(id, wish, target)));
            } else {
                String differs = differs(state.fleet().declared().find(id), to);
                if (!differs.isEmpty()) steps.add(new Step(Kind.UPDATED, change, differs));
            }
        }

        /// What is known of a host from now on; empty for nothing new.
        private static String differs(Optional<Declared> was, Declared to) {
            if (was.equals(Optional.of(to))) return "";
            Declared before = was.orElse(new Declared(to.node(), to.desired(), Optional.empty(), "", false));
            List<String> words = new ArrayList<>();
            if (!before.role().equals(to.role()))
                words.add("role "
                        + to.role()
                                .map(role -> role.name().toLowerCase(Locale.ROOT))
                                .orElse("none"));
            if (!before.instance().equals(to.instance()))
                words.add(to.instance().isEmpty() ? "no instance" : "instance " + to.instance());
            if (before.ephemeral() != to.ephemeral()) words.add(to.ephemeral() ? "ephemeral" : "not ephemeral");
            return (was.isPresent() ? "the file says " : "joined without a declaration; declared from now on")
                    + (was.isPresent() || words.isEmpty() ? "" : ", ")
                    + String.join(", ", words);
        }

        private static Kind kind(Desired target) {
            return switch (target) {
                case READY -> Kind.RETURNED;
                case DRAINING -> Kind.DRAINED;
                case RETIRED -> Kind.RETIRED;
            };
        }

        /// Is a host that nobody knows yet to be written down?
        private boolean declares(Wish wish) {
            HostStatus status = wish.status();
            if (!status.known()) {
                left.add(new Left(wish.name(), unknown(status) + ", and is not declared"));
                return false;
            }
            if (status.service() == HostStatus.Service.GONE && status.wanted().isEmpty()) {
                left.add(new Left(wish.name(), told(wish) + ", and is not declared"));
                return false;
            }
            return true;
        }

        private Desired target(NodeId id, Wish wish, Optional<Desired> now) {
            Optional<Desired> wanted = wish.status().wanted();
            Desired as = now.orElse(Desired.READY);
            if (wanted.isEmpty()) {
                if (now.isPresent()) contradiction(id, wish.status(), as);
                return as;
            }
            if (wanted.get() != Desired.RETIRED || as == Desired.RETIRED || now.isEmpty()) return wanted.get();
            Optional<String> obstacle = obstacle(id);
            if (obstacle.isEmpty()) return Desired.RETIRED;
            left.add(new Left(id.name(), told(wish) + ", but " + obstacle.get()));
            return Desired.DRAINING;
        }

        /// Why it is drained and not retired.
        private Optional<String> obstacle(NodeId id) {
            if (state.fleet().votes(id)) {
                return Optional.of("it votes, and is only drained; `muster voter remove " + id
                        + "`, then import the file again to retire it");
            }
            int running = state.work().activeOn(id).size();
            return running == 0
                    ? Optional.empty()
                    : Optional.of("it runs " + running + (running == 1 ? " attempt" : " attempts")
                            + ", and is only drained; import the file again to retire it once they have ended");
        }

        /// The file tells what was seen, and the cluster wants something else.
        private void contradiction(NodeId id, HostStatus status, Desired as) {
            boolean same = (status.service() == HostStatus.Service.IN_SERVICE) == (as == Desired.READY);
            if (status.word().isEmpty() || same) return;
            String said = status.known()
                    ? "the file says " + status.word() + ", which is what somebody saw"
                    : unknown(status);
            left.add(new Left(id.name(), said + "; it is " + seen(id) + " and stays " + as));
        }

        private static String unknown(HostStatus status) {
            return "the file says " + status.word() + ", which nobody knows";
        }

        private static String told(Wish wish) {
            return wish.status().word().isEmpty()
                    ? "the file names it"
                    : "the file says " + wish.status().word();
        }

        private String reason(NodeId id, Wish wish, Desired target) {
            String more = target == Desired.READY ? "" : "; it is " + seen(id);
            return told(wish) + more;
        }

        private String seen(NodeId id) {
            Optional<Node> node = state.fleet().nodes().find(id);
            if (node.isEmpty()) return "not joined yet";
            if (node.get().fenced()) return "fenced";
            return heard.contains(id) ? "heard" : "not heard";
        }
    }
}
