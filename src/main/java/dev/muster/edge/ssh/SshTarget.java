package dev.muster.edge.ssh;

import dev.muster.core.hosts.Host;
import dev.muster.core.hosts.HostFile;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;

/// One machine by SSH, from the host file. What is empty here is for `~/.ssh/config` to say.
///
/// @param name      in messages
/// @param address   a host name, an address, or a name of `~/.ssh/config`; empty when there is none
/// @param port      22 when nothing was said, and then `~/.ssh/config` may say another; 0 when what was written is no port
/// @param user      empty when nothing was said
/// @param identity  the private key's file; no others are tried then
/// @param jump      the machine to jump over, as ProxyJump takes it: `[user@]host[:port]`, a name of `~/.ssh/config`, several after
///                  commas; `none` for no jump whatever `~/.ssh/config` says
/// @param socksPort of a SOCKS5 proxy on this machine's loopback: the way there where one listens. Not with a jump.
/// @param over      the same machine as `jump`, where the host file knows more of it (its key)
public record SshTarget(
        String name,
        String address,
        int port,
        String user,
        Optional<Path> identity,
        Optional<String> jump,
        OptionalInt socksPort,
        Optional<SshTarget> over) {
    private static final String NO_JUMP = "none";

    public SshTarget(
            String name,
            String address,
            int port,
            String user,
            Optional<Path> identity,
            Optional<String> jump,
            OptionalInt socksPort) {
        this(name, address, port, user, identity, jump, socksPort, Optional.empty());
    }

    /// A host of the file. A proxy that is another host of the file is that host, with its user, port, key and own proxy.
    ///
    /// @param home what `~` in the file means
    public static SshTarget of(HostFile file, Host host, Path home) {
        return of(file, host, home, new HashSet<>());
    }

    /// @param seen hosts that jump over this one: a circle is left to `ssh`, which will not find the name
    private static SshTarget of(HostFile file, Host host, Path home, Set<String> seen) {
        seen.add(host.name());
        Host.Reach reach = host.reach();
        Optional<String> proxy = Optional.of(reach.proxy()).filter(text -> !text.isEmpty());
        Optional<SshTarget> over = proxy.flatMap(file::host)
                .filter(other -> !seen.contains(other.name()))
                .map(other -> of(file, other, home, seen));
        return new SshTarget(
                host.name(),
                reach.dialled(),
                reach.port(),
                reach.user(),
                Optional.of(reach.identity()).filter(text -> !text.isEmpty()).map(text -> expanded(text, home)),
                over.map(SshTarget::endpoint).or(() -> proxy),
                reach.socks(),
                over);
    }

    private static Path expanded(String text, Path home) {
        if (text.equals("~")) return home;
        return text.startsWith("~/") ? home.resolve(text.substring(2)) : Path.of(text);
    }

    /// The machine to jump over, as a target of its own.
    Optional<SshTarget> hop() {
        if (over.isPresent()) return over;
        return jump.map(String::strip)
                .filter(text -> !text.isEmpty() && !text.equals(NO_JUMP))
                .map(SshTarget::parsed);
    }

    boolean jumpsNowhere() {
        return jump.isPresent() && jump.get().strip().equals(NO_JUMP);
    }

    /// `ssh://user@host:port`, or without what is not needed; the last of several is the nearest to the machine.
    private static SshTarget parsed(String text) {
        int comma = text.lastIndexOf(',');
        Optional<String> before = comma < 0 ? Optional.empty() : Optional.of(text.substring(0, comma));
        String last = text.substring(comma + 1).strip();
        String rest = last.startsWith("ssh://") ? last.substring("ssh://".length()) : last;
        int at = rest.lastIndexOf('@');
        String user = at < 0 ? "" : rest.substring(0, at);
        String host = rest.substring(at + 1);
        int port = Host.SSH_PORT;
        int colon = host.lastIndexOf(':');
        boolean bare = host.indexOf(':') != colon && !host.startsWith("["); // an IPv6 address
        if (colon >= 0 && !bare && !host.endsWith("]")) {
            port = port(host.substring(colon + 1));
            host = host.substring(0, colon);
        }
        if (host.startsWith("[") && host.endsWith("]")) host = host.substring(1, host.length() - 1);
        return new SshTarget(last, host, port, user, Optional.empty(), before, OptionalInt.empty());
    }

    private static int port(String text) {
        return text.matches("\\d{1,5}") && Integer.parseInt(text) <= 65_535 ? Integer.parseInt(text) : Host.NO_PORT;
    }

    /// `user@host:port`, as ProxyJump takes it.
    String endpoint() {
        String host = address.indexOf(':') < 0 ? address : "[" + address + "]";
        return (user.isEmpty() ? "" : user + "@") + host + (port == Host.NO_PORT ? "" : ":" + port);
    }

    /// As ssh writes it into `known_hosts`.
    String known() {
        return port == Host.SSH_PORT ? address : "[" + address + "]:" + port;
    }

    /// In messages: `n3 (root@10.0.0.7:22)`.
    String shown() {
        return name.isEmpty() || name.equals(endpoint()) ? endpoint() : name + " (" + endpoint() + ")";
    }

    /// What the machine is called matters to nobody but people.
    SshTarget unnamed() {
        return new SshTarget("", address, port, user, identity, jump, socksPort, over.map(SshTarget::unnamed));
    }
}
