package dev.muster.edge.raft;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;

/// Several [VoterProcess]es and a way to talk to them.
final class VoterProcesses implements AutoCloseable {
    /// Small, as an agent's own process is. The last ones silence the JDK about Netty.
    static final List<String> JVM_FLAGS = List.of(
            "-Xmx96m",
            "-XX:+UseSerialGC",
            "-XX:+UseCompactObjectHeaders",
            "-Xss512k",
            "-XX:MaxDirectMemorySize=48m",
            "--enable-native-access=ALL-UNNAMED",
            "--sun-misc-unsafe-memory-access=allow");

    /// One line from one process.
    record Line(String voter, String text, long nanos) {
        String word(int i) {
            String[] words = text.split(" ");
            return i < words.length ? words[i] : "";
        }
    }

    private final List<String> jvmFlags;
    private final String timing;
    private final String machine;
    private final Path base;
    private final List<VoterAddress> founders = new ArrayList<>();
    private final Map<String, Process> processes = new TreeMap<>();
    private final Map<String, PrintStream> inputs = new TreeMap<>();
    private final BlockingQueue<Line> lines = new LinkedBlockingQueue<>();

    VoterProcesses(Path base, int count, List<String> jvmFlags, String timing, String machine) throws IOException {
        this.base = base;
        this.jvmFlags = jvmFlags;
        this.timing = timing;
        this.machine = machine;
        for (int i = 0; i < count; i++) founders.add(Voters.address("n" + i));
    }

    List<String> ids() {
        return founders.stream().map(VoterAddress::id).toList();
    }

    void startAll() throws IOException {
        for (String id : ids()) start(id);
    }

    void start(String id) throws IOException {
        List<String> command =
                new ArrayList<>(List.of(ProcessHandle.current().info().command().orElseThrow()));
        command.addAll(jvmFlags);
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), VoterProcess.class.getName()));
        command.addAll(List.of(id, base.resolve(id).toString(), timing, machine));
        founders.forEach(founder -> command.add(founder.toString()));
        Process process = new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.appendTo(
                        base.resolve(id + ".err").toFile()))
                .start();
        processes.put(id, process);
        inputs.put(id, new PrintStream(process.getOutputStream(), true));
        Thread.ofVirtual().start(() -> read(id, process));
    }

    private void read(String id, Process process) {
        try (BufferedReader out = process.inputReader()) {
            for (String line; (line = out.readLine()) != null; ) lines.add(new Line(id, line, System.nanoTime()));
        } catch (IOException e) {
            lines.add(new Line(id, "gone", System.nanoTime()));
        }
    }

    void tell(String id, String command) {
        inputs.get(id).println(command);
    }

    /// SIGKILL, and wait until it is gone.
    long kill(String id) throws InterruptedException {
        long at = System.nanoTime();
        processes.get(id).destroyForcibly().waitFor();
        return at;
    }

    void signal(String id, String signal) throws IOException, InterruptedException {
        new ProcessBuilder("kill", "-" + signal, Long.toString(processes.get(id).pid()))
                .start()
                .waitFor();
    }

    Line await(String what, Predicate<Line> wanted) throws InterruptedException {
        return poll(wanted, 60_000).orElseThrow(() -> new AssertionError("waited a minute in vain for " + what));
    }

    /// Takes lines until one is wanted; the others are dropped.
    Optional<Line> poll(Predicate<Line> wanted, long maxMs) throws InterruptedException {
        long end = System.nanoTime() + maxMs * 1_000_000;
        for (long left; (left = end - System.nanoTime()) > 0; ) {
            Line line = lines.poll(left, TimeUnit.NANOSECONDS);
            if (line != null && wanted.test(line)) return Optional.of(line);
        }
        return Optional.empty();
    }

    Line awaitReady() throws InterruptedException {
        return await(
                "a leader", line -> line.word(0).equals("role") && line.word(3).equals("ready"));
    }

    @Override
    public void close() {
        processes.values().forEach(Process::destroyForcibly);
        processes.values().forEach(process -> process.onExit().join());
    }
}
