package dev.muster.edge.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.muster.core.state.Desired;
import dev.muster.core.state.NodeId;
import java.nio.charset.StandardCharsets;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HostFileEditorTest {
    private static final String FILE = """
            # The fleet.
            p2p_voters:
              - n1

            hosts:
              # === Owned ===
              # Under the desk.
              n1:
                ssh_host: '198.51.100.1'  # moved once
                status: 'ready' # ready, disabled, maintenance
                note: "keeps: # all"

              # Rented by the hour.
              n2:
                ssh_host: '198.51.100.2'
                # no status at all
                gpu: 8x RTX 4090
                # the end of n2

              # === Others ===
              n3: {ssh_host: 198.51.100.3, status: ready}

            elo_sync:
              coordinator: n1
            """;

    private static String edited(String text, HostEdit edit) throws ConfigException {
        return new String(
                HostFileEditor.edit("f", text.getBytes(StandardCharsets.UTF_8), edit)
                        .text(),
                StandardCharsets.UTF_8);
    }

    private static HostEdit status(String name, Desired desired) {
        return new HostEdit.Status(new NodeId(name), desired);
    }

    private static HostEdit remove(String name) {
        return new HostEdit.Remove(new NodeId(name));
    }

    private static HostEdit add(String name, String address) {
        return new HostEdit.Add(new NodeId(name), address, "", OptionalInt.empty(), "", Desired.READY);
    }

    @Test
    void oneWordIsReplacedAndAllElseStays() throws ConfigException {
        assertThat(edited(FILE, status("n1", Desired.RETIRED)))
                .isEqualTo(FILE.replace("status: 'ready' # r", "status: 'retired' # r"));
        assertThat(edited(FILE, status("n3", Desired.DRAINING)))
                .isEqualTo(FILE.replace("status: ready}", "status: maintenance}"));
    }

    @Test
    void aMissingStatusIsWrittenAsTheOthersAreIndented() throws ConfigException {
        assertThat(edited(FILE, status("n2", Desired.RETIRED)))
                .isEqualTo(FILE.replace("  n2:\n", "  n2:\n    status: retired\n"));
    }

    @Test
    void whatSaysSoAlreadyStays() throws ConfigException {
        assertThat(edited(FILE, status("n1", Desired.READY))).isEqualTo(FILE);
        String disabled = FILE.replace("'ready'", "Disabled");
        assertThat(edited(disabled, status("n1", Desired.RETIRED))).isEqualTo(disabled);
    }

    @Test
    void aHostGoesWithItsOwnComments() throws ConfigException {
        assertThat(edited(FILE, remove("n2"))).isEqualTo(FILE.replaceFirst("(?s)  # Rented.*?of n2\n\n", ""));
        assertThat(edited(FILE, remove("n1"))).isEqualTo(FILE.replaceFirst("(?s)  # Under.*?all\"\n", ""));
        assertThat(edited(FILE, remove("n3"))).isEqualTo(FILE.replaceFirst("  n3:.*\n", ""));
    }

    @Test
    void aVoterThatGoesLeavesAReminder() throws ConfigException {
        byte[] file = FILE.getBytes(StandardCharsets.UTF_8);
        assertThat(HostFileEditor.edit("f", file, remove("n1")).reminder()).contains("f still names n1 as a voter");
        assertThat(HostFileEditor.edit("f", file, remove("n2")).reminder()).isEmpty();
    }

    @Test
    void aNewHostIsWrittenInTheMannerOfTheLast() throws ConfigException {
        String file = FILE.replaceFirst("  # === Others(?s).*?ready}\n", "");
        assertThat(edited(file, add("n4", "198.51.100.4"))).isEqualTo(file.replace("    # the end of n2\n", """
                            # the end of n2

                          n4:
                            ssh_host: '198.51.100.4'
                            status: ready
                        """));
        HostEdit all = new HostEdit.Add(
                new NodeId("true"), "gpu.example", "root", OptionalInt.of(2222), "training", Desired.RETIRED);
        assertThat(edited("hosts:\n    a:\n      ssh_host: x", all)).isEqualTo("""
                hosts:
                    a:
                      ssh_host: x
                    'true':
                      ssh_host: gpu.example
                      ssh_user: root
                      ssh_port: 2222
                      role: training
                      status: retired""");
        assertThat(edited("p2p_voters: []\n", add("n1", "on"))).isEqualTo("""
                p2p_voters: []
                hosts:
                  n1:
                    ssh_host: 'on'
                    status: ready
                """);
        assertThatThrownBy(() -> edited(FILE, add("n1", "x")))
                .hasMessage("f:8:3: expected no host n1 yet, but it stands here");
    }

    @Test
    void linesEndAsTheyDid() throws ConfigException {
        String windows = FILE.replace("\n", "\r\n");
        assertThat(edited(windows, status("n1", Desired.RETIRED)))
                .isEqualTo(windows.replace("status: 'ready' #", "status: 'retired' #"));
        assertThat(edited(windows, status("n2", Desired.RETIRED)))
                .isEqualTo(windows.replace("  n2:\r\n", "  n2:\r\n    status: retired\r\n"));
        assertThat(edited(windows, add("n4", "x"))).contains("  n4:\r\n    ssh_host: ");
        assertThat(edited(windows, remove("n2")))
                .isEqualTo(edited(FILE, remove("n2")).replace("\n", "\r\n"));
        assertThat(edited("\uFEFF" + FILE, status("n1", Desired.RETIRED)))
                .isEqualTo("\uFEFF" + edited(FILE, status("n1", Desired.RETIRED)));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "hosts:\n  n1:\n    status:\n    cpus: 4\n",
                "hosts:\n  n1:\n    status: ~\n",
                "hosts:\n  n1:\n    status: \"offline\"  # since June\n",
                "hosts:\n  n1:\n",
                "hosts:\n  n1:",
                "hosts:\n  n1: {}\n",
                "hosts:\n  n1: { cpus: 4 }\n",
                "hosts:\n  n1: {\n      cpus: 4,\n      status: offline\n    }\n",
                "hosts:\n  'n1':\n    \"status\": offline",
                "hosts: {n1: {cpus: 4}, n2: {status: offline}}\n",
                "defaults: &d\n  status: offline\nhosts:\n  n1:\n    <<: *d\n    cpus: 3\n  n2:\n    <<: *d\n",
                "hosts:\n  n1: &one\n    cpus: 3\n  n2:\n    cpus: 3\n",
                "hosts:\n  ä:\n    note: 😀😀\n  n1: {note: '😀', status: offline}\n",
                "vast_instances:\n- id: n1\n  gpu: A100\n  status: active\n",
                "vast_instances:\n  - {gpu: A100, id: n1, status: offline}\n  - id: n2\n",
                "vast_instances:\n  - id: n1\n",
                "group:\n  nodes:\n    - {\n        name: n1,\n        host: h,\n      }\n",
                "aws_nodes:\n  nodes:\n    n1:\n      host: h\n",
                "hosts:\n  n1:\n    note: |\n      # not a comment\n\n      status: ready\n    status: offline\n"
            })
    void everyShapeIsWrittenInPlace(String text) throws ConfigException {
        String now = edited(text, status("n1", Desired.RETIRED));
        HostFileReader.Loaded before = HostFileReader.read("f", text.getBytes(StandardCharsets.UTF_8));
        HostFileReader.Loaded after = HostFileReader.read("f", now.getBytes(StandardCharsets.UTF_8));
        assertThat(after.file().host("n1").orElseThrow().status().word()).isEqualTo("retired");
        assertThat(after.file().hosts()).hasSameSizeAs(before.file().hosts());
        assertThat(now.lines().count() - text.lines().count()).isBetween(0L, 1L);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "x: &one\n  status: ready\nhosts:\n  n1: *one\n",
                "hosts:\n  n1: &one\n    status: ready\n  n2: *one\n",
                "hosts:\n  n1: &one\n    status: ready\n  n2:\n    <<: *one\n",
                "hosts:\n  n1:\n    status: !!str ready\n",
                "hosts:\n  n1:\n    status: >-\n      ready\n",
                "hosts:\n  n1:\n    status: &s ready\n",
                "hosts:\n  n2: {}\n",
                "hosts:\n  n1: {cpus: [\n"
            })
    void whatCannotBeChangedAloneIsRefused(String text) {
        assertThatThrownBy(() -> edited(text, status("n1", Desired.RETIRED))).isInstanceOf(ConfigException.class);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "hosts: {n1: {cpus: 4}, n2: {status: offline}}\n",
                "x: &one\n  status: ready\nhosts:\n  n1: *one\n  n2:\n    <<: *one\n",
                "hosts:\n  n1: &one\n    status: ready\n  n2: *one\n"
            })
    void whoStandsWithinBracesOrForOthersIsNotRemoved(String text) throws ConfigException {
        try {
            // An alias alone may go.
            assertThat(edited(text, remove("n1"))).isEqualTo(text.replace("  n1: *one\n", ""));
        } catch (ConfigException e) {
            assertThat(e).hasMessageContaining("by hand");
        }
    }

    @Test
    void anElementOfAListGoesToo() throws ConfigException {
        String list = "vast_instances:\n  - id: n1\n    gpu: A\n  # about n2\n  - gpu: B\n    id: n2\n  - id: n3\n";
        assertThat(edited(list, remove("n2"))).isEqualTo("vast_instances:\n  - id: n1\n    gpu: A\n  - id: n3\n");
        assertThatThrownBy(() -> edited(list, add("n4", "x"))).hasMessageContaining("by hand");
    }
}
