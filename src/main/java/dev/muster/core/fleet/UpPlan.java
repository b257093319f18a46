package dev.muster.core.fleet;

import dev.muster.core.hosts.Host;
import dev.muster.core.hosts.HostFile;
import dev.muster.core.hosts.HostRole;
import dev.muster.core.hosts.HostStatus;
import dev.muster.core.state.NodeId;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/// From what was found on the hosts of a file to a running node on each.
///
/// @param hosts   one entry for each host that was asked for, in the file's order
/// @param founded the voters of the cluster that is new; empty when there is one
/// @param refusal why nothing is done at all; empty when something may be
public record UpPlan(List<Entry> hosts, List<String> founded, Optional<String> refusal) {
    public UpPlan {
        hosts = List.copyOf(hosts);
        founded = List.copyOf(founded);
    }

    /// @param steps what is to be done, in order; empty where nothing is
    /// @param why   for those on which nothing is done
    public record Entry(String host, Verdict verdict, List<Step> steps, String why) {
        public Entry {
            steps = List.copyOf(steps);
        }
    }

    public enum Verdict {
        /// There is something to do.
        START,
        /// An agent runs there, and the node answers.
        RUNNING,
        /// By the file nothing is to run there.
        LEFT,
        /// It could not be looked at, or something is in the way.
        FAILED
    }

    /// @param only     the hosts that were asked for; empty for all
    /// @param sights   by the host's name; for each host that [#wanted] says
    /// @param releases to install where there is none, by processor as `uname -m` says it
    /// @param cluster  there is one already: somebody who knows it answered
    public static UpPlan of(
            HostFile file, Set<String> only, Map<String, Sight> sights, Map<String, String> releases, boolean cluster) {
        boolean known = cluster || sights.values().stream().anyMatch(UpPlan::hasNode);
        List<String> founders = known ? List.of() : founders(file);
        Optional<String> refusal = known ? Optional.empty() : refusal(strangers(file), founders, only, sights);
        List<Entry> entries = new ArrayList<>();
        for (Host host : file.hosts()) {
            if (!only.isEmpty() && !only.contains(host.name())) continue;
            Optional<String> left = left(file, host, !only.isEmpty());
            entries.add(left.map(why -> new Entry(host.name(), Verdict.LEFT, List.of(), why))
                    .orElseGet(() -> entry(host.name(), sight(sights, host.name()), founders, releases)));
        }
        return new UpPlan(entries, refusal.isPresent() ? List.of() : founders, refusal);
    }

    private static Sight sight(Map<String, Sight> sights, String host) {
        return sights.getOrDefault(host, new Sight.Unreached("nobody looked at it"));
    }

    /// Hosts that have to be looked at.
    ///
    /// @param only as for [#of]
    public static List<Host> wanted(HostFile file, Set<String> only) {
        return file.hosts().stream()
                .filter(host -> only.isEmpty() || only.contains(host.name()))
                .filter(host -> left(file, host, !only.isEmpty()).isEmpty())
                .toList();
    }

    /// Why nothing is to run there.
    ///
    /// @param named a person asked for this very host
    private static Optional<String> left(HostFile file, Host host, boolean named) {
        if (!host.inService() && !named) {
            return Optional.of(
                    host.status().service() == HostStatus.Service.IN_SERVICE
                            ? "its role is unknown"
                            : "the file says " + host.status().shown());
        }
        if (host.status().service() == HostStatus.Service.GONE)
            return Optional.of("the file says " + host.status().shown());
        if (!host.reach().p2p()) return Optional.of("the file keeps it out of the mesh (p2p_enabled: false)");
        boolean controls = !host.work().roles().isEmpty()
                && host.work().roles().stream()
                        .allMatch(role -> role.duties().equals(List.of(HostRole.Duty.COORDINATE)));
        if (controls && !file.votes(host.name()) && !named) return Optional.of("a coordinator that does not vote");
        return Optional.empty();
    }

    /// Those of the file's voters that are in service.
    private static List<String> founders(HostFile file) {
        return file.voters().stream()
                .map(HostFile.Voter::name)
                .distinct()
                .filter(name -> file.host(name)
                        .filter(host -> left(file, host, false).isEmpty())
                        .isPresent())
                .toList();
    }

    /// Voters that are no hosts.
    private static List<String> strangers(HostFile file) {
        return file.voters().stream()
                .map(HostFile.Voter::name)
                .distinct()
                .filter(name -> file.host(name).isEmpty())
                .toList();
    }

    /// A cluster is founded once. Where most of its voters cannot be looked at, one may be there already.
    private static Optional<String> refusal(
            List<String> strangers, List<String> founders, Set<String> only, Map<String, Sight> sights) {
        if (founders.isEmpty()) {
            return Optional.of("expected voters to found a cluster with, but the file names none that is in service;"
                    + " list three or five hosts under p2p_voters");
        }
        if (!strangers.isEmpty()) {
            return Optional.of("p2p_voters names " + String.join(", ", strangers) + ", which the file has no host of;"
                    + " put that right before a cluster is founded without");
        }
        Optional<String> unusable = founders.stream()
                .flatMap(name -> unusable(name).map(why -> name + ", a voter: " + why).stream())
                .findFirst();
        if (unusable.isPresent()) return unusable;
        List<String> unasked = only.isEmpty()
                ? List.of()
                : founders.stream().filter(name -> !only.contains(name)).toList();
        if (!unasked.isEmpty()) {
            return Optional.of("there is no cluster yet, and its voters " + String.join(", ", unasked)
                    + " are not among the hosts that were asked for; bring all up at first");
        }
        List<String> unseen = founders.stream()
                .filter(name -> !(sights.get(name) instanceof Sight.Reached))
                .toList();
        int majority = founders.size() / 2 + 1;
        if (founders.size() - unseen.size() >= majority) return Optional.empty();
        return Optional.of("expected to reach a majority of the voters, " + majority + " of " + founders.size()
                + ", before a cluster is founded, but " + String.join(", ", unseen)
                + " cannot be looked at, and may hold one");
    }

    private static boolean hasNode(Sight sight) {
        return sight instanceof Sight.Reached reached
                && (reached.node().isPresent() || reached.agent() instanceof Sight.Agent.Running);
    }

    private static Entry entry(String host, Sight sight, List<String> founders, Map<String, String> releases) {
        Optional<String> unusable = unusable(host);
        if (unusable.isPresent()) return failed(host, unusable.get());
        return switch (sight) {
            case Sight.Unreached(String why) -> failed(host, why);
            case Sight.Reached reached -> {
                Optional<String> other = reached.node().filter(node -> !node.equals(host));
                if (reached.agent() instanceof Sight.Agent.Running running) {
                    yield running.node().equals(host)
                            ? new Entry(host, Verdict.RUNNING, List.of(), "")
                            : failed(
                                    host, "node " + running.node() + " answers there; is one machine under two names?");
                }
                if (other.isPresent()) yield failed(host, "it holds the data of node " + other.get());
                if (reached.release().isEmpty() && !releases.containsKey(reached.arch())) {
                    yield failed(
                            host,
                            "expected " + String.join(" or ", new TreeSet<>(releases.keySet()))
                                    + ", which there is a bundle for, but it is " + reached.arch());
                }
                if (reached.release().isEmpty() && reached.unfit().isPresent())
                    yield failed(host, reached.unfit().get());
                yield new Entry(host, Verdict.START, steps(host, reached, founders, releases), "");
            }
        };
    }

    /// A host's name is its node's, and not every word may be one.
    private static Optional<String> unusable(String host) {
        try {
            return new NodeId(host).name().equals(host) ? Optional.empty() : Optional.of("its name cannot be a node's");
        } catch (IllegalArgumentException e) {
            return Optional.of("its name cannot be a node's: " + e.getMessage());
        }
    }

    private static List<Step> steps(
            String host, Sight.Reached reached, List<String> founders, Map<String, String> releases) {
        List<Step> steps = new ArrayList<>();
        if (reached.release().isEmpty()) steps.add(new Step.Install(releases.getOrDefault(reached.arch(), "")));
        if (reached.node().isEmpty()) steps.add(founders.contains(host) ? new Step.Found(founders) : new Step.Enrol());
        steps.add(
                switch (reached.agent()) {
                    case Sight.Agent.Silent silent -> new Step.Restart();
                    case Sight.Agent.Stranger stranger -> new Step.Restart();
                    case Sight.Agent.Stopped stopped -> new Step.Start();
                    case Sight.Agent.Running running -> new Step.Start();
                });
        return steps;
    }

    private static Entry failed(String host, String why) {
        return new Entry(host, Verdict.FAILED, List.of(), why);
    }

    public long count(Verdict verdict) {
        return hosts.stream().filter(entry -> entry.verdict() == verdict).count();
    }
}
