package dev.muster.edge.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.core.plan.Errand;
import dev.muster.core.plan.Renting;
import dev.muster.core.rent.Offer;
import dev.muster.core.rent.Rented;
import dev.muster.core.state.Bytes;
import dev.muster.core.state.Command;
import dev.muster.core.state.Hardware;
import dev.muster.core.state.Instance;
import dev.muster.core.state.InstanceId;
import dev.muster.core.state.Money;
import dev.muster.core.state.NodeId;
import dev.muster.core.state.Observed;
import dev.muster.core.state.Role;
import dev.muster.core.state.Sighting;
import dev.muster.core.state.Trouble;
import dev.muster.edge.view.Doc;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/// What is rented in other commands than its own: `doctor`, `events`, and the README.
class CliRentedTest extends RentedHarness {
    // ---- the README

    @Test
    void whatTheReadmeSaysOfRentingWorksAsItIsPrinted() throws IOException {
        terminal = true;
        stdin = "y\n";
        atPause = times -> {
            InstanceId id = new InstanceId(1);
            if (instance(1).will() == Instance.Will.END) {
                member.order(new Command.ReleaseInstance(id));
                member.order(new Command.FinishInstance(id, "ended"));
            } else if (instance(1).seen().isEmpty()) {
                see(1, "101", Observed.RUNNING);
                member.join("vast-101", Role.MIXED, Hardware.cpus(4, Bytes.gib(8)));
            }
        };
        member.soft = Optional.of(member.allHeard());
        String section = Files.readString(Path.of("README.md"))
                .split("## Machines by the hour")[1]
                .split("\n## ")[0];
        List<String> lines = section.lines()
                .map(String::strip)
                .filter(line -> line.startsWith("./muster"))
                .toList();
        assertThat(lines).hasSizeGreaterThanOrEqualTo(8);
        for (String line : lines) {
            Result result = run(words(line.replaceAll("\\s+#.*", "").substring("./muster ".length())));
            assertThat(result.exit()).as(line + "\n" + result.err()).isEqualTo(Exit.DONE);
        }
        assertThat(member.state().rentals().groups().has("play")).isTrue();
        assertThat(instance(1).open()).isFalse();
    }

    /// As a shell takes them apart.
    private static String[] words(String line) {
        return Pattern.compile("\"([^\"]*)\"|(\\S+)")
                .matcher(line)
                .results()
                .map(match -> match.group(1) == null ? match.group(2) : match.group(1))
                .toArray(String[]::new);
    }

    // ---- doctor

    @Test
    void aDoctorLooksAtWhatIsRented() {
        running();
        run("budget", "set", "--hour", "0.08");
        Errand look = new Errand.Look("vast");
        Renting renting = Renting.NOTHING.denied(look, member.now, "vast: the key has expired (401)");
        Errand destroy = new Errand.Destroy(new InstanceId(1));
        Rented stray = new Rented(
                "vast",
                "666",
                "demo",
                "",
                "",
                Observed.RUNNING,
                new Offer.Gpus("RTX 3070", 1, 8_192),
                new Rented.Reach("root", Optional.empty(), Optional.empty(), new TreeMap<>()),
                new Rented.Bill(
                        Money.parse("0.1"), Money.parse("0.1"), Money.ZERO, false, Optional.empty(), Optional.empty()),
                "",
                "",
                "");
        renting = renting.failed(destroy, member.now, "vast: not now")
                .listed("vast", new Renting.Listing(member.now, member.now, List.of(stray)));
        member.soft = Optional.of(member.allHeard().withRenting(renting));
        Result result = run("doctor");
        assertThat(result.exit()).isEqualTo(Exit.NOT_HEALTHY);
        assertThat(result.out())
                .contains("fail  vast: the key is refused: vast: the key has expired (401)")
                .contains("make another, and put it where the old one was")
                .contains("fail  i1: is not ended, and costs: vast: not now")
                .contains("warn  stray vast 666: 1x RTX 3070, $0.10 per hour: is none that we ordered")
                .contains("warn  budget: the cap per hour of $0.08 is reached")
                .as("nothing is well where something is not")
                .doesNotContain("ok    renting");
        assertThat(run("group", "list").out())
                .contains("trouble: look vast: the key is refused, first ", "vast: the key has expired (401)");
        assertThat(run("scale", "plan").out()).contains("the key is refused, first ", "the key has expired (401)");
        member.order(new Command.FenceNode(new NodeId("vast-101")));
        assertThat(run("doctor").out()).contains("i1 is rented, and is started again or replaced by itself");
        member.soft = Optional.of(member.allHeard().withRenting(Renting.NOTHING.disabled()));
        assertThat(run("doctor").out()).contains("fail  renting: the leader has no key for any provider");
    }

    @Test
    void aDoctorWhoFindsNothingWrongSaysWhatIsRented() {
        running();
        member.soft = Optional.of(member.allHeard());
        assertThat(run("doctor").out()).contains("ok    renting: 1 machine, $0.08 per hour");
    }

    @Test
    void aDoctorTellsOfAHeldMachineAndPromisesNothingOfOneWhoseHostIsLost() {
        running();
        member.order(new Command.EndInstance(new InstanceId(1), false));
        member.now = member.now.plusSeconds(60);
        member.soft = Optional.of(member.allHeard());
        assertThat(run("doctor").out()).doesNotContain("i1: drains");
        member.now = member.now.plusSeconds(60);
        member.soft = Optional.of(member.allHeard());
        assertThat(run("doctor").out())
                .contains("warn  i1: drains for 2m, and there is still 1 file of 40MiB only there")
                .contains("--abandon-data` loses what only it holds");
        see(1, "101", Observed.HOST_LOST);
        member.order(new Command.FenceNode(new NodeId("vast-101")));
        assertThat(run("doctor").out())
                .contains("i1 is rented, and is to end, as soon as nothing is only there")
                .contains("warn  i1: drains, and cannot go: vast-101 is silent")
                .doesNotContain("started again");
    }

    /// The answer to the order was lost; the machine came up all the same.
    @Test
    void aTroubleIsOverOnceWhatWasAskedForIsThere() {
        running();
        Errand create = new Errand.Create(new InstanceId(1));
        Errand install = new Errand.Install(new InstanceId(1));
        Renting renting = Renting.NOTHING
                .failed(create, member.now, "no answer; it may have been done all the same")
                .failed(install, member.now, "no way there");
        member.soft = Optional.of(member.allHeard().withRenting(renting));
        assertThat(run("instance", "list").out())
                .contains("trouble: install i1 failed")
                .doesNotContain("create i1 failed");
    }

    @Test
    void aDoctorTellsOfCreditOnceAndNotOfEachMachine() {
        running();
        Renting renting = Renting.NOTHING.lacksCredit("vast", member.now);
        for (int times = 0; times < 3; times++)
            renting = renting.failed(
                    new Errand.Start(new InstanceId(1)),
                    member.now,
                    "vast: Your account lacks credit; see the billing page.");
        member.soft = Optional.of(member.allHeard().withRenting(renting));
        assertThat(run("doctor").out())
                .contains("fail  vast: the account lacks credit")
                .contains("pay some in")
                .doesNotContain("start fails");
        assertThat(run("instance", "list").out() + run("instance", "list").err())
                .contains("trouble: vast: the account lacks credit, for ");
    }

    @Test
    void whatBefellAMachineIsFoundAmongTheEvents() {
        running();
        see(1, "101", Observed.PREEMPTED);
        member.order(new Command.TellTrouble(Trouble.STRAY_FOUND, "vast 5", "costs"));
        assertThat(run("events", "--type", "INSTANCE_OUTBID,STRAY_FOUND").out())
                .contains("INSTANCE_OUTBID instance=i1")
                .contains("STRAY_FOUND kind=STRAY_FOUND subject=vast 5");
        assertThat(run("events", "--type", "INSTANCE_ENDED").exit()).isEqualTo(Exit.DONE);
        assertThat(run("events", "--type", "OF_RENTALS").exit()).isEqualTo(Exit.USAGE);
    }

    @Test
    void whatGoesOnPastACapIsShownWithItsPriceAndItsEnd() {
        running();
        run("budget", "set", "--hour", "0.05");
        member.soft = Optional.of(member.allHeard());
        String ends = "`muster instance destroy i1` ends a machine, `muster instance stop` leaves only its disk";
        assertThat(run("budget", "show").out().replaceAll(" +", " "))
                .contains("PAST A CAP CAP $/H GOES ON, FOR\ni1 per hour $0.08 a person rented it\n", ends);
        Doc row = Doc.json(run("budget", "show", "-o", "json").out().getBytes(StandardCharsets.UTF_8))
                .list("goes_on")
                .getFirst();
        assertThat(row.text("id")).isEqualTo("i1");
        assertThat(row.decimal("per_hour")).hasValue(0.08);
        assertThat(run("doctor").out())
                .contains(
                        "is reached: nothing new is rented; i1 (a person rented it) goes on past it, for $0.08 per hour: "
                                + ends);
        run("budget", "set", "--hour", "0.08");
        assertThat(run("budget", "show").out()).as("it just fits").doesNotContain("PAST A CAP");
        run("budget", "set", "--hour", "0.05");
        member.order(new Command.EndInstance(new InstanceId(1), false));
        assertThat(run("budget", "show").out()).as("it has its time").doesNotContain("PAST A CAP");
        member.now = member.now.plus(Duration.ofHours(1));
        assertThat(run("budget", "show").out()).contains("it drains, and holds what nobody else has");
    }

    @Test
    void aTroubleWithAMachineIsForgottenWithIt() {
        running();
        Renting renting = Renting.NOTHING.failed(new Errand.Install(new InstanceId(1)), member.now, "no way there");
        member.soft = Optional.of(member.allHeard().withRenting(renting));
        assertThat(run("instance", "list").out()).contains("trouble: install i1 failed");
        member.order(new Command.FinishInstance(new InstanceId(1), "ended"));
        assertThat(run("instance", "list").out() + run("doctor").out()).doesNotContain("install");
    }

    @Test
    void nothingIsOrderedOfAnAccountThatIsKnownToLackCredit() {
        member.soft = Optional.of(member.allHeard().withRenting(Renting.NOTHING.lacksCredit("vast", member.now)));
        Result result = run("instance", "create", "--yes");
        assertThat(result.exit()).isEqualTo(Exit.REFUSED);
        assertThat(result.err()).contains("the account lacks credit; nothing is ordered", "pay some in");
        assertThat(member.state().rentals().instances().isEmpty()).isTrue();
        member.soft = Optional.of(member.allHeard());
        assertThat(run("instance", "create", "--yes").exit()).isEqualTo(Exit.DONE);
    }

    @Test
    void aLongMessageIsCutInTheTableAlone() {
        running();
        String why = "it ".repeat(60) + "ends";
        member.order(new Command.SightInstance(
                new InstanceId(1),
                new Sighting("101", Observed.FAILED, Money.ZERO, Money.ZERO, Optional.empty(), why)));
        assertThat(run("instance", "list").out()).contains("it it it...\n").doesNotContain(why);
        assertThat(run("instance", "list", "-o", "wide").out()).contains(why);
        assertThat(run("instance", "show", "i1").out()).contains(why);
    }
}
