package dev.muster.core.hosts;

import static dev.muster.core.Orders.join;
import static dev.muster.core.Orders.n;
import static dev.muster.core.Orders.place;
import static dev.muster.core.Orders.submit;
import static dev.muster.core.Story.ANN;
import static dev.muster.core.Story.given;
import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.core.Spec;
import dev.muster.core.Story;
import dev.muster.core.hosts.ImportPlan.Kind;
import dev.muster.core.hosts.ImportPlan.Left;
import dev.muster.core.state.Attempt;
import dev.muster.core.state.ChangeLimit;
import dev.muster.core.state.Command;
import dev.muster.core.state.Desired;
import dev.muster.core.state.NodeId;
import dev.muster.core.state.Role;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ImportPlanTest {
    private static Wish wish(String name, String status) {
        return new Wish(name, HostStatus.of(status), Optional.empty(), "", false);
    }

    /// Everybody is heard.
    private static ImportPlan plan(Story story, Wish... wishes) {
        Set<NodeId> heard = new TreeSet<>(story.state().fleet().nodes().keys());
        return ImportPlan.of(List.of(wishes), story.state(), heard, ChangeLimit.DEFAULT, story.now());
    }

    private static List<String> kinds(ImportPlan plan) {
        return plan.steps().stream()
                .map(step -> step.node() + " " + step.kind() + " "
                        + step.change().to().desired())
                .toList();
    }

    private static Story ten() {
        Story story = given().by(ANN, "");
        for (int i = 0; i < 10; i++) story.and(join("n" + i));
        return story;
    }

    @Test
    void whatAPersonWantsIsDoneToThoseThatAreHeard() {
        Story story = ten().and(new Command.RetireNode(n("n3")));
        ImportPlan plan = plan(
                story,
                wish("n0", "maintenance"),
                wish("n1", "retired"),
                wish("n3", "ready"),
                wish("new", "ready"),
                wish("old", "archived"));
        assertThat(kinds(plan))
                .containsExactly(
                        "n0 DRAINED DRAINING",
                        "n1 RETIRED RETIRED",
                        "n3 RETURNED READY",
                        "new ADDED READY",
                        "old ADDED RETIRED");
        assertThat(plan.steps().get(1).reason()).isEqualTo("the file says retired; it is heard");
        assertThat(plan.asks()).isTrue();
        story.and(plan.order(OptionalInt.empty()));
        assertThat(story.state().fleet().desired(n("n1"))).contains(Desired.RETIRED);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "offline",
                "missing",
                "unstable",
                "terminated",
                "destroyed",
                "ssh_key_rejected",
                "needs_tailscale_auth",
                "needs_ssh_key",
                "retird"
            })
    void whatSomebodySawIsToldAndTakesNobodyOutOfService(String word) {
        ImportPlan plan = plan(ten(), wish("n0", word));
        assertThat(plan.steps()).filteredOn(step -> step.kind() != Kind.UPDATED).isEmpty();
        assertThat(plan.left().getFirst().name()).isEqualTo("n0");
        assertThat(plan.left().getFirst().reason())
                .startsWith("the file says " + word)
                .endsWith("it is heard and stays READY");
    }

    @Test
    void whatSomebodySawBringsNobodyBackEither() {
        ImportPlan plan = plan(ten().and(new Command.RetireNode(n("n1"))), wish("n1", "idle"), wish("n2", ""));
        assertThat(plan.left().getFirst().reason()).endsWith("stays RETIRED");
        assertThat(plan.asks()).isFalse();
    }

    @Test
    void whoIsGoneOrWhoseWordNobodyKnowsIsNotDeclared() {
        ImportPlan plan =
                plan(given(), wish("a", "destroyed"), wish("b", "redy"), wish("c", "offline"), wish("d e", "ready"));
        assertThat(kinds(plan)).containsExactly("c ADDED READY");
        assertThat(plan.left()).extracting(Left::name).containsExactly("a", "b", "d e");
        assertThat(plan.asks()).isFalse();
    }

    @Test
    void aVoterOrABusyNodeIsDrainedFirst() {
        Story story = ten().voters("n0", "n1", "n2").and(submit(Spec.job()), place("j1.0.1", "n5"));
        ImportPlan plan = plan(story, wish("n0", "retired"), wish("n5", "retired"));
        assertThat(kinds(plan)).containsExactly("n0 DRAINED DRAINING", "n5 DRAINED DRAINING");
        assertThat(plan.left().get(0).reason()).contains("it votes").contains("muster voter remove n0");
        assertThat(plan.left().get(1).reason()).contains("it runs 1 attempt,");
        story.and(plan.order(OptionalInt.empty()));
        assertThat(kinds(plan(story, wish("n5", "retired")))).isEmpty();
        story.ends("j1.0.1", Attempt.Status.SUCCEEDED);
        assertThat(kinds(plan(story, wish("n5", "retired")))).containsExactly("n5 RETIRED RETIRED");
    }

    @Test
    void whatIsNewInTheFileIsNamed() {
        Story story = ten();
        story.and(plan(story, wish("n0", "ready")).order(OptionalInt.empty()));
        assertThat(kinds(plan(story, wish("n0", "ready")))).isEmpty();
        Wish more = new Wish("n0", wish("n0", "ready").status(), Optional.of(Role.TRAINING), "vast:7", true);
        ImportPlan plan = plan(story, more);
        assertThat(kinds(plan)).containsExactly("n0 UPDATED READY");
        assertThat(plan.steps().getFirst().reason())
                .isEqualTo("the file says role training, instance vast:7, ephemeral");
        story.and(plan.order(OptionalInt.empty()));
        assertThat(plan(story, wish("n0", "ready")).steps().getFirst().reason())
                .isEqualTo("the file says role none, no instance, not ephemeral");
    }

    @Test
    void nobodyIsForgottenAndADoubledNameCountsOnce() {
        ImportPlan plan = plan(ten(), wish("n0", "ready"), wish("n0", "retired"));
        assertThat(kinds(plan)).containsExactly("n0 UPDATED READY");
        assertThat(plan.left()).hasSize(10);
        assertThat(plan.left().getFirst().reason()).contains("twice");
        assertThat(plan.left().getLast())
                .isEqualTo(
                        new Left("n9", "is not in the file; an import forgets nobody, `muster node remove n9` does"));
    }

    @Test
    void theSameFileAgainChangesNothing() {
        Story story = ten();
        Wish[] file = {wish("n0", "retired"), wish("n1", "ready"), wish("x", "disabled")};
        story.and(plan(story, file).order(OptionalInt.empty()));
        assertThat(plan(story, file).steps()).isEmpty();
    }

    @Test
    void aMassChangeIsBraked() {
        List<Wish> file = new ArrayList<>();
        for (int i = 0; i < 7; i++) file.add(wish("n" + i, "retired"));
        ImportPlan plan = plan(ten(), file.toArray(Wish[]::new));
        assertThat(plan.brake().stops()).isTrue();
        assertThat(plan.brake().why())
                .isEqualTo("7 of 10 nodes would go out of service, and no more than 2 may at once");
    }

    @Test
    void twoVotersAreBraked() {
        Story story = ten().voters("n0", "n1", "n2", "n3", "n4");
        ImportPlan plan = plan(story, wish("n0", "retired"), wish("n1", "disabled"));
        assertThat(plan.brake().why()).isEqualTo("2 voters would be out of service (n0, n1), and no more than 1 may");
    }

    @Test
    void aFilesWordsForRolesComeToOneRole() {
        assertThat(Wish.role(List.of(HostRole.of("gpu_training_primary"), HostRole.of("selfplay"))))
                .contains(Role.MIXED);
        assertThat(Wish.role(List.of(HostRole.of("nn_training")))).contains(Role.TRAINING);
        assertThat(Wish.role(List.of(HostRole.of("backbone")))).contains(Role.COORDINATOR);
        assertThat(Wish.role(List.of(HostRole.of("backbone"), HostRole.of("cpu_selfplay"))))
                .contains(Role.SELFPLAY);
        assertThat(Wish.role(List.of(HostRole.of("gauntlet")))).contains(Role.MIXED);
        assertThat(Wish.role(List.of(HostRole.of("whatever")))).isEmpty();
    }
}
