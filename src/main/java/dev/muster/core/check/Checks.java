package dev.muster.core.check;

import dev.muster.core.state.Bytes;
import dev.muster.core.state.Durations;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// A node's own checks: from what it measured to grades and words. What cannot be measured is never well.
public final class Checks {
    private static final long GB = 1_000_000_000;

    private final Readings now;
    private final Expected expected;
    private final Thresholds thresholds;
    private final Map<Probe, Grade> before;
    private final List<Check> checks = new ArrayList<>();

    private Checks(Readings now, Expected expected, Thresholds thresholds, Map<Probe, Grade> before) {
        this.now = now;
        this.expected = expected;
        this.thresholds = thresholds;
        this.before = before;
    }

    /// In [Probe]'s order; a probe that does not matter on this node is left out.
    ///
    /// @param before the last grades, for what is at a border
    public static List<Check> of(Readings now, Expected expected, Thresholds thresholds, Map<Probe, Grade> before) {
        Checks all = new Checks(now, expected, thresholds, before);
        all.version();
        all.python();
        all.gpus();
        all.machine();
        all.clock();
        all.files();
        all.models();
        return List.copyOf(all.checks);
    }

    private void add(Probe probe, Grade grade, String text) {
        checks.add(new Check(probe, grade, text));
    }

    private Grade before(Probe probe) {
        return before.getOrDefault(probe, Grade.OK);
    }

    private void version() {
        if (now.leaderVersion().isEmpty() || now.leaderVersion().get().equals(now.version())) {
            add(Probe.VERSION, Grade.OK, "version " + now.version());
        } else {
            add(
                    Probe.VERSION,
                    Grade.WARN,
                    "runs version " + now.version() + ", the leader "
                            + now.leaderVersion().get());
        }
    }

    // ---- Python and GPUs

    private void python() {
        Optional<Measured<Readings.Python>> asked = now.python();
        if (asked.isEmpty()) return;
        switch (asked.get()) {
            case Measured.Unknown<Readings.Python>(String why) -> {
                if (expected.needsPython()) add(Probe.PYTHON, Grade.UNKNOWN, "python unknown: " + why);
            }
            case Measured.Value<Readings.Python>(Readings.Python python) -> {
                if (python.runs()) {
                    missing(python);
                    torch(python);
                } else if (expected.needsPython()) {
                    add(Probe.PYTHON, needed(), "python: " + python.torchFailure());
                }
            }
        }
    }

    private void missing(Readings.Python python) {
        if (python.missing().isEmpty()) add(Probe.PYTHON, Grade.OK, "python " + python.version());
        else
            add(
                    Probe.PYTHON,
                    Grade.FAIL,
                    "python " + python.version() + " lacks " + String.join(", ", python.missing()));
    }

    private void torch(Readings.Python python) {
        if (python.torch().isPresent()) {
            add(Probe.PYTORCH, Grade.OK, "pytorch_ok");
            int seen = python.cudaDevices();
            if (seen >= 0 && seen < expected.gpus()) {
                add(
                        Probe.CUDA,
                        Grade.FAIL,
                        "cuda: PyTorch " + python.torch().get() + " sees " + count(seen) + ", expected "
                                + expected.gpus());
            }
        } else if (expected.needsPython()) {
            add(Probe.PYTORCH, needed(), "pytorch missing: " + python.torchFailure());
        }
    }

    /// What a person has named has to be there.
    private Grade needed() {
        return expected.pythonNamed() ? Grade.FAIL : Grade.WARN;
    }

    private void gpus() {
        boolean told = checks.stream().anyMatch(check -> check.probe() == Probe.CUDA);
        switch (now.gpus()) {
            case Measured.Unknown<Readings.Gpus>(String why) ->
                add(Probe.DRIVER, expected.gpus() > 0 ? Grade.FAIL : Grade.UNKNOWN, "GPU driver unknown: " + why);
            case Measured.Value<Readings.Gpus>(Readings.Gpus found) -> {
                if (found.count() < expected.gpus()) {
                    add(
                            Probe.CUDA,
                            Grade.FAIL,
                            "cuda: found " + count(found.count()) + ", expected " + expected.gpus());
                } else if (!told) {
                    String text = found.count() == 0 ? "no GPU" : "cuda_available (" + count(found.count()) + ")";
                    add(Probe.CUDA, Grade.OK, text);
                }
                if (!found.problems().isEmpty())
                    add(Probe.DRIVER, Grade.FAIL, "GPU driver: " + String.join("; ", found.problems()));
                else if (!found.driver().isEmpty()) add(Probe.DRIVER, Grade.OK, "driver " + found.driver());
            }
        }
    }

    private static String count(int gpus) {
        return gpus + (gpus == 1 ? " GPU" : " GPUs");
    }

    // ---- the machine

    private void machine() {
        checks.add(now.disk().check(Probe.DISK, this::disk));
        checks.add(now.inodes().check(Probe.INODES, room -> {
            Grade grade = room.total() <= 0 ? Grade.OK : Thresholds.INODES.of(room.freeShare(), before(Probe.INODES));
            return new Check(Probe.INODES, grade, "inodes: " + percent(room.freeShare()) + " free" + low(grade));
        }));
        checks.add(now.dataDir()
                .check(
                        Probe.DATA_DIR,
                        why -> why.isEmpty()
                                ? new Check(Probe.DATA_DIR, Grade.OK, "data directory writable")
                                : new Check(Probe.DATA_DIR, Grade.FAIL, "data directory cannot be written: " + why)));
        checks.add(now.memory().check(Probe.MEMORY, room -> {
            Grade grade = Thresholds.MEMORY.of(room.freeShare(), before(Probe.MEMORY));
            return new Check(
                    Probe.MEMORY,
                    grade,
                    "memory: " + new Bytes(room.free()) + " of " + new Bytes(room.total()) + " free" + low(grade));
        }));
    }

    private Check disk(Readings.Room room) {
        Grade grade = thresholds.disk(room.total()).of(room.free(), before(Probe.DISK));
        String free = room.free() >= GB ? room.free() / GB + "GB free" : room.free() / 1_000_000 + "MB free";
        String more = switch (grade) {
            case FAIL -> " (full: takes no work below " + thresholds.floor().work() / 1_000_000 + "MB)";
            default -> low(grade);
        };
        return new Check(Probe.DISK, grade, "disk: " + free + more);
    }

    private static String low(Grade grade) {
        return grade == Grade.OK ? "" : " (low!)";
    }

    private static String percent(double share) {
        return Math.round(share * 100) + "%";
    }

    private void clock() {
        checks.add(now.clock().check(Probe.CLOCK, this::skew));
        switch (now.clockSync()) {
            case Measured.Value<Boolean>(Boolean synchronised) ->
                add(
                        Probe.CLOCK_SYNC,
                        synchronised ? Grade.OK : Grade.WARN,
                        synchronised ? "clock synchronised" : "clock not synchronised: no time server is followed");
            // Containers and small systems have no timedatectl; what their clock shows is measured all the same.
            case Measured.Unknown<Boolean> none -> {}
        }
    }

    /// Only what is certain counts: within the bound it may be well. A bound that wide is no measurement.
    private Check skew(Readings.Skew skew) {
        Duration off = skew.ahead().abs();
        Duration certain = off.minus(skew.bound());
        Grade grade = Thresholds.CLOCK.of(Math.max(0, certain.toMillis() / 1000.0), before(Probe.CLOCK));
        boolean blind = grade == Grade.OK && skew.bound().compareTo(Thresholds.SKEW_WARN) > 0;
        String by = Durations.brief(off) + (skew.ahead().isNegative() ? " behind" : " ahead of")
                + " the leader's (within " + skew.bound().toMillis() + " ms)";
        if (blind) return new Check(Probe.CLOCK, Grade.UNKNOWN, "clock unknown: " + by);
        return new Check(
                Probe.CLOCK,
                grade,
                grade == Grade.OK ? "clock within " + off.plus(skew.bound()).toMillis() + " ms" : "clock " + by);
    }

    private void files() {
        checks.add(now.openFiles().check(Probe.OPEN_FILES, room -> open(Probe.OPEN_FILES, "open files", room)));
        checks.add(now.systemFiles()
                .check(Probe.SYSTEM_FILES, room -> open(Probe.SYSTEM_FILES, "the machine's open files", room)));
    }

    private Check open(Probe probe, String what, Readings.Room room) {
        Grade grade = room.total() <= 0 ? Grade.OK : Thresholds.FILES.of(room.usedShare(), before(probe));
        String text = what + ": " + (room.total() - room.free()) + " of " + room.total();
        return new Check(probe, grade, room.total() <= 0 ? what + ": no limit" : text);
    }

    private void models() {
        checks.add(now.models().check(Probe.MODELS, found -> {
            if (!found.broken().isEmpty())
                return new Check(Probe.MODELS, Grade.FAIL, "models: " + String.join("; ", found.broken()));
            String waiting = found.waiting() == 0 ? "" : ", " + found.waiting() + " on the way";
            return new Check(Probe.MODELS, Grade.OK, "models: " + found.whole() + " in place" + waiting);
        }));
    }
}
