package dev.muster.edge.view;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;

/// Results of one run beside another's.
final class RunNumbers {
    private static final String BASELINE = "baseline";
    private static final String CORRECTED = "ttc";

    private RunNumbers() {}

    /// A row: name, ours, theirs, and by how much ours is more or less.
    static List<String> compared(String name, Doc ours, Optional<Doc> theirs) {
        OptionalDouble other = theirs.map(RunNumbers::number).orElse(OptionalDouble.empty());
        OptionalDouble own = number(ours);
        boolean both = own.isPresent() && other.isPresent() && other.getAsDouble() != 0;
        return List.of(
                name,
                own.isEmpty() ? ours.text() : CurveText.number(own.getAsDouble()),
                other.isEmpty() ? "-" : CurveText.number(other.getAsDouble()),
                both ? percent((own.getAsDouble() - other.getAsDouble()) / Math.abs(other.getAsDouble()) * 100) : "-");
    }

    private static OptionalDouble number(Doc doc) {
        return Doc.object().with("number", doc).decimal("number");
    }

    private static String percent(double percent) {
        return String.format(Locale.ROOT, "%+.1f%%", percent);
    }

    /// Of results that tell the same number before and after a correction at test time (`baseline_nrmse`, `ttc_nrmse`), how much
    /// less it is; by the prior system's bounds of 20, 10 and 5 percent.
    static List<String> corrected(Map<String, Doc> results) {
        List<String> lines = new ArrayList<>();
        results.forEach((name, before) -> {
            if (!name.startsWith(BASELINE)) return;
            String rest = name.substring(BASELINE.length());
            Doc after = results.get(CORRECTED + rest);
            OptionalDouble from = number(before);
            OptionalDouble to = after == null ? OptionalDouble.empty() : number(after);
            if (from.isEmpty() || to.isEmpty() || from.getAsDouble() <= 0) return;
            double percent = (from.getAsDouble() - to.getAsDouble()) / from.getAsDouble() * 100;
            lines.add("correction at test time, " + rest.replaceFirst("^[_/.]", "") + ": "
                    + CurveText.number(from.getAsDouble()) + " to " + CurveText.number(to.getAsDouble()) + ", "
                    + percent(-percent) + ", " + word(percent));
        });
        return lines;
    }

    private static String word(double percent) {
        if (percent > 20) return "excellent";
        if (percent > 10) return "good";
        if (percent > 5) return "moderate";
        return percent > 0 ? "little" : "no improvement";
    }
}
