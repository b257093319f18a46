package dev.muster.core.run;

import static dev.muster.core.Launches.end;
import static dev.muster.core.Launches.job;
import static dev.muster.core.Launches.launch;
import static dev.muster.core.Launches.of;
import static dev.muster.core.Launches.r;
import static dev.muster.core.Launches.renting;
import static dev.muster.core.Launches.resume;
import static dev.muster.core.Launches.spec;
import static dev.muster.core.Launches.stage;
import static dev.muster.core.Launches.startRented;
import static dev.muster.core.Launches.stop;
import static dev.muster.core.Orders.a;
import static dev.muster.core.Orders.join;
import static dev.muster.core.Orders.place;
import static dev.muster.core.Rents.i;
import static dev.muster.core.Rents.order;
import static dev.muster.core.Rents.rent;
import static dev.muster.core.Rents.sight;
import static dev.muster.core.Rents.usd;
import static dev.muster.core.Story.ANN;
import static dev.muster.core.Story.LEADER;
import static dev.muster.core.Story.START;
import static dev.muster.core.Story.given;
import static dev.muster.core.Story.sha;
import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.core.Launches;
import dev.muster.core.Rents;
import dev.muster.core.Story;
import dev.muster.core.plan.Action;
import dev.muster.core.plan.Errand;
import dev.muster.core.plan.Plan;
import dev.muster.core.plan.Policy;
import dev.muster.core.plan.Renting;
import dev.muster.core.plan.Soft;
import dev.muster.core.plan.Wait;
import dev.muster.core.rent.Offer;
import dev.muster.core.rent.Price;
import dev.muster.core.rent.Trait;
import dev.muster.core.state.Attempt;
import dev.muster.core.state.Bytes;
import dev.muster.core.state.Command;
import dev.muster.core.state.Group;
import dev.muster.core.state.JobSpec;
import dev.muster.core.state.Market;
import dev.muster.core.state.Money;
import dev.muster.core.state.Observed;
import dev.muster.core.state.Replicas;
import dev.muster.core.state.Resources;
import dev.muster.core.state.Role;
import dev.muster.core.state.Run;
import dev.muster.core.state.RunSpec;
import dev.muster.core.state.SecretBlanks;
import dev.muster.core.state.Sha256;
import dev.muster.core.state.Table;
import dev.muster.core.state.Traces;
import dev.muster.core.state.Watching;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class MachinesTest {
    private static Soft soft(Story story) {
        Renting.Listing now = new Renting.Listing(story.now(), story.now(), List.of());
        return Soft.leadingSince(START).withRenting(Renting.NOTHING.listed("vast", now));
    }

    private static Plan plan(Story story, Soft soft) {
        return RunPlanner.decide(story.state(), soft, Policy.DEFAULT, story.now());
    }

    /// The leader has these offers.
    private static Plan plan(Story story, Offer... offers) {
        Soft soft = soft(story);
        for (Action action : plan(story, soft).actions()) {
            if (action instanceof Action.Run(Errand.FindOffers ask, String why))
                soft = soft.withRenting(soft.renting()
                        .found(
                                ask.group(),
                                new Renting.Found(
                                        story.now(), ask.query(), ask.query().select(List.of(offers)))));
        }
        return plan(story, soft);
    }

    private static List<Command> orders(Plan plan) {
        return plan.actions().stream()
                .flatMap(action -> action instanceof Action.Propose(Command command, String why)
                        ? Stream.of(command)
                        : Stream.empty())
                .toList();
    }

    private static List<String> waits(Plan plan, Wait.Reason reason) {
        return plan.waits().stream()
                .filter(wait -> wait.reason() == reason)
                .map(Wait::message)
                .toList();
    }

    private static Offer offer(String perHour) {
        TreeMap<String, Trait> traits = new TreeMap<>();
        traits.put("gpu_name", new Trait.Text("RTX 3070"));
        traits.put("num_gpus", new Trait.Number(1));
        traits.put("disk_space", new Trait.Number(100));
        traits.put("reliability", new Trait.Number(0.99));
        traits.put("verified", new Trait.Flag(true));
        traits.put("rentable", new Trait.Flag(true));
        return new Offer(
                "vast",
                "o9",
                "m9",
                "h1",
                new Offer.Gpus("RTX 3070", 1, 8_192),
                new Offer.Box(8, 32_000, 100, 4),
                new Offer.Terms(OptionalDouble.of(0.99), true, "Oregon, US", Optional.empty()),
                new Price(usd(perHour), Money.ZERO, Money.ZERO, Money.ZERO, Optional.empty()),
                traits);
    }

    private static Story launched() {
        return given(launch("r1", renting("r1", stage("train"))), startRented("r1", "train"));
    }

    /// Its machine has joined: four cores.
    private static Story rented() {
        return launched().and(order(rent("0.1"), "r1"), sight(1, "77", Observed.RUNNING), join("vast-77"));
    }

    /// It was thought to cost $0.50, and costs ten cents an hour.
    private static Story thought(Watching watch) {
        return thought(watch, Optional.empty());
    }

    private static Story thought(Watching watch, Optional<Money> costWritten) {
        RunSpec plain = renting(
                "r1",
                new RunSpec.Stage("train", Launches.watched(Optional.of(watch), "train"), Optional.empty(), false));
        Duration time = Duration.ofHours(5);
        RunSpec whole = new RunSpec(
                plain.series(),
                plain.stages(),
                plain.machines(),
                Optional.empty(),
                Optional.empty(),
                plain.launchesMax(),
                plain.after(),
                Optional.of(
                        new RunSpec.Estimated(time, time, time, time, "RTX 3070", usd("0.5"), "formula", costWritten)),
                Optional.empty(),
                Table.empty());
        return given(launch("r1", whole), startRented("r1", "train"))
                .and(order(rent("0.1"), "r1"), sight(1, "77", Observed.RUNNING), join("vast-77"));
    }

    private static List<Command> aboutCost(Story story) {
        return orders(plan(story)).stream()
                .filter(order -> order instanceof Command.WarnRun || order instanceof Command.StopRun)
                .toList();
    }

    @Test
    void whatCostsMoreThanWasThoughtIsWarnedOfAndStopped() {
        Story story = thought(new Watching(List.of(), List.of("COST")));
        assertThat(aboutCost(story.after(Duration.ofMinutes(354)))).isEmpty();
        story.after(Duration.ofMinutes(12));
        Traces.Warning warning = new Traces.Warning(false, "", "it has cost $0.61, 122% of the $0.50 estimated");
        assertThat(aboutCost(story)).containsExactly(new Command.WarnRun(r("r1"), "COST", warning));
        story.and(new Command.WarnRun(r("r1"), "COST", warning));
        assertThat(aboutCost(story.after(Duration.ofMinutes(60)))).as("once").isEmpty();
        story.after(Duration.ofMinutes(30));
        String text = "it has cost $0.76, 152% of the $0.50 estimated";
        assertThat(aboutCost(story))
                .containsExactly(
                        new Command.WarnRun(r("r1"), "COST", new Traces.Warning(true, "", text)),
                        new Command.StopRun(r("r1"), "aborted by COST: " + text));
        assertThat(Launches.of(story, "r1").warnings().require("COST")).isEqualTo(warning);
    }

    @Test
    void aRunIsNotStoppedBelowWhatAPersonWroteThoughItWasCorrected() {
        Watching watch = new Watching(List.of(), List.of("COST"));
        assertThat(aboutCost(thought(watch, Optional.of(usd("2"))).after(Duration.ofHours(20))))
                .isEmpty();
        assertThat(aboutCost(thought(watch, Optional.of(usd("2"))).after(Duration.ofHours(31))))
                .anyMatch(order -> order instanceof Command.StopRun);
        assertThat(aboutCost(thought(watch, Optional.of(usd("0.1"))).after(Duration.ofMinutes(354))))
                .as("corrected upwards")
                .isEmpty();
    }

    @Test
    void whatItTookHasItsMachineComingUpAndNotAResumedRunsLastGoAlone() {
        Story story = launched().after(Duration.ofMinutes(3));
        story.and(order(rent("0.1"), "r1"), sight(1, "77", Observed.RUNNING), join("vast-77"));
        assertThat(Launches.of(story, "r1").took()).as("it is not over").isEmpty();
        Launches.scores(story, "vast-77", 0.5)
                .and(Launches.finish("r1", "train"))
                .after(Duration.ofSeconds(70))
                .and(Launches.end("r1"));
        Run run = Launches.of(story, "r1");
        assertThat(run.status()).isEqualTo(Run.Status.SUCCEEDED);
        assertThat(run.took())
                .contains(Duration.between(run.launchedAt(), run.endedAt().orElseThrow()));
        assertThat(run.took().orElseThrow()).isGreaterThanOrEqualTo(Duration.ofSeconds(250));
        story.after(Duration.ofHours(1)).and(Launches.resume(story, "r1", "train"), startRented("r1", "train"));
        Launches.scores(story, "vast-77", 0.5).and(Launches.finish("r1", "train"), Launches.end("r1"));
        assertThat(Launches.of(story, "r1").status()).isEqualTo(Run.Status.SUCCEEDED);
        assertThat(Launches.of(story, "r1").took()).isEmpty();
    }

    @Test
    void whoseCostStopsNothingIsOnlyWarnedOfAndWhatIsOffSaysNothing() {
        Story told = thought(new Watching(List.of(), List.of())).after(Duration.ofHours(9));
        assertThat(aboutCost(told)).hasSize(1).first().isInstanceOf(Command.WarnRun.class);
        Table<String, Watching.Limits> none = Table.empty();
        Story off = thought(new Watching(
                        List.of(), List.of("COST"), none.with("COST", new Watching.Limits(true, Table.empty()))))
                .after(Duration.ofHours(9));
        assertThat(aboutCost(off)).isEmpty();
        Table<String, Double> more =
                Table.<String, Double>empty().with("warn_above", 2.0).with("critical_above", 3.0);
        Story other = thought(
                        new Watching(List.of(), List.of("COST"), none.with("COST", new Watching.Limits(false, more))))
                .after(Duration.ofHours(9));
        assertThat(aboutCost(other)).isEmpty();
        assertThat(aboutCost(other.after(Duration.ofHours(7)))).hasSize(2);
    }

    /// One that goes with its run would take the copy along.
    @Test
    void copiesGoToNodesThatStayFirst() {
        Story story = rented().and(join("n1"), join("n2"), join("n3"));
        for (int file = 0; file < 30; file++)
            assertThat(Replicas.of(story.state(), new Sha256("%064x".formatted(7919L * file)))
                            .others())
                    .hasSize(4)
                    .last()
                    .hasToString("vast-77");
    }

    @Test
    void belowAnHoursPriceCostSaysNothing() {
        Story story = thought(new Watching(
                List.of(),
                List.of("COST"),
                Table.<String, Watching.Limits>empty()
                        .with(
                                "COST",
                                new Watching.Limits(
                                        false,
                                        Table.<String, Double>empty()
                                                .with("warn_above", 0.1)
                                                .with("critical_above", 0.2)))));
        assertThat(aboutCost(story.after(Duration.ofMinutes(290)))).isEmpty();
        assertThat(aboutCost(story.after(Duration.ofMinutes(20)))).hasSize(2);
    }

    private static Story over(Story story) {
        return story.after(Duration.ofMinutes(1))
                .and(stop("r1"), new Command.FinishRunStage(r("r1"), "train"), end("r1"));
    }

    private static Group cards(String... names) {
        return new Group(
                "r1", "vast", List.of(names), 1, "", 1, 1, 1, usd("0.50"), Market.ON_DEMAND, Role.MIXED, 20, "");
    }

    private static Command resumedOn(Optional<Group> machines, RunSpec.Stage stage) {
        return new Command.ResumeRun(
                r("r1"), spec(machines, Optional.empty(), RunSpec.After.STOP, stage), Optional.empty());
    }

    private static Command restart(long id, Story story) {
        return new Command.StartInstance(i(id), Rents.today(story.now()));
    }

    private static Command ends(long id) {
        return new Command.EndInstance(i(id), false);
    }

    @Test
    void oneMachineIsOrderedAtAnOfferAndNoMore() {
        Story story = launched();
        List<Command> orders = orders(plan(story, offer("0.2")));
        assertThat(orders).hasSize(1);
        Command.RentInstance rent = (Command.RentInstance) orders.getFirst();
        assertThat(rent.group()).contains("r1");
        assertThat(rent.id()).contains(i(1));
        assertThat(rent.rent().offer()).isEqualTo("o9");
        assertThat(orders(plan(story.and(rent), offer("0.2")))).isEmpty();
        assertThat(orders(plan(launched(), offer("0.6")))).as("too dear").isEmpty();
    }

    @Test
    void whenNothingCanBeRentedThatIsTold() {
        Story story = launched();
        Soft off = soft(story).withRenting(soft(story).renting().disabled());
        assertThat(waits(plan(story, off), Wait.Reason.INSTANCE))
                .containsExactly("nothing can be rented: no provider has a key, or it is switched off");
    }

    private static RunSpec.Stage secretive(String secret) {
        return new RunSpec.Stage(
                "train",
                job("train").with(List.of("train"), Map.of("KEY", SecretBlanks.of(secret)), List.of()),
                Optional.empty(),
                false);
    }

    private static Story needing(String secret) {
        return given(launch("r1", renting("r1", secretive(secret))), startRented("r1", "train"));
    }

    @Test
    void noMachineIsOrderedBeforeTheLeaderHasItsSecrets() {
        Story story = needing("WANDB");
        Errand find = new Errand.FindSecrets(r("r1"), new TreeSet<>(Set.of("WANDB")));
        Plan first = plan(story, soft(story));
        assertThat(first.actions()).containsExactly(new Action.Run(find, "r1 needs WANDB"));
        assertThat(waits(first, Wait.Reason.INSTANCE))
                .containsExactly("no machine is ordered: the leader looks for its secrets: WANDB");

        Soft lacks = soft(story)
                .withRenting(soft(story).renting().begun(find, story.now()).failed(find, story.now(), "put it there"));
        assertThat(plan(story, lacks).actions()).as("it looks again later").isEmpty();
        assertThat(waits(plan(story, lacks), Wait.Reason.INSTANCE))
                .singleElement()
                .asString()
                .startsWith("no machine is ordered: the leader")
                .endsWith("lacks what its machine needs: put it there");

        Soft has = lacks.withRenting(lacks.renting().done(find, story.now()));
        assertThat(plan(story, has).actions())
                .singleElement()
                .isInstanceOfSatisfying(
                        Action.Run.class, run -> assertThat(run.errand()).isInstanceOf(Errand.FindOffers.class));
        story.after(Duration.ofMinutes(2));
        assertThat(plan(story, has).actions())
                .as("it may have been taken away")
                .contains(new Action.Run(find, "r1 needs WANDB"));
    }

    @Test
    void itsStoppedMachineIsNotStartedBeforeTheLeaderHasItsSecrets() {
        Story story = over(needing("WANDB")
                        .and(order(rent("0.1"), "r1"), sight(1, "77", Observed.RUNNING), join("vast-77")))
                .and(Rents.stop(1))
                .after(Duration.ofMinutes(1));
        story.and(resume(story, "r1"));
        Errand find = new Errand.FindSecrets(r("r1"), new TreeSet<>(Set.of("WANDB")));
        Plan first = plan(story, soft(story));
        assertThat(first.actions()).contains(new Action.Run(find, "r1 needs WANDB"));
        assertThat(orders(first)).doesNotContain(restart(1, story));
        assertThat(waits(first, Wait.Reason.INSTANCE))
                .containsExactly("i1 is not started: the leader looks for its secrets: WANDB");
        Soft has = soft(story)
                .withRenting(soft(story).renting().begun(find, story.now()).done(find, story.now()));
        assertThat(orders(plan(story, has))).contains(restart(1, story));
    }

    @Test
    void machinesThatFailOneAfterTheOtherEndTheRun() {
        Story story = launched();
        for (int number = 1; number <= 3; number++) {
            assertThat(orders(plan(story, offer("0.2"))))
                    .as("before %s", number)
                    .hasSize(1);
            story.and(order(rent("0.1"), "r1"), ends(number)).after(Duration.ofMinutes(1));
        }
        assertThat(orders(plan(story, offer("0.2"))))
                .containsExactly(new Command.FailRun(
                        r("r1"), "3 machines in a row failed before anything came of it; the last, i3: because"));
    }

    /// Two that never came up, and a third on which an attempt has started.
    private static Story third() {
        Story story = launched();
        for (int number = 1; number <= 2; number++) story.and(order(rent("0.1"), "r1"), ends(number));
        return story.and(order(rent("0.1"), "r1"), sight(3, "77", Observed.RUNNING), join("vast-77"))
                .and(place("j1.0.1", "vast-77"))
                .starts("j1.0.1");
    }

    private List<Command> ordersAfterItsEnd(Story story) {
        return orders(plan(story.and(ends(3)).ends("j1.0.1", Attempt.Status.LOST), offer("0.2")));
    }

    @Test
    void aMachineThatWorkedIsNoFailure() {
        assertThat(ordersAfterItsEnd(third().after(Duration.ofMinutes(10))).getFirst())
                .as("for ten minutes")
                .isInstanceOf(Command.RentInstance.class);
        Story saved = third();
        long token = saved.state().work().attempts().require(a("j1.0.1")).token();
        saved.and(new Command.SaveProgress(
                a("j1.0.1"), token, 1, List.of(new Attempt.Stored("step.pt", sha("a"), 5)), List.of()));
        assertThat(ordersAfterItsEnd(saved).getFirst()).as("it saved").isInstanceOf(Command.RentInstance.class);
    }

    @Test
    void aMachineThatIsGoneAsSoonAsTheTrainingBeginsIsAFailure() {
        assertThat(ordersAfterItsEnd(third().after(Duration.ofMinutes(9))))
                .containsExactly(new Command.FailRun(
                        r("r1"), "3 machines in a row failed before anything came of it; the last, i3: because"));
    }

    @Test
    void itIsStoppedOrEndedWhenTheRunIsOver() {
        assertThat(orders(plan(over(rented())))).containsExactly(Rents.stop(1));
        Story booting = launched().and(order(rent("0.1"), "r1"));
        assertThat(orders(plan(over(booting)))).as("never joined").containsExactly(ends(1));
        Story ends = given(launch("r1", spec(Optional.of(cards()), Optional.empty(), RunSpec.After.END, stage("x"))))
                .and(order(rent("0.1"), "r1"), sight(1, "77", Observed.RUNNING), join("vast-77"))
                .and(stop("r1"), end("r1"));
        assertThat(orders(plan(ends))).containsExactly(ends(1));
        Story keeps = given(launch("r1", spec(Optional.of(cards()), Optional.empty(), RunSpec.After.KEEP, stage("x"))))
                .and(order(rent("0.1"), "r1"), sight(1, "77", Observed.RUNNING), join("vast-77"))
                .and(stop("r1"), end("r1"));
        assertThat(orders(plan(keeps))).isEmpty();
    }

    @Test
    void whatAPersonStartsAfterItsEndGoesOn() {
        Story story = over(rented()).and(Rents.stop(1)).after(Duration.ofMinutes(1));
        story.and(restart(1, story));
        assertThat(orders(plan(story))).isEmpty();
    }

    @Test
    void itsStoppedMachineIsStartedWhenItGoesOn() {
        Story story = over(rented()).and(Rents.stop(1)).after(Duration.ofMinutes(1));
        story.and(resume(story, "r1"));
        assertThat(orders(plan(story))).contains(restart(1, story));
        story.and(Rents.budget("", "0.05", "-", "-"), Rents.release(1), sight(1, "77", Observed.STOPPED));
        Plan poor = plan(story);
        assertThat(orders(poor)).doesNotContain(restart(1, story));
        assertThat(waits(poor, Wait.Reason.BUDGET).getFirst()).startsWith("i1 is not started: ");
    }

    @Test
    void aStoppedMachineThatIsDearerThanItMayPayNowIsEnded() {
        Story story = over(rented()).and(Rents.stop(1)).after(Duration.ofMinutes(1));
        story.and(resumedOn(
                Optional.of(
                        renting("r1", stage("train")).machines().orElseThrow().withPriceMax(usd("0.09"))),
                stage("train")));
        Plan plan = plan(story, offer("0.08"));
        assertThat(plan.actions())
                .contains(new Action.Propose(
                        ends(1), "of no use to r1: it costs $0.10 per hour, and at most $0.09 is asked for"));
        assertThat(orders(plan)).doesNotContain(restart(1, story)).anyMatch(Command.RentInstance.class::isInstance);
        Story same = over(rented()).and(Rents.stop(1)).after(Duration.ofMinutes(1));
        same.and(resumedOn(
                Optional.of(
                        renting("r1", stage("train")).machines().orElseThrow().withPriceMax(usd("0.10"))),
                stage("train")));
        assertThat(orders(plan(same))).contains(restart(1, same)).doesNotContain(ends(1));
    }

    @Test
    void whatAPersonStoppedWhileItWasOpenIsThePersonsToStart() {
        Story story = rented().after(Duration.ofMinutes(1))
                .by(ANN, "hot")
                .and(Rents.stop(1))
                .by(LEADER, "because");
        Plan plan = plan(story, offer("0.2"));
        assertThat(orders(plan)).isEmpty();
        assertThat(waits(plan, Wait.Reason.INSTANCE).getFirst())
                .startsWith("i1 was stopped while r1 was open; `muster instance start i1` has it go on");
    }

    /// It would be started, billed and never used.
    @Test
    void onOtherTermsItsOldMachineIsEnded() {
        Story story = over(rented()).and(Rents.stop(1)).after(Duration.ofMinutes(1));
        story.and(resumedOn(Optional.of(cards("A100")), stage("train")));
        assertThat(orders(plan(story, offer("0.2")))).contains(ends(1)).doesNotContain(restart(1, story));
        Story own = over(rented());
        own.and(resumedOn(Optional.empty(), stage("train")));
        assertThat(orders(plan(own))).contains(ends(1));
        Story same = over(rented());
        same.and(resumedOn(Optional.of(cards("rtx_3070")), stage("train")));
        assertThat(orders(plan(same))).doesNotContain(ends(1));
    }

    @Test
    void aMachineOnWhichItsJobNeverFitsIsEnded() {
        JobSpec usual = job("train");
        JobSpec big = new JobSpec(
                usual.name(),
                usual.kind(),
                usual.config(),
                1,
                usual.command(),
                usual.env(),
                new Resources(64_000, Bytes.ZERO, 0, Bytes.ZERO),
                usual.inputs(),
                usual.outputs(),
                usual.matches(),
                usual.priority(),
                usual.maxAttempts(),
                usual.grace(),
                usual.timeout(),
                usual.node(),
                usual.sync(),
                usual.results(),
                usual.gpu(),
                usual.run(),
                Optional.empty(),
                1);
        Story story = given(launch("r1", renting("r1", new RunSpec.Stage("train", big, Optional.empty(), false))))
                .and(order(rent("0.1"), "r1"), sight(1, "77", Observed.RUNNING), join("vast-77"));
        assertThat(plan(story).actions())
                .contains(new Action.Propose(ends(1), "of no use to r1: vast-77 has 4 cpus, needs 64"));
    }

    /// It would wait for ever otherwise.
    @Test
    void aTotalThatPaysForNoHourStopsTheRun() {
        RunSpec poor = spec(Optional.of(cards()), Optional.of(usd("0.5")), RunSpec.After.END, stage("train"));
        Story story = given(launch("r1", poor), startRented("r1", "train"), order(rent("0.4"), "r1"))
                .and(sight(1, "77", Observed.RUNNING, "0.4"))
                .after(Duration.ofMinutes(30))
                .and(ends(1));
        assertThat(waits(plan(story, offer("0.4")), Wait.Reason.BUDGET).getFirst())
                .startsWith("no machine is ordered: with an hour of what is open");
        story.and(Rents.release(1), new Command.FinishInstance(i(1), "gone"));
        assertThat(orders(plan(story, offer("0.2"))).getFirst()).isInstanceOf(Command.RentInstance.class);
        assertThat(orders(plan(story, offer("0.4"))))
                .containsExactly(new Command.StopRun(
                        r("r1"),
                        "it has cost $0.20 of at most $0.50, into which no hour of another machine for $0.40 fits"));
    }

    @Test
    void itsBillIsSettledWhenTheProviderHasChargedAndAgainWhenItChargesMore() {
        Story story = over(rented()).and(ends(1), Rents.release(1)).after(Duration.ofMinutes(30));
        assertThat(orders(plan(story))).isEmpty();
        story.and(new Command.FinishInstance(i(1), "gone"));
        assertThat(orders(plan(story))).as("not charged yet").isEmpty();
        story.and(Rents.charge(1, "0.06", story.now()));
        assertThat(orders(plan(story))).containsExactly(new Command.SettleRun(r("r1"), usd("0.06")));
        story.and(new Command.SettleRun(r("r1"), usd("0.06")));
        assertThat(orders(plan(story))).isEmpty();
        story.and(Rents.charge(1, "0.08", story.now()));
        assertThat(orders(plan(story))).containsExactly(new Command.SettleRun(r("r1"), usd("0.08")));
        assertThat(of(story, "r1").cost()).contains(usd("0.06"));
    }

    @Test
    void withoutChargesItsOwnCountStandsAfterDays() {
        Story story = over(rented())
                .and(ends(1), Rents.release(1), new Command.FinishInstance(i(1), "gone"))
                .after(Duration.ofDays(3).minusSeconds(1));
        assertThat(orders(plan(story))).isEmpty();
        assertThat(orders(plan(story.after(Duration.ofSeconds(1))))).hasSize(1);
    }

    @Test
    void ofTwoRunsOneOrdersAtATime() {
        Story story = launched().and(launch("r2", renting("r2", stage("train"))));
        Plan plan = plan(story, offer("0.2"));
        assertThat(orders(plan).stream().filter(Command.RentInstance.class::isInstance))
                .hasSize(1);
    }
}
