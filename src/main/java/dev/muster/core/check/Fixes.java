package dev.muster.core.check;

import dev.muster.core.state.FixKind;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Which fix goes with which check: at most one for each, and each at most once. What is not here needs a person.
public final class Fixes {
    private Fixes() {}

    /// @param because the check that asks for it
    public record Planned(FixKind kind, Check because) {}

    /// What may be ordered for a node that says this of itself.
    public static List<Planned> plan(Report report) {
        List<Planned> plan = new ArrayList<>();
        for (FixKind kind : FixKind.values()) {
            if (kind == FixKind.INSTALL && !report.installs()) continue;
            failing(report, kind).ifPresent(check -> plan.add(new Planned(kind, check)));
        }
        return List.copyOf(plan);
    }

    /// The first of the fix's checks that does not pass; empty when all do. It is looked at again after the fix.
    public static Optional<Check> failing(Report report, FixKind kind) {
        return probes(kind).stream()
                .flatMap(probe -> report.find(probe).stream())
                .filter(check -> check.grade() == Grade.WARN || check.grade() == Grade.FAIL)
                .findFirst();
    }

    /// A clock that is off is set right only where the system says that it follows no time server; where it follows one,
    /// ours is not the hand to turn it.
    static List<Probe> probes(FixKind kind) {
        return switch (kind) {
            case RELINK -> List.of(Probe.MODELS);
            case COLLECT -> List.of(Probe.DISK, Probe.INODES);
            case SYNC_CLOCK -> List.of(Probe.CLOCK_SYNC);
            case INSTALL -> List.of(Probe.PYTHON, Probe.PYTORCH);
        };
    }
}
