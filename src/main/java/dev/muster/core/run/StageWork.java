package dev.muster.core.run;

import dev.muster.core.state.Attempt;
import dev.muster.core.state.JobSpec;
import dev.muster.core.state.Run;
import dev.muster.core.state.RunSpec;
import dev.muster.core.state.Table;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/// A stage's job as it is submitted: with what the stages before it have left, and what an earlier try of its own had saved.
///
/// @param key of what is made of what: the same for the same command, environment, inputs and outputs, whichever run it is
///     of and wherever it runs
record StageWork(JobSpec spec, String key) {
    /// Of what differs, told.
    private static final int TOLD_MAX = 3;

    static StageWork of(Run run, RunSpec.Stage stage) {
        return of(run, stage, run.stage(stage.name()).orElseThrow().saved());
    }

    /// Without what an earlier try had saved.
    static StageWork anew(Run run, RunSpec.Stage stage) {
        return of(run, stage, List.of());
    }

    private static StageWork of(Run run, RunSpec.Stage stage, List<Attempt.Stored> kept) {
        JobSpec job = stage.job();
        List<JobSpec.Input> inputs = inputs(run, stage);
        String key = key(job, inputs);
        List<JobSpec.Input> all = new ArrayList<>(inputs);
        Table<String, JobSpec.Input> saved = Table.empty();
        for (Attempt.Stored file : kept) saved = saved.with(file.path(), input(file));
        Table<String, JobSpec.Input> resumed = saved;
        all.removeIf(input -> !input.unpacked() && resumed.has(input.path()));
        all.addAll(saved.values());
        JobSpec whole = job.with(job.command(), env(run, stage, !saved.isEmpty()), all);
        return new StageWork(run.spec().machines().isPresent() ? whole.onMachinesOf(run.id()) : whole, key);
    }

    private static List<JobSpec.Input> inputs(Run run, RunSpec.Stage stage) {
        Table<String, JobSpec.Input> laid = Table.empty();
        for (Attempt.Stored file : run.before(stage.name())) laid = laid.with(file.path(), input(file));
        List<JobSpec.Input> inputs = new ArrayList<>();
        for (JobSpec.Input input : stage.job().inputs())
            if (input.unpacked() || !laid.has(input.path())) inputs.add(input);
        inputs.addAll(laid.values());
        return inputs;
    }

    /// In what the same stage of another run is made of something else, in words; empty when both are made of the same.
    static Optional<String> unlike(Run run, Run other, String name) {
        RunSpec.Stage mine = stage(run, name);
        RunSpec.Stage theirs = stage(other, name);
        List<String> differ = new ArrayList<>();
        if (!mine.job().command().equals(theirs.job().command())) differ.add("its command");
        for (String variable : differing(mine.job().env(), theirs.job().env())) differ.add("the variable " + variable);
        for (String path : differing(files(inputs(run, mine)), files(inputs(other, theirs))))
            differ.add("the input " + path);
        if (!mine.job().outputs().equals(theirs.job().outputs())) differ.add("its outputs");
        if (!mine.job().results().equals(theirs.job().results())) differ.add("its results file");
        if (mine.job().nodes() != theirs.job().nodes()) differ.add("its number of nodes");
        String more = differ.size() > TOLD_MAX ? " and " + (differ.size() - TOLD_MAX) + " more" : "";
        return differ.isEmpty()
                ? Optional.empty()
                : Optional.of(String.join(", ", differ.subList(0, Math.min(TOLD_MAX, differ.size()))) + more);
    }

    private static RunSpec.Stage stage(Run run, String name) {
        return run.spec().stages().get(run.spec().stage(name));
    }

    private static Map<String, String> files(List<JobSpec.Input> inputs) {
        Map<String, String> files = new TreeMap<>();
        for (JobSpec.Input input : inputs)
            files.put(
                    input.path().isEmpty() ? "of its code" : input.path(),
                    input.artifact().hex() + " " + input.as());
        return files;
    }

    private static SortedSet<String> differing(Map<String, String> mine, Map<String, String> theirs) {
        SortedSet<String> names = new TreeSet<>(mine.keySet());
        names.addAll(theirs.keySet());
        names.removeIf(name -> Objects.equals(mine.get(name), theirs.get(name)));
        return names;
    }

    private static JobSpec.Input input(Attempt.Stored file) {
        return new JobSpec.Input(file.sha(), file.path(), JobSpec.As.COPY);
    }

    private static Map<String, String> env(Run run, RunSpec.Stage stage, boolean resumed) {
        Map<String, String> env = new TreeMap<>(stage.job().env());
        env.put("MUSTER_RUN", run.id().name());
        env.put("MUSTER_STAGE", stage.name());
        if (resumed) env.put("MUSTER_RESUMED", "1");
        return env;
    }

    private static String key(JobSpec job, List<JobSpec.Input> inputs) {
        StringBuilder text = new StringBuilder();
        for (String word : job.command()) part(text, "command", word);
        new TreeMap<>(job.env()).forEach((name, value) -> part(text, "env", name + "=" + value));
        inputs.stream()
                .map(input -> input.path() + " " + input.artifact().hex() + " " + input.as())
                .sorted()
                .forEach(input -> part(text, "input", input));
        for (JobSpec.Output output : job.outputs()) part(text, "output", output.path() + " " + output.required());
        part(text, "results", job.results().orElse(""));
        if (job.gang()) part(text, "nodes", Integer.toString(job.nodes()));
        try {
            byte[] hash =
                    MessageDigest.getInstance("SHA-256").digest(text.toString().getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(hash);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("expected every JDK to know SHA-256", e);
        }
    }

    /// With its length, so that no two lists look the same.
    private static void part(StringBuilder text, String what, String value) {
        text.append(what)
                .append(' ')
                .append(value.length())
                .append(' ')
                .append(value)
                .append('\n');
    }
}
