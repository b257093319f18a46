package dev.muster.core.state;

import static dev.muster.core.Rents.usd;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.DayOfWeek;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalTime;
import java.time.ZoneId;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class TimeWindowTest {
    private static final ZoneId BERLIN = ZoneId.of("Europe/Berlin");
    private static final ZoneId NEW_YORK = ZoneId.of("America/New_York");

    /// Every day.
    static TimeWindow window(String name, String from, String to, Optional<Integer> max) {
        return window(name, List.of(), List.of(DayOfWeek.values()), from, to, max);
    }

    private static TimeWindow window(
            String name, List<String> groups, List<DayOfWeek> days, String from, String to, Optional<Integer> max) {
        return new TimeWindow(
                name,
                groups,
                days,
                LocalTime.parse(from),
                LocalTime.parse(to),
                Optional.empty(),
                Optional.empty(),
                max,
                Optional.empty());
    }

    private static TimeWindow on(String from, String to, DayOfWeek... days) {
        return window("w", List.of(), Arrays.asList(days), from, to, Optional.empty());
    }

    private static boolean open(TimeWindow window, String at) {
        return window.open(Instant.parse(at), ZoneId.of("UTC"));
    }

    /// Minutes of that day and the next morning in which it is open.
    private static long minutes(TimeWindow window, String day, ZoneId zone) {
        Instant noonBefore = Instant.parse(day + "T00:00:00Z").minus(Duration.ofHours(12));
        long open = 0;
        for (int minute = 0; minute < 36 * 60; minute++)
            if (window.open(noonBefore.plusSeconds(minute * 60L), zone)) open++;
        return open;
    }

    @Test
    void aWindowEndsBeforeItsLastMoment() {
        TimeWindow day = on("08:00", "18:00", DayOfWeek.THURSDAY);
        assertThat(open(day, "2026-01-01T07:59:59.999Z")).isFalse();
        assertThat(open(day, "2026-01-01T08:00:00Z")).isTrue();
        assertThat(open(day, "2026-01-01T17:59:59.999Z")).isTrue();
        assertThat(open(day, "2026-01-01T18:00:00Z")).isFalse();
        assertThat(open(day, "2026-01-02T09:00:00Z")).isFalse();
    }

    @Test
    void overMidnightTheDayIsTheOneItBeginsOn() {
        TimeWindow night = on("22:00", "06:00", DayOfWeek.SUNDAY);
        assertThat(open(night, "2026-01-04T21:59:00Z")).isFalse();
        assertThat(open(night, "2026-01-04T22:00:00Z")).isTrue();
        assertThat(open(night, "2026-01-05T05:59:00Z")).as("Monday").isTrue();
        assertThat(open(night, "2026-01-05T06:00:00Z")).isFalse();
        assertThat(open(night, "2026-01-04T05:00:00Z")).as("Saturday's").isFalse();
        assertThat(open(on("18:00", "00:00", DayOfWeek.SUNDAY), "2026-01-05T00:00:00Z"))
                .isFalse();
    }

    @Test
    void fromAMomentToTheSameIsADay() {
        TimeWindow day = on("09:00", "09:00", DayOfWeek.THURSDAY);
        assertThat(open(day, "2026-01-01T08:59:00Z")).isFalse();
        assertThat(open(day, "2026-01-01T09:00:00Z")).isTrue();
        assertThat(open(day, "2026-01-02T08:59:00Z")).isTrue();
        assertThat(open(day, "2026-01-02T09:00:00Z")).isFalse();
    }

    @Test
    void whereClocksGoForwardAWindowIsShorterOrAbsent() {
        TimeWindow night = on("00:00", "06:00", DayOfWeek.SUNDAY);
        assertThat(minutes(night, "2026-03-29", BERLIN)).isEqualTo(5 * 60);
        assertThat(minutes(night, "2026-03-22", BERLIN)).isEqualTo(6 * 60);
        assertThat(minutes(night, "2026-03-08", NEW_YORK)).isEqualTo(5 * 60);
        TimeWindow skipped = on("02:00", "03:00", DayOfWeek.SUNDAY);
        assertThat(minutes(skipped, "2026-03-29", BERLIN)).isZero();
        assertThat(minutes(skipped, "2026-03-08", NEW_YORK)).isZero();
    }

    @Test
    void whereClocksGoBackItIsLonger() {
        TimeWindow night = on("00:00", "06:00", DayOfWeek.SUNDAY);
        assertThat(minutes(night, "2026-10-25", BERLIN)).isEqualTo(7 * 60);
        assertThat(minutes(night, "2026-11-01", NEW_YORK)).isEqualTo(7 * 60);
        assertThat(minutes(on("02:00", "03:00", DayOfWeek.SUNDAY), "2026-10-25", BERLIN))
                .isEqualTo(2 * 60);
        assertThat(minutes(on("01:00", "02:00", DayOfWeek.SUNDAY), "2026-11-01", NEW_YORK))
                .isEqualTo(2 * 60);
    }

    @Test
    void windowsThatMeetDoNotOverlap() {
        assertThat(on("08:00", "12:00", DayOfWeek.MONDAY).overlaps(on("12:00", "18:00", DayOfWeek.MONDAY)))
                .isFalse();
        assertThat(on("08:00", "12:01", DayOfWeek.MONDAY).overlaps(on("12:00", "18:00", DayOfWeek.MONDAY)))
                .isTrue();
        assertThat(on("08:00", "12:00", DayOfWeek.MONDAY).overlaps(on("08:00", "12:00", DayOfWeek.TUESDAY)))
                .isFalse();
    }

    @Test
    void anOverlapIsSeenOverMidnightAndOverTheWeeksEnd() {
        TimeWindow sunday = on("22:00", "06:00", DayOfWeek.SUNDAY);
        TimeWindow monday = on("05:00", "07:00", DayOfWeek.MONDAY);
        assertThat(sunday.overlaps(monday)).isTrue();
        assertThat(monday.overlaps(sunday)).isTrue();
        assertThat(sunday.overlaps(on("06:00", "07:00", DayOfWeek.MONDAY))).isFalse();
        assertThat(on("22:00", "06:00", DayOfWeek.MONDAY).overlaps(on("05:00", "07:00", DayOfWeek.TUESDAY)))
                .isTrue();
    }

    @Test
    void anOverlapIsOfOneGroup() {
        List<DayOfWeek> days = List.of(DayOfWeek.MONDAY);
        TimeWindow all = window("all", List.of(), days, "08:00", "12:00", Optional.empty());
        TimeWindow one = window("one", List.of("a", "b"), days, "09:00", "10:00", Optional.empty());
        TimeWindow two = window("two", List.of("c"), days, "09:00", "10:00", Optional.empty());
        assertThat(one.overlaps(two)).isFalse();
        assertThat(one.overlaps(all)).isTrue();
        assertThat(all.overlaps(two)).isTrue();
    }

    /// Whatever `overlaps` says, `open` is the judge: for each pair, a whole week is looked through by the quarter hour.
    @Test
    void overlapsIsWhatOpenSays() {
        List<String> times = List.of("00:00", "05:30", "12:00", "23:45");
        List<TimeWindow> windows = times.stream()
                .flatMap(from -> times.stream()
                        .flatMap(to -> List.of(DayOfWeek.SUNDAY, DayOfWeek.MONDAY, DayOfWeek.WEDNESDAY).stream()
                                .map(day -> on(from, to, day))))
                .toList();
        Instant week = Instant.parse("2026-01-05T00:00:00Z");
        for (TimeWindow one : windows) {
            for (TimeWindow two : windows) {
                boolean both = false;
                for (int quarter = 0; quarter < 7 * 96 && !both; quarter++) {
                    Instant at = week.plusSeconds(quarter * 900L);
                    both = one.open(at, ZoneId.of("UTC")) && two.open(at, ZoneId.of("UTC"));
                }
                assertThat(one.overlaps(two)).as("%s and %s", one, two).isEqualTo(both);
            }
        }
    }

    @Test
    void numbersThatContradictEachOtherAreRefused() {
        assertThatThrownBy(() -> limits(3, -1, 2)).hasMessageContaining("0 <= min <= max <= 500, but found 3 and 2");
        assertThatThrownBy(() -> limits(0, -1, 501)).hasMessageContaining("found 0 and 501");
        assertThatThrownBy(() -> limits(0, 3, 2)).hasMessageContaining("a target of 0 to 2, but found 3");
        assertThatThrownBy(() -> limits(2, 1, 5)).hasMessageContaining("a target of 2 to 5, but found 1");
        assertThatThrownBy(() -> new TimeWindow(
                        "w",
                        List.of(),
                        List.of(DayOfWeek.MONDAY),
                        LocalTime.MIN,
                        LocalTime.NOON,
                        Optional.empty(),
                        Optional.of(10_000),
                        Optional.empty(),
                        Optional.empty()))
                .hasMessageContaining("a target of 0 to 500, but found 10000");
        assertThatThrownBy(() -> on("00:00", "01:00")).hasMessage("expected the window w to have days");
        assertThatThrownBy(() -> new TimeWindow(
                        "w",
                        List.of(),
                        List.of(DayOfWeek.MONDAY),
                        LocalTime.MIN,
                        LocalTime.NOON,
                        Optional.empty(),
                        Optional.empty(),
                        Optional.empty(),
                        Optional.of(usd("0"))))
                .hasMessageContaining("a price cap above $0");
    }

    /// @param target absent below 0
    private static TimeWindow limits(int min, int target, int max) {
        return new TimeWindow(
                "w",
                List.of(),
                List.of(DayOfWeek.MONDAY),
                LocalTime.MIN,
                LocalTime.NOON,
                Optional.of(min),
                target < 0 ? Optional.empty() : Optional.of(target),
                Optional.of(max),
                Optional.empty());
    }
}
