package dev.muster.edge.http;

import dev.muster.core.state.ConfigKey;
import dev.muster.core.state.JobSpec;
import dev.muster.core.state.LoopSpec;
import dev.muster.core.state.SecretBlanks;
import dev.muster.edge.wire.Wire;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// Jobs and loops as people write them, made whole.
///
/// Beyond [Wire#jobSpec]: words in any case (`kind: selfplay`), `resources.cpus` in cores, an output as its bare
/// path, an input as `SHA-256:path`. A loop's stage may hold the job's keys itself, and its command is one list in
/// which a nested list is a group that is left out when one of its blanks has no value: `[play, --games, 100,
/// [--model, "{current}"]]`.
public final class Forms {
    private static final List<String> STAGES = List.of("selfplay", "training", "evaluation");
    /// Games of the last generations that training reads, unless told.
    private static final int GAMES_WINDOW_DEFAULT = 5;

    private Forms() {}

    /// @throws JacksonException         when a key is unknown or has the wrong type
    /// @throws IllegalArgumentException when a value is missing or out of range
    public static JobSpec job(JsonNode written) {
        ObjectNode job = plain(written);
        if (!job.path("command").isArray() || job.path("command").isEmpty()) {
            // A mistyped `comand` is the better thing to tell.
            Wire.jobSpec(job.deepCopy()
                    .put("name", "job")
                    .set("command", Wire.MAPPER.createArrayNode().add("true")));
            throw new IllegalArgumentException("command: expected a list with at least a program, but found "
                    + Malformed.describe(job.path("command")));
        }
        if (!job.has("name"))
            job.put("name", programName(job.path("command").path(0).asString("job")));
        return Wire.jobSpec(job);
    }

    /// @throws JacksonException         when a key is unknown or has the wrong type
    /// @throws IllegalArgumentException when a value is missing or out of range
    public static LoopSpec loop(ConfigKey config, JsonNode written) {
        ObjectNode whole = Wire.MAPPER.createObjectNode();
        whole.put("config", config.name());
        whole.set("gate", Wire.MAPPER.valueToTree(LoopSpec.Gate.DEFAULT));
        whole.put("games_window", GAMES_WINDOW_DEFAULT);
        whole.putNull("generations_max");
        Wire.merge(whole, written);
        if (!whole.path("config").asString("").equals(config.name())) {
            throw new IllegalArgumentException("config: expected " + config + " as in the path, but found "
                    + Malformed.describe(whole.path("config")));
        }
        for (String stage : STAGES) {
            if (!whole.path(stage).isObject()) {
                throw new IllegalArgumentException(
                        stage + ": expected an object, but found " + Malformed.describe(whole.path(stage)));
            }
            whole.set(stage, stage(config, stage, (ObjectNode) whole.get(stage)));
        }
        return Wire.STRICT.treeToValue(whole, LoopSpec.class);
    }

    private static ObjectNode stage(ConfigKey config, String name, ObjectNode written) {
        ObjectNode job = Wire.MAPPER.createObjectNode();
        job.put("name", config + "-" + name);
        job.put("kind", name);
        job.put("config", config.name());
        for (Map.Entry<String, JsonNode> entry : written.properties()) {
            if (!entry.getKey().equals("job") && !entry.getKey().equals("command"))
                job.set(entry.getKey(), entry.getValue());
        }
        if (written.path("job").isObject()) Wire.merge(job, written.get("job"));
        if (!job.has("command")) job.putArray("command").add(name);
        ObjectNode stage = Wire.MAPPER.createObjectNode();
        stage.set("job", Wire.MAPPER.valueToTree(Wire.jobSpec(plain(job))));
        stage.set("command", groups(name, written.path("command")));
        return stage;
    }

    /// Bare words in a row are one group.
    private static ArrayNode groups(String stage, JsonNode command) {
        if (!command.isArray() || command.isEmpty()) {
            throw new IllegalArgumentException(
                    stage + ".command: expected a list of words and groups, but found " + Malformed.describe(command));
        }
        ArrayNode groups = Wire.MAPPER.createArrayNode();
        ArrayNode open = null;
        for (JsonNode part : command) {
            if (part.isArray()) {
                groups.add(part);
                open = null;
            } else {
                if (open == null) open = groups.addArray();
                open.add(part.asString());
            }
        }
        return groups;
    }

    private static ObjectNode plain(JsonNode written) {
        ObjectNode job = (ObjectNode) written.deepCopy();
        // In the log, 0 is what builds without the key wrote.
        if (job.path("nodes").isInt() && job.get("nodes").asInt() == 0)
            throw new IllegalArgumentException("expected 1 to " + JobSpec.NODES_MAX + " nodes, but found 0");
        if (job.path("kind").isString())
            job.put("kind", job.get("kind").asString().toUpperCase(Locale.ROOT));
        if (job.path("resources").path("cpus").isNumber()) {
            ObjectNode resources = (ObjectNode) job.get("resources");
            resources.put("cpu_millis", Math.round(resources.remove("cpus").asDouble() * 1000));
        }
        if (job.path("resources").path("gpu").isString())
            job.set("gpu", ((ObjectNode) job.get("resources")).remove("gpu"));
        secrets(job);
        if (job.path("outputs").isArray()) job.set("outputs", outputs((ArrayNode) job.get("outputs")));
        if (job.path("inputs").isArray()) job.set("inputs", inputs((ArrayNode) job.get("inputs")));
        return job;
    }

    /// `secrets: [NAME]` and `env: {X: {secret: NAME}}` are variables with the secret's blank.
    private static void secrets(ObjectNode job) {
        JsonNode named = job.remove("secrets");
        if (named == null && !job.path("env").isObject()) return;
        ObjectNode env = job.path("env").isObject() ? (ObjectNode) job.get("env") : Wire.MAPPER.createObjectNode();
        for (Map.Entry<String, JsonNode> one : List.copyOf(env.properties())) {
            JsonNode secret = one.getValue().path("secret");
            if (one.getValue().size() == 1 && secret.isString())
                env.put(one.getKey(), SecretBlanks.of(secret.asString()));
        }
        if (named != null)
            for (JsonNode name : named) {
                String blank = SecretBlanks.of(name.asString(""));
                if (!env.has(name.asString())) env.put(name.asString(), blank);
            }
        if (!env.isEmpty()) job.set("env", env);
    }

    private static ArrayNode outputs(ArrayNode written) {
        ArrayNode outputs = Wire.MAPPER.createArrayNode();
        for (JsonNode output : written) {
            ObjectNode whole = outputs.addObject().put("required", true);
            if (output.isObject()) Wire.merge(whole, output);
            else whole.set("path", output);
        }
        return outputs;
    }

    private static ArrayNode inputs(ArrayNode written) {
        ArrayNode inputs = Wire.MAPPER.createArrayNode();
        for (JsonNode input : written) {
            String text = input.isString() ? input.asString() : "";
            int colon = text.indexOf(':');
            if (input.isObject() && input.path("as").isString())
                ((ObjectNode) input).put("as", input.get("as").asString().toUpperCase(Locale.ROOT));
            if (colon < 0) inputs.add(input);
            else inputs.addObject().put("artifact", text.substring(0, colon)).put("path", text.substring(colon + 1));
        }
        return inputs;
    }

    private static String programName(String program) {
        String name = program.substring(program.lastIndexOf('/') + 1);
        return name.isBlank() ? "job" : name;
    }
}
