package dev.muster.edge.swarm;

import dev.muster.core.state.NodeId;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The machine's own rsync, over SSH, from one holder after the other: the way that needs nothing of this program's ports
/// but the answer to where the file lies. It writes into a file of its own beside the store, in place, so that a try that
/// was broken off, or killed, leaves no more than that file, and the next one goes on with it.
///
/// Host keys are checked: one that was never met is taken and kept, another one than before is refused.
final class Rsync implements Ladder.Rung {
    static final Duration SILENCE_MAX = Duration.ofSeconds(60);

    private static final Duration CONNECT_MAX = Duration.ofSeconds(10);
    /// Without a byte on the wire; rsync itself ends then, with the reason.
    private static final Duration WIRE_SILENCE_MAX = Duration.ofSeconds(30);
    /// From being asked to end, when it takes leave of the other side, to being killed.
    private static final Duration LEAVE_MAX = Duration.ofSeconds(2);

    private static final long LOOK_MILLIS = 200;
    private static final int PLACE_MAX = 16 << 10;
    private static final int PLACE_PATIENCE_MILLIS = 5_000;
    /// Of what it says when it fails, the end.
    private static final int TOLD_LINES = 4;

    private static final int TOLD_CHARS = 2_000;
    private static final Logger LOG = LoggerFactory.getLogger(Rsync.class);
    private static final Pattern RECEIVED = Pattern.compile("Total bytes received: ([\\d,]+)");

    private final HolderLine line;
    private final Directory directory;
    private final Flight.Means means;
    private final Store store;
    private final Ways.Ssh ssh;
    private final Limits limits;
    private final Programs programs;

    /// @param rate  bytes per second, 0 for no limit
    /// @param peers besides, from single nodes
    record Limits(long rate, PeerRates peers) {}

    /// @param path       folders in which programs are looked for, as in PATH
    /// @param silenceMax without a byte more before it is killed
    record Programs(String path, Duration silenceMax) {
        static Programs ofThisMachine() {
            return new Programs(System.getenv().getOrDefault("PATH", "/usr/bin:/bin"), SILENCE_MAX);
        }

        Optional<Path> find(String name) {
            for (String folder : path.split(":")) {
                Path file = Path.of(folder.isEmpty() ? "." : folder, name);
                if (Files.isExecutable(file) && !Files.isDirectory(file)) return Optional.of(file.toAbsolutePath());
            }
            return Optional.empty();
        }
    }

    Rsync(
            HolderLine line,
            Directory directory,
            Flight.Means means,
            Store store,
            Ways.Ssh ssh,
            Limits limits,
            Programs programs) {
        this.line = line;
        this.directory = directory;
        this.means = means;
        this.store = store;
        this.ssh = ssh;
        this.limits = limits;
        this.programs = programs;
    }

    @Override
    public boolean tried(Ladder.Wish wish) {
        return programs.find("rsync").isPresent() && programs.find("ssh").isPresent();
    }

    @Override
    public void bring(Ladder.Wish wish) throws IOException, InterruptedException {
        Path rsync = program("rsync", "rsync");
        Path client = program("ssh", "openssh-client");
        Ladder.each(wish, holder -> {
            SshPlace place = place(holder, wish);
            store.aside(wish.sha(), wish.size(), "rsync", file -> {
                List<String> command = command(rsync, client, place, file, rate(holder, place));
                command.add(1, "--max-size=" + wish.size()); // else a holder could fill this disk
                wish.came(holder, run(command, file));
            });
        });
    }

    private Path program(String name, String debian) throws IOException {
        return programs.find(name)
                .orElseThrow(
                        () -> new IOException("expected the program " + name + " on this machine, but found none in "
                                + programs.path() + "; `apt-get install " + debian + "`"));
    }

    /// An artifact port that cannot be reached is the best reason to come here, so there is another way to ask.
    private SshPlace place(NodeId holder, Ladder.Wish wish) throws IOException, InterruptedException {
        Optional<SshPlace> place;
        try {
            place = toldByPort(holder, wish);
        } catch (IOException e) {
            LOG.debug("{} does not say on its artifact port where the file lies", holder, e);
            place = directory.place(holder, wish.sha());
        }
        return place.orElseThrow(() -> new IOException("it offers no ssh; `ssh.user` in its node.yaml does"));
    }

    private Optional<SshPlace> toldByPort(NodeId holder, Ladder.Wish wish) throws IOException, InterruptedException {
        Optional<byte[]> json = line.small(holder, wish.sha(), wish.size(), "/place", PLACE_MAX, PLACE_PATIENCE_MILLIS);
        return json.isEmpty() ? Optional.empty() : Optional.of(SshPlace.parse(json.get()));
    }

    private long rate(NodeId holder, SshPlace place) {
        return PeerRates.least(PeerRates.least(limits.rate(), limits.peers().rate(holder)), place.rate());
    }

    /// Without a shell on this side, and with names sent apart from the command to the other side's (`-s`).
    private List<String> command(Path rsync, Path client, SshPlace place, Path file, long rate) {
        List<String> command = new ArrayList<>(List.of(
                rsync.toString(),
                "-s",
                "--ignore-times",
                "--partial",
                "--inplace",
                "--stats",
                "--info=progress2",
                "--timeout=" + WIRE_SILENCE_MAX.toSeconds(),
                "-e",
                remoteShell(client, place)));
        if (rate > 0) command.add("--bwlimit=" + Math.max(1, rate / 1024)); // its unit is 1024 bytes per second
        command.addAll(List.of("--", place.source(), file.toString()));
        return command;
    }

    /// rsync takes it apart at the spaces, and understands quotes.
    private String remoteShell(Path client, SshPlace place) {
        List<String> words = new ArrayList<>(List.of(
                client.toString(),
                "-oBatchMode=yes",
                "-oStrictHostKeyChecking=accept-new",
                "-oConnectTimeout=" + CONNECT_MAX.toSeconds(),
                "-oServerAliveInterval=5",
                "-oServerAliveCountMax=3",
                "-p" + place.port()));
        ssh.identity().ifPresent(key -> words.addAll(List.of("-i" + key, "-oIdentitiesOnly=yes")));
        ssh.known()
                .ifPresent(file -> words.add(
                        "-oUserKnownHostsFile=\"" + file.toString().replace("%", "%%") + "\" ~/.ssh/known_hosts"));
        return String.join(" ", words.stream().map(Rsync::quoted).toList());
    }

    private static String quoted(String word) {
        return word.matches("[A-Za-z0-9/._=-]+") ? word : "'" + word.replace("'", "''") + "'";
    }

    /// @return bytes that came over the wire
    private long run(List<String> command, Path file) throws IOException, InterruptedException {
        if (Files.notExists(file))
            Files.createFile(file); // the other side's is read-only, and rsync would take that over
        ProcessBuilder builder =
                new ProcessBuilder(command).redirectInput(Path.of("/dev/null").toFile());
        builder.environment().put("LC_ALL", "C");
        builder.environment().remove("RSYNC_RSH");
        Process process = builder.start();
        try {
            Told out = new Told(process.getInputStream());
            Told err = new Told(process.getErrorStream());
            watch(process, file, out);
            out.join();
            err.join();
            if (process.exitValue() != 0) {
                throw new IOException("rsync ended with " + process.exitValue() + ": " + err.end());
            }
            long bytes = received(out.text());
            means.counters().bytesIn.add(bytes);
            return bytes;
        } finally {
            end(process);
        }
    }

    private void watch(Process process, Path file, Told out) throws IOException, InterruptedException {
        long length = -1;
        long heardNanos = System.nanoTime();
        while (!process.waitFor(LOOK_MILLIS, TimeUnit.MILLISECONDS)) {
            long now = Files.size(file);
            if (now != length) heardNanos = System.nanoTime();
            length = now;
            if (System.nanoTime() - Math.max(heardNanos, out.heardNanos())
                    > programs.silenceMax().toNanos()) {
                throw new IOException("rsync was stopped: nothing came for "
                        + programs.silenceMax().toSeconds() + " s");
            }
        }
    }

    private static long received(String stats) {
        Matcher found = RECEIVED.matcher(stats);
        return found.find() ? Long.parseLong(found.group(1).replace(",", "")) : 0;
    }

    /// Ends it with all that it started, of which ssh is one. An interrupt waits until they are gone.
    private static void end(Process process) {
        List<ProcessHandle> all = new ArrayList<>(process.descendants().toList());
        all.addFirst(process.toHandle());
        all.removeIf(one -> !one.isAlive());
        if (all.isEmpty()) return;
        all.forEach(ProcessHandle::destroy);
        boolean interrupted = Thread.interrupted();
        try {
            process.waitFor(LEAVE_MAX.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            interrupted = true;
        }
        all.forEach(ProcessHandle::destroyForcibly);
        if (interrupted) Thread.currentThread().interrupt();
    }

    /// The end of what a program says, and when it said something last. rsync says how far it is every second: when this
    /// program ends without ending it, it finds nobody to say that to, and ends too.
    private static final class Told {
        private final StringBuilder text = new StringBuilder();
        private final Thread reader;
        private volatile long heardNanos = System.nanoTime();

        Told(InputStream in) {
            reader = Thread.ofVirtual().name("rsync-told").start(() -> read(in));
        }

        private void read(InputStream in) {
            byte[] buffer = new byte[4096];
            try (in) {
                for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
                    heardNanos = System.nanoTime();
                    add(new String(buffer, 0, read, StandardCharsets.UTF_8));
                }
            } catch (IOException e) {
                add("\n" + e);
            }
        }

        private synchronized void add(String more) {
            text.append(more);
            if (text.length() > TOLD_CHARS) text.delete(0, text.length() - TOLD_CHARS);
        }

        long heardNanos() {
            return heardNanos;
        }

        void join() throws InterruptedException {
            reader.join(LEAVE_MAX);
        }

        synchronized String text() {
            return text.toString();
        }

        /// The last lines, in one.
        String end() {
            List<String> lines = text().lines()
                    .filter(one -> !one.isBlank())
                    .map(String::strip)
                    .toList();
            return lines.isEmpty()
                    ? "it said nothing"
                    : String.join(" | ", lines.subList(Math.max(0, lines.size() - TOLD_LINES), lines.size()));
        }
    }
}
