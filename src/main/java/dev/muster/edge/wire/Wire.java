package dev.muster.edge.wire;

import dev.muster.core.state.ClusterState;
import dev.muster.core.state.JobKind;
import dev.muster.core.state.JobSpec;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.List;
import java.util.Map;
import tools.jackson.core.StreamWriteFeature;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.PropertyNamingStrategies;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/// The codec. Keys are snake_case. What we wrote ourselves (log, snapshots, peers) is read tolerantly, so that a voter of
/// last week reads what a newer one wrote; what a person wrote is read strictly.
public final class Wire {
    /// For the log, snapshots and peers.
    public static final JsonMapper MAPPER =
            builder().disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES).build();

    /// For what people write: an unknown key is an error.
    public static final JsonMapper STRICT =
            builder().enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES).build();

    private static final ObjectNode JOB_DEFAULTS =
            MAPPER.valueToTree(JobSpec.of("job", JobKind.OTHER, List.of("true")));

    private Wire() {}

    private static JsonMapper.Builder builder() {
        return JsonMapper.builder()
                .propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
                .disable(SerializationFeature.FAIL_ON_EMPTY_BEANS)
                .disable(StreamWriteFeature.AUTO_CLOSE_TARGET)
                .addModule(new CoreModule());
    }

    public static byte[] bytes(Object value) {
        return MAPPER.writeValueAsBytes(value);
    }

    public static String text(Object value) {
        return MAPPER.writeValueAsString(value);
    }

    /// @throws JacksonException when the bytes are no such value
    public static <T> T read(byte[] bytes, Class<T> type) {
        return MAPPER.readValue(bytes, type);
    }

    /// @throws JacksonException when the text is no such value
    public static <T> T read(String text, Class<T> type) {
        return MAPPER.readValue(text, type);
    }

    public static void write(OutputStream out, ClusterState state) {
        MAPPER.writeValue(out, state);
    }

    /// @throws JacksonException when the stream holds no state
    public static ClusterState readState(InputStream in) {
        return MAPPER.readValue(in, ClusterState.class);
    }

    /// A job as a person writes it: only `name`, `kind` and `command` are needed, all else has defaults.
    ///
    /// @throws JacksonException         when a key is unknown or has the wrong type
    /// @throws IllegalArgumentException when a value is out of range
    public static JobSpec jobSpec(JsonNode written) {
        ObjectNode whole = JOB_DEFAULTS.deepCopy();
        merge(whole, written);
        return STRICT.treeToValue(whole, JobSpec.class);
    }

    /// Lays what was written over the defaults, object by object.
    public static void merge(ObjectNode defaults, JsonNode written) {
        for (Map.Entry<String, JsonNode> entry : written.properties()) {
            JsonNode known = defaults.get(entry.getKey());
            if (known instanceof ObjectNode object && entry.getValue().isObject()) merge(object, entry.getValue());
            else defaults.set(entry.getKey(), entry.getValue());
        }
    }
}
