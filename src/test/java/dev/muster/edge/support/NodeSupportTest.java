package dev.muster.edge.support;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NodeSupportTest {
    private static final String TOKEN = "planted-cluster-token";

    @TempDir
    Path data;

    private static Map<String, String> read(byte[] zip) throws IOException {
        Map<String, String> texts = new TreeMap<>();
        try (ZipInputStream in = new ZipInputStream(new ByteArrayInputStream(zip))) {
            for (ZipEntry entry = in.getNextEntry(); entry != null; entry = in.getNextEntry())
                texts.put(entry.getName(), new String(in.readAllBytes(), StandardCharsets.UTF_8));
        }
        return texts;
    }

    @Test
    void aNodesPartHasLogsConfigurationAndNamesButNoSecretAndNoJobsFile() throws Exception {
        Files.createDirectories(data.resolve("logs"));
        Files.writeString(data.resolve("logs/agent.0.log"), "node.started\nsent " + TOKEN + "\n");
        Files.writeString(data.resolve("node.yaml"), "name: n1\nssh:\n  password: hunter2hunter2\n");
        Files.writeString(data.resolve("token"), TOKEN);
        Files.createDirectories(data.resolve("jobs/j1"));
        Files.writeString(data.resolve("jobs/j1/out.txt"), "the team's own");
        ByteArrayOutputStream out = new ByteArrayOutputStream();

        new NodeSupport(data, "1.2.3")
                .write(out, Redaction.of(List.of(TOKEN)), Map.of("status.json", "{\"t\":\"" + TOKEN + "\"}"));

        Map<String, String> texts = read(out.toByteArray());
        assertThat(texts.get("about.txt"))
                .contains("muster: 1.2.3")
                .contains("java: ")
                .contains("bytes free");
        assertThat(texts.get("logs/agent.0.log")).isEqualTo("node.started\nsent [removed]\n");
        assertThat(texts.get("node.yaml")).isEqualTo("name: n1\nssh:\n  password: [removed]\n");
        assertThat(texts.get("status.json")).isEqualTo("{\"t\":\"[removed]\"}");
        assertThat(texts.get("files.txt")).contains("jobs/j1/out.txt").contains(" token");
        assertThat(String.join("", texts.values()))
                .doesNotContain(TOKEN)
                .doesNotContain("hunter2")
                .doesNotContain("the team's own");
    }

    @Test
    void aLongLogKeepsItsEnd() throws Exception {
        Files.createDirectories(data.resolve("logs"));
        Files.writeString(data.resolve("logs/agent.0.log"), "old line\n".repeat(600_000) + "the newest\n");
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        new NodeSupport(data, "1").write(out, Redaction.of(List.of()), Map.of());
        assertThat(read(out.toByteArray()).get("logs/agent.0.log"))
                .startsWith("(the last ")
                .endsWith("the newest\n");
    }

    @Test
    void whatANodeNamesItsFilesDoesNotLeaveItsFolder() throws Exception {
        ByteArrayOutputStream given = new ByteArrayOutputStream();
        try (ZipOutputStream zip = new ZipOutputStream(given)) {
            for (String name : List.of("../../etc/passwd", "/abs", "a/../../b", "ok.txt", "new\nline")) {
                zip.putNextEntry(new ZipEntry(name));
                zip.write("x".getBytes(StandardCharsets.UTF_8));
            }
        }
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (SupportArchive archive = new SupportArchive(out, Redaction.of(List.of()))) {
            assertThat(archive.addAll("nodes/n1", new ByteArrayInputStream(given.toByteArray())))
                    .isEqualTo(5);
        }
        assertThat(read(out.toByteArray()).keySet())
                .allMatch(name -> name.startsWith("nodes/n1/") && !name.contains(".."))
                .contains("nodes/n1/ok.txt");
    }
}
