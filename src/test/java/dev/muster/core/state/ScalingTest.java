package dev.muster.core.state;

import static dev.muster.core.Rents.group;
import static dev.muster.core.Rents.scaling;
import static dev.muster.core.Rents.usd;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.DayOfWeek;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalTime;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ScalingTest {
    private static final Instant NIGHT = Instant.parse("2026-01-01T23:00:00Z");
    private static final Instant DAY = Instant.parse("2026-01-01T12:00:00Z");

    /// Each night from ten to six; a number below 0 is absent.
    private static TimeWindow night(int min, int target, int max) {
        return new TimeWindow(
                "night",
                List.of("g"),
                List.of(DayOfWeek.values()),
                LocalTime.of(22, 0),
                LocalTime.of(6, 0),
                limit(min),
                limit(target),
                limit(max),
                Optional.of(usd("0.30")));
    }

    private static Optional<Integer> limit(int count) {
        return count < 0 ? Optional.empty() : Optional.of(count);
    }

    private static Group at(TimeWindow window, Group group, Instant at) {
        return scaling("UTC", window).at(group, at);
    }

    private static List<Integer> sizes(TimeWindow window) {
        Group now = at(window, group("g", 1, 3, 5), NIGHT);
        return List.of(now.min(), now.target(), now.max());
    }

    @Test
    void outsideItsWindowAGroupIsItself() {
        Group group = group("g", 1, 3, 5);
        assertThat(at(night(0, 0, 0), group, DAY)).isSameAs(group);
        Group other = group("h", 1, 3, 5);
        assertThat(at(night(0, 0, 0), other, NIGHT)).isSameAs(other);
        assertThat(at(night(-1, -1, -1), group, NIGHT).priceMax()).isEqualTo(usd("0.30"));
    }

    @Test
    void aLimitThatTheWindowDoesNotNameGivesWay() {
        assertThat(sizes(night(-1, -1, -1))).containsExactly(1, 3, 5);
        assertThat(sizes(night(-1, -1, 0))).containsExactly(0, 0, 0);
        assertThat(sizes(night(-1, -1, 2))).containsExactly(1, 2, 2);
        assertThat(sizes(night(4, -1, -1))).containsExactly(4, 4, 5);
        assertThat(sizes(night(9, -1, -1))).containsExactly(9, 9, 9);
        assertThat(sizes(night(-1, 9, -1))).containsExactly(1, 9, 9);
        assertThat(sizes(night(-1, 0, -1))).containsExactly(1, 1, 5);
        assertThat(sizes(night(2, 4, 8))).containsExactly(2, 4, 8);
        assertThat(sizes(night(-1, 500, -1))).containsExactly(1, 500, 500);
    }

    /// No limits that a window may have make a group that cannot be: a planner asks in the middle of the night.
    @Test
    void whateverAWindowSaysTheGroupIsSound() {
        int[] limits = {-1, 0, 1, 3, 5, 6, 500};
        for (int min : limits)
            for (int target : limits)
                for (int max : limits) {
                    Optional<TimeWindow> window = window(min, target, max);
                    if (window.isEmpty()) continue;
                    Group now = at(window.get(), group("g", 1, 3, 5), NIGHT);
                    assertThat(now.max()).isEqualTo(max < 0 ? Math.max(5, Math.max(min, target)) : max);
                }
    }

    private static Optional<TimeWindow> window(int min, int target, int max) {
        try {
            return Optional.of(night(min, target, max));
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    @Test
    void windowsThatOverlapOrShareANameAreRefused() {
        TimeWindow evening = TimeWindowTest.window("evening", "20:00", "23:00", Optional.empty());
        assertThatThrownBy(() -> scaling("UTC", night(0, 0, 0), evening))
                .hasMessage("expected windows that are not open at the same time for one group, but found night and"
                        + " evening, which overlap");
        assertThatThrownBy(() -> scaling("UTC", night(0, 0, 0), night(0, 0, 0)))
                .hasMessageContaining("names of their own, but found night twice");
        scaling("UTC", night(0, 0, 0), TimeWindowTest.window("day", "06:00", "22:00", Optional.empty()));
    }

    @Test
    void aZoneThatNobodyKnowsIsRefused() {
        assertThatThrownBy(() -> scaling("Europe/Atlantis"))
                .hasMessage("expected a time zone such as Europe/Berlin, but found \"Europe/Atlantis\"");
        assertThatThrownBy(() -> scaling("")).hasMessageContaining("expected a time zone");
    }

    @Test
    void timesThatNobodyMeansAreRefused() {
        assertThatThrownBy(() -> scaling("UTC", Scaling.Strays.END, Duration.ofDays(31)))
                .hasMessage("expected a blame_for of at most 720h, but found PT744H");
        assertThatThrownBy(() -> scaling("UTC", Scaling.Strays.END, Duration.ofSeconds(-1)))
                .hasMessageContaining("times of 0s or more");
    }

    @Test
    void theDayBeginsAtMidnightOnTheWall() {
        Instant at = Instant.parse("2026-03-29T12:00:00Z");
        assertThat(scaling("Europe/Berlin").windowsAt(at))
                .isEqualTo(new Windows(Instant.parse("2026-03-28T23:00:00Z"), Instant.parse("2026-02-28T23:00:00Z")));
        assertThat(scaling("America/New_York").windowsAt(Instant.parse("2026-11-01T12:00:00Z")))
                .isEqualTo(new Windows(Instant.parse("2026-11-01T04:00:00Z"), Instant.parse("2026-11-01T04:00:00Z")));
        assertThat(scaling("Asia/Kolkata")
                        .windowsAt(Instant.parse("2026-01-01T18:29:59Z"))
                        .day())
                .isEqualTo(Instant.parse("2025-12-31T18:30:00Z"));
        assertThat(scaling("Asia/Kolkata")
                        .windowsAt(Instant.parse("2026-01-01T18:30:00Z"))
                        .day())
                .isEqualTo(Instant.parse("2026-01-01T18:30:00Z"));
    }

    /// Beirut's clocks go forward at midnight: its day begins at one.
    @Test
    void aDayWithoutAMidnightBeginsLater() {
        assertThat(scaling("Asia/Beirut")
                        .windowsAt(Instant.parse("2026-03-29T12:00:00Z"))
                        .day())
                .isEqualTo(Instant.parse("2026-03-28T22:00:00Z"));
    }

    /// At every quarter of an hour of two years, in zones with days of 23 to 25 hours and months of 31 days.
    @Test
    void whatAZoneSaysIsAlwaysTakenByTheHandler() {
        for (String zone : List.of("Europe/Berlin", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe", "UTC")) {
            Scaling scaling = scaling(zone);
            Instant at = Instant.parse("2026-01-01T00:00:00Z");
            for (int quarter = 0; quarter < 2 * 365 * 96; quarter++) {
                assertThat(scaling.windowsAt(at).holds(at))
                        .as("%s in %s", at, zone)
                        .isTrue();
                at = at.plusSeconds(900);
            }
        }
    }
}
