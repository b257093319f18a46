package dev.muster.core.scale;

import static dev.muster.core.scale.Shop.dollars;
import static dev.muster.core.scale.Shop.group;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.muster.core.Story;
import dev.muster.core.state.Caps;
import dev.muster.core.state.Command;
import dev.muster.core.state.Rentals;
import dev.muster.core.state.Role;
import dev.muster.core.state.Scaling;
import dev.muster.core.state.Table;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ScalePolicyTest {
    private static final Caps CAP = new Caps(Optional.of(dollars("1")), Optional.empty(), Optional.empty());
    private static final Scaling OTHER = Shop.scaling(List.of(), 7, Scaling.OnCap.DRAIN);

    private static ScalePolicy policy() {
        return new ScalePolicy(
                List.of(group(0, 1, 2)),
                Table.<String, Caps>empty().with(Rentals.ALL, CAP).with("selfplay", CAP),
                OTHER);
    }

    @Test
    void anEmptyClusterGetsCapsBeforeGroups() {
        assertThat(policy().orders(Story.given().state().rentals(), false))
                .containsExactly(
                        new Command.SetBudget(Rentals.ALL, CAP),
                        new Command.SetScaling(OTHER),
                        new Command.SetGroup(group(0, 1, 2)),
                        new Command.SetBudget("selfplay", CAP));
    }

    @Test
    void whatIsSoAlreadyIsNotOrderedAgain() {
        Story story = Story.given();
        policy().orders(story.state().rentals(), false).forEach(story::and);
        assertThat(policy().orders(story.state().rentals(), true)).isEmpty();
        assertThat(ScalePolicy.of(story.state().rentals())).isEqualTo(policy());
    }

    @Test
    void whatIsNotNamedGoesOnlyWhenAsked() {
        Story story = Story.given(
                new Command.SetScaling(Scaling.DEFAULT),
                new Command.SetGroup(group("other", Role.MIXED, 0, 0, 1)),
                new Command.SetGroup(group(0, 1, 2)),
                new Command.SetBudget("selfplay", CAP),
                new Command.SetBudget(Rentals.ALL, CAP));
        ScalePolicy bare = new ScalePolicy(List.of(group(0, 1, 2)), Table.empty(), Scaling.DEFAULT);
        assertThat(bare.orders(story.state().rentals(), false)).isEmpty();
        assertThat(bare.orders(story.state().rentals(), true))
                .containsExactly(
                        new Command.SetBudget(Rentals.ALL, Caps.NONE),
                        new Command.SetBudget("selfplay", Caps.NONE),
                        new Command.DeleteGroup("other"));
    }

    @Test
    void capsAreOfGroupsThatAreThere() {
        assertThatThrownBy(() ->
                        new ScalePolicy(List.of(), Table.<String, Caps>empty().with("none", CAP), Scaling.DEFAULT))
                .hasMessageContaining("but found none");
    }
}
