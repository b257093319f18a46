package dev.muster.core.state;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/// Stops a change that takes much of the fleet, or two voters, out of service: it is more likely a mistake than a wish. In
/// the prior system, what a script had failed to reach was once written down as 27 of 40 hosts that nobody wanted.
///
/// Who went out of service before, within the limit's window, counts as well; so does each voter that is out of service or
/// fenced, whenever that happened.
///
/// @param leaving   are in service, and would not be
/// @param lately    went out of service within the window, and still are
/// @param inService at the window's beginning
/// @param allowed   of these may leave without a person's word
/// @param voters    that would be out of service afterwards; empty when none of them is leaving
public record ServiceBrake(List<NodeId> leaving, List<NodeId> lately, int inService, int allowed, List<NodeId> voters) {
    /// One voter may be out of service: two of three, or two of five with one that is down, are the majority's end.
    private static final int VOTERS_MAX = 1;

    private static final int NAMED_MAX = 5;

    public ServiceBrake {
        leaving = List.copyOf(leaving);
        lately = List.copyOf(lately);
        voters = List.copyOf(voters);
    }

    /// @param wanted what the change wants of nodes; of the others all stays as it is
    public static ServiceBrake of(ClusterState state, Map<NodeId, Desired> wanted, ChangeLimit limit, Instant now) {
        Fleet fleet = state.fleet();
        Set<NodeId> leaving = new TreeSet<>();
        wanted.forEach((node, desired) -> {
            if (ready(fleet.desired(node)) && desired != Desired.READY) leaving.add(node);
        });
        Instant since = now.minus(limit.window());
        Set<NodeId> lately = new TreeSet<>();
        for (Map.Entry<NodeId, Instant> left : fleet.leftAt())
            if (left.getValue().isAfter(since)) lately.add(left.getKey());
        int inService = lately.size()
                + (int) fleet.known().stream()
                        .filter(node -> ready(fleet.desired(node)))
                        .count();
        lately.removeIf(node -> wanted.get(node) == Desired.READY);
        List<NodeId> voters = leaving.stream().anyMatch(fleet::votes)
                ? fleet.known().stream()
                        .filter(fleet::votes)
                        .filter(node -> fleet.fenced(node)
                                || !ready(Optional.ofNullable(wanted.get(node)).or(() -> fleet.desired(node))))
                        .toList()
                : List.of();
        int allowed = Math.max(1, (int) Math.floor(limit.share() * inService));
        return new ServiceBrake(List.copyOf(leaving), List.copyOf(lately), inService, allowed, voters);
    }

    private static boolean ready(Optional<Desired> desired) {
        return desired.equals(Optional.of(Desired.READY));
    }

    public boolean stops() {
        return tooMany() || voters.size() > VOTERS_MAX;
    }

    private boolean tooMany() {
        return !leaving.isEmpty() && leaving.size() + lately.size() > allowed;
    }

    /// Why it stops, as a sentence's part; empty when it does not.
    public String why() {
        String many = leaving.size() + " of " + inService + " nodes would go out of service"
                + (lately.isEmpty() ? "" : " after " + lately.size() + " others shortly before") + ", and no more than "
                + allowed + " may at once";
        String votes = voters.size() + " voters would be out of service (" + named() + "), and no more than "
                + VOTERS_MAX + " may";
        if (tooMany()) return voters.size() > VOTERS_MAX ? many + "; " + votes : many;
        return voters.size() > VOTERS_MAX ? votes : "";
    }

    private String named() {
        List<String> names =
                voters.stream().limit(NAMED_MAX).map(NodeId::toString).toList();
        return String.join(", ", names) + (voters.size() > NAMED_MAX ? ", …" : "");
    }
}
