package dev.muster.edge.vastsim;

import dev.muster.edge.local.SshFleet;
import dev.muster.edge.local.Sshd;
import java.io.File;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/// One instance on this machine: a directory, a session of processes, an sshd.
///
///     ID/home          its disk
///     ID/log           what `onstart` writes
///     ID/onstart.sh    run by `sh` at each start
///     ID/sshd/         configuration, host key, authorized_keys, log
final class Place {
    /// Between SIGTERM and SIGKILL.
    private static final long GRACE_NANOS = TimeUnit.SECONDS.toNanos(2);
    /// What SIGKILL does not end in this time hangs in the kernel.
    private static final long KILL_NANOS = TimeUnit.SECONDS.toNanos(15);
    private static final long LOOK_MILLIS = 50;
    /// In the middle of an exec a process cannot be told: one look that finds none may be wrong.
    private static final int LOOKS_WITHOUT = 2;
    private static final int DIAL_MILLIS = 1000;
    private static final List<String> SFTP =
            List.of("/usr/lib/openssh/sftp-server", "/usr/libexec/openssh/sftp-server", "/usr/lib/ssh/sftp-server");
    private static final List<String> INHERITED = List.of("PATH", "JAVA_HOME", "LANG", "LC_ALL", "USER", "LOGNAME");

    private final Path folder;
    private final Boot.Doors doors;
    private final String marker;
    private final Map<Long, Long> roots = new HashMap<>();
    private Optional<Sshd> sshd = Optional.empty();

    /// @param marker no other place's on this machine
    Place(Path folder, Boot.Doors doors, String marker) {
        this.folder = folder;
        this.doors = doors;
        this.marker = marker;
    }

    Boot.Doors doors() {
        return doors;
    }

    Path home() {
        return folder.resolve("home");
    }

    private Path log() {
        return folder.resolve("log");
    }

    void make() throws IOException {
        Files.createDirectories(home());
    }

    void start(Boot.Facts facts) throws IOException, InterruptedException {
        make();
        Map<String, String> env = env(facts);
        Files.writeString(folder.resolve("onstart.sh"), facts.onstart() + "\n");
        keys(facts.keys());
        Cards.lay(folder.resolve("bin"), home(), facts.env());
        openDoor(env);
        ProcessBuilder builder = new ProcessBuilder(
                        "setsid", "sh", folder.resolve("onstart.sh").toString())
                .directory(home().toFile())
                .redirectInput(new File("/dev/null"))
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(log().toFile()));
        builder.environment().clear();
        builder.environment().putAll(env);
        long pid = builder.start().pid();
        roots.put(pid, Census.start(pid));
    }

    private Map<String, String> env(Boot.Facts facts) {
        Map<String, String> env = new TreeMap<>();
        for (String name : INHERITED) Optional.ofNullable(System.getenv(name)).ifPresent(value -> env.put(name, value));
        env.put("HOME", home().toString());
        env.put("PUBLIC_IPADDR", doors.publicIp());
        doors.ports().forEach((inside, outside) -> {
            String[] port = inside.split("/");
            env.put("VAST_" + port[1].toUpperCase(Locale.ROOT) + "_PORT_" + port[0], outside.toString());
        });
        env.putAll(facts.env());
        env.put(Census.MARKER, marker);
        env.put("PATH", folder.resolve("bin") + ":" + env.getOrDefault("PATH", "/usr/bin:/bin"));
        return env;
    }

    private void openDoor(Map<String, String> env) throws IOException, InterruptedException {
        if (Sshd.program().isEmpty()) {
            say("there is no sshd on this machine: this instance has no SSH; install openssh-server");
            return;
        }
        Path own = folder.resolve("sshd");
        Files.createDirectories(own);
        if (!Files.exists(own.resolve("host_key"))) SshFleet.key(own.resolve("host_key"));
        StringBuilder exports = new StringBuilder();
        env.forEach((name, value) -> exports.append("export ")
                .append(name)
                .append('=')
                .append(quoted(value))
                .append('\n'));
        Path login = own.resolve("login");
        Files.writeString(
                login,
                "#!/bin/sh\n" + exports
                        + "cd \"$HOME\" || exit 1\n"
                        + "[ -n \"$SSH_ORIGINAL_COMMAND\" ] || exec \"${SHELL:-/bin/sh}\" -i\n"
                        + "exec \"${SHELL:-/bin/sh}\" -c \"$SSH_ORIGINAL_COMMAND\"\n");
        if (!login.toFile().setExecutable(true)) throw new IOException("expected to make " + login + " executable");
        Files.writeString(own.resolve("sshd_config"), config(own, login));
        try {
            InetAddress direct = InetAddress.ofLiteral(doors.publicIp());
            int port = doors.ports().get("22/tcp");
            sshd = Optional.of(Sshd.start(List.of(), own, () -> dial(direct, port)));
        } catch (IOException e) {
            say("this instance has no SSH: " + e.getMessage());
        }
    }

    /// The forced command runs what copies files as it runs everything: as a program.
    private String config(Path own, Path login) {
        String subsystem = SFTP.stream()
                .filter(program -> Files.isExecutable(Path.of(program)))
                .map(program -> "Subsystem sftp " + program)
                .findFirst()
                .orElse("");
        return """
                ListenAddress %s:%d
                ListenAddress %s:%d
                HostKey %s/host_key
                AuthorizedKeysFile %s/authorized_keys
                ForceCommand %s
                %s
                PidFile none
                StrictModes no
                UsePAM no
                PasswordAuthentication no
                KbdInteractiveAuthentication no
                PermitRootLogin prohibit-password
                LogLevel INFO
                """.formatted(
                        doors.publicIp(),
                        doors.ports().get("22/tcp"),
                        doors.sshHost(),
                        doors.sshPort(),
                        own,
                        own,
                        login,
                        subsystem);
    }

    private static boolean dial(InetAddress address, int port) throws IOException {
        try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress(address, port), DIAL_MILLIS);
            return true;
        }
    }

    private static String quoted(String value) {
        return "'" + value.replace("'", "'\\''") + "'";
    }

    private void say(String line) throws IOException {
        Files.writeString(log(), "vastsim: " + line + "\n", StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    }

    void keys(List<String> keys) throws IOException {
        Path own = folder.resolve("sshd");
        Files.createDirectories(own);
        Files.writeString(own.resolve("authorized_keys"), String.join("\n", keys) + "\n");
    }

    /// Ends everything of it, until nothing is left.
    ///
    /// @throws IOException when something does not end
    void stop() throws IOException, InterruptedException {
        sshd.ifPresent(Sshd::kill);
        sshd = Optional.empty();
        long begin = System.nanoTime();
        boolean asked = false;
        int without = 0;
        while (without < LOOKS_WITHOUT) {
            Set<Long> members = Census.take().of(roots, marker, folder.toRealPath());
            without = members.isEmpty() ? without + 1 : 0;
            long late = System.nanoTime() - begin;
            if (late > KILL_NANOS) throw new IOException("expected all of " + folder + " to end, but found " + members);
            for (long pid : members) {
                if (late > GRACE_NANOS) ProcessHandle.of(pid).ifPresent(ProcessHandle::destroyForcibly);
                else if (!asked) ProcessHandle.of(pid).ifPresent(ProcessHandle::destroy);
            }
            asked = true;
            TimeUnit.MILLISECONDS.sleep(LOOK_MILLIS);
        }
        roots.clear();
    }

    void wipe() throws IOException {
        delete(home());
        make();
    }

    void destroy() throws IOException {
        delete(folder);
    }

    String read() throws IOException {
        return Files.exists(log()) ? Files.readString(log(), StandardCharsets.ISO_8859_1) : "";
    }

    /// Links are taken away, not followed.
    static void delete(Path root) throws IOException {
        if (!Files.exists(root, LinkOption.NOFOLLOW_LINKS)) return;
        try (Stream<Path> files = Files.walk(root)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) Files.deleteIfExists(file);
        }
    }
}
