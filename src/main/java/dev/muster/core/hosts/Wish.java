package dev.muster.core.hosts;

import dev.muster.core.state.Role;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// What a file says of one host, as far as the cluster keeps it.
///
/// @param name   as it was written; perhaps none that a node can have
/// @param status the word
public record Wish(String name, HostStatus status, Optional<Role> role, String instance, boolean ephemeral) {
    public static Wish of(Host host) {
        Host.Rented rented = host.rented();
        String instance = rented.id().isEmpty() ? "" : rented.provider() + ":" + rented.id();
        return new Wish(
                host.name(),
                host.status(),
                role(host.work().roles()),
                instance,
                host.machine().ephemeral());
    }

    /// What the file's words come to; empty when they say nothing.
    public static Optional<Role> role(List<HostRole> words) {
        Set<HostRole.Duty> duties = EnumSet.noneOf(HostRole.Duty.class);
        for (HostRole word : words) duties.addAll(word.duties());
        boolean trains = duties.contains(HostRole.Duty.TRAIN);
        boolean plays = duties.contains(HostRole.Duty.SELFPLAY);
        if (duties.isEmpty()) return Optional.empty();
        if (trains && plays) return Optional.of(Role.MIXED);
        if (trains) return Optional.of(Role.TRAINING);
        if (plays) return Optional.of(Role.SELFPLAY);
        return Optional.of(duties.contains(HostRole.Duty.EVALUATE) ? Role.MIXED : Role.COORDINATOR);
    }
}
