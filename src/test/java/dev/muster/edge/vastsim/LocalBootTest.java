package dev.muster.edge.vastsim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.muster.edge.local.SshFleet;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/// Instances that are real: processes, logs, disks, and a door for SSH.
@Tag("slow")
class LocalBootTest {
    private static final Duration WAIT = Duration.ofSeconds(30);

    @TempDir
    private Path folder;

    private Client client;

    @BeforeEach
    void start() throws IOException {
        // Minutes of loading are fractions of a second.
        client = Client.of(Client.settings(600, false), LocalBoot.in(folder.resolve("i")));
    }

    @AfterEach
    void end() {
        client.close();
    }

    @Test
    void anInstanceRunsItsScriptInASessionOfItsOwnUntilItIsStoppedAndKeepsItsDisk() throws Exception {
        String onstart = "echo started $CONTAINER_ID $VAST_CONTAINERLABEL $WHO $VAST_TCP_PORT_8080; "
                + "echo $$ >> pids; setsid sh -c 'echo $$ >> pids; exec sleep 1000' & exec sleep 1001";
        long id = client.rent(",\"onstart\":" + Json.MAPPER.writeValueAsString(onstart)
                + ",\"env\":{\"WHO\":\"it's me\",\"-p 8080:8080\":\"1\"}");
        Path home = folder.resolve("i/" + id + "/home");
        until(() -> lines(home.resolve("pids")).size() == 2);
        List<ProcessHandle> processes = lines(home.resolve("pids")).stream()
                .map(pid -> ProcessHandle.of(Long.parseLong(pid)).orElseThrow())
                .toList();
        JsonNode row = client.instance(id);
        String port =
                row.path("ports").path("8080/tcp").path(0).path("HostPort").asString("");
        assertThat(logs(id)).isEqualTo("started " + id + " C." + id + " it's me " + port + "\n");
        assertThat(execute(id, "ls")).contains("pids");
        assertThat(execute(id, "rm /../../../etc/passwd")).contains("Permission denied");

        client.put("/api/v0/instances/" + id + "/", "{\"state\":\"stopped\"}");
        until(() -> processes.stream().noneMatch(ProcessHandle::isAlive));
        assertThat(lines(home.resolve("pids"))).hasSize(2);

        client.put("/api/v0/instances/" + id + "/", "{\"state\":\"running\"}");
        until(() -> lines(home.resolve("pids")).size() == 4);
        long again = Long.parseLong(lines(home.resolve("pids")).getLast());
        client.delete("/api/v0/instances/" + id + "/");
        until(() -> !Files.exists(home.getParent()));
        until(() -> ProcessHandle.of(again).filter(ProcessHandle::isAlive).isEmpty());
        assertThat(client.instance(id).isNull()).isTrue();
    }

    /// An agent gives its jobs sessions and environments of their own, and they outlive it.
    @Test
    void whatHidesFromItsSessionIsEndedToo() throws Exception {
        String onstart =
                "setsid env -i /bin/sh -c 'echo $$ > hidden; exec /bin/sleep 1002' </dev/null >/dev/null 2>&1 &";
        long id = client.rent(",\"onstart\":" + Json.MAPPER.writeValueAsString(onstart));
        Path hidden = folder.resolve("i/" + id + "/home/hidden");
        until(() -> lines(hidden).size() == 1);
        ProcessHandle process =
                ProcessHandle.of(Long.parseLong(lines(hidden).getFirst())).orElseThrow();
        assertThat(process.isAlive()).isTrue();
        client.post("/sim/instances/" + id + "/host-offline", "{}");
        until(() -> !process.isAlive());
    }

    @Test
    void anInstanceIsReachedBySshAtBothAddressesWithItsKeysOnly() throws Exception {
        assumeTrue(SshFleet.missing().isEmpty(), () -> SshFleet.missing().orElseThrow());
        Path key = folder.resolve("key");
        SshFleet.key(key);
        String text = Files.readString(folder.resolve("key.pub")).strip();
        long id = client.rent("");
        until(() -> client.instance(id).path("ports").has("22/tcp"));
        JsonNode row = client.instance(id);
        String direct = row.get("public_ipaddr").asString("").strip();
        int port = Integer.parseInt(
                row.path("ports").path("22/tcp").path(0).path("HostPort").asString(""));
        until(() -> ssh(key, direct, port, "true").contains("Permission denied"));
        client.post("/api/v0/instances/" + id + "/ssh/", "{\"ssh_key\":" + Json.MAPPER.writeValueAsString(text) + "}");
        until(() -> ssh(key, direct, port, "echo in $CONTAINER_ID; pwd").startsWith("in " + id + "\n"));
        assertThat(ssh(
                        key,
                        row.get("ssh_host").asString(""),
                        row.get("ssh_port").intValue(),
                        "pwd"))
                .isEqualTo(folder.toRealPath().resolve("i/" + id + "/home") + "\n");
        Process scp = new ProcessBuilder(
                        "scp",
                        "-F",
                        "none",
                        "-i",
                        key.toString(),
                        "-o",
                        "BatchMode=yes",
                        "-o",
                        "StrictHostKeyChecking=no",
                        "-o",
                        "UserKnownHostsFile=/dev/null",
                        "-P",
                        Integer.toString(port),
                        key + ".pub",
                        direct + ":copy")
                .inheritIO()
                .start();
        assertThat(scp.waitFor()).isZero();
        assertThat(folder.resolve("i/" + id + "/home/copy")).hasContent(text);
    }

    @Test
    void aFolderWithAnotherRunsDisksIsNotTaken() throws IOException {
        Path used = Files.createDirectories(folder.resolve("used/20000001"));
        assertThatThrownBy(() -> LocalBoot.in(used.getParent()))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("expected an empty folder");
    }

    private String ssh(Path key, String host, int port, String command) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(
                        "ssh",
                        "-F",
                        "none",
                        "-i",
                        key.toString(),
                        "-o",
                        "BatchMode=yes",
                        "-o",
                        "IdentitiesOnly=yes",
                        "-o",
                        "StrictHostKeyChecking=no",
                        "-o",
                        "UserKnownHostsFile=/dev/null",
                        "-o",
                        "LogLevel=ERROR",
                        "-p",
                        Integer.toString(port),
                        host,
                        command)
                .redirectErrorStream(true)
                .start();
        process.getOutputStream().close();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        process.waitFor();
        return said;
    }

    private String logs(long id) throws Exception {
        return result(client.put("/api/v0/instances/request_logs/" + id + "/", "{\"tail\":\"5\"}"));
    }

    private String execute(long id, String command) throws Exception {
        return result(client.put("/api/v0/instances/command/" + id + "/", "{\"command\":\"" + command + "\"}"));
    }

    private String result(JsonNode answer) throws Exception {
        String url = answer.get("result_url").asString("");
        String path = url.substring(url.indexOf("/results/"));
        assertThat(client.ask("GET", path, "").status()).isEqualTo(404);
        return client.ask("GET", path, "").text();
    }

    private static List<String> lines(Path file) throws IOException {
        return Files.exists(file) ? Files.readAllLines(file) : List.of();
    }

    private static void until(Callable<Boolean> so) throws Exception {
        long end = System.nanoTime() + WAIT.toNanos();
        while (!so.call()) {
            if (System.nanoTime() > end) throw new AssertionError("expected it within " + WAIT);
            TimeUnit.MILLISECONDS.sleep(20);
        }
    }
}
