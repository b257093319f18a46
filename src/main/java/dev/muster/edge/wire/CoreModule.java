package dev.muster.edge.wire;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import dev.muster.core.rent.Condition;
import dev.muster.core.rent.Trait;
import dev.muster.core.state.Actor;
import dev.muster.core.state.Attempt;
import dev.muster.core.state.AttemptId;
import dev.muster.core.state.Bytes;
import dev.muster.core.state.Command;
import dev.muster.core.state.ConfigKey;
import dev.muster.core.state.Event;
import dev.muster.core.state.GenerationId;
import dev.muster.core.state.InstanceId;
import dev.muster.core.state.Job;
import dev.muster.core.state.JobId;
import dev.muster.core.state.NodeId;
import dev.muster.core.state.Outcome;
import dev.muster.core.state.Ratings;
import dev.muster.core.state.RunId;
import dev.muster.core.state.Sha256;
import dev.muster.core.state.Table;
import dev.muster.core.state.Task;
import dev.muster.core.state.TaskId;
import dev.muster.core.state.Work;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Function;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.databind.BeanDescription;
import tools.jackson.databind.DeserializationConfig;
import tools.jackson.databind.DeserializationContext;
import tools.jackson.databind.JavaType;
import tools.jackson.databind.KeyDeserializer;
import tools.jackson.databind.SerializationContext;
import tools.jackson.databind.ValueDeserializer;
import tools.jackson.databind.deser.Deserializers;
import tools.jackson.databind.deser.std.StdDeserializer;
import tools.jackson.databind.exc.InvalidFormatException;
import tools.jackson.databind.jsontype.NamedType;
import tools.jackson.databind.module.SimpleModule;
import tools.jackson.databind.ser.std.StdSerializer;
import tools.jackson.databind.ser.std.ToStringSerializer;

/// Core's types in JSON: ids as their text, sealed families by the record's name, tables as objects, durations as `45s`.
final class CoreModule extends SimpleModule {
    private static final long serialVersionUID = 1L;

    @JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "type")
    private interface ByName {}

    private abstract static class WorkShape {
        @JsonProperty
        abstract long nextJob();

        @JsonProperty
        abstract Table<?, ?> jobs();

        @JsonProperty
        abstract Table<?, ?> tasks();

        @JsonProperty
        abstract Table<?, ?> attempts();

        @JsonIgnore
        abstract Work.Derived derived();

        @JsonCreator
        static Work of(
                @JsonProperty("next_job") long nextJob,
                @JsonProperty("jobs") Table<JobId, Job> jobs,
                @JsonProperty("tasks") Table<TaskId, Task> tasks,
                @JsonProperty("attempts") Table<AttemptId, Attempt> attempts) {
            throw new IllegalStateException("a shape for Jackson, never called");
        }
    }

    CoreModule() {
        super("muster-core");
        text(NodeId.class, NodeId::new);
        text(ConfigKey.class, ConfigKey::new);
        text(RunId.class, RunId::new);
        text(JobId.class, JobId::parse);
        text(InstanceId.class, InstanceId::parse);
        text(TaskId.class, TaskId::parse);
        text(AttemptId.class, AttemptId::parse);
        text(GenerationId.class, GenerationId::parse);
        text(Ratings.Pair.class, Ratings.Pair::parse);
        text(Sha256.class, Sha256::new);
        text(Actor.class, Actor::parse);
        addSerializer(Duration.class, new DurationWriter());
        addDeserializer(Duration.class, new TextReader<>(Duration.class, Durations::parse));
        addSerializer(Bytes.class, new BytesWriter());
        addDeserializer(Bytes.class, new BytesReader());
        addSerializer(new TableWriter());
        setMixInAnnotation(Work.class, WorkShape.class);
        family(Command.class);
        family(Event.class);
        family(Outcome.class);
        family(Condition.Literal.class);
        family(Trait.class);
    }

    @Override
    public void setupModule(SetupContext context) {
        super.setupModule(context);
        context.addDeserializers(new Tables());
    }

    private <T> void text(Class<T> type, Function<String, T> parse) {
        addSerializer(type, ToStringSerializer.instance);
        addDeserializer(type, new TextReader<>(type, parse));
        addKeyDeserializer(type, new KeyReader(parse));
    }

    private void family(Class<?> sealed) {
        setMixInAnnotation(sealed, ByName.class);
        for (Class<?> member : sealed.getPermittedSubclasses()) {
            if (member.isSealed()) family(member);
            else registerSubtypes(new NamedType(member, member.getSimpleName()));
        }
    }

    private static final class TextReader<T> extends StdDeserializer<T> {
        private final Function<String, T> parse;

        TextReader(Class<T> type, Function<String, T> parse) {
            super(type);
            this.parse = parse;
        }

        @Override
        public T deserialize(JsonParser parser, DeserializationContext context) {
            String text = parser.getString();
            try {
                return parse.apply(text);
            } catch (IllegalArgumentException e) {
                throw InvalidFormatException.from(parser, e.getMessage(), text, handledType());
            }
        }
    }

    private static final class KeyReader extends KeyDeserializer {
        private final Function<String, ?> parse;

        KeyReader(Function<String, ?> parse) {
            this.parse = parse;
        }

        @Override
        public Object deserializeKey(String key, DeserializationContext context) {
            return parse.apply(key);
        }
    }

    private static final class DurationWriter extends StdSerializer<Duration> {
        DurationWriter() {
            super(Duration.class);
        }

        @Override
        public void serialize(Duration value, JsonGenerator generator, SerializationContext context) {
            generator.writeString(Durations.text(value));
        }
    }

    private static final class BytesWriter extends StdSerializer<Bytes> {
        BytesWriter() {
            super(Bytes.class);
        }

        @Override
        public void serialize(Bytes value, JsonGenerator generator, SerializationContext context) {
            generator.writeNumber(value.count());
        }
    }

    /// A number of bytes, or a text with a unit.
    private static final class BytesReader extends StdDeserializer<Bytes> {
        BytesReader() {
            super(Bytes.class);
        }

        @Override
        public Bytes deserialize(JsonParser parser, DeserializationContext context) {
            try {
                return parser.currentToken() == JsonToken.VALUE_NUMBER_INT
                        ? new Bytes(parser.getLongValue())
                        : Bytes.parse(parser.getString());
            } catch (IllegalArgumentException e) {
                throw InvalidFormatException.from(parser, e.getMessage(), parser.getString(), Bytes.class);
            }
        }
    }

    private static final class TableWriter extends StdSerializer<Table<?, ?>> {
        TableWriter() {
            super(Table.class);
        }

        @Override
        public void serialize(Table<?, ?> table, JsonGenerator generator, SerializationContext context) {
            generator.writeStartObject();
            for (Map.Entry<?, ?> entry : table) {
                generator.writeName(entry.getKey().toString());
                context.writeValue(generator, entry.getValue());
            }
            generator.writeEndObject();
        }
    }

    private static final class Tables extends Deserializers.Base {
        @Override
        public ValueDeserializer<?> findBeanDeserializer(
                JavaType type, DeserializationConfig config, BeanDescription.Supplier description) {
            if (!type.hasRawClass(Table.class)) return null;
            JavaType map = config.getTypeFactory()
                    .constructMapType(HashMap.class, type.containedType(0), type.containedType(1));
            return new TableReader(map);
        }

        @Override
        public boolean hasDeserializerFor(DeserializationConfig config, Class<?> valueType) {
            return valueType == Table.class;
        }
    }

    private static final class TableReader extends StdDeserializer<Table<?, ?>> {
        private final JavaType map;

        TableReader(JavaType map) {
            super(Table.class);
            this.map = map;
        }

        @Override
        public Table<?, ?> deserialize(JsonParser parser, DeserializationContext context) {
            Map<?, ?> entries = context.readValue(parser, map);
            return copy(entries);
        }

        /// What an earlier build did not write is empty.
        @Override
        public Object getAbsentValue(DeserializationContext context) {
            return Table.empty();
        }

        @SuppressWarnings("unchecked") // the key type is a table's, so it is comparable with itself
        private static <K extends Comparable<? super K>, V> Table<K, V> copy(Map<?, ?> entries) {
            return Table.copyOf((Map<K, V>) entries);
        }
    }
}
