package dev.muster.edge.wire;

import static dev.muster.core.Launches.LESS;
import static dev.muster.core.Launches.does;
import static dev.muster.core.Launches.gated;
import static dev.muster.core.Launches.launch;
import static dev.muster.core.Launches.r;
import static dev.muster.core.Launches.renting;
import static dev.muster.core.Launches.resume;
import static dev.muster.core.Launches.stage;
import static dev.muster.core.Launches.startRented;
import static dev.muster.core.Launches.whole;
import static dev.muster.core.Orders.join;
import static dev.muster.core.Story.given;
import static dev.muster.core.Story.sha;
import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.core.Launches;
import dev.muster.core.Rents;
import dev.muster.core.Story;
import dev.muster.core.state.Attempt;
import dev.muster.core.state.ClusterState;
import dev.muster.core.state.Command;
import dev.muster.core.state.Gate;
import dev.muster.core.state.Money;
import dev.muster.core.state.Observed;
import dev.muster.core.state.RunSpec;
import dev.muster.core.state.Table;
import dev.muster.core.state.Traces;
import java.io.ByteArrayInputStream;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.node.ObjectNode;

class WireRunsTest {
    private static final RunSpec WHOLE = new RunSpec(
            "burgers",
            List.of(stage("train"), gated("eval", new Gate(Optional.of("loss"), true, 0.5, numbers(), numbers()))),
            Optional.of(Rents.group("r9", 2, 2, 2)),
            Optional.of(Money.ofDollars(9)),
            Optional.of(Duration.ofHours(5)),
            7,
            RunSpec.After.KEEP,
            Optional.of(new RunSpec.Estimated(
                    Duration.ofHours(2),
                    Duration.ofHours(1),
                    Duration.ofHours(4),
                    Duration.ofHours(1),
                    "A100",
                    Money.ofDollars(3),
                    "r1",
                    Optional.of(Money.ofDollars(5)))),
            Optional.of(new RunSpec.Config("configs/burgers.yaml", sha("c"))),
            Table.<String, String>empty().with("team", "pde"));

    private static Table<String, Double> numbers() {
        return Table.<String, Double>empty().with("gap", 1.25).with("ece", 1e-9);
    }

    private static ClusterState state() {
        Story story = whole(whole(given(join("n1")), "r1", 0.5), "r2", 0.4);
        story.and(launch("r3", renting("r3", stage("train"), gated("eval", LESS))), startRented("r3", "train"))
                .and(Rents.order(Rents.rent("0.1"), "r3"), Rents.sight(1, "77", Observed.RUNNING), join("vast-77"));
        Launches.scores(story, "vast-77", 1e-300, new Attempt.Stored("model.pt", sha("a"), 5))
                .and(new Command.FinishRunStage(r("r3"), "train"), startRented("r3", "eval"));
        story.and(launch("r4", Launches.spec(stage("train"), stage("eval"))));
        does(story, "r4", "train", 0.3).and(Launches.stop("r4"), Launches.end("r4"));
        story.and(resume(story, "r4", "eval"));
        return story.state();
    }

    @Test
    void runsComeBackAsTheyWere() {
        ClusterState state = state();
        ClusterState back = Wire.readState(new ByteArrayInputStream(Wire.bytes(state)));
        assertThat(back.runs()).isEqualTo(state.runs());
        assertThat(back.runs().champions().find("burgers")).contains(r("r2"));
        assertThat(back.fleet()).isEqualTo(state.fleet());
        assertThat(back.work().jobs()).isEqualTo(state.work().jobs());
        assertThat(back.work().attempts()).isEqualTo(state.work().attempts());
        assertThat(Wire.text(back)).isEqualTo(Wire.text(state));
    }

    @Test
    void ordersComeBackAsTheyWere() {
        List<Command> orders = List.of(
                new Command.LaunchRun(r("r9"), WHOLE, true),
                startRented("r9", "train"),
                new Command.ReuseRunStage(r("r9"), "train", r("r8"), "key"),
                Launches.finish("r9", "train"),
                Launches.end("r9"),
                new Command.FailRun(r("r9"), "why"),
                new Command.WarnRun(r("r9"), "COST", new Traces.Warning(true, "", "155%")),
                Launches.stop("r9"),
                new Command.ResumeRun(r("r9"), WHOLE, Optional.of("eval")),
                new Command.SettleRun(r("r9"), Money.ofDollars(4)),
                new Command.ForgetRun(r("r9")));
        assertThat(orders.stream().map(Object::getClass).toList())
                .containsExactlyInAnyOrder(Command.OfRuns.class.getPermittedSubclasses());
        for (Command order : orders)
            assertThat(Wire.read(Wire.bytes(order), Command.class)).isEqualTo(order);
    }

    /// A training that went wrong has such results.
    @Test
    void numbersThatAreNoneComeBackToo() {
        Table<String, Double> none = numbers()
                .with("a", Double.NaN)
                .with("b", Double.POSITIVE_INFINITY)
                .with("c", Double.NEGATIVE_INFINITY);
        Attempt.Ending ending = new Attempt.Ending(
                Attempt.Status.SUCCEEDED, OptionalInt.of(0), List.of(), List.of(), "", false, none, "");
        assertThat(Wire.read(Wire.bytes(ending), Attempt.Ending.class)).isEqualTo(ending);
    }

    @Test
    void anEstimateOfABuildThatKeptNoWrittenCostHasNone() {
        RunSpec.Estimated estimate = WHOLE.estimate().orElseThrow();
        ObjectNode old = Wire.MAPPER.valueToTree(estimate);
        assertThat(old.remove("cost_written")).isNotNull();
        RunSpec.Estimated back = Wire.read(Wire.bytes(old), RunSpec.Estimated.class);
        assertThat(back.costWritten()).isEmpty();
        assertThat(back.costHeld()).isEqualTo(estimate.cost());
        assertThat(estimate.costHeld()).isEqualTo(Money.ofDollars(5));
    }

    @Test
    void aStateOfABuildWithoutRunsHasNone() {
        ObjectNode old = Wire.MAPPER.valueToTree(state());
        assertThat(old.has("runs")).isTrue();
        old.remove("runs");
        ClusterState back = Wire.readState(new ByteArrayInputStream(Wire.bytes(old)));
        assertThat(back.runs()).isEqualTo(ClusterState.EMPTY.runs());
    }
}
