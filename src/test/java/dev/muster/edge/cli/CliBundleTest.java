package dev.muster.edge.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import org.junit.jupiter.api.Test;

class CliBundleTest extends CliHarness {
    private static Map<String, String> read(Path zip) throws IOException {
        Map<String, String> texts = new TreeMap<>();
        try (InputStream file = Files.newInputStream(zip);
                ZipInputStream in = new ZipInputStream(file)) {
            for (ZipEntry entry = in.getNextEntry(); entry != null; entry = in.getNextEntry())
                texts.put(entry.getName(), new String(in.readAllBytes(), StandardCharsets.UTF_8));
        }
        return texts;
    }

    @Test
    void itHasTheClusterAndSaysWhichNodesDidNotAnswer() throws Exception {
        Path out = folder.resolve("b.zip");
        Result done = run("bundle", "-O", out.toString());

        assertThat(done.exit()).as(done.err()).isZero();
        Map<String, String> texts = read(out);
        assertThat(texts.keySet())
                .contains("cluster/status.json", "cluster/nodes.json", "cluster/events.json", "cluster/metrics.txt");
        assertThat(done.out()).contains("missing: n2: ");
        assertThat(texts.get("missing.txt")).contains("n2: ");
        assertThat(String.join("", texts.values())).doesNotContain(TOKEN);
        try (var left = Files.list(folder)) {
            assertThat(left.map(path -> path.getFileName().toString())).noneMatch(name -> name.endsWith(".part"));
        }
    }

    @Test
    void aNodesPartLiesInAFolderOfItsName() throws Exception {
        member.endpoints("n1", "127.0.0.1", server.port());
        Path out = folder.resolve("b.zip");
        Result done = run("bundle", "-O", out.toString(), "--json");

        assertThat(done.exit()).as(done.err()).isZero();
        assertThat(done.out()).doesNotContain("\"n1\":").contains("\"n1\"");
        assertThat(read(out))
                .containsEntry("nodes/n1/about.txt", "muster: 1.2.3\n")
                .containsKey("nodes/n1/status.json");
    }

    @Test
    void withoutAClusterADataDirectoryIsEnough() throws Exception {
        Path data = Files.createDirectories(folder.resolve("data"));
        Files.writeString(data.resolve("node.yaml"), "name: n1\n");
        Files.createDirectories(data.resolve("logs"));
        Files.writeString(data.resolve("logs/agent.0.log"), "it did not start\n");
        server.close();
        Path out = folder.resolve("b.zip");

        assertThat(run("bundle", "-O", out.toString()).exit()).isEqualTo(Exit.ERROR);
        assertThat(out).doesNotExist();
        Result done = run("bundle", "-O", out.toString(), "--data", data.toString());
        assertThat(done.exit()).as(done.err()).isZero();
        assertThat(read(out)).containsEntry("here/logs/agent.0.log", "it did not start\n");
        assertThat(run("bundle", "--data", folder.toString()).exit()).isEqualTo(Exit.USAGE);
    }
}
