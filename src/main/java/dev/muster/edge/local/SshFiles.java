package dev.muster.edge.local;

import dev.muster.edge.local.SshHost.Trait;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;

/// What a host of an [SshFleet] has on its disk: the configuration of its sshd, and the files of its shells.
final class SshFiles {
    /// Says what errors say, to lead astray whoever reads more than he should.
    private static final String BANNER = """
            ***************************************************
            *  Permission denied (publickey) to all but staff  *
            *  Connection refused? Connection timed out? Call 5 *
            ***************************************************
            """;

    private static final String NOISE = """
            echo 'Welcome! You have new mail.'
            echo 'rc: command not found: nvm' >&2
            printf 'no line end: '
            """;

    private SshFiles() {}

    /// The account's shell in /etc/passwd is bash or whatever it is, and reads the host's own files because its home is another;
    /// then a forced command moves into that home and goes on with the shell that this host is to have.
    static String config(Path own, Path home, Trait trait, List<InetAddress> addresses, int port) {
        String listens = addresses.stream()
                .map(address -> "ListenAddress " + address.getHostAddress() + "\n")
                .collect(Collectors.joining());
        String banner = trait == Trait.NOISY ? "Banner " + home.resolve("banner") + "\n" : "";
        return """
                Port %d
                %sHostKey %s/host_key
                AuthorizedKeysFile %s/authorized_keys
                ForceCommand %s
                SetEnv HOME=%s
                %sPidFile none
                StrictModes no
                UsePAM no
                PasswordAuthentication no
                KbdInteractiveAuthentication no
                PermitRootLogin prohibit-password
                MaxStartups 1000
                LogLevel INFO
                """.formatted(port, listens, own, own, home.resolve("login"), home, banner);
    }

    static void write(Path home, Trait trait) throws IOException {
        String slow = trait == Trait.SLOW ? "sleep " + SshFleet.SLOW.toMillis() / 1000.0 + "\n" : "";
        String path = trait == Trait.BUSYBOX && busybox(home.resolve("bin")) ? "PATH=$HOME/bin:$PATH\n" : "";
        Path login = home.resolve("login");
        String begin = "#!/bin/sh\ncd \"$HOME\" || exit 1\n" + path + slow;
        Files.writeString(login, begin + "exec " + shell(trait) + " -c \"$SSH_ORIGINAL_COMMAND\"\n");
        executable(login);
        if (trait != Trait.NOISY) return;
        Files.writeString(home.resolve("banner"), BANNER);
        Files.writeString(home.resolve(".bashrc"), NOISE);
        Files.writeString(home.resolve(".zshenv"), NOISE);
    }

    /// What our scripts' frame uses, by busybox: it reads ahead where others do not.
    private static boolean busybox(Path bin) throws IOException {
        Path program = Path.of("/usr/bin/busybox");
        if (!Files.isExecutable(program)) return false;
        Files.createDirectories(bin);
        for (String name : List.of("sh", "dd", "sleep", "cat")) {
            String script = "#!" + program + " sh\nexec " + program + " " + name + " \"$@\"\n";
            executable(Files.writeString(bin.resolve(name), script));
        }
        return true;
    }

    private static void executable(Path file) throws IOException {
        if (!file.toFile().setExecutable(true)) throw new IOException("expected to make " + file + " executable");
    }

    private static String shell(Trait trait) {
        return switch (trait) {
            case FISH -> installed("/usr/bin/fish", "");
            case ZSH -> installed("/usr/bin/zsh", "");
            case DASH -> installed("/usr/bin/dash", "");
            case BUSYBOX -> installed("/usr/bin/busybox", " sh");
            default -> installed("/bin/bash", "");
        };
    }

    private static String installed(String program, String word) {
        return Files.isExecutable(Path.of(program)) ? program + word : "/bin/sh";
    }
}
