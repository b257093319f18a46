package dev.muster.edge.ssh;

import static dev.muster.edge.ssh.FleetTest.assertFails;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.muster.edge.ssh.SshException.Kind;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LocalShellTest {
    private static final Duration ENOUGH = Duration.ofSeconds(20);

    @TempDir
    private Path folder;

    private HostShell.Result run(String script, String... args) throws SshException, InterruptedException {
        return new LocalShell().run(script, List.of(args), ENOUGH);
    }

    @Test
    void outputErrorsAndStatusAreTheScripts() throws Exception {
        assertThat(run("printf out; printf err >&2; exit 3")).isEqualTo(new HostShell.Result(3, "out", "err"));
        assertThat(run("exit 255").exit()).isEqualTo(255);
        assertThat(run("if").exit()).isNotZero();
        assertThat(run("cat").out()).isEmpty();
        assertThat(run("cat <<'EOF'\nit's $HOME\nEOF").out()).isEqualTo("it's $HOME\n");
    }

    @Test
    void argumentsArriveAsTheyAre() throws Exception {
        Random random = new Random(7);
        for (int round = 0; round < 20; round++) {
            List<String> args = new ArrayList<>();
            for (int i = 0; i < 30; i++) args.add(HostileText.random(random));
            String out = run("for a in \"$@\"; do printf '%s\\001' \"$a\"; done", args.toArray(String[]::new))
                    .out();
            assertThat(out).isEqualTo(String.join("\u0001", args) + "\u0001");
        }
        assertThatThrownBy(() -> run("echo $1", "\0")).hasMessageContaining("NUL");
    }

    @Test
    void scriptsMayBeLong() throws Exception {
        String script = "# " + "long ".repeat(60_000) + "\nprintf '%s' \"$1\" | wc -c";
        assertThat(run(script, "x".repeat(200_000)).out().strip()).isEqualTo("200000");
    }

    @Test
    void aFileIsOnStandardInput() throws Exception {
        byte[] bytes = HostileText.bytes(500_000);
        Path file = Files.write(folder.resolve("file"), bytes);
        LocalShell shell = new LocalShell(folder, Map.of("WHERE", "copy"));
        assertThat(shell.send("cat > \"$WHERE\"; pwd", List.of(), file, ENOUGH).out())
                .isEqualTo(folder + "\n");
        assertThat(folder.resolve("copy")).hasBinaryContent(bytes);
        assertThat(shell.send("exit 2", List.of(), file, ENOUGH).exit()).isEqualTo(2);
        assertThatThrownBy(() -> shell.send("cat", List.of(), folder.resolve("none"), ENOUGH))
                .hasMessageContaining("expected a file");
    }

    @Test
    void aScriptThatTakesTooLongIsEnded() throws Exception {
        LocalShell shell = new LocalShell(folder, Map.of());
        assertFails(Kind.TIMEOUT, () -> shell.run("sleep 300 & echo $! > pid; wait", List.of(), Duration.ofMillis(500)))
                .hasMessageContaining("within 0.5s");
        long pid = Long.parseLong(Files.readString(folder.resolve("pid")).strip());
        Polled.until(() -> ProcessHandle.of(pid).filter(ProcessHandle::isAlive).isEmpty());
    }

    @Test
    void aScriptThatEndsItsShellIsLost() {
        assertFails(Kind.LOST, () -> run("kill -9 $$; sleep 1")).hasMessageContaining("status 137");
    }
}
