package dev.muster.edge.config;

import dev.muster.core.state.Bytes;
import dev.muster.core.state.ConfigKey;
import dev.muster.core.state.JobKind;
import dev.muster.core.state.JobSpec;
import dev.muster.core.state.NodeId;
import dev.muster.core.state.SecretBlanks;
import dev.muster.core.state.Sha256;
import dev.muster.core.state.Sync;
import dev.muster.edge.wire.Durations;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// What is wrong with a job as a person wrote it: all of it at once, each with its line. A node has the last word on what
/// it takes; docs/JOBS.md lists the keys.
public final class JobFile {
    private static final int NAME_MAX = 100;

    private JobFile() {}

    /// @param file     as messages call it
    /// @param bytes    YAML
    /// @param complete the command has to stand in it
    /// @throws ConfigException with all problems at once
    public static void check(String file, byte[] bytes, boolean complete) throws ConfigException {
        Problems problems = new Problems(Path.of(file), "the job");
        ObjectNode tree = problems.read(bytes);
        problems.check();
        Section job = new Section("", tree, problems);
        job.value(
                "name", text -> when(!text.isBlank() && text.length() <= NAME_MAX, "a name of 1 to 100 letters", text));
        job.value("kind", JobFile::kind);
        job.value("config", ConfigKey::new);
        job.integer("tasks", 1, 1, JobSpec.TASKS_MAX);
        job.integer("nodes", 1, 1, JobSpec.NODES_MAX);
        job.elements("command", JobFile::word);
        if (complete && !tree.hasNonNull("command")) {
            problems.add("command", "expected a program and its arguments, but found none; write `command: [PROGRAM]`");
        } else if (tree.path("command").isArray() && tree.path("command").isEmpty()) {
            problems.add("command", "expected a list with at least a program, but found none in it");
        }
        job.section("env").environment();
        job.elements("secrets", name -> SecretBlanks.of(name.asString("")));
        resources(job.section("resources"));
        job.elements("inputs", JobFile::input);
        job.elements("outputs", JobFile::output);
        sync(job.section("sync"));
        job.value("matches", path -> new JobSpec.Output(path, true));
        job.value("results", path -> new JobSpec.Output(path, true));
        job.integer("priority", JobSpec.PRIORITY_DEFAULT, 0, 100);
        job.integer("max_attempts", JobSpec.ATTEMPTS_DEFAULT, 1, 100);
        job.value("grace", Durations::parse);
        job.value("timeout", Durations::parse);
        job.value("node", NodeId::new);
        job.text("why");
        job.end();
        problems.check();
    }

    private static Object word(JsonNode word) {
        return when(word.isValueNode() && !word.isNull(), "a text", word);
    }

    private static void resources(Section resources) {
        resources.value("cpus", JobFile::cores);
        resources.integer("cpu_millis", 1000, 0, Integer.MAX_VALUE);
        resources.value("memory", Bytes::parse);
        resources.integer("gpus", 0, 0, Integer.MAX_VALUE);
        resources.value("gpu_memory", Bytes::parse);
        resources.text("gpu");
        resources.end();
    }

    private static void sync(Section sync) {
        sync.elements("paths", path -> new Sync(List.of(path.asString("")), Sync.EVERY_DEFAULT));
        sync.value("every", text -> new Sync(List.of("any"), Durations.parse(text)));
        sync.end();
    }

    private static double cores(String text) {
        try {
            double cores = Double.parseDouble(text);
            if (cores >= 0 && cores * 1000 <= Integer.MAX_VALUE) return cores;
        } catch (NumberFormatException e) {
            // told below, with what was expected
        }
        throw new IllegalArgumentException("expected cores, as in 2 or 0.5, but found \"" + text + "\"");
    }

    private static JobKind kind(String text) {
        try {
            return JobKind.valueOf(text.toUpperCase(Locale.ROOT));
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(
                    "expected selfplay, training, evaluation or other, but found \"" + text + "\"", e);
        }
    }

    /// `SHA-256:path`, or a mapping, whose keys the node checks.
    private static Object input(JsonNode input) {
        if (input.isObject()) return input;
        String text = input.asString("");
        int colon = text.indexOf(':');
        if (colon < 0) return when(false, "SHA-256:path", input);
        return new JobSpec.Input(new Sha256(text.substring(0, colon)), text.substring(colon + 1));
    }

    private static Object output(JsonNode output) {
        return new JobSpec.Output((output.isObject() ? output.path("path") : output).asString(""), true);
    }

    private static <T> T when(boolean right, String expected, T found) {
        if (right) return found;
        throw new IllegalArgumentException("expected " + expected + ", but found " + Section.quoted(found.toString()));
    }
}
