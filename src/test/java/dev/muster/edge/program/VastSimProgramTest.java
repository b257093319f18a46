package dev.muster.edge.program;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.json.JsonMapper;

@Tag("slow")
class VastSimProgramTest {
    private static final Pattern EXPORT = Pattern.compile("export VAST_URL=(\\S+) VAST_API_KEY=(\\S+)");
    private static final Duration WAIT = Duration.ofSeconds(60);

    @TempDir
    private Path folder;

    @Test
    void whatWasRentedEndsWithTheProgram() throws Exception {
        Path pid = folder.resolve("pid");
        Process program = new ProcessBuilder(
                        ProcessHandle.current().info().command().orElse("java"),
                        "-XX:TieredStopAtLevel=1",
                        "-cp",
                        System.getProperty("java.class.path"),
                        "dev.muster.Main",
                        "vastsim",
                        "--calm",
                        "--speed",
                        "1000",
                        "--dir",
                        folder.resolve("instances").toString())
                .redirectErrorStream(true)
                .start();
        try (BufferedReader lines = program.inputReader();
                HttpClient client = HttpClient.newHttpClient()) {
            assertThat(lines.readLine()).contains("listens on http://127.0.0.1:");
            Matcher export = EXPORT.matcher(lines.readLine());
            assertThat(export.matches()).isTrue();
            String script = "echo $$ > " + pid + "; exec sleep 1003";
            String order = JsonMapper.shared().writeValueAsString(Map.of("image", "x", "disk", 10, "onstart", script));
            HttpRequest create = HttpRequest.newBuilder(URI.create(export.group(1) + "/api/v0/asks/10009000/"))
                    .header("Authorization", "Bearer " + export.group(2))
                    .PUT(BodyPublishers.ofString(order))
                    .build();
            assertThat(client.send(create, BodyHandlers.ofString()).statusCode())
                    .isEqualTo(200);
            until(() -> Files.exists(pid) && !Files.readString(pid).isBlank());
            Optional<ProcessHandle> instance =
                    ProcessHandle.of(Long.parseLong(Files.readString(pid).strip()));
            assertThat(instance.filter(ProcessHandle::isAlive)).isPresent();
            program.destroy();
            assertThat(program.waitFor(WAIT.toSeconds(), TimeUnit.SECONDS)).isTrue();
            until(() -> instance.filter(ProcessHandle::isAlive).isEmpty());
        } finally {
            program.destroyForcibly();
        }
    }

    @Test
    void aTakenPortIsToldAndLeavesNothingBehind() throws Exception {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            Process program = new ProcessBuilder(
                            ProcessHandle.current().info().command().orElse("java"),
                            "-XX:TieredStopAtLevel=1",
                            "-Djava.io.tmpdir=" + folder,
                            "-cp",
                            System.getProperty("java.class.path"),
                            "dev.muster.Main",
                            "vastsim",
                            "--port",
                            Integer.toString(taken.getLocalPort()))
                    .redirectErrorStream(true)
                    .start();
            String said = new String(program.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertThat(program.waitFor()).isNotZero();
            assertThat(said)
                    .contains("expected to listen on 127.0.0.1:" + taken.getLocalPort() + ", but ")
                    .doesNotContain("Exception");
            assertThat(folder).isEmptyDirectory();
        }
    }

    private static void until(Callable<Boolean> so) throws Exception {
        long end = System.nanoTime() + WAIT.toNanos();
        while (!so.call()) {
            if (System.nanoTime() > end) throw new AssertionError("expected it within " + WAIT);
            TimeUnit.MILLISECONDS.sleep(20);
        }
    }
}
