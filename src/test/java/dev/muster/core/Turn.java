package dev.muster.core;

import static dev.muster.core.Orders.HEX;
import static dev.muster.core.Orders.a;
import static dev.muster.core.Orders.n;
import static dev.muster.core.Story.sha;

import dev.muster.core.state.Attempt;
import dev.muster.core.state.Command;
import dev.muster.core.state.GenerationId;
import dev.muster.core.state.JobId;
import dev.muster.core.state.Loop;
import dev.muster.core.state.Match;
import dev.muster.core.state.Sha256;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/// One turn of the HEX loop, told stage by stage on node n1: each stage's job has one task that succeeds.
public final class Turn {
    private final Story story;
    private final GenerationId generation;

    private Turn(Story story, int generation) {
        this.story = story;
        this.generation = new GenerationId(HEX, generation);
    }

    public static Turn of(Story story, int generation) {
        return new Turn(story, generation);
    }

    public Turn played(Sha256... games) {
        List<Attempt.Stored> files = List.of(games).stream()
                .map(file -> new Attempt.Stored("games.db", file, 9))
                .toList();
        return done(Loop.Stage.SELFPLAY, files, List.of());
    }

    public Turn trained(Sha256 model) {
        return done(Loop.Stage.TRAINING, List.of(new Attempt.Stored("model.bin", model, 5)), List.of());
    }

    public Turn evaluated(Match... matches) {
        return done(Loop.Stage.EVALUATION, List.of(), List.of(matches));
    }

    public Turn promoted(Sha256 model, Sha256... expected) {
        story.and(
                new Command.PromoteModel(HEX, model, List.of(expected).stream().findFirst(), generation.number()),
                new Command.CompleteDistribution(HEX, model));
        return this;
    }

    public Story story() {
        return story;
    }

    private Turn done(Loop.Stage stage, List<Attempt.Stored> outputs, List<Match> matches) {
        JobId job = new JobId(story.state().work().nextJob());
        String attempt = job + ".0.1";
        story.and(
                new Command.StartStage(generation, stage, Spec.job().config(HEX).build()),
                new Command.PlaceTask(a(attempt), n("n1")));
        story.and(
                new Command.FinishAttempt(
                        a(attempt),
                        story.token(attempt),
                        new Attempt.Ending(Attempt.Status.SUCCEEDED, OptionalInt.of(0), outputs, matches, "exit 0")),
                new Command.FinishStage(generation, stage));
        return this;
    }

    /// A whole turn whose candidate beats everybody.
    public static Story whole(Story story, int generation, String digit, Optional<Sha256> current) {
        Sha256 model = sha(digit);
        Match won = new Match(model.hex(), current.map(Sha256::hex).orElse("random"), 90, 0, 10);
        Turn turn = of(story, generation)
                .played(sha(Integer.toString(generation)))
                .trained(model)
                .evaluated(won);
        return current.map(old -> turn.promoted(model, old))
                .orElseGet(() -> turn.promoted(model))
                .story();
    }
}
