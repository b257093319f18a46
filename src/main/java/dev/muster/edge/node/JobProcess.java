package dev.muster.edge.node;

import dev.muster.core.agent.LocalAttempt;
import dev.muster.core.state.AttemptId;
import dev.muster.core.state.NodeId;
import dev.muster.core.state.SecretBlanks;
import dev.muster.edge.process.ProcessSpec;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/// An attempt's process as the supervisor is to start it.
final class JobProcess {
    /// What a job sees of the agent's environment: who and where it is, and where its tools are. Never the rest: the agent
    /// may have been given tokens and keys.
    private static final Set<String> INHERITED = Set.of(
            "HOME",
            "USER",
            "LOGNAME",
            "SHELL",
            "LANG",
            "TZ",
            "TMPDIR",
            "PATH",
            "LD_LIBRARY_PATH",
            "JAVA_HOME",
            "VIRTUAL_ENV");

    private static final List<String> INHERITED_PREFIXES = List.of(
            "LC_", "CUDA_", "NVIDIA_", "NCCL_", "OMP_", "MKL_", "CONDA_", "PYTHON", "TORCH_", "XDG_", "HF_HOME");

    private static final Pattern KEY = Pattern.compile("(j\\d+\\.\\d+\\.\\d+(?:\\.\\d+)?)-(\\d+)");

    private JobProcess() {}

    /// The supervisor's key: names one attempt under one lease for ever, also where a cluster was made anew.
    static String key(AttemptId id, long token) {
        return id + "-" + token;
    }

    static boolean isOf(String key, AttemptId id) {
        Matcher matcher = KEY.matcher(key);
        return matcher.matches() && matcher.group(1).equals(id.toString());
    }

    /// @param secrets values by their names; of those that are missing the blanks stay
    /// @param resumed it finds files of an earlier attempt
    /// @throws IllegalArgumentException when the command or environment cannot be one; the message says why
    static ProcessSpec of(
            LocalAttempt attempt,
            NodeId node,
            Path work,
            Map<String, String> agentEnvironment,
            Map<String, String> secrets,
            boolean resumed) {
        AttemptId id = attempt.id();
        Map<String, String> words = Map.of(
                "{task}", id.task().toString(),
                "{index}", Integer.toString(id.task().index()),
                "{attempt}", id.toString(),
                "{node}", node.name(),
                "{job}", id.task().job().toString());
        Map<String, String> env = new HashMap<>();
        agentEnvironment.forEach((name, value) -> {
            if (inherited(name)) env.put(name, value);
        });
        attempt.spec()
                .env()
                .forEach((name, value) -> env.put(
                        name,
                        SecretBlanks.filled(
                                filled(value, words),
                                secret -> secrets.getOrDefault(secret, SecretBlanks.of(secret)))));
        env.put("MUSTER_JOB", id.task().job().toString());
        env.put("MUSTER_TASK", id.task().toString());
        env.put("MUSTER_ATTEMPT", id.toString());
        env.put("MUSTER_NODE", node.name());
        if (resumed) env.put("MUSTER_RESUMED", "1");
        attempt.spec().config().ifPresent(config -> env.put("MUSTER_CONFIG_KEY", config.toString()));
        List<String> command = attempt.spec().command().stream()
                .map(word -> filled(word, words))
                .toList();
        return new ProcessSpec(key(id, attempt.token()), command, env, work);
    }

    /// Is the program there, and may it be executed? A process that exits with 127 or 126 may say so of a program of its
    /// own; only where this is false it is ours to say.
    static boolean canStart(ProcessSpec process) {
        String program = process.command().getFirst();
        if (program.contains("/")) return executable(process.workDir().resolve(program));
        String path = process.env().get("PATH");
        // Without a PATH the starter gives it one that is not known here.
        return path == null
                || Stream.of(path.split(":"))
                        .anyMatch(folder ->
                                executable(process.workDir().resolve(folder).resolve(program)));
    }

    private static boolean executable(Path file) {
        return Files.isRegularFile(file) && Files.isExecutable(file);
    }

    private static boolean inherited(String name) {
        return INHERITED.contains(name) || INHERITED_PREFIXES.stream().anyMatch(name::startsWith);
    }

    private static String filled(String text, Map<String, String> words) {
        String filled = text;
        for (Map.Entry<String, String> word : words.entrySet()) filled = filled.replace(word.getKey(), word.getValue());
        return filled;
    }
}
