package dev.muster.core.hosts;

import dev.muster.core.state.Bytes;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;

/// One machine of the file. Texts that were not written are empty.
///
/// @param at     where its name stands
/// @param voter  it says of itself that it votes (`p2p_voter`); the list of voters counts more
public record Host(
        String name,
        Place at,
        Reach reach,
        Machine machine,
        Work work,
        HostStatus status,
        Rented rented,
        boolean voter,
        String note) {

    /// The port of SSH where nothing is said.
    public static final int SSH_PORT = 22;

    /// What was written is no port.
    public static final int NO_PORT = 0;

    /// How it is come to.
    ///
    /// @param address   of SSH; empty when only its Tailscale address is known
    /// @param identity  the private key's file on the machine that calls
    /// @param tailscale its address in the private network
    /// @param proxy     the host to jump over
    /// @param tunnel    a tunnel's name, when nothing else helps
    /// @param p2p       takes part in the cluster's network
    /// @param nat       cannot be dialled
    /// @param relay     is to be reached by a relay, whatever it says of NAT
    /// @param socks     the port on a machine's loopback where a SOCKS5 proxy into its network listens
    public record Reach(
            String address,
            int port,
            String user,
            String identity,
            String tailscale,
            String proxy,
            String tunnel,
            boolean p2p,
            boolean nat,
            boolean relay,
            OptionalInt socks) {
        /// Where SSH goes; empty when there is no address at all.
        public String dialled() {
            return address.isEmpty() ? tailscale : address;
        }
    }

    /// What it has.
    ///
    /// @param cpus      cores; part of one may be rented
    /// @param ephemeral may be taken away at any time, with its disk
    public record Machine(
            GpuSpec gpus, OptionalDouble cpus, Optional<Bytes> memory, boolean ephemeral, boolean container) {}

    /// What it is for.
    ///
    /// @param path     where the program's files lie there
    /// @param activate a shell command before each job
    public record Work(
            List<HostRole> roles,
            boolean selfplay,
            boolean training,
            OptionalInt jobsMax,
            String path,
            String activate) {
        public Work {
            roles = List.copyOf(roles);
        }

        public boolean does(HostRole.Duty duty) {
            return roles.stream().anyMatch(role -> role.duties().contains(duty));
        }

        /// Words were written, and nobody knows any of them.
        boolean unknown() {
            return !roles.isEmpty() && roles.stream().noneMatch(HostRole::known);
        }
    }

    /// Whom it comes from.
    ///
    /// @param provider as in `vast`; empty when nothing says so
    /// @param id       the provider's name for it
    public record Rented(String provider, String id, String region) {}

    /// May be given work, by what the file says. A status or a role that nobody knows means no.
    public boolean inService() {
        return status.service() == HostStatus.Service.IN_SERVICE && !work.unknown();
    }
}
