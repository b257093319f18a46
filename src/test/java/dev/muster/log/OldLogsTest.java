package dev.muster.log;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.core.state.ClusterState;
import dev.muster.edge.wire.Wire;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;

/// A voter of this build that replays what an earlier build wrote reaches the state that the earlier build had.
class OldLogsTest {
    private static final Path LOGS = Path.of("src/test/logs");
    private static final int CUTS = 12;

    static List<Path> logs() throws IOException {
        try (Stream<Path> files = Files.list(LOGS)) {
            return files.filter(file -> file.toString().endsWith(".jsonl"))
                    .sorted()
                    .toList();
        }
    }

    @ParameterizedTest
    @MethodSource("logs")
    void anOldLogLeadsToTheStateOfThatTime(Path file) throws IOException {
        OldLog log = OldLog.read(file);
        ClusterState state = OldLog.replay(ClusterState.EMPTY, log.places());
        contains(log.state(), Wire.MAPPER.valueToTree(state), "state");
    }

    @ParameterizedTest
    @MethodSource("logs")
    void aSnapshotAtAnyCutLeadsThereToo(Path file) throws IOException {
        OldLog log = OldLog.read(file);
        int size = log.places().size();
        for (int cut = size / CUTS; cut < size; cut += size / CUTS) {
            ClusterState before = OldLog.replay(ClusterState.EMPTY, log.places().subList(0, cut));
            ClusterState restored = Wire.readState(new ByteArrayInputStream(Wire.bytes(before)));
            ClusterState state = OldLog.replay(restored, log.places().subList(cut, size));
            contains(log.state(), Wire.MAPPER.valueToTree(state), "state from a snapshot at " + cut);
        }
    }

    /// A newer build may know more keys; all that the old one knew must be there and the same.
    private static void contains(JsonNode old, JsonNode now, String where) {
        if (old.isArray() && now.isArray() && old.size() == now.size()) {
            for (int at = 0; at < old.size(); at++) contains(old.get(at), now.get(at), where + "[" + at + "]");
            return;
        }
        if (!old.isObject()) {
            assertThat(now.toString()).as(where).isEqualTo(old.toString());
            return;
        }
        for (Map.Entry<String, JsonNode> entry : old.properties()) {
            String inside = where + "." + entry.getKey();
            assertThat(now.has(entry.getKey())).as(inside).isTrue();
            contains(entry.getValue(), now.get(entry.getKey()), inside);
        }
    }
}
