package dev.muster.edge.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.muster.core.scale.ScalePolicy;
import dev.muster.core.state.Caps;
import dev.muster.core.state.Group;
import dev.muster.core.state.Market;
import dev.muster.core.state.Money;
import dev.muster.core.state.Rentals;
import dev.muster.core.state.Role;
import dev.muster.core.state.Scaling;
import dev.muster.core.state.Table;
import dev.muster.core.state.TimeWindow;
import java.lang.reflect.RecordComponent;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.DayOfWeek;
import java.time.Duration;
import java.time.LocalTime;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class PolicyFileTest {
    private static ScalePolicy read(String yaml) throws ConfigException {
        return PolicyFile.read(Path.of("policy.yaml"), yaml.getBytes(StandardCharsets.UTF_8));
    }

    private static List<String> problems(String yaml) {
        return catchThrowableOfType(ConfigException.class, () -> read(yaml)).problems();
    }

    @Test
    void aWholeFile() throws ConfigException {
        ScalePolicy policy = read("""
                scaling: {zone: Europe/Berlin, up_cooldown: 5m, step_max: 3, on_cap: drain, strays: report}
                budget: {hour: 1.50, day: $20, month: 400}
                groups:
                  selfplay-rtx3070:
                    gpu: [rtx_3070, RTX 3060 Ti]
                    query: inet_down>=100
                    min: 1
                    target: 5
                    max: 10
                    price_max: 0.08
                    market: bid
                    budget: {day: 12}
                  training:
                    gpu: A100
                    gpus: 4
                    max: 2
                    price_max: $4
                    role: training
                    disk_gb: 200
                    image: pytorch/pytorch
                windows:
                  night: {groups: [selfplay-rtx3070], days: mon-fri, from: 22:00, to: 6:00, max: 20, price_max: 0.10}
                  weekend: {groups: selfplay-rtx3070, days: 'sat,sun', from: 08:00, to: 20:00, target: 8}
                """);
        assertThat(policy.groups())
                .containsExactly(
                        new Group(
                                "selfplay-rtx3070",
                                "vast",
                                List.of("RTX 3070", "RTX 3060 Ti"),
                                1,
                                "inet_down>=100",
                                1,
                                5,
                                10,
                                Money.parse("0.08"),
                                Market.BID,
                                Role.SELFPLAY,
                                20,
                                ""),
                        new Group(
                                "training",
                                "vast",
                                List.of("A100 PCIE", "A100 SXM4", "A100X"),
                                4,
                                "",
                                0,
                                0,
                                2,
                                Money.parse("4"),
                                Market.ON_DEMAND,
                                Role.TRAINING,
                                200,
                                "pytorch/pytorch"));
        assertThat(policy.caps())
                .isEqualTo(Table.<String, Caps>empty()
                        .with(Rentals.ALL, caps("1.5", "20", "400"))
                        .with(
                                "selfplay-rtx3070",
                                new Caps(Optional.empty(), Optional.of(Money.parse("12")), Optional.empty())));
        Scaling scaling = policy.scaling();
        assertThat(scaling.zone()).isEqualTo("Europe/Berlin");
        assertThat(scaling.upCooldown()).isEqualTo(Duration.ofMinutes(5));
        assertThat(scaling.onCap()).isEqualTo(Scaling.OnCap.DRAIN);
        assertThat(scaling.windows()).extracting(TimeWindow::name).containsExactly("night", "weekend");
        TimeWindow night = scaling.windows().getFirst();
        assertThat(night.from()).isEqualTo(LocalTime.of(22, 0));
        assertThat(night.to()).isEqualTo(LocalTime.of(6, 0));
        assertThat(night.days()).hasSize(5).doesNotContain(DayOfWeek.SATURDAY);
        assertThat(night.max()).contains(20);
        assertThat(scaling.windows().getLast().days()).containsExactly(DayOfWeek.SATURDAY, DayOfWeek.SUNDAY);
    }

    private static Caps caps(String hour, String day, String month) {
        return new Caps(Optional.of(Money.parse(hour)), Optional.of(Money.parse(day)), Optional.of(Money.parse(month)));
    }

    @Test
    void whatIsNotWrittenIsAsUsual() throws ConfigException {
        assertThat(read("")).isEqualTo(new ScalePolicy(List.of(), Table.empty(), Scaling.DEFAULT));
    }

    /// Each field of `Scaling` has a key of its name; a wrong value of it is told of.
    @Test
    void eachNumberHasAKey() {
        for (RecordComponent field : Scaling.class.getRecordComponents()) {
            String key = field.getName().replaceAll("([A-Z])", "_$1").toLowerCase(Locale.ROOT);
            if (key.equals("windows")) continue;
            assertThat(problems("scaling: {" + key + ": -x}"))
                    .as(key)
                    .hasSize(1)
                    .allMatch(problem -> problem.startsWith("policy.yaml:1: scaling." + key + ": expected"));
        }
        assertThat(Arrays.stream(Scaling.class.getRecordComponents())).hasSize(23);
    }

    @Test
    void allProblemsAreToldAtOnceEachWithItsPlace() {
        assertThat(problems("""
                        scaling:
                          zone: Europe/Berln
                          up_cooldwn: 5m
                        budget:
                          day: -20
                        groups:
                          play:
                            gpu: RTX 3071
                            price_max: 0
                            market: reserved
                          train:
                            gpu: RTX 4090
                            query: gpu_nam=x
                        windows:
                          late: {groups: plya, days: mon-fry, from: 22:00, to: 25:00}
                        """))
                .containsExactly(
                        "policy.yaml:2: scaling.zone: expected a time zone such as Europe/Berlin, but found \"Europe/Berln\";"
                                + " did you mean Europe/Berlin?",
                        "policy.yaml:3: scaling.up_cooldwn: unknown key; did you mean scaling.up_cooldown?",
                        "policy.yaml:5: budget.day: expected a cap of $0 or more, but found \"-20\"",
                        "policy.yaml:8: groups.play.gpu: expected a GPU that is rented out, but found \"RTX 3071\";"
                                + " near are RTX 3070, RTX 2070, RTX 3050",
                        "policy.yaml:9: groups.play.price_max: expected a price above $0, but found \"0\"",
                        "policy.yaml:10: groups.play.market: expected on_demand or bid, but found \"reserved\"",
                        "policy.yaml:11: groups.train: expected price_max, the most per hour for one machine, as in 0.08",
                        "policy.yaml:13: groups.train.query: unknown query word gpu_nam; did you mean gpu_name?",
                        "policy.yaml:15: windows.late.groups: expected one of [play, train], but found \"plya\"",
                        "policy.yaml:15: windows.late.days: expected days such as mon-fri or sat,sun, but found \"mon-fry\"",
                        "policy.yaml:15: windows.late.to: expected a time such as 22:00, but found \"25:00\"");
    }

    @Test
    void whatContradictsItselfIsToldBesideWhatIsWrong() {
        assertThat(problems("""
                        groups:
                          play: {min: 3, target: 2, max: 4, market: reserved, price_max: 0.1}
                        windows:
                          late:
                            from: 22:00
                            to: 22:00
                            min: 3
                            max: 2
                        """))
                .containsExactly(
                        "policy.yaml:2: groups.play.market: expected on_demand or bid, but found \"reserved\"",
                        "policy.yaml:2: groups.play: expected 0 <= min <= target <= max <= 500, but found 3, 2, 4",
                        "policy.yaml:4: windows.late: expected the window late to have 0 <= min <= max <= 500, but found 3"
                                + " and 2",
                        "policy.yaml:6: windows.late.to: expected a time other than from, but found 22:00 twice; a whole"
                                + " day is from 00:00 to 24:00");
    }

    @Test
    void aWindowMayBeOpenAllDay() throws ConfigException {
        ScalePolicy policy = read("""
                groups:
                  a: {max: 1, price_max: 1}
                windows:
                  weekend: {days: "sat,sun", from: 00:00, to: 24:00, max: 5}
                """);
        Group group = policy.groups().getFirst();
        Scaling scaling = policy.scaling();
        assertThat(scaling.at(group, java.time.Instant.parse("2026-03-22T23:59:00Z"))
                        .max())
                .isEqualTo(5);
        assertThat(scaling.at(group, java.time.Instant.parse("2026-03-23T00:00:00Z"))
                        .max())
                .isEqualTo(1);
    }

    @Test
    void windowsOfOneGroupMayNotOverlapButThoseOfTwoMay() throws ConfigException {
        String groups = """
                groups:
                  a: {max: 1, price_max: 1}
                  b: {max: 1, price_max: 1}
                windows:
                  night: {groups: a, from: 22:00, to: 06:00}
                """;
        assertThat(problems(groups + "  early: {days: tue, from: 05:00, to: 07:00}"))
                .containsExactly(
                        "policy.yaml:6: windows.early: expected windows of one group that are not open at the same time,"
                                + " but it overlaps with night (05:00 to 07:00 and 22:00 to 06:00)");
        assertThat(read(groups + "  early: {groups: b, days: tue, from: 05:00, to: 07:00}")
                        .scaling()
                        .windows())
                .hasSize(2);
    }

    @Test
    void theEndOfTheDayIsToldAsItIsWritten() {
        assertThat(problems("""
                        groups:
                          a: {max: 1, price_max: 1}
                        windows:
                          late: {from: 20:00, to: 24:00}
                          night: {from: 23:00, to: 06:00}
                        """))
                .containsExactly(
                        "policy.yaml:5: windows.night: expected windows of one group that are not open at the same time, but"
                                + " it overlaps with late (23:00 to 06:00 and 20:00 to 24:00)");
    }

    @Test
    void aWindowThatContradictsItsGroupIsRefused() throws ConfigException {
        String groups = """
                groups:
                  a: {min: 1, target: 2, max: 4, price_max: 1}
                  b: {max: 8, price_max: 1}
                windows:
                """;
        assertThat(problems(groups + """
                          one: {groups: a, days: mon, from: 20:00, to: 24:00, min: 5}
                          two: {groups: a, days: tue, from: 20:00, to: 24:00, target: 0}
                          all: {days: wed, from: 20:00, to: 24:00, target: 6}
                        """))
                .containsExactly(
                        "policy.yaml:5: windows.one: expected a min of at most 4, the max of a, but found 5; a window that"
                                + " needs more has a max, too",
                        "policy.yaml:6: windows.two: expected a target of 1 to 4, the limits of a, but found 0; a window"
                                + " that needs others has a min or max, too",
                        "policy.yaml:7: windows.all: expected a target of 1 to 4, the limits of a, but found 6; a window"
                                + " that needs others has a min or max, too");
        assertThat(read(groups + """
                          one: {groups: a, days: mon, from: 20:00, to: 24:00, min: 5, max: 6}
                          two: {groups: a, days: tue, from: 20:00, to: 24:00, min: 0, target: 0}
                          off: {groups: a, days: wed, from: 20:00, to: 24:00, max: 0}
                        """).scaling().windows()).hasSize(3);
    }

    @Test
    void whatCanBeNoImageIsRefused() {
        assertThat(problems("groups:\n  a: {max: 1, price_max: 1, image: 'not an image'}"))
                .hasSize(1)
                .first()
                .asString()
                .startsWith("policy.yaml:2: groups.a.image: ");
    }

    /// Clocks go forward at 02:00 on 29 March 2026 in Berlin.
    @Test
    void aWindowOverTheHourThatIsSkippedIsNoError() throws ConfigException {
        ScalePolicy policy = read("""
                scaling: {zone: Europe/Berlin}
                groups:
                  a: {max: 1, price_max: 1}
                windows:
                  skipped: {days: sun, from: 02:00, to: 03:00, max: 5}
                """);
        Scaling scaling = policy.scaling();
        Group group = policy.groups().getFirst();
        assertThat(scaling.at(group, java.time.Instant.parse("2026-03-29T01:00:00Z"))
                        .max())
                .isEqualTo(1);
        assertThat(scaling.at(group, java.time.Instant.parse("2026-03-22T01:30:00Z"))
                        .max())
                .isEqualTo(5);
    }

    @Test
    void whatContradictsItselfIsToldOfTheGroup() {
        assertThat(problems("groups:\n  a: {min: 3, target: 2, max: 1, price_max: 1}"))
                .containsExactly(
                        "policy.yaml:2: groups.a: expected 0 <= min <= target <= max <= 500, but found 3, 2, 1");
        assertThat(problems("scaling: {up_at: 0.3, down_at: 0.5}"))
                .containsExactly("policy.yaml:1: scaling: expected 0 <= down_at < up_at <= 1, but found 0.5, 0.3");
    }

    @Test
    void whatIsNoYamlIsTold() {
        assertThat(problems("groups: [")).hasSize(1);
        assertThat(problems("hello")).containsExactly("policy.yaml:1: expected keys and values, but found \"hello\"");
    }
}
