package dev.muster.edge.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.muster.core.hosts.Host;
import dev.muster.core.hosts.HostFile;
import dev.muster.core.state.Desired;
import dev.muster.core.state.NodeId;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.TreeMap;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// Every host of the prior system's own files is retired, removed, and joined by another: only that changes.
class RealHostEditsTest {
    private static final Path FOLDER = Path.of("..", "shared", "data", "hosts");
    private static final Map<String, String> FILES = new TreeMap<>();

    @BeforeAll
    static void load() throws IOException {
        assumeTrue(Files.isDirectory(FOLDER), "the real host files are not in " + FOLDER + "; nothing is tested here");
        try (Stream<Path> files = Files.list(FOLDER)) {
            for (Path file : files.toList()) FILES.put(file.getFileName().toString(), Files.readString(file));
        }
    }

    private static HostFile read(String text) throws ConfigException {
        return HostFileReader.read("f", text.getBytes(StandardCharsets.UTF_8)).file();
    }

    private static String edited(String text, HostEdit edit) throws ConfigException {
        byte[] now = HostFileEditor.edit("f", text.getBytes(StandardCharsets.UTF_8), edit)
                .text();
        return new String(now, StandardCharsets.UTF_8);
    }

    /// Without their places, which move.
    private static List<String> told(HostFile file) {
        return file.hosts().stream()
                .map(host -> host.toString().replaceAll("at=\\d+:\\d+", ""))
                .toList();
    }

    @Test
    @Tag("slow")
    void anyHostIsRetiredAndOnlyItsLineChanges() throws ConfigException {
        int edits = 0;
        for (Map.Entry<String, String> file : FILES.entrySet()) {
            HostFile before = read(file.getValue());
            for (Host host : some(before.hosts())) {
                String where = file.getKey() + " " + host.name();
                Desired wanted =
                        host.status().wanted().equals(Optional.of(Desired.RETIRED)) ? Desired.READY : Desired.RETIRED;
                String now = edited(file.getValue(), new HostEdit.Status(new NodeId(host.name()), wanted));
                List<String> hosts = new ArrayList<>(told(read(now)));
                List<String> expected = new ArrayList<>(told(before));
                int at = before.hosts().indexOf(host);
                assertThat(hosts.remove(at)).as(where).contains("wanted=Optional[" + wanted + "]");
                expected.remove(at);
                assertThat(hosts).as(where).isEqualTo(expected);
                assertThat(linesOff(file.getValue(), now)).as(where).isLessThanOrEqualTo(1);
                edits++;
            }
        }
        assertThat(edits).isGreaterThan(350);
    }

    @Test
    @Tag("slow")
    void anyHostIsRemovedAndTheOthersStay() throws ConfigException {
        int edits = 0;
        for (Map.Entry<String, String> file : FILES.entrySet()) {
            HostFile before = read(file.getValue());
            for (Host host : some(before.hosts())) {
                String now = edited(file.getValue(), new HostEdit.Remove(new NodeId(host.name())));
                List<String> expected = new ArrayList<>(told(before));
                expected.remove(before.hosts().indexOf(host));
                assertThat(told(read(now)))
                        .as("%s %s", file.getKey(), host.name())
                        .isEqualTo(expected);
                edits++;
            }
        }
        assertThat(edits).isGreaterThan(350);
    }

    @Test
    void aHostIsAddedAndRemovedWithoutATrace() throws ConfigException {
        NodeId name = new NodeId("quite-new");
        HostEdit add = new HostEdit.Add(name, "198.51.100.77", "root", OptionalInt.of(22), "training", Desired.READY);
        for (Map.Entry<String, String> file : FILES.entrySet()) {
            String now;
            try {
                now = edited(file.getValue(), add);
            } catch (ConfigException e) {
                assertThat(e).as(file.getKey()).hasMessageContaining("by hand");
                continue;
            }
            assertThat(read(now).hosts())
                    .as(file.getKey())
                    .hasSize(read(file.getValue()).hosts().size() + 1);
            assertThat(edited(now, new HostEdit.Remove(name)).strip())
                    .as(file.getKey())
                    .isEqualTo(file.getValue().strip());
        }
    }

    /// Every fourth, others in each file: the files are much alike, and all hosts of all of them take more than a minute.
    private static List<Host> some(List<Host> hosts) {
        return IntStream.range(0, hosts.size())
                .filter(index -> index % 4 == hosts.size() % 4)
                .mapToObj(hosts::get)
                .toList();
    }

    private static long linesOff(String before, String now) {
        List<String> old = before.lines().toList();
        List<String> all = new ArrayList<>(now.lines().toList());
        old.forEach(all::remove);
        return all.size();
    }
}
