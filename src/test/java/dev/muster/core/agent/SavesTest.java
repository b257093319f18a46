package dev.muster.core.agent;

import static dev.muster.core.Orders.a;
import static dev.muster.core.Orders.join;
import static dev.muster.core.Orders.n;
import static dev.muster.core.Orders.place;
import static dev.muster.core.Story.START;
import static dev.muster.core.Story.given;
import static dev.muster.core.Story.sha;
import static dev.muster.core.Story.success;
import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.core.Spec;
import dev.muster.core.Story;
import dev.muster.core.agent.LocalAttempt.Phase;
import dev.muster.core.state.Attempt;
import dev.muster.core.state.Command;
import dev.muster.core.state.InstanceId;
import dev.muster.core.state.JobSpec;
import dev.muster.core.state.Money;
import dev.muster.core.state.Observed;
import dev.muster.core.state.Rent;
import dev.muster.core.state.Role;
import dev.muster.core.state.Saved;
import dev.muster.core.state.Sha256;
import dev.muster.core.state.Sighting;
import dev.muster.core.state.Sync;
import dev.muster.core.state.Table;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import org.junit.jupiter.api.Test;

/// What an agent does about files that are saved on the way of a job.
class SavesTest {
    private static final JobSpec WORK = Spec.job().build().saving(new Sync(List.of("*.db"), Sync.EVERY_DEFAULT));
    private static final Attempt.Stored OLD = new Attempt.Stored("elo.db", sha("a"), 5);
    private static final Attempt.Stored NEW = new Attempt.Stored("elo.db", sha("b"), 6);

    private static Story placed() {
        return given(join("n1"), join("n2"), join("n3"), new Command.SubmitJob(WORK), place("j1.0.1", "n1"));
    }

    private static Command save(Story story, long number, Attempt.Stored... files) {
        return new Command.SaveProgress(a("j1.0.1"), story.token("j1.0.1"), number, List.of(files), List.of());
    }

    private static Saved having(Attempt.Stored... files) {
        Table<String, Attempt.Stored> table = Table.empty();
        for (Attempt.Stored file : files) table = table.with(file.path(), file);
        return Saved.NOTHING.next(table, START);
    }

    private static LocalAttempt record(Story story, Phase phase, Saved saved) {
        return new LocalAttempt(
                a("j1.0.1"),
                story.token("j1.0.1"),
                WORK,
                phase,
                START,
                OptionalLong.of(4711),
                Optional.empty(),
                phase == Phase.ENDED ? Optional.of(success()) : Optional.empty(),
                saved);
    }

    private static List<AgentAction> decide(Story story, Set<Sha256> held, LocalAttempt... records) {
        return AgentPlanner.decide(story.state(), view(held, records), 4, START);
    }

    private static LocalView view(Set<Sha256> held, LocalAttempt... records) {
        Table<dev.muster.core.state.AttemptId, LocalAttempt> attempts = Table.empty();
        for (LocalAttempt record : records) attempts = attempts.with(record.id(), record);
        return new LocalView(n("n1"), attempts, held, Set.of(), Table.empty());
    }

    @Test
    void whatIsSavedIsTold() {
        Story story = placed().starts("j1.0.1");
        assertThat(decide(story, Set.of(sha("b")), record(story, Phase.RUNNING, having(NEW))))
                .containsExactly(new AgentAction.Report(save(story, 1, NEW)));
        story.and(save(story, 1, NEW));
        assertThat(decide(story, Set.of(sha("b")), record(story, Phase.RUNNING, having(NEW))))
                .isEmpty();
        assertThat(decide(
                        story,
                        Set.of(sha("b")),
                        record(story, Phase.RUNNING, having(NEW).next(Table.empty(), START))))
                .containsExactly(new AgentAction.Report(
                        new Command.SaveProgress(a("j1.0.1"), story.token("j1.0.1"), 2, List.of(), List.of("elo.db"))));
    }

    @Test
    void anEndIsToldAfterWhatWasSavedLast() {
        Story story = placed().starts("j1.0.1");
        LocalAttempt ended = record(story, Phase.ENDED, having(NEW));
        assertThat(decide(story, Set.of(sha("b")), ended)).containsExactly(new AgentAction.Report(save(story, 1, NEW)));
        story.and(save(story, 1, NEW));
        assertThat(decide(story, Set.of(sha("b")), ended))
                .containsExactly(new AgentAction.Report(
                        new Command.FinishAttempt(a("j1.0.1"), story.token("j1.0.1"), success())));
    }

    @Test
    void theNextAttemptBeginsWithIt() {
        Story story = placed().starts("j1.0.1");
        story.and(save(story, 1, NEW))
                .ends("j1.0.1", Attempt.Status.FAILED)
                .after(Duration.ofMinutes(1))
                .and(place("j1.0.2", "n1"));
        assertThat(decide(story, Set.of(sha("b"))))
                .singleElement()
                .isInstanceOfSatisfying(
                        AgentAction.Begin.class,
                        begin -> assertThat(begin.saved().files().values()).containsExactly(NEW));
    }

    @Test
    void aReplacedVersionMayGoUnlessAnAttemptHereBeginsWithIt() {
        Story story = placed().starts("j1.0.1");
        story.and(save(story, 1, OLD), save(story, 2, NEW));
        Set<Sha256> held = Set.of(sha("a"), sha("b"));
        assertThat(Repairs.spent(story.state(), view(held))).containsExactly(sha("a"));
        assertThat(Repairs.spent(story.state(), view(held, record(story, Phase.PREPARING, having(OLD)))))
                .isEmpty();
        assertThat(Repairs.decide(story.state(), view(Set.of(sha("b"))), 4, Set.of()))
                .isEmpty();
    }

    private static Story evicting() {
        Money price = Money.ofDollars(1);
        Rent rent = new Rent("vast", "o", "m", "gpu", 1, Optional.empty(), price, Money.ZERO, 20, "", Role.MIXED);
        Sighting seen = new Sighting("7", Observed.RUNNING, price, price, Optional.empty(), "");
        Story story = placed().and(
                        new Command.AdoptInstance("", rent, seen, Optional.of(n("n1")), Optional.of(n("n1"))),
                        new Command.EndInstance(new InstanceId(1), false));
        return story.and(new Command.EvictAttempt(a("j1.0.1"), story.token("j1.0.1")));
    }

    @Test
    void anEvictedAttemptIsStoppedAndEndsAsLost() {
        Story story = evicting().starts("j1.0.1");
        assertThat(decide(story, Set.of(), record(story, Phase.RUNNING, Saved.NOTHING)))
                .containsExactly(new AgentAction.Stop(a("j1.0.1"), "evicted: n1 is leaving"));
        assertThat(LocalAttempt.status("evicted: n1 is leaving")).isEqualTo(Attempt.Status.LOST);
        assertThat(LocalAttempt.status("job stopped: enough")).isEqualTo(Attempt.Status.STOPPED);
    }

    @Test
    void anEvictedAttemptThatHasNotBegunDoesNotBegin() {
        Story story = evicting();
        assertThat(decide(story, Set.of()))
                .containsExactly(new AgentAction.Report(new Command.FinishAttempt(
                        a("j1.0.1"),
                        story.token("j1.0.1"),
                        new Attempt.Ending(
                                Attempt.Status.LOST,
                                OptionalInt.empty(),
                                List.of(),
                                List.of(),
                                "evicted before it began: n1 is leaving"))));
    }
}
