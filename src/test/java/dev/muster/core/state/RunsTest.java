package dev.muster.core.state;

import static dev.muster.core.Launches.LESS;
import static dev.muster.core.Launches.does;
import static dev.muster.core.Launches.end;
import static dev.muster.core.Launches.gate;
import static dev.muster.core.Launches.gated;
import static dev.muster.core.Launches.launch;
import static dev.muster.core.Launches.of;
import static dev.muster.core.Launches.r;
import static dev.muster.core.Launches.resume;
import static dev.muster.core.Launches.reused;
import static dev.muster.core.Launches.spec;
import static dev.muster.core.Launches.stage;
import static dev.muster.core.Launches.start;
import static dev.muster.core.Launches.stop;
import static dev.muster.core.Launches.whole;
import static dev.muster.core.Orders.join;
import static dev.muster.core.Story.given;
import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.core.Story;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/// Which run is compared with which, and what of them is kept.
class RunsTest {
    private static Story begun() {
        return given(join("n1"));
    }

    private static Command reuse(String run, String from) {
        return new Command.ReuseRunStage(r(run), "eval", r(from), "eval");
    }

    private static Optional<RunId> champion(Story story) {
        return story.state().runs().champions().find("burgers");
    }

    private static Optional<RunId> against(Story story, String run) {
        return of(story, run, "eval").verdict().orElseThrow().against();
    }

    @Test
    void theFirstIsNoChampionAndABetterOneIs() {
        Story story = whole(begun(), "r1", 0.5);
        assertThat(of(story, "r1").status()).isEqualTo(Run.Status.SUCCEEDED);
        assertThat(champion(story)).isEmpty();
        whole(story, "r2", 0.4);
        assertThat(champion(story)).contains(r("r2"));
        assertThat(of(story, "r2").champion()).isTrue();
        whole(story, "r3", 0.395);
        assertThat(of(story, "r3").status()).isEqualTo(Run.Status.REJECTED);
        assertThat(against(story, "r3")).contains(r("r2"));
        assertThat(champion(story)).contains(r("r2"));
    }

    @Test
    void itIsComparedWithTheChampionAndNotWithTheNewest() {
        Story story = whole(whole(begun(), "r1", 0.5), "r2", 0.3);
        story.and(launch("r3", spec(stage("eval"))));
        does(story, "r3", "eval", 0.9).and(end("r3"));
        whole(story, "r4", 0.4);
        assertThat(against(story, "r4")).contains(r("r2"));
    }

    @Test
    void whatFailedOrWasRejectedIsNoMeasure() {
        Story story = whole(whole(begun(), "r1", 0.5), "r2", 0.6);
        assertThat(of(story, "r2").status()).isEqualTo(Run.Status.REJECTED);
        whole(story, "r3", 0.45);
        assertThat(against(story, "r3")).contains(r("r1"));
    }

    @Test
    void aNumberThatIsNoneIsNoMeasure() {
        Story story = begun().and(launch("r1", spec(stage("eval"))));
        does(story, "r1", "eval", Double.NaN).and(end("r1"));
        whole(story, "r2", 0.5);
        assertThat(against(story, "r2")).isEmpty();
    }

    @Test
    void itIsNeverComparedWithItself() {
        Story story = whole(begun(), "r1", 0.5);
        story.and(resume(story, "r1", "eval"));
        does(story, "r1", "eval", 0.4).and(end("r1"));
        assertThat(against(story, "r1")).isEmpty();
        assertThat(champion(story)).isEmpty();
    }

    /// Also not by the name of one that took the same results, or took them from one that did.
    @Test
    void whatIsTakenFromAnotherIsNotComparedWithIt() {
        Story story = whole(begun(), "r1", 0.5);
        story.and(launch("r2", spec(reused("eval", Optional.of(gate(false, 0))))), reuse("r2", "r1"), end("r2"));
        assertThat(of(story, "r2", "eval").from()).contains(r("r1"));
        assertThat(against(story, "r2")).isEmpty();
        story.after(Duration.ofMinutes(1))
                .and(launch("r3", spec(reused("eval", Optional.of(gate(false, 0))))), reuse("r3", "r2"), end("r3"));
        assertThat(of(story, "r3", "eval").from()).contains(r("r1"));
        assertThat(against(story, "r3")).isEmpty();
        assertThat(champion(story)).isEmpty();
        whole(story, "r4", 0.4);
        assertThat(against(story, "r4")).contains(r("r3"));
    }

    @Test
    void theBestIsWhoIsBetterThanTheBestAtItsEnd() {
        Story story = whole(begun(), "r1", 0.5);
        story.and(launch("r2", spec(gated("eval", LESS))), launch("r3", spec(gated("eval", LESS))));
        does(story, "r2", "eval", 0.4);
        does(story, "r3", "eval", 0.3).and(end("r3"));
        assertThat(champion(story)).contains(r("r3"));
        story.when(end("r2")).then(new Event.RunEnded(r("r2"), Run.Status.SUCCEEDED, "", false));
        assertThat(champion(story)).contains(r("r3"));
    }

    @Test
    void aChampionThatIsMadeAnewIsNoneUntilThen() {
        Story story = whole(whole(begun(), "r1", 0.5), "r2", 0.4);
        story.and(resume(story, "r2", "eval"));
        assertThat(champion(story)).isEmpty();
        whole(story, "r3", 0.45);
        assertThat(against(story, "r3")).contains(r("r1"));
        does(story, "r2", "eval", 0.6).and(end("r2"));
        assertThat(of(story, "r2").status()).isEqualTo(Run.Status.REJECTED);
        assertThat(champion(story)).contains(r("r3"));
    }

    @Test
    void whatWasMadeOfTheSameIsFoundInAnotherRunOfTheSeries() {
        Story story = whole(begun(), "r1", 0.5).and(launch("r2", spec(stage("eval"))));
        Runs runs = story.state().runs();
        assertThat(runs.made(of(story, "r2"), "eval", "eval").orElseThrow().getKey())
                .isEqualTo(r("r1"));
        assertThat(runs.made(of(story, "r2"), "eval", "other")).isEmpty();
        assertThat(runs.made(of(story, "r1"), "eval", "eval")).isEmpty();
    }

    /// The first is the oldest, but for the best.
    @Test
    void theOldestMakeRoom() {
        Story story = whole(whole(begun(), "r1", 0.5), "r2", 0.4).unchecked();
        for (int number = 3; number <= Runs.ENDED_MAX + 2; number++) {
            String id = "r" + number;
            story.and(launch(id, spec(stage("train"))), stop(id), end(id)).after(Duration.ofSeconds(1));
        }
        Table<RunId, Run> kept = story.state().runs().runs();
        assertThat(kept.has(r("r1"))).isFalse();
        assertThat(kept.has(r("r2"))).isTrue();
        assertThat(kept.has(r("r3"))).isTrue();
        assertThat(kept.size()).isEqualTo(Runs.ENDED_MAX + 1);
        story.and(launch("r1", spec(stage("train"))), start("r1", "train"));
        assertThat(story.state().runs().runs().has(r("r3"))).isFalse();
    }
}
