package dev.muster.edge.http;

import dev.muster.core.alert.AlertRule;
import dev.muster.core.state.Alert;
import dev.muster.core.state.Command;
import dev.muster.core.state.Silence;
import dev.muster.edge.view.Words;
import dev.muster.edge.web.Forms;
import dev.muster.edge.web.Forms.Question;
import dev.muster.edge.web.Html;
import dev.muster.edge.web.Places;
import dev.muster.edge.web.Section;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// What a person is asked who does not want to be told of something, or wants to be told again.
final class PageSilences {
    private static final List<String> TIMES = List.of("1h", "8h", "24h");

    private PageSilences() {}

    /// @param said what was written before, where it was refused
    static Question silence(Api api, Call call, Map<String, String> said) {
        String pattern = said.getOrDefault("pattern", call.query("pattern").orElse(""));
        Html fields = new Html()
                .put(Forms.field(
                        "pattern", "Of: a rule, or RULE/SUBJECT, with * for any text", pattern, "node-lost/gpu-*"))
                .put(Forms.choice("for", "For", said.getOrDefault("for", TIMES.getFirst()), TIMES))
                .put(Forms.field(
                        "time",
                        "Or for another time, up to 30d; it counts where given",
                        said.getOrDefault("time", ""),
                        "2h30m"));
        return new Question(
                Section.ALERTS,
                "Silence alerts?",
                List.of(
                        "Nobody is told of them for that time. They are noticed and shown here all the same, and what goes"
                                + " on when it ends is told then.",
                        covered(api, pattern)),
                fields,
                "Silence",
                false,
                Places.alerts());
    }

    private static String covered(Api api, String pattern) {
        Silence silence = new Silence(
                "", pattern, api.picture().now(), "", "", api.picture().now());
        long open = 0;
        for (Alert alert : api.picture().state().alerts().alerts().values())
            for (Map.Entry<String, Alert.Member> member : alert.members())
                if (!member.getValue().over() && silence.covers(alert.rule(), member.getKey())) open++;
        String rules = String.join(", ", AlertRule.words());
        return pattern.isEmpty()
                ? "Rules are " + rules + "."
                : pattern + " covers " + Words.count(open, "subject") + " of open alerts now.";
    }

    /// @throws Problem 400 when it is no pattern, covers no rule, or for no time
    static Command silenced(Map<String, String> form) {
        String other = form.getOrDefault("time", "").strip();
        return AlertRoutes.silence(
                form.getOrDefault("pattern", "").strip(), other.isEmpty() ? form.getOrDefault("for", "") : other);
    }

    /// @throws Problem 404 when it has ended
    static Question end(Api api, Call call) {
        Silence silence = find(api, call);
        Duration left = Duration.between(api.picture().now(), silence.until());
        return new Question(
                Section.ALERTS,
                "End the silence of " + silence.pattern() + "?",
                List.of(
                        silence.by() + " does not want it told for " + Words.span(left) + " more"
                                + (silence.why().isEmpty() ? "." : ": " + silence.why()),
                        "What goes on of it is told from now on."),
                new Html(),
                "End the silence",
                false,
                Places.alerts());
    }

    static Command ended(Call call) {
        return new Command.EndSilence(call.path("id", String::strip));
    }

    private static Silence find(Api api, Call call) {
        String id = call.path("id", String::strip);
        Optional<Silence> found = api.picture().state().alerts().silences().find(id);
        return found.filter(silence -> silence.holds(api.picture().now()))
                .orElseThrow(() -> Problem.notFound("no silence " + id + ": it has ended", ""));
    }
}
