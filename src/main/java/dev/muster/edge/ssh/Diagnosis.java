package dev.muster.edge.ssh;

import dev.muster.edge.ssh.SshException.Kind;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// What `ssh` means by what it says, and what to do about it. Its words have been the same for many years; what is not known is
/// shown as it came.
final class Diagnosis {
    /// Of its last line in a message.
    private static final int QUOTED_MAX = 300;

    private static final Pattern REMOVES = Pattern.compile("ssh-keygen -f \"[^\"]+\" -R \"[^\"]+\"");

    /// The first that fits counts.
    ///
    /// @param words any of them, in any case
    /// @param cure  what to do; `{…}` stand for the machine's
    private record Rule(List<String> words, Kind kind, String found, String cure) {}

    private static final List<Rule> RULES = List.of(
            new Rule(
                    List.of("control socket connect", "mux_client", "hello exchange"),
                    Kind.LOST,
                    "a connection that ssh shares has just ended",
                    "Try again"),
            new Rule(
                    List.of("remote host identification has changed"),
                    Kind.HOST_KEY_CHANGED,
                    "its host key is not the one that is known",
                    "If the machine was made anew, forget the old key with `{forget}` and try again; if not, somebody may sit in"
                            + " between: do not go on"),
            new Rule(
                    List.of("host key verification failed", "revoked"),
                    Kind.HOST_KEY_CHANGED,
                    "its host key is not accepted",
                    "Look at the lines of {known} in your known_hosts; `{forget}` forgets them"),
            new Rule(
                    List.of("could not resolve hostname", "name or service not known"),
                    Kind.NO_ADDRESS,
                    "its name has no address",
                    "Correct `ssh_host` in the host file, or name the host in ~/.ssh/config"),
            new Rule(
                    List.of("too many authentication failures"),
                    Kind.KEY_REFUSED,
                    "it was offered too many keys",
                    "Name the right one as `ssh_key` in the host file: then no others are tried"),
            new Rule(
                    List.of("unprotected private key file", "bad permissions"),
                    Kind.KEY_REFUSED,
                    "others may read the private key, so ssh does not use it",
                    "`chmod 600 {identity}`"),
            new Rule(
                    List.of("permission denied"),
                    Kind.KEY_REFUSED,
                    "it takes none of our keys",
                    "Check `ssh_user` and `ssh_key` in the host file{missing}; `ssh-copy-id -i {identity}.pub -p {port} {login}`"
                            + " puts the key there. A key with a passphrase has to be in the agent (`ssh-add {identity}`)"),
            new Rule(
                    List.of("connection refused"),
                    Kind.REFUSED,
                    "nobody listens there",
                    "Is the machine up, sshd running, and `ssh_port` right? Providers give new ports after a restart"),
            new Rule(
                    List.of("no route to host", "network is unreachable", "host is down"),
                    Kind.UNREACHABLE,
                    "there is no way to it from here",
                    "Is the machine up, and this one in its network (VPN, Tailscale)? A private address needs `ssh_proxy`"),
            new Rule(
                    List.of("timed out", "timeout"),
                    Kind.TIMEOUT,
                    "it does not answer",
                    "Is the machine up, and port {port} open in its firewall (`ufw allow {port}/tcp`)?"),
            new Rule(
                    List.of(
                            "bad configuration option",
                            "bad owner or permissions",
                            "no such identity",
                            "unsupported option"),
                    Kind.NO_SSH,
                    "ssh does not take its configuration",
                    "Correct ~/.ssh/config; `ssh -G {address}` shows what it makes of it"),
            new Rule(
                    List.of("no matching", "unable to negotiate", "protocol mismatch", "invalid format"),
                    Kind.REFUSED,
                    "it speaks no SSH that this ssh accepts",
                    "Is `ssh_port` an SSH server's?"),
            new Rule(
                    List.of("connection closed", "connection reset", "kex_exchange_identification", "broken pipe"),
                    Kind.LOST,
                    "it ended the connection before we were let in",
                    "Too many logins at once (MaxStartups), a ban (fail2ban), a machine that is starting, or no SSH server at"
                            + " `ssh_port`: try again, then look at its sshd's log"));

    private Diagnosis() {}

    /// Of a login that failed.
    static SshException login(SshTarget target, String said) {
        String text = said.toLowerCase(Locale.ROOT);
        if (text.contains("stdio forwarding") && target.hop().isPresent()) return notFromHop(target, said);
        if (target.hop().isEmpty() && proxied(text)) {
            String message = target.shown() + ": the way that ~/.ssh/config names (ProxyJump, ProxyCommand) failed"
                    + quoted(first(said)) + ". Try `ssh -v " + target.address() + "`";
            return new SshException(Kind.JUMP_FAILED, message);
        }
        for (Rule rule : RULES) {
            if (rule.words().stream().anyMatch(text::contains)) {
                String message =
                        target.shown() + ": " + rule.found() + quoted(said) + ". " + filled(rule.cure(), target, said);
                return new SshException(rule.kind(), message);
            }
        }
        String message = target.shown() + ": expected to log in, but ssh failed" + quoted(said);
        return new SshException(Kind.LOST, message);
    }

    private static SshException notFromHop(SshTarget target, String said) {
        String hop = target.hop().orElseThrow().shown();
        String message = target.shown() + ": the jump host " + hop + " let us in, but cannot reach it" + quoted(said)
                + ". Is the machine up, `ssh_host` its address in the jump host's network, and forwarding allowed there"
                + " (AllowTcpForwarding)?";
        return new SshException(Kind.UNREACHABLE, message);
    }

    /// Something failed before, and then there was nobody to talk to.
    private static boolean proxied(String text) {
        if (text.contains("unknown port 65535")) return true;
        int talk = text.indexOf("kex_exchange_identification");
        return talk > 0
                && RULES.stream().flatMap(rule -> rule.words().stream()).anyMatch(text.substring(0, talk)::contains);
    }

    private static String filled(String cure, SshTarget target, String said) {
        String identity = target.identity().map(Object::toString).orElse("~/.ssh/id_ed25519");
        boolean missing = target.identity().isPresent()
                && !target.identity().get().toFile().exists();
        Matcher removes = REMOVES.matcher(said);
        return cure.replace("{forget}", removes.find() ? removes.group() : "ssh-keygen -R \"" + target.known() + "\"")
                .replace("{known}", target.known())
                .replace("{missing}", missing ? " (" + identity + " does not exist)" : "")
                .replace("{identity}", identity)
                .replace("{port}", Integer.toString(target.port()))
                .replace("{address}", target.address())
                .replace("{login}", (target.user().isEmpty() ? "" : target.user() + "@") + target.address());
    }

    /// Its last line, for messages; nothing when it said nothing.
    static String quoted(String said) {
        List<String> lines =
                said.lines().map(String::strip).filter(line -> !line.isEmpty()).toList();
        if (lines.isEmpty()) return "";
        String last = lines.getLast();
        return " (" + (last.length() > QUOTED_MAX ? last.substring(0, QUOTED_MAX) + "…" : last) + ")";
    }

    private static String first(String said) {
        return said.lines()
                .map(String::strip)
                .filter(line -> !line.isEmpty() && !line.startsWith("@"))
                .findFirst()
                .orElse("");
    }

    /// `30s`, or `1.5s`.
    static String shown(Duration time) {
        Optional<String> whole = time.toMillisPart() == 0 ? Optional.of(time.toSeconds() + "s") : Optional.empty();
        return whole.orElseGet(() -> "%.1fs".formatted(time.toMillis() / 1000.0));
    }
}
