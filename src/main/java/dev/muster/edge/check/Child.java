package dev.muster.edge.check;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.Stream;

/// Runs other programs for checks and fixes: one at a time, at the lowest priority, killed with all that they have started
/// when their time is up.
public final class Child {
    /// The end of what a program said; the rest is read and forgotten.
    private static final int TAIL_MAX = 8_192;
    /// A program may leave others behind that keep its output open.
    private static final Duration OUTPUT_MAX = Duration.ofSeconds(1);

    private static final List<Path> NICE = List.of(Path.of("/usr/bin/nice"), Path.of("/bin/nice"));
    /// Nobody else's business.
    private static final List<String> SECRETS =
            List.of("MUSTER_TOKEN", "RINGRIFT_CLUSTER_AUTH_TOKEN", "VAST_API_KEY", "LAMBDA_API_KEY");

    private final ReentrantLock one = new ReentrantLock(true);

    /// @param exit   -1 when it was killed
    /// @param output the end of stdout and stderr together
    public record Done(int exit, String output, boolean late) {
        public boolean well() {
            return exit == 0 && !late;
        }

        /// Its last words, for a sentence.
        public String lastLine() {
            return output.strip().lines().reduce("", (before, line) -> line).strip();
        }
    }

    /// Blocks until it has ended or was killed, and before that for as long as another one runs.
    ///
    /// @param more goes over this process's environment
    /// @throws IOException when there is no such program, or it cannot be started; the message names it
    public Done run(List<String> command, Map<String, String> more, Duration max)
            throws IOException, InterruptedException {
        one.lockInterruptibly();
        try {
            return started(command, more, max);
        } finally {
            one.unlock();
        }
    }

    /// Is one running now?
    boolean busy() {
        return one.isLocked();
    }

    private static Done started(List<String> command, Map<String, String> more, Duration max)
            throws IOException, InterruptedException {
        require(command.getFirst());
        ProcessBuilder builder = new ProcessBuilder(politely(command)).redirectErrorStream(true);
        SECRETS.forEach(builder.environment()::remove);
        builder.environment().putAll(more);
        Process process = builder.start();
        process.getOutputStream().close();
        Tail tail = new Tail(process.getInputStream());
        Thread reader = Thread.ofVirtual().name("child-output").start(tail);
        try {
            boolean ended = process.waitFor(max.toMillis(), TimeUnit.MILLISECONDS);
            if (!ended) kill(process);
            reader.join(OUTPUT_MAX);
            return new Done(ended ? process.exitValue() : -1, tail.text(), !ended);
        } finally {
            kill(process);
            process.getInputStream().close();
        }
    }

    /// `nice` would say it too, by an exit status that other programs have as well.
    private static void require(String program) throws IOException {
        List<Path> places = program.contains("/")
                ? List.of(Path.of(program))
                : Stream.of(System.getenv()
                                .getOrDefault("PATH", "/usr/bin:/bin")
                                .split(":"))
                        .map(folder -> Path.of(folder, program))
                        .toList();
        boolean there = places.stream().anyMatch(file -> Files.isRegularFile(file) && Files.isExecutable(file));
        if (!there) throw new IOException("expected a program " + program + ", but there is none");
    }

    private static void kill(Process process) {
        process.descendants().forEach(ProcessHandle::destroyForcibly);
        process.destroyForcibly();
    }

    private static List<String> politely(List<String> command) {
        List<String> words = new ArrayList<>();
        NICE.stream()
                .filter(Files::isExecutable)
                .findFirst()
                .ifPresent(nice -> words.addAll(List.of(nice.toString(), "-n", "19")));
        words.addAll(command);
        return words;
    }

    private static final class Tail implements Runnable {
        private final InputStream in;
        private final byte[] ring = new byte[TAIL_MAX];
        private long count;

        Tail(InputStream in) {
            this.in = in;
        }

        @Override
        public void run() {
            byte[] part = new byte[1024];
            try {
                for (int read = in.read(part); read >= 0; read = in.read(part)) keep(part, read);
            } catch (IOException e) {
                keep(new byte[0], 0); // the stream was closed under us: what came so far is what there is
            }
        }

        private synchronized void keep(byte[] part, int length) {
            for (int i = 0; i < length; i++) ring[(int) (count++ % TAIL_MAX)] = part[i];
        }

        synchronized String text() {
            int length = (int) Math.min(count, TAIL_MAX);
            byte[] tail = new byte[length];
            for (int i = 0; i < length; i++) tail[i] = ring[(int) ((count - length + i) % TAIL_MAX)];
            return new String(tail, StandardCharsets.UTF_8);
        }
    }
}
