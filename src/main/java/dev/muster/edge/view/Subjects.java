package dev.muster.edge.view;

import dev.muster.core.state.AttemptId;
import dev.muster.core.state.ClusterState;
import dev.muster.core.state.ConfigKey;
import dev.muster.core.state.Event;
import dev.muster.core.state.Group;
import dev.muster.core.state.Instance;
import dev.muster.core.state.InstanceId;
import dev.muster.core.state.JobId;
import dev.muster.core.state.NodeId;
import dev.muster.core.state.Run;
import dev.muster.core.state.RunId;
import dev.muster.core.state.Sha256;
import dev.muster.core.state.TaskId;
import dev.muster.edge.config.Nearest;
import java.lang.reflect.RecordComponent;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/// What an event is about, as `node/n1` or `job/j7`: whatever names one in it, at any depth. An event that is added later
/// is found without a word here.
final class Subjects {
    static final List<String> KINDS =
            List.of("node", "job", "model", "loop", "run", "instance", "group", "artifact", "alert");
    /// Its digits, at least.
    private static final int SHA_MIN = 8;

    private static final int DEPTH_MAX = 5;

    private Subjects() {}

    static Set<String> of(Event event) {
        Set<String> found = new TreeSet<>();
        walk(event, "", found, 0);
        return found;
    }

    private static void walk(Object value, String name, Set<String> found, int depth) {
        switch (value) {
            case null -> {}
            case NodeId node -> found.add("node/" + node);
            case JobId job -> found.add("job/" + job);
            case TaskId task -> found.add("job/" + task.job());
            case AttemptId attempt -> found.add("job/" + attempt.task().job());
            case ConfigKey config -> found.add("model/" + config);
            case RunId run -> found.add("run/" + run);
            case InstanceId instance -> found.add("instance/" + instance);
            case Sha256 sha -> found.add("artifact/" + sha.hex());
            case String text -> {
                if (name.equals("group") && !text.isEmpty()) found.add("group/" + text);
                if (name.equals("alert")) found.add("alert/" + text);
            }
            case Optional<?> some -> some.ifPresent(one -> walk(one, name, found, depth));
            case Collection<?> many -> many.forEach(one -> walk(one, name, found, depth + 1));
            case Record record -> fields(record, found, depth);
            default -> {}
        }
    }

    private static void fields(Record record, Set<String> found, int depth) {
        if (depth > DEPTH_MAX || !record.getClass().getName().startsWith("dev.muster.")) return;
        if (record instanceof Group group) found.add("group/" + group.name());
        for (RecordComponent component : record.getClass().getRecordComponents()) {
            try {
                walk(component.getAccessor().invoke(record), component.getName(), found, depth + 1);
            } catch (ReflectiveOperationException e) {
                throw new IllegalStateException("a record's own field", e);
            }
        }
    }

    /// @return as [#of] has it
    /// @throws IllegalArgumentException when it is nothing that events could be about
    static String parse(String within) {
        int slash = within.indexOf('/');
        String kind = slash < 0 ? within : within.substring(0, slash);
        String name = slash < 0 ? "" : within.substring(slash + 1);
        if (!KINDS.contains(kind) || name.isEmpty())
            throw new IllegalArgumentException("expected KIND/NAME, as `job/j7`, with " + String.join(", ", KINDS)
                    + " for the kind, but found \"" + within + "\""
                    + Nearest.of(kind, KINDS)
                            .filter(near -> !near.equals(kind))
                            .map(near -> "; did you mean " + near + "?")
                            .orElse(""));
        if (kind.equals("artifact") && name.length() < SHA_MIN)
            throw new IllegalArgumentException(
                    "expected at least " + SHA_MIN + " digits of a SHA-256, but found \"" + name + "\"");
        return (kind.equals("loop") ? "model" : kind) + "/" + name;
    }

    /// With what belongs to it now: a run's jobs and machines, a group's machines, a machine's node.
    static Set<String> wider(String subject, ClusterState state) {
        Set<String> all = new TreeSet<>(Set.of(subject));
        String name = subject.substring(subject.indexOf('/') + 1);
        if (subject.startsWith("run/"))
            for (Run run : state.runs().runs().values())
                if (run.id().toString().equals(name))
                    for (Run.Stage stage : run.stages()) stage.job().ifPresent(job -> all.add("job/" + job));
        for (Instance instance : state.rentals().instances().values()) {
            boolean member = (subject.startsWith("run/") || subject.startsWith("group/"))
                    && instance.group().equals(Optional.of(name));
            if (member) all.add("instance/" + instance.id());
            if (member || subject.equals("instance/" + instance.id()))
                instance.node().ifPresent(node -> all.add("node/" + node));
        }
        return all;
    }
}
