package dev.muster.edge.view;

import dev.muster.edge.training.Check;
import dev.muster.edge.training.Verdict;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/// What came of the checks of configs: one in full, several as a table.
public final class VerdictText {
    private static final String READY = "Config is valid and ready for training!";
    private static final int FAILED_TOLD = 3;

    private VerdictText() {}

    /// `config`, `valid`, counts, `checks`, `warnings`; `error` where it cannot be read.
    public static Doc doc(Verdict verdict) {
        Doc checks = Doc.of(List.of());
        for (Check check : verdict.checks())
            checks = checks.plus(Doc.object()
                    .with("category", check.category())
                    .with("name", check.name())
                    .with("state", check.state().name())
                    .with("expected", check.expected())
                    .with("found", check.found()));
        Doc doc = Doc.object()
                .with("config", verdict.config())
                .with("valid", verdict.valid())
                .with("passed", verdict.count(Check.State.PASSED))
                .with("failed", verdict.count(Check.State.FAILED))
                .with("skipped", verdict.count(Check.State.SKIPPED))
                .with("total", verdict.checks().size())
                .with("checks", checks)
                .with("warnings", Doc.of(verdict.warnings()));
        return verdict.error().isEmpty() ? doc : doc.with("error", verdict.error());
    }

    public static Doc doc(List<Verdict> verdicts) {
        Doc all = Doc.of(List.of());
        for (Verdict verdict : verdicts) all = all.plus(doc(verdict));
        return all;
    }

    /// A line for each check, below its category.
    ///
    /// @param symbols the terminal has them; otherwise words
    public static String whole(Verdict verdict, boolean symbols) {
        StringBuilder text = new StringBuilder();
        if (verdict.error().isEmpty()) {
            for (String category :
                    verdict.checks().stream().map(Check::category).distinct().toList()) {
                text.append(category).append('\n');
                for (Check check : verdict.checks())
                    if (check.category().equals(category))
                        text.append("  ").append(line(check, symbols)).append('\n');
            }
            text.append('\n');
        }
        for (String warning : verdict.warnings())
            text.append("warning: ").append(warning).append('\n');
        if (!verdict.warnings().isEmpty()) text.append('\n');
        return text.append(summary(verdict, symbols)).toString();
    }

    static String line(Check check, boolean symbols) {
        String told = switch (check.state()) {
            case PASSED -> check.name();
            case FAILED -> check.name() + ": expected " + check.expected() + ", but found " + check.found();
            case SKIPPED -> check.name() + ": skipped, " + check.found();
        };
        return mark(check.state(), symbols) + " " + TextTable.oneLine(told);
    }

    static String mark(Check.State state, boolean symbols) {
        return switch (state) {
            case PASSED -> symbols ? "✅" : "OK  ";
            case FAILED -> symbols ? "❌" : "FAIL";
            case SKIPPED -> symbols ? "➖" : "--  ";
        };
    }

    private static String summary(Verdict verdict, boolean symbols) {
        String mark = mark(verdict.valid() ? Check.State.PASSED : Check.State.FAILED, symbols) + " ";
        if (!verdict.error().isEmpty()) return mark + verdict.error() + "\n";
        int skipped = verdict.count(Check.State.SKIPPED);
        String counts = verdict.count(Check.State.PASSED) + "/"
                + verdict.checks().size() + " checks passed" + (skipped == 0 ? "" : ", " + skipped + " skipped") + "\n";
        int failed = verdict.count(Check.State.FAILED);
        return counts + mark + (verdict.valid() ? READY : "Config is not valid: " + failed + " of its checks failed")
                + "\n";
    }

    /// @param wide all failed checks, not only the first ones
    public static String table(List<Verdict> verdicts, boolean wide) {
        TextTable table = new TextTable("CONFIG", "VERDICT", ">PASSED", ">FAILED", ">SKIPPED", "WHY");
        for (Verdict verdict : verdicts) {
            if (!verdict.error().isEmpty()) {
                table.row(verdict.config(), "unreadable", "-", "-", "-", verdict.error());
                continue;
            }
            table.row(
                    verdict.config(),
                    verdict.valid() ? "valid" : "not valid",
                    verdict.count(Check.State.PASSED),
                    verdict.count(Check.State.FAILED),
                    verdict.count(Check.State.SKIPPED),
                    why(verdict, wide));
        }
        long valid = verdicts.stream().filter(Verdict::valid).count();
        long unread =
                verdicts.stream().filter(verdict -> !verdict.error().isEmpty()).count();
        return table.render() + "\n" + valid + " of " + verdicts.size() + " configs are valid"
                + (unread == 0 ? "" : ", " + unread + " cannot be read") + "\n";
    }

    private static String why(Verdict verdict, boolean wide) {
        List<String> failed = new ArrayList<>(verdict.checks().stream()
                .filter(check -> check.state() == Check.State.FAILED)
                .map(Check::name)
                .toList());
        int more = wide ? 0 : failed.size() - FAILED_TOLD;
        if (more > 0) failed.subList(FAILED_TOLD, failed.size()).clear();
        int warnings = verdict.warnings().size();
        if (failed.isEmpty()) return warnings == 0 ? "" : warnings + (warnings == 1 ? " warning" : " warnings");
        return failed.stream().collect(Collectors.joining("; ")) + (more > 0 ? "; " + more + " more" : "");
    }
}
