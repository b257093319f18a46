package dev.muster.edge.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.core.Rents;
import dev.muster.core.plan.Action;
import dev.muster.core.plan.Errand;
import dev.muster.core.plan.Wait;
import dev.muster.core.scale.ScalePolicy;
import dev.muster.core.state.Caps;
import dev.muster.core.state.Command;
import dev.muster.core.state.Event;
import dev.muster.core.state.Group;
import dev.muster.core.state.InstanceId;
import dev.muster.core.state.Journal;
import dev.muster.core.state.Market;
import dev.muster.core.state.Money;
import dev.muster.core.state.Observed;
import dev.muster.core.state.Rent;
import dev.muster.core.state.Rentals;
import dev.muster.core.state.Role;
import dev.muster.core.state.Scaling;
import dev.muster.edge.config.PolicyFile;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// `muster group …`, `muster budget …` and `muster scale …`.
class CliGroupTest extends CliHarness {
    private static final String GROUP = "selfplay-rtx3070";

    private Result create(String... more) {
        String[] usual = {"group", "create", GROUP, "--gpu", "RTX 3070", "--target", "5", "--max-price", "0.08", "--yes"
        };
        String[] all = new String[usual.length + more.length];
        System.arraycopy(usual, 0, all, 0, usual.length);
        System.arraycopy(more, 0, all, usual.length, more.length);
        return run(all);
    }

    private Group group() {
        return member.state().rentals().groups().require(GROUP);
    }

    private Caps caps(String scope) {
        return member.state().rentals().caps().getOrDefault(scope, Caps.NONE);
    }

    private void rent() {
        Rent terms = new Rent(
                "vast",
                "1",
                "10",
                "RTX 3070",
                1,
                Optional.empty(),
                Money.parse("0.08"),
                Money.ZERO,
                10,
                "",
                Role.SELFPLAY);
        member.order(new Command.RentInstance(
                Optional.empty(),
                terms,
                Optional.of(GROUP),
                member.state().rentals().scaling().windowsAt(member.now)));
    }

    // ---- groups

    @Test
    void theRunbooksLineMakesAGroupWithTheUsualLimits() {
        Result result = create();
        assertThat(result.exit()).as(result.err()).isEqualTo(Exit.DONE);
        assertThat(group())
                .isEqualTo(new Group(
                        GROUP,
                        "vast",
                        List.of("RTX 3070"),
                        1,
                        "",
                        0,
                        5,
                        10,
                        Money.parse("0.08"),
                        Market.ON_DEMAND,
                        Role.SELFPLAY,
                        20,
                        ""));
        assertThat(create().err()).contains("there is a group " + GROUP + " already", "muster group set");
        assertThat(run("group", "list", "-o", "name").out()).isEqualTo(GROUP + "\n");
    }

    @Test
    void aGroupIsMadeOnlyWhenSomebodySaysYes() {
        Result dry = run("group", "create", GROUP, "--gpu", "a100", "--target", "2", "--max-price", "1.5", "--dry-run");
        assertThat(dry.out())
                .isEqualTo("Make the group " + GROUP + ": 2 machines, 0 to 4, for $6.00 per hour at most in all.\n"
                        + "The autoscaler is off: nothing is rented before `muster scale apply`.\n");
        assertThat(member.state().rentals().groups().isEmpty()).isTrue();
        terminal = true;
        stdin = "n\n";
        assertThat(run("group", "create", GROUP, "--target", "2", "--max-price", "1.5")
                        .exit())
                .isEqualTo(Exit.ERROR);
        assertThat(member.state().rentals().groups().isEmpty()).isTrue();
    }

    @Test
    void whoeverWantsMoreSoonAfterItGrewIsToldWhenItGrowsAgain() {
        create();
        rent();
        member.now = member.now.plus(Duration.ofMinutes(5));
        assertThat(run("group", "set", GROUP, "--target", "6", "--yes").out())
                .contains("is changed; it grew lately, and grows again in 10m at the earliest (up_cooldown)");
        assertThat(run("group", "set", GROUP, "--target", "1", "--yes").out()).doesNotContain("lately");
        assertThat(run("group", "set", GROUP, "--target", "6", "--min", "2", "--yes")
                        .out())
                .as("the least is no step up")
                .doesNotContain("lately");
    }

    @Test
    void whatIsNotNamedStaysAsItIs() {
        create("--market", "bid", "--query", "reliability>0.95");
        Result result = run("group", "set", GROUP, "--target", "7", "--role", "mixed", "--yes");
        assertThat(result.exit()).as(result.err()).isEqualTo(Exit.DONE);
        assertThat(group().target()).isEqualTo(7);
        assertThat(group().role()).isEqualTo(Role.MIXED);
        assertThat(group().market()).isEqualTo(Market.BID);
        assertThat(group().query()).isEqualTo("reliability>0.95");
        assertThat(run("group", "set", GROUP, "--target", "6", "--dry-run").out())
                .isEqualTo("Change the group " + GROUP + ":\n  target: 7 -> 6\n");
        Result beyond = run("group", "set", GROUP, "--target", "11", "--yes");
        assertThat(beyond.exit()).isEqualTo(Exit.USAGE);
        assertThat(beyond.err()).contains("0 <= min <= target <= max");
        assertThat(run("group", "set", GROUP, "--yes").err()).contains("expected something to change");
        assertThat(run("group", "set", "absent", "--target", "1", "--yes").exit())
                .isEqualTo(Exit.NOT_FOUND);
    }

    @ParameterizedTest
    @CsvSource({
        "--gpu,RTX 3075",
        "--target,-1",
        "--target,501",
        "--target,many",
        "--max-price,-0.08",
        "--max-price,cheap",
        "--query,num_gpus>=abc",
        "--market,auction",
        "--role,cook",
        "--min,6"
    })
    void whatMakesNoSenseIsAUsageError(String option, String value) {
        env.put("VAST_URL", "http://127.0.0.1:1");
        Result result = create(option, value);
        // A card that we do not know is looked up at its provider, and here there is none.
        assertThat(result.exit()).as(result.err()).isIn(Exit.USAGE, Exit.NOT_ALLOWED);
        assertThat(member.state().rentals().groups().isEmpty()).isTrue();
    }

    @Test
    void aGroupWithMachinesIsNotForgotten() {
        create();
        rent();
        Result result = run("group", "delete", GROUP, "--yes");
        assertThat(result.exit()).isEqualTo(Exit.ERROR);
        assertThat(result.err()).contains("expected " + GROUP + " to have no machines, but it has [i1]");
        member.order(new Command.EndInstance(new InstanceId(1), false));
        Result gone = run("group", "delete", GROUP, "--yes");
        assertThat(gone.exit()).isEqualTo(Exit.DONE);
        assertThat(gone.out()).contains(GROUP + " is forgotten. i1 still ends");
        assertThat(run("group", "delete", GROUP, "--yes").exit()).isEqualTo(Exit.NOT_FOUND);
    }

    // ---- budgets

    @Test
    void whatADeletedGroupSpentKeepsItsKindAndIsNotTheNextOnes() {
        create();
        rent();
        member.order(new Command.SightInstance(new InstanceId(1), Rents.seen("77", Observed.RUNNING, "0.08")));
        member.now = member.now.plus(Duration.ofHours(1));
        member.order(new Command.EndInstance(new InstanceId(1), false));
        member.order(new Command.FinishInstance(new InstanceId(1), "ended"));
        assertThat(run("group", "delete", GROUP, "--yes").exit()).isEqualTo(Exit.DONE);
        create();
        String shown = run("budget", "show").out().replaceAll(" {2,}", "|");
        assertThat(shown).containsPattern(GROUP + "\\|0\\|\\$0.00\\|\\$0.00\\|\\$0.00\n");
        assertThat(shown)
                .containsPattern(GROUP + " \\(deleted [-0-9]{10} [:0-9]{5} UTC\\)\\|0\\|\\$0.00\\|\\$0.08\\|\\$0.08");
        assertThat(shown).contains("\nselfplay|0|$0.00|$0.08|$0.08\n").doesNotContain("other|");
    }

    @Test
    void capsAreSetAndTakenAway() {
        Result set = run("budget", "set", "--day", "50", "--hour", "$5", "--month", "900");
        assertThat(set.out()).isEqualTo("""
                all machines per hour: no cap -> $5.00
                all machines per day: no cap -> $50.00
                all machines per month: no cap -> $900.00
                """);
        assertThat(caps(Rentals.ALL))
                .isEqualTo(new Caps(
                        Optional.of(Money.ofDollars(5)),
                        Optional.of(Money.ofDollars(50)),
                        Optional.of(Money.ofDollars(900))));
        assertThat(run("budget", "set", "--day", "none").out()).isEqualTo("all machines per day: $50.00 -> no cap\n");
        assertThat(caps(Rentals.ALL).day()).isEmpty();
        assertThat(caps(Rentals.ALL).month()).isPresent();
        assertThat(run("budget", "set", "--day", "1", "--group", "absent").exit())
                .isEqualTo(Exit.NOT_FOUND);
        create();
        run("budget", "set", "--day", "1", "--group", GROUP);
        assertThat(caps(GROUP).day()).contains(Money.ofDollars(1));
        assertThat(run("budget", "show").out()).contains("SCOPE             CAP", GROUP + "  per day");
    }

    @Test
    void aCapThatIsReachedAlreadyIsToldSo() {
        create();
        rent();
        Result result = run("budget", "set", "--hour", "0.05", "--dry-run");
        assertThat(result.out()).isEqualTo("""
                        all machines per hour: no cap -> $0.05;
                          $0.08 is open now: nothing more is rented, and what runs goes on past it (the autoscaler is off)
                        """);
        member.order(new Command.SetScaling(Scaling.DEFAULT));
        assertThat(run("budget", "set", "--day", "0.10", "--dry-run").out())
                .as("75 minutes of it, less 20 for its end")
                .contains("what runs now would come to", "machines are ended from 12:55 UTC on (on_cap: drain)");
        assertThat(run("budget", "set", "--day", "0.05", "--dry-run").out())
                .as("an hour does not fit, and it runs on as long as it can")
                .contains("the autoscaler ends machines from 12:17 UTC on, until the rest fits (on_cap: drain)");
        assertThat(run("budget", "set", "--day", "0.01", "--dry-run").out()).contains("ends machines from now on");
        run("budget", "set", "--day", "0.10");
        assertThat(run("budget", "show").out()).contains("at 13:15 UTC\n");
        run("budget", "set", "--day", "none");
        assertThat(caps(Rentals.ALL)).isEqualTo(Caps.NONE);
    }

    @ParameterizedTest
    @CsvSource({"--day,-1", "--hour,-0.01", "--month,lots", "--group,x"})
    void aNegativeCapIsAUsageError(String option, String value) {
        assertThat(run("budget", "set", option, value).exit()).isEqualTo(Exit.USAGE);
        assertThat(member.given).isEmpty();
    }

    // ---- scaling

    @Test
    void thePlanTellsWhatIsDoneAndWhatNotAndWhy() {
        member.order(new Command.SetScaling(Scaling.DEFAULT));
        member.waits = Optional.of(List.of(
                new Wait("group " + GROUP, Wait.Reason.BUDGET, "0 of 5 machines; the cap per day leaves $0.02"),
                new Wait("j1.0", Wait.Reason.NO_ROOM, "of no machine")));
        member.actions = List.of(new Action.Run(new Errand.Destroy(new InstanceId(3)), "it is released"));
        Result result = run("scale", "plan");
        assertThat(result.out()).isEqualTo("""
                The autoscaler is on.

                To be done:
                  have i3 destroyed  -- it is released

                Not done:
                  group selfplay-rtx3070 (budget): 0 of 5 machines; the cap per day leaves $0.02
                """);
        member.readOnly = Optional.of("no quorum: 1 of 3 voters");
        Result nobody = run("scale", "plan");
        assertThat(nobody.exit()).isEqualTo(Exit.ERROR);
        assertThat(nobody.err()).contains("nobody leads, so nobody plans");
    }

    @Test
    void aGroupSaysThatTheAutoscalerIsOff() {
        create();
        member.waits = Optional.of(List.of(new Wait("autoscaler", Wait.Reason.SCALE, "off: nothing is rented")));
        assertThat(run("group", "list").out()).contains("off: nothing is rented");
        assertThat(run("scale", "plan").out()).contains("off: nothing is rented");
    }

    @Test
    void whatIsNoRoleIsToldAsItWasWritten() {
        assertThat(create("--role", "cook").err())
                .contains("selfplay", "\"cook\"")
                .doesNotContain("COOK");
        assertThat(create("--role", "coordinator").err())
                .contains("expected --role to be selfplay or training or mixed, but found \"coordinator\"");
    }

    @Test
    void allMistakesAreToldAtOnce() {
        Result result = run(
                "group",
                "create",
                GROUP,
                "--min",
                "-1",
                "--max-price",
                "cheap",
                "--query",
                "num_gpus>=abc",
                "--market",
                "auction",
                "--role",
                "cook",
                "--image",
                "not an image",
                "--yes");
        assertThat(result.exit()).isEqualTo(Exit.USAGE);
        assertThat(result.err())
                .contains("expected --target, but found none", "expected --min to be 0 or more", "cheap", "num_gpus")
                .contains("expected --market to be on-demand or bid", "\"cook\"", "not an image");
        assertThat(run("group", "set", GROUP, "--role", "cook", "--market", "x", "--yes")
                        .err())
                .contains("\"cook\"", "--market");
    }

    @Test
    void theAutoscalerIsSwitchedOnByWhoHasSeenThePlan() {
        run("scale", "policy", "--off", "--why", "holidays");
        assertThat(member.state().rentals().scaling()).isEqualTo(Scaling.DEFAULT.withEnabled(false));
        member.actions = List.of(new Action.Propose(new Command.EndInstance(new InstanceId(1), false), "idle for 2h"));
        assertThat(run("scale", "apply").err()).contains("drain and end i1  -- idle for 2h", "expected --yes");
        assertThat(run("scale", "apply", "--dry-run").out()).contains("To be done if it were on:");
        assertThat(member.state().rentals().scaling().enabled()).isFalse();
        assertThat(run("scale", "apply", "--yes").exit()).isEqualTo(Exit.DONE);
        assertThat(member.state().rentals().scaling()).isEqualTo(Scaling.DEFAULT);
        assertThat(run("scale", "apply").out()).startsWith("The autoscaler is on.");
    }

    @Test
    void thePolicyIsShownAsItIsWritten() {
        assertThat(run("scale", "policy").out()).contains("enabled         false\n", "idle_after      30m\n");
        assertThat(run("scale", "policy", "--on", "--off").exit()).isEqualTo(Exit.USAGE);
    }

    private static final String POLICY = """
            budget:
              day: 50
              hour: 5
            groups:
              selfplay-rtx3070:
                gpu: RTX 3070
                target: 5
                max: 10
                price_max: 0.08
                disk_gb: 20
                budget: {day: 10}
            windows:
              night: {from: "22:00", to: "06:00", days: mon-fri, max: 12}
            scaling:
              zone: Europe/Berlin
              idle_after: 45m
            """;

    private String policy(String text) throws IOException {
        return Files.writeString(folder.resolve("policy.yaml"), text).toString();
    }

    @Test
    void aFileBecomesWhatTheClusterWants() throws Exception {
        String file = policy(POLICY);
        member.order(new Command.SetGroup(new Group(
                "old", "vast", List.of(), 0, "", 0, 0, 1, Money.parse("1"), Market.ON_DEMAND, Role.MIXED, 20, "")));
        Result dry = run("scale", "policy", "--file", file, "--dry-run");
        assertThat(dry.out()).isEqualTo("""
                all machines per hour: none -> $5.00
                all machines per day: none -> $50.00
                scaling.enabled: false -> true
                scaling.zone: UTC -> Europe/Berlin
                scaling.windows: none -> night (days mon, tue, wed, thu, fri; from 22:00; to 06:00; max 12)
                scaling.idle_after: 30m -> 45m
                selfplay-rtx3070: new, 0 to 10 machines at up to $0.08 per hour
                selfplay-rtx3070 per day: none -> $10.00
                old: not in the file, and left as it is
                """);
        assertThat(member.state().rentals().groups().size()).isEqualTo(1);
        assertThat(run("scale", "policy", "--file", file).exit())
                .as("nobody can be asked")
                .isEqualTo(Exit.USAGE);

        assertThat(run("scale", "policy", "-f", file, "--yes").exit()).isEqualTo(Exit.DONE);
        ScalePolicy wanted = PolicyFile.read(Path.of(file), POLICY.getBytes(StandardCharsets.UTF_8));
        assertThat(wanted.orders(member.state().rentals(), false)).isEmpty();
        assertThat(run("scale", "policy", "-f", file, "--yes").out())
                .isEqualTo("nothing changes\nold: not in the file, and left as it is\n");

        assertThat(run("scale", "policy", "-f", file, "--prune", "--yes").out()).isEqualTo("old: goes\n");
        assertThat(wanted.orders(member.state().rentals(), true)).isEmpty();
        String less = policy(POLICY.replace("  hour: 5\n", "").replace("max: 10", "max: 8"));
        assertThat(run("scale", "policy", "-f", less, "--yes").out())
                .isEqualTo("all machines per hour: $5.00 -> none\nselfplay-rtx3070.max: 10 -> 8\n");
    }

    @Test
    void aSectionThatIsNotWrittenIsLeftAsItIs() throws Exception {
        run("scale", "policy", "-f", policy(POLICY), "--yes");
        Rentals before = member.state().rentals();
        String groups = POLICY.substring(POLICY.indexOf("groups:"), POLICY.indexOf("windows:"));
        Result result = run("scale", "policy", "-f", policy(groups.replace("max: 10", "max: 8")), "--yes");
        assertThat(result.out()).isEqualTo("""
                selfplay-rtx3070.max: 10 -> 8
                budget: not in the file, and left as it is
                scaling: not in the file, and left as it is
                windows: not in the file, and left as it is
                """);
        assertThat(member.state().rentals().scaling()).isEqualTo(before.scaling());
        assertThat(member.state().rentals().caps()).isEqualTo(before.caps());
        String windows = POLICY.substring(POLICY.indexOf("windows:"), POLICY.indexOf("scaling:"));
        run("scale", "policy", "-f", policy(windows.replace("max: 12", "max: 11")), "--yes");
        assertThat(member.state().rentals().scaling().windows().getFirst().max())
                .contains(11);
        assertThat(member.state().rentals().scaling().zone()).isEqualTo("Europe/Berlin");
    }

    @Test
    void aGroupThatContradictsAWindowIsRefused() throws Exception {
        run("scale", "policy", "-f", policy(POLICY.replace("max: 12", "target: 9")), "--yes");
        Result result = run("group", "set", GROUP, "--max", "6", "--yes");
        assertThat(result.exit()).isEqualTo(Exit.USAGE);
        assertThat(result.err())
                .contains("in the window night, expected a target of 0 to 6, the limits of " + GROUP + ", but found 9");
        assertThat(group().max()).isEqualTo(10);
        String both = POLICY.replace("max: 12", "target: 5").replace("max: 10", "max: 6");
        assertThat(run("scale", "policy", "-f", policy(both), "--yes").exit())
                .as("both at once")
                .isEqualTo(Exit.DONE);
        String more = POLICY.replace("max: 12", "target: 19").replace("max: 10", "max: 20");
        assertThat(run("scale", "policy", "-f", policy(more), "--yes").exit()).isEqualTo(Exit.DONE);
        assertThat(group().max()).isEqualTo(20);
    }

    @Test
    void nothingIsDecidedBetweenTheOrdersOfAFile() throws Exception {
        assertThat(run("scale", "policy", "-f", policy(POLICY), "--yes").exit()).isEqualTo(Exit.DONE);
        assertThat(switched()).as("off before").containsExactly(true);
        String less = policy(POLICY.replace("  hour: 5\n", "").replace("max: 10", "max: 8"));
        run("scale", "policy", "-f", less, "--yes");
        assertThat(switched()).containsExactly(true, false, true);
        List<Event> all = events();
        assertThat(all.getLast()).isInstanceOf(Event.ScalingSet.class);
        assertThat(all.get(all.size() - 2)).isInstanceOf(Event.GroupSet.class);
    }

    private List<Event> events() {
        return member.state().journal().recent().values().stream()
                .map(Journal.Entry::event)
                .toList();
    }

    private List<Boolean> switched() {
        return events().stream()
                .filter(Event.ScalingSet.class::isInstance)
                .map(event -> ((Event.ScalingSet) event).scaling().enabled())
                .toList();
    }

    @Test
    void aFileThatCannotBeReadChangesNothing() throws IOException {
        Result result = run("scale", "policy", "-f", policy(POLICY.replace("day: 50", "day: -1")), "--yes");
        assertThat(result.exit()).isEqualTo(Exit.USAGE);
        assertThat(result.err()).contains("expected a cap of $0 or more");
        assertThat(run("scale", "policy", "-f", folder.resolve("absent").toString())
                        .exit())
                .isEqualTo(Exit.USAGE);
        assertThat(run("scale", "policy", "--prune").exit()).isEqualTo(Exit.USAGE);
        assertThat(run("scale", "policy", "--off", "-f", policy(POLICY)).exit()).isEqualTo(Exit.USAGE);
        assertThat(member.state().rentals().caps().isEmpty()).isTrue();
    }
}
