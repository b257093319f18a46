package dev.muster.edge.program;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.muster.edge.local.SshFleet;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// The demo with rented workers, as a process of its own: what it reports, and that nothing is left of it.
@Tag("slow")
@Execution(ExecutionMode.CONCURRENT)
class RentedDemoTest {
    private static final int END_SECONDS = 60;
    /// A hundredth of a cent: what is rounded to millionths adds up to less.
    private static final double ROUNDING = 1e-4;

    private Path folder;

    @BeforeEach
    void start() throws Exception {
        SshFleet.missing().ifPresent(why -> assumeTrue(false, why));
        folder = Files.createTempDirectory("demo-");
    }

    @AfterEach
    void end() throws Exception {
        if (folder == null) return;
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.sorted((one, other) -> other.compareTo(one)).toList()) Files.deleteIfExists(file);
        }
    }

    private Process demo(String... more) throws Exception {
        Path temporary = Files.createDirectories(folder.resolve("tmp"));
        List<String> command = new ArrayList<>(List.of(
                ProcessHandle.current().info().command().orElse("java"),
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                "-Xmx256m",
                "--enable-native-access=ALL-UNNAMED",
                "--sun-misc-unsafe-memory-access=allow",
                "-Djava.io.tmpdir=" + temporary,
                "-cp",
                System.getProperty("java.class.path"),
                "dev.muster.Main",
                "demo",
                "--rented"));
        command.addAll(List.of(more));
        ProcessBuilder builder =
                new ProcessBuilder(command).redirectError(folder.resolve("err").toFile());
        builder.environment().put("XDG_CONFIG_HOME", folder.resolve("config").toString());
        builder.environment().remove("MUSTER_HOME");
        return builder.start();
    }

    @Test
    @Timeout(value = 12, unit = TimeUnit.MINUTES)
    void oneIsOutbidAndOneHostDiesAndTheLedgerAgreesWithTheMarket() throws Exception {
        Process demo = demo("--until", "promotions=1", "--timeout", "7m", "--json");
        String said = new String(demo.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(said).as(Files.readString(folder.resolve("err"))).isNotBlank();
        JsonNode report = JsonMapper.shared().readTree(said);
        List<String> problems = new ArrayList<>();
        report.path("problems").forEach(problem -> problems.add(problem.asString()));
        assertThat(demo.waitFor()).isEqualTo(problems.isEmpty() ? 0 : 1);
        // How strong a model is after one generation is up to chance; what is too weak is kept to be looked at.
        boolean weak = problems.removeIf(problem -> problem.contains("against random won"));
        assertThat(problems).as(Files.readString(folder.resolve("err"))).isEmpty();
        assertThat(report.path("configs")).hasSize(2).allSatisfy(config -> {
            assertThat(config.path("promoted")).isNotEmpty();
            // Three voters, and all three machines.
            assertThat(config.path("nodes").propertyNames()).hasSize(6);
        });
        JsonNode rented = report.path("rented");
        assertThat(rented.path("outbid").asInt()).isOne();
        assertThat(rented.path("lost").asInt()).isOne();
        assertThat(rented.path("replaced").asInt()).isGreaterThanOrEqualTo(2);
        assertThat(rented.path("left").asInt()).isZero();
        double sum = 0;
        for (JsonNode machine : rented.path("machines")) {
            assertThat(machine.path("bill").asDouble())
                    .isPositive()
                    .isCloseTo(machine.path("charged").asDouble(), within(ROUNDING));
            sum += machine.path("charged").asDouble();
        }
        assertThat(rented.path("ledger").asDouble())
                .isCloseTo(sum, within(ROUNDING))
                .isCloseTo(rented.path("charged").asDouble(), within(ROUNDING));
        if (!weak) assertThat(folder.resolve("tmp")).isEmptyDirectory();
        assertThat(processes()).isEmpty();
    }

    @Test
    @Timeout(value = 5, unit = TimeUnit.MINUTES)
    void endedInTheMiddleItTakesItsMachinesAlong() throws Exception {
        Process demo = demo();
        try (BufferedReader lines = demo.inputReader()) {
            String line = lines.readLine();
            while (line != null && !line.contains("all groups have their machines")) line = lines.readLine();
            assertThat(line).as(Files.readString(folder.resolve("err"))).isNotNull();
            assertThat(processes()).hasSizeGreaterThan(6);
            demo.destroy();
            assertThat(demo.waitFor(END_SECONDS, TimeUnit.SECONDS)).isTrue();
        } finally {
            demo.destroyForcibly();
        }
        assertThat(folder.resolve("tmp")).isEmptyDirectory();
        assertThat(processes()).isEmpty();
    }

    /// Those that name the folder, as agents their data and sshds their configuration, and those that run in it, as jobs. A
    /// JVM's class path is longer than what `ProcessHandle` tells of a command.
    private List<String> processes() throws IOException {
        List<String> found = new ArrayList<>();
        try (Stream<Path> all = Files.list(Path.of("/proc"))) {
            for (Path process : all.filter(path -> path.getFileName().toString().matches("\\d+"))
                    .toList()) {
                String command = of(process);
                if (command.contains(folder.resolve("tmp") + "/")) found.add(command.replace('\0', ' '));
            }
        }
        return found;
    }

    private static String of(Path process) {
        try {
            return Files.readSymbolicLink(process.resolve("cwd")) + "/ "
                    + Files.readString(process.resolve("cmdline"), StandardCharsets.ISO_8859_1);
        } catch (IOException e) {
            return ""; // it has ended meanwhile
        }
    }
}
