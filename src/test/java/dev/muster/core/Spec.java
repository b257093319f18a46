package dev.muster.core;

import dev.muster.core.state.Bytes;
import dev.muster.core.state.ConfigKey;
import dev.muster.core.state.JobKind;
import dev.muster.core.state.JobSpec;
import dev.muster.core.state.NodeId;
import dev.muster.core.state.Resources;
import dev.muster.core.state.Sha256;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// A job spec in the making; one task of one core that runs `work` unless told otherwise.
public final class Spec {
    private JobKind kind = JobKind.OTHER;
    private Optional<ConfigKey> config = Optional.empty();
    private int tasks = 1;
    private Resources resources = new Resources(1000, Bytes.ZERO, 0, Bytes.ZERO);
    private final List<JobSpec.Input> inputs = new ArrayList<>();
    private final List<JobSpec.Output> outputs = new ArrayList<>();
    private Optional<String> matches = Optional.empty();
    private int priority = JobSpec.PRIORITY_DEFAULT;
    private int maxAttempts = JobSpec.ATTEMPTS_DEFAULT;
    private Optional<Duration> timeout = Optional.empty();
    private Optional<NodeId> node = Optional.empty();
    private List<String> command = List.of("work");
    private Map<String, String> env = Map.of();
    private int nodes = 1;

    private Spec() {}

    public static Spec job() {
        return new Spec();
    }

    public Spec kind(JobKind of) {
        kind = of;
        return this;
    }

    public Spec config(ConfigKey key) {
        config = Optional.of(key);
        return this;
    }

    public Spec tasks(int count) {
        tasks = count;
        return this;
    }

    public Spec cpus(int cores) {
        resources = new Resources(cores * 1000, resources.memory(), resources.gpus(), resources.gpuMemory());
        return this;
    }

    public Spec memory(Bytes size) {
        resources = new Resources(resources.cpuMillis(), size, resources.gpus(), resources.gpuMemory());
        return this;
    }

    public Spec gpus(int count) {
        resources = new Resources(resources.cpuMillis(), resources.memory(), count, resources.gpuMemory());
        return this;
    }

    public Spec gpuMemory(Bytes size) {
        resources = new Resources(resources.cpuMillis(), resources.memory(), resources.gpus(), size);
        return this;
    }

    public Spec input(Sha256 file, String path) {
        inputs.add(new JobSpec.Input(file, path));
        return this;
    }

    public Spec output(String path) {
        outputs.add(new JobSpec.Output(path, true));
        return this;
    }

    public Spec matches(String path) {
        matches = Optional.of(path);
        return this;
    }

    public Spec priority(int value) {
        priority = value;
        return this;
    }

    public Spec maxAttempts(int value) {
        maxAttempts = value;
        return this;
    }

    public Spec timeout(Duration most) {
        timeout = Optional.of(most);
        return this;
    }

    public Spec on(String name) {
        node = Optional.of(new NodeId(name));
        return this;
    }

    public Spec command(String... words) {
        command = List.of(words);
        return this;
    }

    public Spec env(Map<String, String> variables) {
        env = variables;
        return this;
    }

    public Spec nodes(int count) {
        nodes = count;
        return this;
    }

    public JobSpec build() {
        return new JobSpec(
                        "job",
                        kind,
                        config,
                        tasks,
                        command,
                        env,
                        resources,
                        inputs,
                        outputs,
                        matches,
                        priority,
                        maxAttempts,
                        JobSpec.GRACE_DEFAULT,
                        timeout,
                        node)
                .on(nodes);
    }
}
