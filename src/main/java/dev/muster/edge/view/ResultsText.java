package dev.muster.edge.view;

import java.util.Locale;

/// What a run has left, for a terminal.
public final class ResultsText {
    private ResultsText() {}

    public static String render(Doc answer, boolean wide) {
        StringBuilder text = new StringBuilder();
        if (answer.has("files")) text.append(files(answer, wide));
        for (Doc stage : answer.list("stages"))
            if (stage.has("tracked"))
                text.append(stage.text("name"))
                        .append(", W&B: ")
                        .append(RunText.tracked(stage))
                        .append('\n');
        for (Doc stage : answer.list("stages")) {
            if (!stage.has("results") && !stage.has("verdict")) continue;
            if (!text.isEmpty()) text.append('\n');
            text.append("Results of ").append(stage.text("name"));
            if (stage.has("from")) text.append(", taken from ").append(stage.text("from"));
            text.append('\n');
            stage.get("results")
                    .entries()
                    .forEach((name, number) -> text.append("  ")
                            .append(name)
                            .append(": ")
                            .append(number.text())
                            .append('\n'));
            Doc verdict = stage.get("verdict");
            if (verdict.isSomething())
                text.append("  gate: ")
                        .append(verdict.text("answer").toLowerCase(Locale.ROOT))
                        .append(": ")
                        .append(verdict.text("why"))
                        .append('\n');
        }
        return text.toString();
    }

    private static String files(Doc answer, boolean wide) {
        TextTable table = new TextTable("STAGE", "KIND", "PATH", ">SIZE", "SHA-256", ">COPIES");
        for (Doc file : answer.list("files"))
            table.row(
                    file.text("stage"),
                    file.text("kind"),
                    file.text("path"),
                    Words.bytes(file.number("size")),
                    wide ? file.text("sha") : Words.brief(file.text("sha")),
                    file.flag("lost") ? "none" : file.text("copies"));
        return table.render();
    }
}
