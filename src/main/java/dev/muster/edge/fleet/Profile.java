package dev.muster.edge.fleet;

import dev.muster.core.hosts.Host;
import dev.muster.core.hosts.HostFile;
import dev.muster.core.hosts.HostRole.Duty;
import dev.muster.core.state.Role;
import dev.muster.edge.config.NodeConfig;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/// How a host of the file becomes a node: the arguments of `muster cluster init` and `join` there.
final class Profile {
    private static final int API = NodeConfig.Ports.DEFAULT.api();
    private static final int RAFT = NodeConfig.Ports.DEFAULT.raft();

    private Profile() {}

    /// Where other nodes reach it: its address in the private network where it has one.
    static String advertise(Host host) {
        return host.reach().tailscale().isEmpty()
                ? host.reach().address()
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

    private static List<String> node(Host host, String cluster) {
        String advertise = advertise(host);
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
        return arguments;
    }

    /// All addresses; but what is on loopback is for this machine, which may have several nodes.
    private static String listen(String advertise) {
        boolean loopback = advertise.matches("127\\.\\d+\\.\\d+\\.\\d+")
                && InetAddress.ofLiteral(advertise).isLoopbackAddress();
        return loopback ? advertise : "0.0.0.0";
    }

    /// @param founders of the new cluster
    static List<String> founder(HostFile file, Host host, List<String> founders, String cluster) {
        List<String> arguments = node(host, cluster);
        arguments.add("--voters");
        arguments.add(founders.stream()
                .map(name -> name + "=" + advertise(file.host(name).orElseThrow()) + ":" + API + ":" + RAFT)
                .collect(Collectors.joining(",")));
        return arguments;
    }

    /// @param seeds nodes by which it joins, as `host:port`
    static List<String> joiner(Host host, List<String> seeds, String cluster) {
        List<String> arguments = new ArrayList<>(seeds);
        arguments.addAll(node(host, cluster));
        return arguments;
    }

    static String api(Host host) {
        return advertise(host) + ":" + API;
    }
}
