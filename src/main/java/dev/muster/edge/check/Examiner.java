package dev.muster.edge.check;

import dev.muster.core.check.Check;
import dev.muster.core.check.Checks;
import dev.muster.core.check.Expected;
import dev.muster.core.check.Grade;
import dev.muster.core.check.Measured;
import dev.muster.core.check.Probe;
import dev.muster.core.check.Readings;
import dev.muster.core.check.Report;
import dev.muster.core.check.Thresholds;
import dev.muster.core.state.ClusterState;
import dev.muster.core.state.Node;
import dev.muster.core.state.NodeId;
import dev.muster.core.state.Role;
import dev.muster.edge.config.CheckSettings;
import dev.muster.edge.telemetry.GpuAnswer;
import dev.muster.edge.telemetry.HostSample;
import dev.muster.edge.telemetry.OpenFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Random;
import java.util.function.Supplier;

/// Looks at this node, and says how it is. A look costs some milliseconds; what costs more (Python, the network) is kept
/// from the last round and looked at again when a round is due or somebody asks for everything.
///
/// Thread-safe; looks at the same moment are one look.
public final class Examiner {
    /// Who asks again within this gets the same answer.
    private static final Duration SAME = Duration.ofMillis(300);

    private static final Duration SYNC_KEPT = Duration.ofMinutes(10);
    private static final Duration SYNC_MAX = Duration.ofSeconds(5);

    /// Where a node's figures come from.
    ///
    /// @param version       of this program
    /// @param leaderVersion absent while no leader was heard
    /// @param clock         this clock against the leader's
    public record Sources(
            NodeId self,
            Path data,
            Role role,
            boolean dialable,
            CheckSettings settings,
            Thresholds thresholds,
            String version,
            Supplier<ClusterState> state,
            Supplier<HostSample> host,
            Supplier<GpuAnswer> gpus,
            Supplier<Measured<Readings.Models>> models,
            Supplier<Measured<Readings.Skew>> clock,
            Supplier<Optional<String>> leaderVersion) {}

    private final Sources from;
    private final Child child;
    private final PythonProbe python;
    private final Dialler dialler;
    private final Map<Probe, Grade> before = new EnumMap<>(Probe.class);
    private Measured<Boolean> sync = Measured.unknown("not asked yet");
    private long syncNanos;
    private Optional<Report> last = Optional.empty();
    private long lookedNanos;

    /// @param child the one that runs fixes too
    public Examiner(Sources from, Child child) {
        this.from = from;
        this.child = child;
        this.python = new PythonProbe(from.settings(), child);
        this.dialler = new Dialler(from.self(), new Random());
    }

    /// What is dear: dials the others, and asks Python and the time service where their answers are old, unless a fix is
    /// running a program of its own.
    ///
    /// @param all however new they are
    public void round(boolean all) throws InterruptedException {
        ClusterState state = from.state().get();
        boolean due = all || python.stale() && !child.busy();
        if (expected(state).needsPython() && due) python.ask();
        askSync(all);
        dialler.round(state);
        forgetLook();
    }

    /// A look now; of the network only at what was not reached before.
    public Report fresh() throws InterruptedException {
        dialler.again(from.state().get());
        return look();
    }

    /// Without waiting for anybody.
    public synchronized Report look() {
        if (last.isPresent() && System.nanoTime() - lookedNanos < SAME.toNanos()) return last.get();
        ClusterState state = from.state().get();
        List<Check> checks = Checks.of(readings(state), expected(state), from.thresholds(), before);
        before.clear();
        for (Check check : checks) before.put(check.probe(), check.grade());
        Dialler.Seen seen = dialler.last();
        Report report = new Report(
                checks,
                List.copyOf(seen.dialled()),
                seen.unreached().stream().limit(Report.UNREACHED_MAX).toList(),
                from.dialable(),
                !from.settings().install().isEmpty(),
                0);
        last = Optional.of(report);
        lookedNanos = System.nanoTime();
        return report;
    }

    /// The next look is a new one: something has just been changed.
    public synchronized void forgetLook() {
        last = Optional.empty();
    }

    /// Asks the time service again.
    public void askSync(boolean now) throws InterruptedException {
        synchronized (this) {
            boolean known = syncNanos != 0 && System.nanoTime() - syncNanos < SYNC_KEPT.toNanos();
            if (!now && (known || child.busy())) return;
        }
        Measured<Boolean> answer = timedatectl();
        synchronized (this) {
            sync = answer;
            syncNanos = System.nanoTime();
        }
    }

    private Measured<Boolean> timedatectl() throws InterruptedException {
        try {
            Child.Done done =
                    child.run(List.of("timedatectl", "show", "-p", "NTPSynchronized", "--value"), Map.of(), SYNC_MAX);
            return switch (done.well() ? done.lastLine() : "") {
                case "yes" -> Measured.of(true);
                case "no" -> Measured.of(false);
                default -> Measured.unknown("timedatectl does not tell");
            };
        } catch (IOException e) {
            return Measured.unknown("no timedatectl");
        }
    }

    private Expected expected(ClusterState state) {
        int joined = state.fleet()
                .nodes()
                .find(from.self())
                .map(Node::hardware)
                .map(hardware -> hardware.gpus())
                .orElse(0);
        return new Expected(
                Math.max(joined, from.settings().gpus()),
                from.role(),
                from.settings().python().isPresent());
    }

    private Readings readings(ClusterState state) {
        HostSample host = from.host().get();
        Expected expected = expected(state);
        Optional<Measured<Readings.Python>> snake = expected.needsPython()
                ? Optional.of(python.last().orElse(Measured.unknown("not asked yet")))
                : Optional.empty();
        return new Readings(
                from.version(),
                from.leaderVersion().get(),
                snake,
                gpus(),
                room(host.diskTotal(), host.diskFree(), "the file system does not tell"),
                room(host.inodesTotal(), host.inodesFree(), "the file system does not tell"),
                Measured.of(writable(from.data())),
                room(host.memoryUsable(), host.memoryUsableFree(), "the system does not tell"),
                from.clock().get(),
                sync,
                files(OpenFiles.own()),
                files(OpenFiles.system()),
                from.models().get());
    }

    private Measured<Readings.Gpus> gpus() {
        return switch (from.gpus().get()) {
            case GpuAnswer.Gpus(var source, String driver, var gpus, List<String> problems) ->
                Measured.of(new Readings.Gpus(gpus.size(), driver, problems));
            case GpuAnswer.None(String reason, boolean driver) ->
                driver ? Measured.unknown(reason) : Measured.of(Readings.Gpus.NONE);
        };
    }

    private static Measured<Readings.Room> room(OptionalLong total, OptionalLong free, String otherwise) {
        return total.isPresent() && free.isPresent()
                ? Measured.of(new Readings.Room(total.getAsLong(), free.getAsLong()))
                : Measured.unknown(otherwise);
    }

    private static Measured<Readings.Room> files(Optional<OpenFiles> files) {
        return files.map(one -> Measured.of(new Readings.Room(one.limit(), one.limit() - one.open())))
                .orElse(Measured.unknown("the system does not tell"));
    }

    /// By writing: a mount that has become read-only, a full disk and a lost right all show. Empty when it can be.
    private static String writable(Path data) {
        Path file = data.resolve("check.tmp");
        try {
            Files.writeString(file, "muster");
            Files.delete(file);
            return "";
        } catch (IOException e) {
            String why = String.valueOf(e.getMessage());
            return why.contains("No space left") ? "no space left" : why.replace(data.toString(), "…");
        }
    }
}
