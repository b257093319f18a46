package dev.muster.core.health;

import static dev.muster.core.Orders.n;
import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.core.health.Admission.Last;
import dev.muster.core.health.Admission.Verdict;
import dev.muster.core.health.Admission.Word;
import dev.muster.core.plan.Policy;
import dev.muster.core.plan.Presence;
import dev.muster.core.plan.Soft;
import dev.muster.core.state.NodeId;
import dev.muster.core.state.Table;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

class AdmissionTest {
    private static final NodeId NODE = n("n1");
    private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");
    private static final Presence FIRST = new Presence("a", "machine 1", "10.0.0.1:8770", "1");
    private static final Presence RESTARTED = new Presence("b", "machine 1", "10.0.0.1:8770", "1");
    private static final Presence COPY = new Presence("c", "machine 2", "10.0.0.2:8770", "1");
    private static final Word NOTHING_KNOWN = new Word(true, false, Optional.empty());
    private static final Word NOBODY = new Word(true, true, Optional.empty());

    private static Soft heard(Presence presence) {
        return Soft.leadingSince(START)
                .withHeard(
                        NODE,
                        new Soft.Heard(
                                START, 1, Set.of(), Soft.Telemetry.UNKNOWN, Table.empty(), Optional.of(presence)));
    }

    private static Optional<Twin> twin(Soft soft, Presence asking, int seconds) {
        return Twin.of(soft, NODE, asking, Policy.DEFAULT, START.plusSeconds(seconds));
    }

    private static Verdict decide(Last last, Optional<Integer> others, int asking, Word... words) {
        return Admission.decide(NODE, last, List.of(words), others, Duration.ofSeconds(asking), Policy.DEFAULT);
    }

    private static Word twin(int silence) {
        return new Word(true, true, Optional.of(new Twin(FIRST, Duration.ofSeconds(silence))));
    }

    @Test
    void aRestartInTheSamePlaceIsNobodysTwinAndACopyIsUntilTheOtherIsSilent() {
        assertThat(twin(heard(FIRST), FIRST, 1)).isEmpty();
        assertThat(twin(heard(FIRST), RESTARTED, 1)).isEmpty();
        assertThat(twin(heard(FIRST), COPY, 9)).contains(new Twin(FIRST, Duration.ofSeconds(9)));
        assertThat(twin(heard(FIRST), COPY, 10)).isEmpty();
        assertThat(twin(Soft.leadingSince(START), COPY, 1)).isEmpty();
    }

    @Test
    void aNewLeaderIsNotBelievedBeforeEverybodyCouldBeHeard() {
        assertThat(Twin.informed(Soft.leadingSince(START), Policy.DEFAULT, START.plusMillis(3_999)))
                .isFalse();
        assertThat(Twin.informed(Soft.leadingSince(START), Policy.DEFAULT, START.plusSeconds(4)))
                .isTrue();
    }

    @Test
    void whoeverRanHereLastGoesOnAtOnceAndAsksNobody() {
        assertThat(decide(Last.HERE, Optional.of(2), 0)).isEqualTo(new Verdict.Enter());
        assertThat(decide(Last.HERE, Optional.empty(), 0, twin(1))).isEqualTo(new Verdict.Enter());
    }

    @Test
    void anAgentThatWasHeardSinceThisOneCameIsAlive() {
        assertThat(decide(Last.ELSEWHERE, Optional.empty(), 2, NOBODY, twin(1)))
                .isInstanceOfSatisfying(
                        Verdict.Refuse.class,
                        refused -> assertThat(refused.why())
                                .contains("another one is alive at 10.0.0.1:8770, heard 1s ago")
                                .contains("a copy of its data directory?"));
    }

    @Test
    void anAgentThatIsSilentSinceIsWaitedForAndThenTheNodeHasMoved() {
        assertThat(decide(Last.ELSEWHERE, Optional.empty(), 2, twin(3))).isInstanceOf(Verdict.Ask.class);
        assertThat(decide(Last.ELSEWHERE, Optional.empty(), 9, NOBODY)).isEqualTo(new Verdict.Enter());
    }

    @Test
    void aWorkerThatNobodyKnowsAboutWaitsForALeaderForItHasNothingToLose() {
        assertThat(decide(Last.ELSEWHERE, Optional.empty(), 99)).isInstanceOf(Verdict.Ask.class);
        assertThat(decide(Last.BEFORE_REBOOT, Optional.empty(), 99, NOTHING_KNOWN))
                .isInstanceOf(Verdict.Ask.class);
    }

    @Test
    void votersThatAllStartedAnewGoOnWhenEnoughOfThemAnswer() {
        assertThat(decide(Last.BEFORE_REBOOT, Optional.of(2), 0)).isInstanceOf(Verdict.Ask.class);
        assertThat(decide(Last.BEFORE_REBOOT, Optional.of(2), 0, NOTHING_KNOWN)).isEqualTo(new Verdict.Enter());
        assertThat(decide(Last.BEFORE_REBOOT, Optional.of(4), 0, NOTHING_KNOWN)).isInstanceOf(Verdict.Ask.class);
        assertThat(decide(Last.BEFORE_REBOOT, Optional.of(4), 0, NOTHING_KNOWN, NOTHING_KNOWN))
                .isEqualTo(new Verdict.Enter());
        assertThat(decide(
                        Last.BEFORE_REBOOT, Optional.of(4), 0, NOTHING_KNOWN, new Word(false, false, Optional.empty())))
                .as("who does not vote elects nobody")
                .isInstanceOf(Verdict.Ask.class);
    }

    @Test
    void aVoterThatRanElsewhereVotesOnlyByALeadersWordOrAPersons() {
        assertThat(decide(Last.ELSEWHERE, Optional.of(2), 99, NOTHING_KNOWN, NOTHING_KNOWN))
                .isInstanceOfSatisfying(
                        Verdict.Ask.class, ask -> assertThat(ask.why()).contains("delete `place`"));
        assertThat(decide(Last.ELSEWHERE, Optional.of(2), 0, NOBODY)).isEqualTo(new Verdict.Enter());
    }

    @Test
    void theOnlyVoterHasNobodyToAskAndLooksForItselfForAWhile() {
        assertThat(decide(Last.BEFORE_REBOOT, Optional.of(0), 0)).isEqualTo(new Verdict.Enter());
        assertThat(decide(Last.ELSEWHERE, Optional.of(0), 9)).isInstanceOf(Verdict.Ask.class);
        assertThat(decide(Last.ELSEWHERE, Optional.of(0), 10)).isEqualTo(new Verdict.Enter());
    }
}
