package dev.muster.core.state;

import static dev.muster.core.Story.ANN;
import static dev.muster.core.Story.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.muster.core.Invariants;
import dev.muster.core.Story;
import dev.muster.core.state.Command.SightAlerts.Sight;
import dev.muster.core.state.Outcome.Code;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

class AlertOrdersTest {
    private static Command sight(String alert, String subject, AlertLevel level) {
        return new Command.SightAlerts(List.of(new Sight(alert, subject, Optional.of(level), subject + " is bad")));
    }

    private static Command clear(String alert, String subject) {
        return new Command.SightAlerts(List.of(new Sight(alert, subject, Optional.empty(), "")));
    }

    private static Command tell(String alert, long number, String... subjects) {
        return new Command.TellAlert(alert, number, List.of(subjects), new TreeSet<>(List.of("chat")));
    }

    private static Bulletin told(Story story) {
        return story.state().alerts().outbox().values().stream()
                .reduce((one, other) -> other)
                .orElseThrow();
    }

    @Test
    void whatIsKnownIsNotNoticedAgain() {
        given(sight("node-lost", "n1", AlertLevel.WARNING))
                .when(sight("node-lost", "n1", AlertLevel.WARNING))
                .changesNothing()
                .when(clear("node-lost", "n2"))
                .changesNothing()
                .when(sight("node-lost", "n1", AlertLevel.CRITICAL))
                .then(new Event.AlertRaised("node-lost", "n1", AlertLevel.CRITICAL, "n1 is bad"));
    }

    @Test
    void onlyNewsIsToldAndOnlyUnderTheNextNumber() {
        Story story = given(sight("node-lost", "n1", AlertLevel.WARNING));
        story.when(tell("node-lost", 2, "n1")).refused(Code.STALE, "expected the notice 1 to be next");
        story.when(tell("quorum", 1, "voters")).refused(Code.STALE, "is over");
        story.when(tell("node-lost", 1, "n2")).refused(Code.STALE, "nothing new");
        story.and(tell("node-lost", 1, "n1"));
        assertThat(told(story).kind()).isEqualTo(Bulletin.Kind.FIRED);
        story.when(tell("node-lost", 2, "n1")).refused(Code.STALE, "nothing new");
    }

    @Test
    void whatIsNewComesFirstAndTheRestIsCounted() {
        Story story = given(sight("node-lost", "n0", AlertLevel.WARNING)).and(tell("node-lost", 1, "n0"));
        List<String> names = new ArrayList<>();
        for (int node = 1; node <= 30; node++) {
            names.add("n" + node);
            story.and(sight("node-lost", "n" + node, node == 30 ? AlertLevel.CRITICAL : AlertLevel.WARNING));
        }
        story.and(tell("node-lost", 2, names.toArray(String[]::new)));
        Bulletin told = told(story);
        assertThat(told.kind()).isEqualTo(Bulletin.Kind.ESCALATED);
        assertThat(told.level()).isEqualTo(AlertLevel.CRITICAL);
        assertThat(told.lines()).hasSize(Bulletin.LINES_MAX);
        assertThat(told.lines().getFirst().subject()).isEqualTo("n30");
        assertThat(told.more()).isEqualTo(11);
        assertThat(told.open()).isEqualTo(31);
    }

    @Test
    void whatIsOverAndWasNeverToldIsForgotten() {
        Story story = given(sight("node-lost", "n1", AlertLevel.WARNING), clear("node-lost", "n1"));
        assertThat(story.state().alerts().alerts().isEmpty()).isTrue();
    }

    @Test
    void whatIsOverStaysUntilThatIsTold() {
        Story story = given(sight("node-lost", "n1", AlertLevel.CRITICAL))
                .and(tell("node-lost", 1, "n1"))
                .and(sight("node-lost", "n1", AlertLevel.WARNING), clear("node-lost", "n1"))
                .and(tell("node-lost", 2, "n1"));
        assertThat(told(story).kind()).isEqualTo(Bulletin.Kind.RESOLVED);
        assertThat(told(story).level()).as("who was paged hears it").isEqualTo(AlertLevel.CRITICAL);
        assertThat(story.state().alerts().alerts().isEmpty()).isTrue();
    }

    @Test
    void aNoticeIsOwedToEachChannelUntilItHasTakenIt() {
        Story story = given(sight("node-lost", "n1", AlertLevel.WARNING))
                .and(new Command.TellAlert("node-lost", 1, List.of("n1"), new TreeSet<>(List.of("chat", "pager"))));
        story.when(new Command.RecordDelivery(1, "mail", true, "")).refused(Code.STALE, "not owed to mail");
        story.when(new Command.RecordDelivery(1, "chat", true, ""))
                .then(new Event.AlertDelivered(1, "node-lost", "chat"));
        story.when(new Command.RecordDelivery(1, "chat", true, "")).refused(Code.STALE);
        story.when(new Command.RecordDelivery(1, "pager", false, "gone"))
                .then(new Event.AlertUndelivered(1, "node-lost", "pager", "gone"));
        assertThat(story.state().alerts().outbox().isEmpty()).isTrue();
    }

    @Test
    void silencesHaveAnEndAndAPattern() {
        Story story = given().by(ANN, "we move it");
        story.when(new Command.SilenceAlerts("node-lost/n*", Duration.ofDays(40)))
                .refused(Code.INVALID, "720h");
        story.when(new Command.SilenceAlerts("node-lost/n*", Duration.ZERO)).refused(Code.INVALID);
        story.and(new Command.SilenceAlerts("node-lost/n*", Duration.ofHours(1)));
        Silence silence = story.state().alerts().silences().values().iterator().next();
        assertThat(silence.by()).isEqualTo("person:ann");
        assertThat(silence.why()).isEqualTo("we move it");
        assertThat(story.state().alerts().silenced("node-lost", "n7", Story.START))
                .isPresent();
        assertThat(story.state().alerts().silenced("node-lost", "n7", Story.START.plusSeconds(3_600)))
                .isEmpty();
        assertThat(story.state().alerts().silenced("node-lost", "v1", Story.START))
                .isEmpty();
        story.when(new Command.EndSilence("s99")).refused(Code.NOT_FOUND, "alert list");
        story.and(new Command.EndSilence(silence.id()));
        assertThat(story.state().alerts().silences().isEmpty()).isTrue();
        for (String wrong : List.of("", "node lost;", "/", "a/", "a\nb", "x".repeat(300)))
            assertThatThrownBy(() -> new Command.SilenceAlerts(wrong, Duration.ofHours(1)))
                    .as(wrong)
                    .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void aPatternIsMatchedInTimeInProportionToTheText() {
        assertThat(Silence.matches("*/n*", "node-lost/n1")).isTrue();
        assertThat(Silence.matches("n*1*3", "n12123")).isTrue();
        assertThat(Silence.matches("n*1*4", "n12123")).isFalse();
        assertThat(Silence.matches("", "x")).isFalse();
        assertThat(Silence.matches("**", "")).isTrue();
        long begun = System.nanoTime();
        assertThat(Silence.matches("*a".repeat(80) + "b", "a".repeat(10_000))).isFalse();
        assertThat(Duration.ofNanos(System.nanoTime() - begun)).isLessThan(Duration.ofSeconds(2));
    }

    @Test
    void quietHoursGoByTheClockOnTheWall() {
        ZoneId berlin = ZoneId.of("Europe/Berlin");
        QuietHours night = QuietHours.parse("22:00-07:00");
        assertThat(night.holds(Instant.parse("2026-07-01T20:00:00Z"), berlin)).isTrue();
        assertThat(night.holds(Instant.parse("2026-07-01T19:59:59Z"), berlin)).isFalse();
        // The clocks go forward on 2026-03-29 at 02:00: the night ends at five in Greenwich, not six.
        assertThat(night.holds(Instant.parse("2026-03-28T05:30:00Z"), berlin)).isTrue();
        assertThat(night.holds(Instant.parse("2026-03-29T05:30:00Z"), berlin)).isFalse();
        QuietHours weekend = QuietHours.parse("sat-sun 00:00-23:59");
        assertThat(weekend.holds(Instant.parse("2026-07-04T10:00:00Z"), berlin)).isTrue();
        assertThat(weekend.holds(Instant.parse("2026-07-03T10:00:00Z"), berlin)).isFalse();
        // Friday's night goes on into Saturday's morning, Sunday's does not begin one.
        QuietHours week = QuietHours.parse("Mon-Fri 22:00-07:00");
        assertThat(week.holds(Instant.parse("2026-07-04T04:00:00Z"), berlin)).isTrue();
        assertThat(week.holds(Instant.parse("2026-07-06T04:00:00Z"), berlin)).isFalse();
        assertThat(QuietHours.parse("fri-mon 10:00-11:00").holds(Instant.parse("2026-07-05T08:30:00Z"), berlin))
                .isTrue();
        for (String text : List.of("22:00-07:00", "mon-fri 22:00-07:00", "sat 10:00-12:00"))
            assertThat(QuietHours.parse(text)).hasToString(text);
        for (String wrong : List.of("22-7", "25:00-07:00", "07:00-07:00", "xyz 22:00-07:00", "mon- 22:00-07:00", ""))
            assertThatThrownBy(() -> QuietHours.parse(wrong))
                    .as(wrong)
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("22:00-07:00");
    }

    @Test
    void aPolicyOutOfItsRangeIsNone() {
        assertThatThrownBy(() -> new AlertPolicy.Limits(Optional.of(Double.NaN), Optional.empty()))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new AlertPolicy.Limits(Optional.empty(), Optional.empty()))
                .isInstanceOf(IllegalArgumentException.class);
    }

    /// Whatever is noticed and told in whatever order: the invariants hold, and in the end everything is over and told.
    @Test
    void inAnyOrderNothingIsToldTwiceAndNothingStays() {
        Map<String, Integer> events = new TreeMap<>();
        for (int seed = 1; seed <= 20; seed++) {
            Random random = new Random(seed);
            ClusterState state = ClusterState.EMPTY;
            Instant now = Story.START;
            for (int order = 0; order < 600; order++) {
                now = now.plusSeconds(random.nextInt(60));
                state = step(state, now, command(random, state), events);
            }
            for (String rule : List.of("a", "b")) {
                for (int subject = 0; subject < 5; subject++)
                    state = step(state, now, clear(rule, "n" + subject), events);
                state = step(state, now, tell(rule, state.alerts().next(), "n0", "n1", "n2", "n3", "n4"), events);
            }
            assertThat(state.alerts().alerts().isEmpty()).as("seed %d", seed).isTrue();
        }
        for (String kind : List.of("AlertRaised", "AlertCleared", "AlertTold", "AlertDelivered", "AlertUndelivered"))
            assertThat(events.getOrDefault(kind, 0)).as(kind).isGreaterThan(100);
    }

    private static Command command(Random random, ClusterState state) {
        String rule = random.nextBoolean() ? "a" : "b";
        String subject = "n" + random.nextInt(5);
        return switch (random.nextInt(5)) {
            case 0, 1 -> sight(rule, subject, AlertLevel.values()[random.nextInt(3)]);
            case 2 -> clear(rule, subject);
            case 3 -> tell(rule, state.alerts().next() - (random.nextInt(10) == 0 ? 1 : 0), subject, "n1", "n2");
            default ->
                new Command.RecordDelivery(
                        Math.max(1, state.alerts().next() - 1 - random.nextInt(3)), "chat", random.nextInt(4) > 0, "");
        };
    }

    private static ClusterState step(ClusterState before, Instant now, Command order, Map<String, Integer> events) {
        Handler.Step step = Handler.step(before, now, Envelope.of(ANN, "", order));
        assertThat(Invariants.check(step.state())).as("after %s", order).isEmpty();
        step.transition().ifPresent(made -> {
            assertThat(Invariants.check(before, made, step.state()))
                    .as("by %s", order)
                    .isEmpty();
            made.events().forEach(event -> events.merge(event.getClass().getSimpleName(), 1, Integer::sum));
        });
        return step.state();
    }
}
