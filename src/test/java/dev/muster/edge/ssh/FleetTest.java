package dev.muster.edge.ssh;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.muster.edge.local.SshFleet;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.assertj.core.api.AbstractThrowableAssert;
import org.assertj.core.api.Assertions;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;

/// Tests on hosts of a fleet, by the machine's own ssh.
@Tag("slow")
abstract class FleetTest {
    static final Duration ENOUGH = Duration.ofSeconds(30);

    private Path folder;
    SshFleet fleet;
    Ssh ssh;

    @BeforeEach
    void start() throws IOException, InterruptedException {
        SshFleet.missing().ifPresent(why -> assumeTrue(false, why));
        folder = Files.createTempDirectory("fleet-");
        fleet = SshFleet.start(folder);
        ssh = Ssh.open(settings());
    }

    SshSettings settings() throws IOException {
        Path config = folder.resolve("ssh_config");
        if (Files.notExists(config)) Files.createFile(config);
        return SshSettings.defaults().withConfig(config).withKnown(fleet.known());
    }

    void configure(String lines) throws IOException {
        Files.writeString(folder.resolve("ssh_config"), lines);
    }

    Path folder() {
        return folder;
    }

    @AfterEach
    void stop() throws IOException {
        if (ssh != null) ssh.close();
        if (fleet != null) fleet.close();
        if (folder == null) return;
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) Files.deleteIfExists(file);
        }
    }

    HostShell.Result run(SshTarget target, String script, String... args) throws SshException, InterruptedException {
        return ssh.shell(target).run(script, List.of(args), ENOUGH);
    }

    /// That it fails in this way.
    static AbstractThrowableAssert<?, SshException> assertFails(SshException.Kind kind, ThrowingCallable call) {
        SshException thrown = Assertions.catchThrowableOfType(SshException.class, call);
        Assertions.assertThat(thrown).as("expected " + kind).isNotNull();
        return Assertions.assertThat(thrown)
                .satisfies(
                        e -> Assertions.assertThat(e.kind()).as(e.getMessage()).isEqualTo(kind));
    }
}
