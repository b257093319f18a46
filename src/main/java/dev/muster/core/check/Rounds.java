package dev.muster.core.check;

import dev.muster.core.state.NodeId;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;

/// All asked nodes at one moment: each one's checks, and who cannot be reached by whom.
///
/// @param nodes worst last, then by name
/// @param gaps  connections that cannot be made though both ends are there; one line stands for all where nobody reaches
///              a node
public record Rounds(List<Verdict> nodes, List<Gap> gaps) {
    /// Lines of a picture that people still read.
    static final int GAPS_MAX = 200;

    public Rounds {
        nodes = List.copyOf(nodes);
        gaps = List.copyOf(gaps);
    }

    /// What is known of one node.
    ///
    /// @param away   why it is not there, as in `silent for 40s`; empty while it is
    /// @param report its newest, with when it came; absent when it never told
    public record Seen(NodeId node, Optional<String> away, Optional<Report> report, Instant at) {}

    /// @param ageSeconds of its report; absent without one
    /// @param fixes      what may be ordered for it, most urgent first
    public record Verdict(
            NodeId node, Grade grade, Optional<Double> ageSeconds, List<Check> checks, List<Fixes.Planned> fixes) {
        public Verdict {
            checks = List.copyOf(checks);
            fixes = List.copyOf(fixes);
        }
    }

    /// @param from who cannot reach it; several where all of those who tried cannot
    /// @param what `api` or `artifacts`
    public record Gap(List<NodeId> from, NodeId to, String what, int port, String why) {
        public Gap {
            from = List.copyOf(from);
        }
    }

    /// The worst of everything. A gap is a warning: files and orders find other ways.
    public Grade grade() {
        Grade worst = gaps.isEmpty() ? Grade.OK : Grade.WARN;
        for (Verdict node : nodes) worst = worst.worse(node.grade());
        return worst;
    }

    /// @param seen  all nodes in service, so that who reaches whom is known
    /// @param asked of these
    public static Rounds of(List<Seen> seen, TreeSet<NodeId> asked, Instant now) {
        List<Gap> all = gaps(seen);
        List<Verdict> nodes = seen.stream()
                .filter(one -> asked.contains(one.node()))
                .map(one -> verdict(one, reached(one, seen, all), now))
                .sorted(Comparator.comparing(Verdict::grade).thenComparing(Verdict::node))
                .toList();
        List<Gap> shown = all.stream()
                .filter(gap -> asked.contains(gap.to()) || gap.from().stream().anyMatch(asked::contains))
                .limit(GAPS_MAX)
                .toList();
        return new Rounds(nodes, shown);
    }

    private static Verdict verdict(Seen one, Optional<Check> network, Instant now) {
        List<Check> checks = new ArrayList<>();
        if (one.away().isPresent()) {
            checks.add(new Check(Probe.REACHABLE, Grade.FAIL, one.away().get()));
        } else if (one.report().isEmpty()) {
            checks.add(new Check(
                    Probe.REACHABLE,
                    Grade.UNKNOWN,
                    "heard, but it has told nothing; is its agent of an earlier build?"));
        } else {
            checks.add(new Check(Probe.REACHABLE, Grade.OK, "reachable"));
            checks.addAll(one.report().get().checks());
            network.ifPresent(checks::add);
        }
        Grade worst = Grade.OK;
        for (Check check : checks) worst = worst.worse(check.grade());
        boolean here = one.away().isEmpty();
        return new Verdict(
                one.node(),
                worst,
                one.report()
                        .map(report ->
                                Math.max(0, Duration.between(one.at(), now).toMillis() / 1000.0)),
                checks,
                here ? one.report().map(Fixes::plan).orElse(List.of()) : List.of());
    }

    /// Between nodes that are there; a node that only dials out is not to be reached.
    private static List<Gap> gaps(List<Seen> seen) {
        Map<NodeId, Report> present = new TreeMap<>();
        for (Seen one : seen)
            if (one.away().isEmpty() && one.report().isPresent())
                present.put(one.node(), one.report().get());
        List<Gap> gaps = new ArrayList<>();
        for (Map.Entry<NodeId, Report> to : present.entrySet()) {
            if (!to.getValue().dialable()) continue;
            for (String what : List.of("api", "artifacts")) gaps.addAll(gaps(present, to.getKey(), what));
        }
        return gaps;
    }

    private static List<Gap> gaps(Map<NodeId, Report> present, NodeId to, String what) {
        List<Gap> single = new ArrayList<>();
        int tried = 0;
        for (Map.Entry<NodeId, Report> from : present.entrySet()) {
            if (from.getValue().dialled().contains(to)) tried++;
            for (Report.Unreached failed : from.getValue().unreached())
                if (failed.node().equals(to) && failed.what().equals(what))
                    single.add(new Gap(List.of(from.getKey()), to, what, failed.port(), failed.why()));
        }
        if (single.size() < 2 || single.size() < tried) return single;
        List<NodeId> everybody =
                single.stream().map(gap -> gap.from().getFirst()).toList();
        Gap first = single.getFirst();
        return List.of(new Gap(everybody, to, what, first.port(), first.why()));
    }

    /// A node that nobody reaches has a trouble of its own.
    private static Optional<Check> reached(Seen one, List<Seen> seen, List<Gap> gaps) {
        if (one.report().isEmpty() || one.away().isPresent()) return Optional.empty();
        if (!one.report().get().dialable()) return Optional.of(new Check(Probe.NETWORK, Grade.OK, "dials out only"));
        List<Gap> shut = gaps.stream()
                .filter(gap -> gap.to().equals(one.node()) && gap.from().size() > 1)
                .toList();
        if (!shut.isEmpty()) {
            Gap gap = shut.getFirst();
            return Optional.of(new Check(
                    Probe.NETWORK,
                    Grade.WARN,
                    "nobody reaches its port " + gap.port() + " (" + gap.why()
                            + "); open it, or write network.dialable: false"));
        }
        long tried = seen.stream()
                .filter(other -> other.report()
                        .filter(report -> report.dialled().contains(one.node()))
                        .isPresent())
                .count();
        return tried == 0
                ? Optional.empty()
                : Optional.of(
                        new Check(Probe.NETWORK, Grade.OK, "dialled by " + tried + (tried == 1 ? " node" : " nodes")));
    }
}
