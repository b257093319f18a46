package dev.muster.edge.fleet;

import dev.muster.core.hosts.Host;
import dev.muster.core.hosts.HostRole.Duty;
import dev.muster.core.state.Role;
import dev.muster.edge.config.NodeConfig;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/// How a host of the file becomes a node: the arguments of `muster cluster init` and `join` there.
final class Profile {
    private static final int API = NodeConfig.Ports.DEFAULT.api();
    private static final int RAFT = NodeConfig.Ports.DEFAULT.raft();

    private static final Pattern ACTIVATE =
            Pattern.compile("(?:(?:source|\\.)\\s+)?((?:~/|/)[^\\s;&|'\"$`]*)/bin/activate");

    private Profile() {}

    /// Where other nodes reach it: its address in the private network where it has one.
    ///
    /// @param addresses what `ssh_host` stands for, which may be a name that only this machine's `ssh` knows
    static String advertise(Host host, Function<Host, String> addresses) {
        return host.reach().tailscale().isEmpty()
                ? addresses.apply(host)
                : host.reach().tailscale();
    }

    static Role role(Host host) {
        boolean selfplay = host.work().selfplay() && host.work().does(Duty.SELFPLAY);
        boolean training = host.work().training() && host.work().does(Duty.TRAIN);
        boolean other = host.work().does(Duty.EVALUATE);
        if (host.work().roles().isEmpty() || other || selfplay && training) return Role.MIXED;
        if (selfplay) return Role.SELFPLAY;
        return training ? Role.TRAINING : Role.COORDINATOR;
    }

    private static List<String> node(Host host, String advertise, String cluster) {
        List<String> arguments = new ArrayList<>(
                List.of("--cluster-id", cluster, "--advertise", advertise, "--listen", listen(advertise), "--role"));
        arguments.add(role(host).name().toLowerCase(Locale.ROOT));
        host.work().jobsMax().ifPresent(max -> {
            arguments.add("--max-parallel-jobs");
            arguments.add(Integer.toString(max));
        });
        if (host.reach().nat() || host.reach().relay()) {
            arguments.add("--dialable");
            arguments.add("false");
        }
        venv(host.work().activate()).ifPresent(venv -> {
            arguments.add("--venv");
            arguments.add(venv);
        });
        return arguments;
    }

    /// Of `source ~/trainer/venv/bin/activate`; anything else that a shell might do before a job says nothing about Python.
    private static Optional<String> venv(String activate) {
        Matcher script = ACTIVATE.matcher(activate.strip());
        return script.matches() ? Optional.of(script.group(1)) : Optional.empty();
    }

    /// All addresses; but what is on loopback is for this machine, which may have several nodes.
    private static String listen(String advertise) {
        boolean loopback = advertise.matches("127\\.\\d+\\.\\d+\\.\\d+")
                && InetAddress.ofLiteral(advertise).isLoopbackAddress();
        return loopback ? advertise : "0.0.0.0";
    }

    /// @param advertise where others reach it
    /// @param founders  of the new cluster, with where each is reached
    static List<String> founder(Host host, String advertise, Map<String, String> founders, String cluster) {
        List<String> arguments = node(host, advertise, cluster);
        arguments.add("--voters");
        arguments.add(founders.entrySet().stream()
                .map(founder -> founder.getKey() + "=" + founder.getValue() + ":" + API + ":" + RAFT)
                .collect(Collectors.joining(",")));
        return arguments;
    }

    /// @param advertise where others reach it
    /// @param seeds     nodes by which it joins, as `host:port`
    static List<String> joiner(Host host, String advertise, List<String> seeds, String cluster) {
        List<String> arguments = new ArrayList<>(seeds);
        arguments.addAll(node(host, advertise, cluster));
        return arguments;
    }

    static String api(String advertise) {
        return advertise + ":" + API;
    }
}
