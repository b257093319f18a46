package dev.muster.edge.cli;

import dev.muster.core.hosts.Host;
import dev.muster.core.hosts.HostFile;
import dev.muster.edge.fleet.Fleet;
import dev.muster.edge.ssh.Ssh;
import dev.muster.edge.ssh.SshException;
import dev.muster.edge.ssh.SshSettings;
import dev.muster.edge.ssh.SshTarget;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/// Whether hosts whose agents are silent, or not there, answer SSH: all at once.
final class SshReach implements NodeCheck.Reach {
    private static final Duration CONNECT_MAX = Duration.ofSeconds(5);
    private static final Duration ANSWER_MAX = Duration.ofSeconds(20);

    @Override
    public Map<String, String> of(Args args, HostFile file, List<Host> hosts) {
        Map<String, String> found = new ConcurrentHashMap<>();
        if (hosts.isEmpty()) return found;
        Path home = Path.of(args.shell().env().getOrDefault("HOME", "/"));
        try (Ssh ssh = Ssh.open(SshSettings.defaults().withConnectMax(CONNECT_MAX));
                ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (Host host : hosts)
                threads.submit(() -> found.put(host.name(), told(ssh, SshTarget.of(file, host, home))));
        } catch (IOException e) {
            for (Host host : hosts) found.putIfAbsent(host.name(), "SSH: " + Client.reason(e));
        }
        return found;
    }

    private static String told(Ssh ssh, SshTarget target) {
        try {
            ssh.shell(target).run("exit 0", List.of(), ANSWER_MAX);
            return "SSH answers: `muster up --node " + target.name() + "` brings its agent up";
        } catch (SshException e) {
            return "SSH: " + Fleet.reason(target.name(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return "SSH: broken off";
        }
    }
}
