package dev.muster.core.quorum;

import static dev.muster.core.Orders.join;
import static dev.muster.core.Orders.n;
import static dev.muster.core.Story.given;
import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.core.Story;
import dev.muster.core.state.Command;
import dev.muster.core.state.Endpoints;
import dev.muster.core.state.NodeId;
import java.util.List;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;

class VoterChangeTest {
    private static Story three() {
        return given(join("n1"), join("n2"), join("n3"), join("n4"), join("vast-17"))
                .voters("n1", "n2", "n3");
    }

    private static Predicate<NodeId> alive(String... names) {
        return node -> List.of(names).contains(node.name());
    }

    private static final Predicate<NodeId> ALL = node -> true;

    @Test
    void aFourthVoterLeavesAQuorumOfThreeAndIsNoGain() {
        VoterChange change = VoterChange.adding(three().state(), n("n4"), ALL);
        assertThat(change.quorum()).isEqualTo(3);
        assertThat(change.survives()).isEqualTo(1);
        assertThat(change.warnings())
                .containsExactly("4 voters survive the loss of 1, as 3 would; add another one, or remove one");
        assertThat(change.underWay()).isEmpty();
    }

    @Test
    void aFifthThatIsSilentOrRentedIsWarnedOf() {
        Story story = three().and(new Command.AddVoter(n("n4")));
        VoterChange change = VoterChange.adding(story.state(), n("vast-17"), alive("n1", "n2", "n3", "n4"));
        assertThat(change.voters()).hasSize(5);
        assertThat(change.warnings())
                .hasSize(2)
                .anyMatch(text -> text.startsWith("vast-17 is not heard"))
                .anyMatch(text -> text.startsWith("vast-17 is rented, by its name"));
        assertThat(change.underWay()).as("n4 is not yet one").containsExactly(n("n4"));
    }

    @Test
    void twoVotersOnOneHostAreLostTogether() {
        Command.JoinNode first = join("n1");
        Command.JoinNode beside = new Command.JoinNode(
                n("n5"),
                "id-n5",
                first.role(),
                first.hardware(),
                1,
                new Endpoints(first.endpoints().host(), 9770, 9767, 9771));
        VoterChange change = VoterChange.adding(three().and(beside).state(), n("n5"), ALL);
        assertThat(change.warnings()).anyMatch(text -> text.startsWith("n5 is on the same host as the voter n1"));
    }

    @Test
    void aVoterIsNotRemovedWhereTheOthersAliveAreNoMajority() {
        VoterChange no = VoterChange.removing(three().state(), n("n1"), alive("n1", "n2"));
        assertThat(no.refusal())
                .contains("without n1 the voters are [n2, n3], of which 2 have to be alive, but only 1 is: the cluster"
                        + " would be read-only; start the agents of [n3], or remove one of those first");
        assertThat(VoterChange.removing(three().state(), n("n3"), alive("n1", "n2"))
                        .refusal())
                .as("the silent one may go")
                .isEmpty();
    }
}
