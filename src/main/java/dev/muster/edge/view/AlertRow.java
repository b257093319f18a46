package dev.muster.edge.view;

import dev.muster.core.alert.AlertRule;
import dev.muster.core.plan.Wait;
import dev.muster.core.state.Alert;
import dev.muster.core.state.AlertLevel;
import dev.muster.core.state.Alerts;
import dev.muster.core.state.Silence;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/// One alert.
///
/// @param level    `critical`, `warning` or `unknown`: the worst of what goes on; of what is over, the worst it was
/// @param toldAt   when people were last told something of it
/// @param news     there is something that people do not know yet
/// @param open     subjects that go on
/// @param more     subjects that are not listed
/// @param waits    why it is not told now, and what is owed to channels that the leader does not know
/// @param runbook  where it is written what to do
public record AlertRow(
        String id,
        String rule,
        String level,
        String title,
        Instant since,
        Optional<Instant> toldAt,
        boolean news,
        int open,
        List<Subject> subjects,
        int more,
        List<String> waits,
        String runbook) {
    /// Of one alert in a list of them.
    static final int BRIEF_MAX = 20;
    private static final int SUBJECTS_MAX = 1_000;

    /// @param told    its level when people were last told of it
    /// @param silence that covers it now
    public record Subject(
            String subject,
            String level,
            String text,
            Instant since,
            boolean over,
            Optional<String> told,
            Optional<String> silence) {}

    public static AlertRow of(Picture picture, Alert alert, List<Wait> waits) {
        return of(picture, alert, waits, SUBJECTS_MAX);
    }

    /// @param waits of the leader's plan
    static AlertRow of(Picture picture, Alert alert, List<Wait> waits, int most) {
        List<Subject> subjects = alert.members().asMap().entrySet().stream()
                .map(member -> subject(picture, alert, member.getKey(), member.getValue()))
                .sorted(Comparator.comparing(Subject::over)
                        .thenComparing(
                                subject -> AlertLevel.valueOf(subject.level().toUpperCase(Locale.ROOT)),
                                Comparator.reverseOrder())
                        .thenComparing(Subject::subject))
                .toList();
        return new AlertRow(
                alert.id(),
                alert.rule(),
                word(alert.level()),
                AlertTitle.of(alert),
                alert.since(),
                alert.toldAt(),
                alert.members().values().stream().anyMatch(Alert.Member::news),
                (int) subjects.stream().filter(subject -> !subject.over()).count(),
                List.copyOf(subjects.subList(0, Math.min(most, subjects.size()))),
                Math.max(0, subjects.size() - most),
                waits.stream()
                        .filter(wait -> wait.reason() == Wait.Reason.ALERT
                                && wait.subject().equals(alert.id()))
                        .map(Wait::message)
                        .toList(),
                runbook(alert.rule()));
    }

    private static Subject subject(Picture picture, Alert alert, String name, Alert.Member member) {
        Alerts alerts = picture.state().alerts();
        return new Subject(
                name,
                word(member.level()),
                member.text(),
                member.since(),
                member.over(),
                member.told().map(AlertRow::word),
                alerts.silenced(alert.rule(), name, picture.now()).map(Silence::id));
    }

    /// Of a rule that only a newer build knows: the page.
    static String runbook(String rule) {
        return AlertRule.find(rule).map(AlertRule::runbook).orElse("docs/ALERTS.md");
    }

    static String word(AlertLevel level) {
        return level.name().toLowerCase(Locale.ROOT);
    }
}
