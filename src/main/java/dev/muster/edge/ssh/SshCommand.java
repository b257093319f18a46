package dev.muster.edge.ssh;

import dev.muster.core.hosts.Host;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/// The words of a call of `ssh`. What is said here counts more than `~/.ssh/config`; what is not said is left to it.
final class SshCommand {
    private SshCommand() {}

    /// A connection that others use, in the background once we are let in.
    static List<String> master(Path program, SshSettings settings, SshTarget target, Way way) {
        List<String> words = options(program, settings, target, way);
        words.addAll(List.of("-M", "-N", "-f", "-n", socket(way)));
        words.addAll(List.of("-oControlPersist=" + settings.idle().toSeconds(), "--", target.address()));
        return words;
    }

    /// A shell's command, over that connection. Where the server allows no further session in it, `ssh` logs in anew by itself.
    static List<String> command(Path program, SshSettings settings, SshTarget target, Way way, String command) {
        List<String> words = options(program, settings, target, way);
        words.addAll(List.of("-T", socket(way), "-oControlMaster=no", "--", target.address(), command));
        return words;
    }

    /// A login of its own, for what it says: with `ControlPersist` all that a ProxyJump or ProxyCommand says is thrown away.
    static List<String> probe(Path program, SshSettings settings, SshTarget target, Way way) {
        List<String> words = options(program, settings, target, way);
        words.addAll(List.of("-T", "-n", "-oControlPath=none", "-oControlMaster=no", "--", target.address(), "true"));
        return words;
    }

    /// How a machine is come to.
    ///
    /// @param socket  of its connection
    /// @param hop     of the connection to the host to jump over
    /// @param hopLog  where that one's errors go
    /// @param forward the port of loopback that leads there
    record Way(Path socket, Optional<Path> hop, Path hopLog, OptionalInt forward) {}

    private static List<String> options(Path program, SshSettings settings, SshTarget target, Way way) {
        List<String> words = new ArrayList<>(List.of(program.toString()));
        settings.config().ifPresent(file -> words.add("-F" + file));
        words.addAll(List.of(
                "-oBatchMode=yes",
                "-oStrictHostKeyChecking=accept-new",
                "-oUpdateHostKeys=no",
                "-oConnectTimeout=" + settings.connectMax().toSeconds(),
                "-oServerAliveInterval=10",
                "-oServerAliveCountMax=3",
                // Banners are shown from INFO on, and may say anything.
                "-oLogLevel=ERROR",
                "-oClearAllForwardings=yes",
                "-oPermitLocalCommand=no",
                "-oRemoteCommand=none",
                "-oRequestTTY=no"));
        settings.known().ifPresent(file -> words.add("-oUserKnownHostsFile=\"" + plain(file.toString()) + "\""));
        target.identity()
                .ifPresent(file -> words.addAll(List.of("-i" + plain(file.toString()), "-oIdentitiesOnly=yes")));
        if (!target.user().isEmpty()) words.add("-l" + target.user());
        words.addAll(way(program, target, way));
        return words;
    }

    private static String socket(Way way) {
        return "-S" + plain(way.socket().toString());
    }

    private static List<String> way(Path program, SshTarget target, Way way) {
        if (way.forward().isPresent()) {
            return List.of(
                    "-oHostName=127.0.0.1",
                    "-p" + way.forward().getAsInt(),
                    "-oHostKeyAlias=" + target.known(),
                    "-oCheckHostIP=no",
                    "-oProxyCommand=none");
        }
        List<String> words = new ArrayList<>();
        if (target.port() != Host.SSH_PORT) words.add("-p" + target.port());
        way.hop().ifPresent(hop -> words.add("-oProxyCommand=" + through(program, hop, way.hopLog())));
        if (target.jumpsNowhere()) words.add("-oProxyJump=none");
        return words;
    }

    /// A stream to the machine over the jump host's connection, and by no other way. `ssh` fills in `%h` and `%p`, and has a shell
    /// run it. That it cannot be reached from there is said from INFO on.
    private static String through(Path program, Path hop, Path log) {
        return "'" + plain(program.toString()) + "' -F none -oBatchMode=yes -oLogLevel=INFO -oControlMaster=no"
                + " -oProxyCommand=false -S '" + plain(plain(hop.toString())) + "' -W '[%h]:%p' -- jump 2>'"
                + plain(log.toString()) + "'";
    }

    /// Without what `ssh` would fill in.
    private static String plain(String text) {
        return text.replace("%", "%%");
    }
}
