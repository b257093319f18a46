package dev.muster.edge.check;

import dev.muster.core.check.Measured;
import dev.muster.core.check.Readings;
import dev.muster.edge.config.CheckSettings;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Asks a Python for its version, for PyTorch and its CUDA devices, and for modules. To import PyTorch takes seconds and
/// some hundred megabytes, so the answer is kept.
final class PythonProbe {
    private static final Duration KEPT = Duration.ofMinutes(30);
    /// What failed is worth another look sooner.
    private static final Duration FAILURE_KEPT = Duration.ofMinutes(5);
    /// PyTorch from a cold network disk.
    private static final Duration ANSWER_MAX = Duration.ofSeconds(60);

    /// Lines of `key=value`; words that the modules may print do no harm. PyTorch is asked by NVML where it can, which
    /// takes no memory of a GPU that a job is using.
    private static final String SCRIPT = """
            import importlib.util, platform, sys
            print("muster:python=" + platform.python_version())
            for name in sys.argv[1:]:
                try:
                    found = importlib.util.find_spec(name) is not None
                except Exception:
                    found = False
                if not found:
                    print("muster:missing=" + name)
            try:
                import torch
                print("muster:torch=" + torch.__version__)
                print("muster:cuda=%d" % torch.cuda.device_count())
            except Exception as e:
                print("muster:failure=" + " ".join(str(e).split())[:160])
            """;

    private final CheckSettings settings;
    private final Child child;
    private Optional<Measured<Readings.Python>> last = Optional.empty();
    private long askedNanos;

    PythonProbe(CheckSettings settings, Child child) {
        this.settings = settings;
        this.child = child;
    }

    /// The last answer; empty before the first.
    synchronized Optional<Measured<Readings.Python>> last() {
        return last;
    }

    synchronized boolean stale() {
        if (last.isEmpty()) return true;
        boolean well = last.get() instanceof Measured.Value<Readings.Python>(Readings.Python python)
                && python.torch().isPresent()
                && python.missing().isEmpty();
        return System.nanoTime() - askedNanos > (well ? KEPT : FAILURE_KEPT).toNanos();
    }

    /// Asks anew; blocks for a minute at most, and for as long as another program of the checks runs.
    void ask() throws InterruptedException {
        Measured<Readings.Python> answer = answer();
        synchronized (this) {
            last = Optional.of(answer);
            askedNanos = System.nanoTime();
        }
    }

    private Measured<Readings.Python> answer() throws InterruptedException {
        List<String> command =
                new ArrayList<>(List.of(settings.python().map(Object::toString).orElse("python3"), "-c", SCRIPT));
        command.addAll(settings.modules());
        try {
            Child.Done done = child.run(command, Map.of("PYTORCH_NVML_BASED_CUDA_CHECK", "1"), ANSWER_MAX);
            if (done.late())
                return Measured.unknown(command.getFirst() + " did not answer within " + ANSWER_MAX.toSeconds() + " s");
            return read(done)
                    .<Measured<Readings.Python>>map(Measured::of)
                    .orElseGet(() -> Measured.of(Readings.Python.none(
                            command.getFirst() + " ended with " + done.exit() + ": " + done.lastLine())));
        } catch (IOException e) {
            return Measured.of(Readings.Python.none("cannot run " + command.getFirst()));
        }
    }

    /// Empty when it did not even tell its version. A module that ends the interpreter while it is imported is a failure
    /// of PyTorch.
    private static Optional<Readings.Python> read(Child.Done done) {
        Map<String, String> facts = new HashMap<>();
        List<String> missing = new ArrayList<>();
        for (String line :
                done.output().lines().filter(it -> it.startsWith("muster:")).toList()) {
            String[] fact = line.substring("muster:".length()).split("=", 2);
            if (fact.length < 2) continue;
            if (fact[0].equals("missing")) missing.add(fact[1]);
            else facts.put(fact[0], fact[1].strip());
        }
        String crash = "it ended with " + done.exit() + " when it was imported";
        Optional<String> torch = Optional.ofNullable(facts.get("torch")).filter(it -> facts.containsKey("cuda"));
        return Optional.ofNullable(facts.get("python"))
                .map(version -> new Readings.Python(
                        version,
                        torch,
                        torch.isPresent() ? "" : facts.getOrDefault("failure", crash),
                        torch.isPresent() && facts.get("cuda").matches("\\d{1,4}")
                                ? Integer.parseInt(facts.get("cuda"))
                                : -1,
                        missing));
    }
}
