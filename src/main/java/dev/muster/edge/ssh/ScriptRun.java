package dev.muster.edge.ssh;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/// One script's way through a process that has a shell at its other end: `ssh`, or `sh` on this machine.
///
/// It has ended once both streams show the mark behind it, whatever still holds them open.
final class ScriptRun {
    /// How long the process may take to notice that all is said.
    private static final Duration LEAVE = Duration.ofMillis(200);

    /// What is still in the pipes of a process that is gone is read within this; only its orphans hold them longer.
    private static final long DRAIN_MILLIS = 1000;

    private final Process process;
    private final Capture out;
    private final Capture err;
    private final CompletableFuture<Void> outEnd = new CompletableFuture<>();
    private final CompletableFuture<Void> errEnd = new CompletableFuture<>();
    private volatile Optional<IOException> unread = Optional.empty();

    /// How it came to its end.
    ///
    /// @param result empty when the script's end was not seen
    /// @param timely it was not our limit that ended it
    /// @param exit   of the process, not of the script
    /// @param begun  the script did begin
    /// @param said   what else was said, on both streams, errors last
    record Outcome(Optional<HostShell.Result> result, boolean timely, int exit, boolean begun, String said) {}

    private ScriptRun(Process process, String mark) {
        this.process = process;
        this.out = new Capture(mark);
        this.err = new Capture(mark);
    }

    /// Waits for its end; when it returns or throws, the process and its descendants on this machine are gone.
    static Outcome of(Process process, Payload payload, Optional<Path> input, Duration timeout)
            throws InterruptedException {
        ScriptRun run = new ScriptRun(process, payload.mark());
        try {
            return run.await(payload, input, timeout);
        } finally {
            run.end();
        }
    }

    private Outcome await(Payload payload, Optional<Path> input, Duration timeout) throws InterruptedException {
        // Platform threads: reads of pipes hold on to the thread that a virtual one runs on.
        thread("in", () -> write(payload, input));
        thread("out", () -> read(process.getInputStream(), out, outEnd));
        thread("err", () -> read(process.getErrorStream(), err, errEnd));
        process.onExit()
                .thenRunAsync(
                        () -> {
                            outEnd.complete(null);
                            errEnd.complete(null);
                        },
                        CompletableFuture.delayedExecutor(DRAIN_MILLIS, TimeUnit.MILLISECONDS));
        boolean timely = true;
        try {
            CompletableFuture.allOf(outEnd, errEnd).get(Math.max(1, timeout.toMillis()), TimeUnit.MILLISECONDS);
            process.waitFor(LEAVE.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            timely = false;
        } catch (ExecutionException e) {
            throw new IllegalStateException("the readers complete normally only", e);
        }
        return outcome(timely);
    }

    private Outcome outcome(boolean timely) {
        Optional<HostShell.Result> result = out.status().isPresent()
                ? Optional.of(new HostShell.Result(out.status().getAsInt(), out.text(), err.text()))
                : Optional.empty();
        int exit = process.isAlive() ? -1 : process.exitValue();
        String said = unread.map(e -> "the file to send cannot be read: " + e.getMessage())
                .orElseGet(() -> out.before() + "\n" + err.before());
        return new Outcome(result, timely, exit, out.begun(), said);
    }

    private static void thread(String what, Runnable work) {
        Thread.ofPlatform().daemon().name("script-" + what).start(work);
    }

    private void write(Payload payload, Optional<Path> input) {
        try (OutputStream stream = process.getOutputStream()) {
            stream.write(payload.bytes());
            if (input.isPresent()) copy(input.get(), stream);
        } catch (IOException e) {
            // A script need not read its input. How it ended is seen at its output.
            return;
        }
    }

    /// A file that cannot be read to its end must not look like a shorter one: the script ends before its input does.
    private void copy(Path file, OutputStream to) throws IOException {
        try (InputStream from = Files.newInputStream(file)) {
            byte[] buffer = new byte[1 << 16];
            for (int count = read(from, buffer); count >= 0; count = read(from, buffer)) to.write(buffer, 0, count);
        }
    }

    private int read(InputStream from, byte[] buffer) throws IOException {
        try {
            return from.read(buffer);
        } catch (IOException e) {
            unread = Optional.of(e);
            process.destroyForcibly();
            throw e;
        }
    }

    private static void read(InputStream stream, Capture capture, CompletableFuture<Void> end) {
        byte[] buffer = new byte[8192];
        try {
            int count = stream.read(buffer);
            while (count >= 0 && !capture.add(buffer, count)) count = stream.read(buffer);
        } catch (IOException e) {
            // The process was ended: what came is all there is.
            return;
        } finally {
            end.complete(null);
        }
    }

    private void end() {
        if (!process.isAlive()) return;
        List<ProcessHandle> all = new ArrayList<>(process.descendants().toList());
        all.addFirst(process.toHandle());
        all.forEach(ProcessHandle::destroy);
        boolean interrupted = Thread.interrupted();
        try {
            process.waitFor(LEAVE.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            interrupted = true;
        }
        all.forEach(ProcessHandle::destroyForcibly);
        if (interrupted) Thread.currentThread().interrupt();
    }
}
