package dev.muster.edge.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.edge.view.Doc;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// `--file` of `node list` and `doctor`: no cluster is asked.
class CliHostsTest extends CliHarness {
    private static final String HOSTS = """
            p2p_voters: [cpu1, gh200, rented]
            hosts:
              cpu1:
                ssh_host: 198.51.100.1
                ssh_user: root
                memory_gb: 32
                cpus: 16
                role: cpu_selfplay
                status: ready
              gh200:
                ssh_host: 198.51.100.2
                ssh_user: ubuntu
                memory_gb: 432
                cpus: 64
                gpu: GH200 (96 GB)
                role: gpu_training_primary
                nat_blocked: true
              rented:
                ssh_host: ssh6.example
                ssh_port: '19528'
                gpu: 8x RTX 4090
                gpu_vram_gb: 192
                role: gpu_selfplay
                status: ready
                p2p_enabled: false
                is_ephemeral: true
                vast_instance_id: '29129529'
                gpu_vramm: 8
            """;

    private Path file;

    @BeforeEach
    void noCluster() throws IOException {
        env.put("MUSTER_NODE", "http://127.0.0.1:1");
        file = Files.writeString(folder.resolve("hosts.yaml"), HOSTS);
    }

    private Result list(String text) throws IOException {
        Files.writeString(file, text);
        return runOn("node", "list");
    }

    /// The command with `--file` behind it.
    private Result runOn(String... command) {
        return run(behind(command, file));
    }

    private static String[] behind(String[] command, Path file) {
        return Stream.concat(Arrays.stream(command), Stream.of("--file", file.toString()))
                .toArray(String[]::new);
    }

    @Test
    void aFileIsListedARowAHost() {
        Result result = runOn("node", "list");
        assertThat(result.exit()).isZero();
        assertThat(result.out()).isEqualTo("""
                NODE    ROLE                  STATUS  CPUS  MEMORY  GPU                ENDPOINT                FLAGS
                cpu1    cpu_selfplay          ready     16   32GiB  -                  root@198.51.100.1:22    voter
                gh200   gpu_training_primary  ready     64  432GiB  1x GH200 96GiB     ubuntu@198.51.100.2:22  voter,nat
                rented  gpu_selfplay          ready      -       -  8x RTX 4090 24GiB  ssh6.example:19528      voter,ephemeral,no-p2p
                """);
        assertThat(result.err())
                .isEqualTo("muster: " + file + ":28:5: warning: hosts.rented.gpu_vramm: unknown key;"
                        + " did you mean gpu_vram_gb?\n");
        assertThat(runOn("node", "list", "-o", "name").out()).isEqualTo("cpu1\ngh200\nrented\n");
        assertThat(runOn("node", "list", "-o", "wide").out()).contains("vast:29129529");
    }

    @Test
    void programsGetHostsVotersAndProblemsInOneAnswer() {
        Result result = runOn("node", "list", "--json");
        assertThat(result.err()).isEmpty();
        Doc doc = Doc.json(result.out().getBytes(StandardCharsets.UTF_8));
        assertThat(doc.list("nodes")).hasSize(3);
        assertThat(doc.list("nodes").get(2).number("port")).isEqualTo(19528);
        assertThat(doc.list("nodes").get(2).number("gpus")).isEqualTo(8);
        assertThat(doc.list("nodes").get(2).text("gpu_memory_bytes")).isEqualTo(Long.toString(24L << 30));
        assertThat(doc.list("voters")).extracting(Doc::text).containsExactly("cpu1", "gh200", "rented");
        assertThat(doc.list("problems").getFirst().text("kind")).isEqualTo("UNKNOWN_KEY");
        assertThat(doc.list("problems").getFirst().number("line")).isEqualTo(28);
        assertThat(doc.list("problems").getFirst().number("column")).isEqualTo(5);
    }

    @Test
    void wrongTypesAreUsageErrorsAllAtOnce() throws IOException {
        Result result = list("hosts:\n  n1:\n    cpus: lots\n    memory_gb: [1]\n");
        assertThat(result.exit()).isEqualTo(Exit.USAGE);
        assertThat(result.out()).isEmpty();
        assertThat(result.err())
                .contains("2 problems in the hosts:")
                .contains(file + ":3:11: error: hosts.n1.cpus: expected a number, but found \"lots\"")
                .contains(file + ":4:5: error: hosts.n1.memory_gb: expected a single value, but found a list");
        assertThat(runOn("node", "list", "--json").err()).contains("\"code\":\"USAGE\"");
    }

    @Test
    void aPortOutOfRangeIsAnErrorOfOneHost() throws IOException {
        Result result = list("hosts: {n1: {ssh_host: h, ssh_port: 67890}}");
        assertThat(result.exit()).isZero();
        assertThat(result.out()).contains("h:?");
        assertThat(result.err()).contains(":1:37: error: hosts.n1.ssh_port: expected a whole number of 1 to 65535");
        assertThat(runOn("doctor", "--json").exit()).isEqualTo(Exit.NOT_HEALTHY);
    }

    @Test
    void theDoctorSaysWhereWhatAndWhatToDo() {
        Result result = runOn("doctor");
        assertThat(result.exit()).isEqualTo(Exit.NOT_HEALTHY);
        assertThat(result.out())
                .contains("warn  " + file + ":1:20: gh200: the voter cannot be dialled (`nat_blocked: true`)")
                .contains(
                        "fail  " + file + ":1:27: rented: expected the voter to take part in the cluster's network, but"
                                + " found `p2p_enabled: false`\n        enable it, or let another host vote\n")
                .contains("warn  " + file + ":28:5: hosts.rented.gpu_vramm: unknown key")
                .endsWith("ok    hosts: 3 of 3 in service, 3 named as voters\n");
        Doc doc = Doc.json(runOn("doctor", "--json").out().getBytes(StandardCharsets.UTF_8));
        assertThat(doc.flag("healthy")).isFalse();
        assertThat(doc.list("findings")).anySatisfy(found -> {
            assertThat(found.text("kind")).isEqualTo("VOTER_WITHOUT_P2P");
            assertThat(found.text("grade")).isEqualTo("FAIL");
            assertThat(found.text("place")).isEqualTo(file + ":1:27");
        });
    }

    @Test
    void theDoctorIsContentWithWarnings() throws IOException {
        Files.writeString(file, HOSTS.replace("p2p_enabled: false", "p2p_enabled: true"));
        assertThat(runOn("doctor", "--json").exit()).isZero();
        Files.writeString(file, "hosts: {n1: {cpus: lots, ssh_host: localhost}}");
        Result broken = runOn("doctor");
        assertThat(broken.exit()).isEqualTo(Exit.NOT_HEALTHY);
        assertThat(broken.out())
                .contains("expected a number, but found \"lots\"")
                .contains("localhost is whichever");
    }

    @Test
    void whatCannotBeReadIsOneSentence() throws IOException {
        Path none = folder.resolve("none.yaml");
        for (String[] command : List.of(new String[] {"node", "list"}, new String[] {"doctor"})) {
            Result onFolder = run(behind(command, folder));
            assertThat(onFolder.exit()).isEqualTo(Exit.USAGE);
            assertThat(onFolder.err()).contains("expected a file " + folder + ", but found a folder");
            Result onNothing = run(behind(command, none));
            assertThat(onNothing.exit()).isEqualTo(Exit.USAGE);
            assertThat(onNothing.err()).startsWith("muster: expected to read " + none + ", but");
        }
        Files.write(file, new byte[] {'a', 0, 1});
        assertThat(runOn("doctor", "--json").err()).contains("expected text in YAML, but found a binary file");
        Files.write(file, new byte[10 << 20]);
        assertThat(runOn("node", "list").err()).contains("expected at most 2097152 bytes, but found more");
        assertThat(list("").err()).contains("expected `hosts:`, but found an empty file");
        assertThat(list("- a\n").exit()).isEqualTo(Exit.USAGE);
    }

    @Test
    void aFileMayComeOnStdinAndIsNotWatched() {
        stdin = HOSTS;
        assertThat(run("node", "list", "--file", "-", "-o", "name").out()).isEqualTo("cpu1\ngh200\nrented\n");
        assertThat(run("doctor", "--file", "-").out()).contains("fail  stdin:1:27: rented");
        assertThat(run("node", "list", "--file", "-", "--watch").err())
                .contains("expected --file or --watch, but found both");
    }
}
