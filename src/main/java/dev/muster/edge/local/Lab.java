package dev.muster.edge.local;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.stream.IntStream;

/// A network of hosts on this machine, with limited rates and all that can go wrong: the script `lab/lab`, which says what
/// each thing does, from Java. Host `h0` and the receivers `h1` … `hN`.
///
/// Only as root, and only beside the sources: see [#missing(Path)].
public final class Lab implements AutoCloseable {
    /// What a host gets through of its rate with TCP over Ethernet: 1448 bytes of 1514.
    public static final double PAYLOAD_SHARE = 1448.0 / 1514;

    private static final String ALL = "all";

    private final Path script;
    private final String name;
    private final List<String> hosts;

    /// As the switch counts; a large segment counts its headers once, so this is close to the payload.
    public record Traffic(long upBytes, long downBytes) {}

    private Lab(Path script, String name, int receivers) {
        this.script = script;
        this.name = name;
        this.hosts = IntStream.rangeClosed(0, receivers).mapToObj(i -> "h" + i).toList();
    }

    /// Why no lab can be made here; empty when one can.
    public static Optional<String> missing(Path script) throws IOException, InterruptedException {
        if (!Files.isExecutable(script)) return Optional.of("expected " + script + ", but it is not there");
        if (!Files.getAttribute(Path.of("/proc/self"), "unix:uid").equals(0))
            return Optional.of("expected root, because a lab makes network namespaces; run it as root");
        Ran ran = ran(script, List.of("needs"));
        return ran.status == 0
                ? Optional.empty()
                : Optional.of("missing packages: " + ran.output.strip().replace('\n', ' '));
    }

    /// Why no latency can be had; empty when it can.
    public Optional<String> latencyMissing() throws IOException, InterruptedException {
        String packages = ran(script, List.of("needs")).output.strip();
        return packages.isEmpty() ? Optional.empty() : Optional.of("missing packages: " + packages.replace('\n', ' '));
    }

    /// Makes a lab that `lab sweep` takes down if this process dies; first takes down those whose process did.
    ///
    /// @param rate of each host, each way, as `50mbit`
    public static Lab up(Path script, int receivers, String rate) throws IOException, InterruptedException {
        run(script, List.of("sweep"));
        String owner = Long.toString(ProcessHandle.current().pid());
        String name = run(script, List.of("up", Integer.toString(receivers), rate, "--owner", owner));
        return new Lab(script, name.strip(), receivers);
    }

    public String name() {
        return name;
    }

    public List<String> hosts() {
        return hosts;
    }

    /// Where the other hosts reach it.
    public String address(String host) {
        int number = number(host) + 1;
        return "10.77." + number / 256 + "." + number % 256;
    }

    private int number(String host) {
        if (!hosts.contains(host))
            throw new IllegalArgumentException("expected one of " + hosts + ", but found " + host);
        return Integer.parseInt(host.substring(1));
    }

    /// The command, to be run on the host.
    public List<String> command(String host, List<String> command) {
        List<String> whole = new ArrayList<>(List.of("ip", "netns", "exec", namespace(host)));
        whole.addAll(command);
        return List.copyOf(whole);
    }

    private String namespace(String host) {
        number(host);
        return "muster-" + name + "-" + host;
    }

    /// Runs the work on the host's network, and waits for it. The sockets it opens stay there.
    public <T> T on(String host, Callable<T> work) throws IOException, InterruptedException {
        return Namespace.call(namespace(host), work);
    }

    /// @param up   as `50mbit`
    /// @param down as `50mbit`
    public void rate(String host, String up, String down) throws IOException, InterruptedException {
        run("rate", host, up, down);
    }

    /// Nothing passes between the two groups until [#heal()].
    public void partition(List<String> some, List<String> others) throws IOException, InterruptedException {
        run("partition", String.join(",", some), String.join(",", others));
    }

    /// Random loss of all packets until [#heal()].
    public void loss(double percent) throws IOException, InterruptedException {
        run("loss", Double.toString(percent));
    }

    /// Pulls the host's plug until [#heal()].
    public void linkDown(String host) throws IOException, InterruptedException {
        run("linkdown", host);
    }

    /// Ends partitions, loss and pulled plugs.
    public void heal() throws IOException, InterruptedException {
        run("heal");
    }

    /// Delays what each host receives; the round trip takes twice that.
    public void latency(int ms) throws IOException, InterruptedException {
        run("latency", ALL, Integer.toString(ms));
    }

    /// Puts the host behind a router that masquerades. Before it runs anything.
    public void nat(String host) throws IOException, InterruptedException {
        run("nat", host);
    }

    /// Bytes of each host since the lab was made.
    public Map<String, Traffic> traffic() throws IOException, InterruptedException {
        // The kernel shows each thread its own namespace's counters.
        List<String> lines = Namespace.call(
                "muster-" + name + "-sw", () -> Files.readAllLines(Path.of("/proc/thread-self/net/dev")));
        Map<String, Traffic> traffic = new TreeMap<>();
        for (String line : lines) {
            String[] words = line.strip().split("[: ]+");
            if (words[0].matches("ph[0-9]+"))
                traffic.put(words[0].substring(1), new Traffic(Long.parseLong(words[1]), Long.parseLong(words[9])));
        }
        return traffic;
    }

    /// The processes on the hosts.
    public Set<Long> pids() throws IOException {
        Set<String> links = new HashSet<>();
        for (String host : hosts) {
            Object inode = Files.getAttribute(Path.of("/run/netns", namespace(host)), "unix:ino");
            links.add("net:[" + inode + "]");
        }
        Set<Long> pids = new TreeSet<>();
        try (DirectoryStream<Path> processes = Files.newDirectoryStream(Path.of("/proc"), "[0-9]*")) {
            for (Path process : processes) {
                if (links.contains(linkOf(process)))
                    pids.add(Long.valueOf(process.getFileName().toString()));
            }
        }
        return pids;
    }

    private static String linkOf(Path process) {
        try {
            return Files.readSymbolicLink(process.resolve("ns/net")).toString();
        } catch (IOException e) {
            return ""; // it ended meanwhile
        }
    }

    /// Ends all that runs on the hosts, and removes them.
    @Override
    public void close() {
        try {
            run("down");
        } catch (IOException e) {
            throw new IllegalStateException("`lab --lab " + name + " down` failed: " + e.getMessage(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private String run(String... arguments) throws IOException, InterruptedException {
        List<String> all = new ArrayList<>(List.of("--lab", name));
        all.addAll(List.of(arguments));
        return run(script, all);
    }

    private static String run(Path script, List<String> arguments) throws IOException, InterruptedException {
        Ran ran = ran(script, arguments);
        if (ran.status == 0) return ran.output;
        throw new IOException("lab " + String.join(" ", arguments) + ": " + ran.output.strip());
    }

    private record Ran(int status, String output) {}

    /// Output and errors together: where it fails, the errors are all there is.
    private static Ran ran(Path script, List<String> arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(script.toAbsolutePath().toString()));
        command.addAll(arguments);
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        process.getOutputStream().close();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        return new Ran(process.waitFor(), output);
    }
}
