package dev.muster.core.state;

import static dev.muster.core.Orders.a;
import static dev.muster.core.Orders.fence;
import static dev.muster.core.Orders.join;
import static dev.muster.core.Orders.n;
import static dev.muster.core.Orders.place;
import static dev.muster.core.Orders.submit;
import static dev.muster.core.Story.given;
import static dev.muster.core.Story.sha;
import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.core.Spec;
import dev.muster.core.Story;
import dev.muster.core.state.Outcome.Code;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/// What attempts save on their way, and how they end when their machine goes.
class SaveOrdersTest {
    private static final Sync SYNC = new Sync(List.of("*.db"), Sync.EVERY_DEFAULT);

    private static Story placed() {
        return given(
                join("n1"),
                join("n2"),
                join("n3"),
                new Command.SubmitJob(Spec.job().build().saving(SYNC)),
                place("j1.0.1", "n1"));
    }

    private static Attempt.Stored file(String path, String digit) {
        return new Attempt.Stored(path, sha(digit), 5);
    }

    private static Command save(Story story, String attempt, long number, Attempt.Stored... files) {
        return new Command.SaveProgress(a(attempt), story.token(attempt), number, List.of(files), List.of());
    }

    private static Table<String, Attempt.Stored> saved(Story story, String attempt) {
        return story.state().work().attempts().require(a(attempt)).saved().files();
    }

    @Test
    void whatIsSavedIsHeldByItsNode() {
        Story story = placed();
        story.when(save(story, "j1.0.1", 1, file("elo.db", "a")))
                .then(new Event.ProgressSaved(a("j1.0.1"), n("n1"), 1, List.of(file("elo.db", "a")), List.of()));
        assertThat(saved(story, "j1.0.1").find("elo.db")).contains(file("elo.db", "a"));
        Artifact artifact = story.state().files().artifacts().require(sha("a"));
        assertThat(artifact.receipts().keys()).containsExactly(n("n1"));
        assertThat(artifact.kind()).contains(ArtifactKind.PROGRESS);
        assertThat(Custody.sole(story.state(), n("n1"))).containsExactly(artifact);
        story.when(new Command.ForgetArtifact(sha("a"))).refused(Code.UNSAFE, "open job j1");
    }

    @Test
    void onlyWhoHasTheLeaseSaves() {
        Story story = placed();
        story.when(new Command.SaveProgress(a("j1.0.1"), 1, 1, List.of(), List.of()))
                .refused(Code.STALE);
        Command late = save(story, "j1.0.1", 1, file("elo.db", "a"));
        story.and(fence("n1")).when(late).refused(Code.STALE, "replaced");
        story.when(new Command.SaveProgress(a("j9.0.1"), 1, 1, List.of(), List.of()))
                .refused(Code.NOT_FOUND);
        given(join("n1"), submit(Spec.job()), place("j1.0.1", "n1"))
                .when(new Command.SaveProgress(a("j1.0.1"), 3, 1, List.of(file("elo.db", "a")), List.of()))
                .refused(Code.INVALID, "does not");
    }

    @Test
    void aLateSaveChangesNothing() {
        Story story = placed();
        story.and(save(story, "j1.0.1", 2, file("elo.db", "b")))
                .when(save(story, "j1.0.1", 1, file("elo.db", "a")))
                .changesNothing();
        story.ends("j1.0.1", Attempt.Status.FAILED)
                .when(save(story, "j1.0.1", 3, file("elo.db", "c")))
                .changesNothing();
    }

    @Test
    void thereIsALimitOfFiles() {
        Story story = placed();
        Attempt.Stored[] many = IntStream.rangeClosed(1, Saved.FILES_MAX)
                .mapToObj(i -> file(i + ".db", "a"))
                .toArray(Attempt.Stored[]::new);
        story.and(save(story, "j1.0.1", 1, many))
                .when(save(story, "j1.0.1", 2, file("elo.db", "b")))
                .refused(Code.FULL, "256");
        story.when(new Command.SaveProgress(
                        a("j1.0.1"), story.token("j1.0.1"), 2, List.of(file("elo.db", "b")), List.of("1.db")))
                .then(new Event.ProgressSaved(a("j1.0.1"), n("n1"), 2, List.of(file("elo.db", "b")), List.of("1.db")));
    }

    @Test
    void theNextAttemptBeginsWithWhatTheOneBeforeSaved() {
        Story story = placed();
        story.and(save(story, "j1.0.1", 1, file("elo.db", "a"), file("old.db", "b")))
                .and(new Command.SaveProgress(a("j1.0.1"), story.token("j1.0.1"), 2, List.of(), List.of("old.db")))
                .ends("j1.0.1", Attempt.Status.FAILED)
                .after(Duration.ofMinutes(1))
                .and(place("j1.0.2", "n2"));
        assertThat(saved(story, "j1.0.2").values()).containsExactly(file("elo.db", "a"));
        story.ends("j1.0.2", Attempt.Status.FAILED).after(Duration.ofMinutes(1)).and(place("j1.0.3", "n2"));
        assertThat(saved(story, "j1.0.3").values()).containsExactly(file("elo.db", "a"));
    }

    @Test
    void whatWentWithItsNodeIsReplacedByTheVersionBefore() {
        Story story = placed();
        story.and(
                        save(story, "j1.0.1", 1, file("elo.db", "a")),
                        new Command.ConfirmReplica(sha("a"), n("n2")),
                        save(story, "j1.0.1", 2, file("elo.db", "b")),
                        save(story, "j1.0.1", 3, file("elo.db", "c")))
                .when(new Command.ForgetArtifact(sha("a")))
                .refused(Code.UNSAFE, "open job j1");
        // Nobody has a copy of this one, and a newer one is there.
        story.and(new Command.ForgetArtifact(sha("b")));
        story.and(fence("n1"), place("j1.0.2", "n2"));
        assertThat(saved(story, "j1.0.2").values()).containsExactly(file("elo.db", "a"));
    }

    @Test
    void aReplacedVersionIsNothingToLose() {
        Story story = placed();
        story.and(save(story, "j1.0.1", 1, file("elo.db", "a")), save(story, "j1.0.1", 2, file("elo.db", "b")));
        assertThat(Custody.sole(story.state(), n("n1")))
                .extracting(Artifact::sha)
                .containsExactly(sha("b"));
    }

    @Test
    void whatWasSavedLastMayBeTheResult() {
        Story story = placed();
        story.and(save(story, "j1.0.1", 1, file("elo.db", "a"))).succeeds("j1.0.1", file("elo.db", "a"));
        assertThat(story.state().files().artifacts().require(sha("a")).progress())
                .isFalse();
    }

    @Test
    void theRiskIsWhatIsNotSavedAndWhatIsOnlyThere() {
        Story story = placed();
        story.starts("j1.0.1").after(Duration.ofMinutes(3));
        Custody.Unsaved before = Custody.risk(story.state(), n("n1")).attempts().getFirst();
        assertThat(before.time(story.now())).contains(Duration.ofMinutes(3));
        story.and(save(story, "j1.0.1", 1, file("elo.db", "a"))).after(Duration.ofSeconds(20));
        Custody.Risk risk = Custody.risk(story.state(), n("n1"));
        assertThat(risk.attempts().getFirst().time(story.now())).contains(Duration.ofSeconds(20));
        assertThat(risk.attempts().getFirst().saved()).isEqualTo(1);
        assertThat(risk.files()).isEqualTo(1);
        assertThat(risk.bytes().count()).isEqualTo(5);
        story.and(new Command.ConfirmReplica(sha("a"), n("n2")));
        for (String node : List.of("n1", "n2")) {
            assertThat(Custody.risk(story.state(), n(node)).files()).isZero();
        }
        story.and(new Command.RetireNode(n("n2")));
        assertThat(Custody.risk(story.state(), n("n1")).files()).isEqualTo(1);
        assertThat(Custody.risk(story.state(), n("n2")).files()).isZero();
    }

    // ---- eviction

    /// Its machine is to end.
    static Story leaving() {
        Money price = Money.ofDollars(1);
        Rent rent = new Rent("vast", "o", "m", "gpu", 1, Optional.empty(), price, Money.ZERO, 20, "", Role.MIXED);
        Sighting seen = new Sighting("7", Observed.RUNNING, price, price, Optional.empty(), "");
        return placed().and(
                        new Command.AdoptInstance("", rent, seen, Optional.of(n("n1")), Optional.of(n("n1"))),
                        new Command.EndInstance(new InstanceId(1), false));
    }

    private static Command evict(Story story) {
        return new Command.EvictAttempt(a("j1.0.1"), story.token("j1.0.1"));
    }

    @Test
    void anEvictedAttemptIsAskedFirstAndEndsByForceLater() {
        Story story = leaving();
        story.when(evict(story)).then(new Event.AttemptEvicting(a("j1.0.1"), "n1 is leaving"));
        assertThat(story.state().work().attempts().require(a("j1.0.1")).evicting())
                .contains(story.now());
        Duration time = JobSpec.GRACE_DEFAULT.plus(Attempt.EVICTION_MAX);
        story.after(time.minusSeconds(1)).when(evict(story)).refused(Code.CONFLICT, "to have until");
        story.after(Duration.ofSeconds(1)).and(evict(story));
        assertThat(story.state().work().attempts().require(a("j1.0.1")).status())
                .isEqualTo(Attempt.Status.LOST);
    }

    @Test
    void anEvictedAttemptThatSavesAndEndsIsNoFailure() {
        Story story = leaving();
        story.and(evict(story), save(story, "j1.0.1", 1, file("elo.db", "a")))
                .ends("j1.0.1", Attempt.Status.LOST)
                .and(place("j1.0.2", "n2"));
        Task task = story.state().work().tasks().require(TaskId.parse("j1.0"));
        assertThat(task.failures()).isZero();
        assertThat(saved(story, "j1.0.2").values()).containsExactly(file("elo.db", "a"));
        story.when(evict(story)).refused(Code.STALE);
    }

    @Test
    void nobodyIsEvictedWhoseMachineStays() {
        Story story = placed();
        story.when(evict(story)).refused(Code.CONFLICT, "leaving");
    }
}
