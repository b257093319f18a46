package dev.muster.edge.plot;

import dev.muster.edge.view.CurveText;
import java.util.Optional;

/// Draws where this machine can: a Java without `java.desktop`, or one that finds no font, cannot.
public final class Plots {
    private String trouble = "";

    /// Why nothing could be drawn; empty while all could.
    public String trouble() {
        return trouble;
    }

    /// As `<svg>`, in the colours that the page's `--ink`, `--grid` and `--curve` have; letters are drawn, so that it needs no
    /// font where it is looked at. Empty where there is nothing to draw, or it cannot be done here.
    public Optional<String> svg(CurveText.Series series) {
        if (!trouble.isEmpty()) return Optional.empty();
        try {
            return CurvePlot.svg(series);
        } catch (LinkageError | InternalError | RuntimeException e) {
            // AWT fails in many ways where a machine lacks its libraries or fonts.
            trouble = String.valueOf(e.getMessage() == null ? e : e.getMessage())
                    .lines()
                    .findFirst()
                    .orElse("");
            if (trouble.isEmpty()) trouble = e.getClass().getSimpleName();
            return Optional.empty();
        }
    }
}
