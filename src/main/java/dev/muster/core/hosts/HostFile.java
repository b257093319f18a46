package dev.muster.core.hosts;

import java.util.List;
import java.util.Optional;

/// A file of hosts as it was written; [HostFileCheck] says what is wrong with it.
///
/// @param hosts     in the file's order, each name once
/// @param listed    the voters, where the file has such a list
/// @param bandwidth limits of single hosts, the first that fits counts
public record HostFile(List<Host> hosts, Optional<List<Voter>> listed, List<BandwidthLimit> bandwidth) {
    /// A name in the list of voters.
    public record Voter(String name, Place at) {}

    /// @param glob as in `vast-*`
    public record BandwidthLimit(String glob, double megabitsPerSecond) {}

    public HostFile {
        hosts = List.copyOf(hosts);
        listed = listed.map(List::copyOf);
        bandwidth = List.copyOf(bandwidth);
    }

    public Optional<Host> host(String name) {
        return hosts.stream().filter(host -> host.name().equals(name)).findFirst();
    }

    /// The list, or without one those hosts that say that they vote.
    public List<Voter> voters() {
        return listed.orElseGet(() -> hosts.stream()
                .filter(Host::voter)
                .map(host -> new Voter(host.name(), host.at()))
                .toList());
    }

    public boolean votes(String name) {
        return voters().stream().anyMatch(voter -> voter.name().equals(name));
    }
}
