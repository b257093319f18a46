package dev.muster.core.run;

import static dev.muster.core.Launches.does;
import static dev.muster.core.Launches.job;
import static dev.muster.core.Launches.launch;
import static dev.muster.core.Launches.of;
import static dev.muster.core.Launches.r;
import static dev.muster.core.Launches.renting;
import static dev.muster.core.Launches.resume;
import static dev.muster.core.Launches.spec;
import static dev.muster.core.Launches.stage;
import static dev.muster.core.Launches.start;
import static dev.muster.core.Launches.stop;
import static dev.muster.core.Orders.a;
import static dev.muster.core.Orders.join;
import static dev.muster.core.Orders.n;
import static dev.muster.core.Orders.place;
import static dev.muster.core.Story.given;
import static dev.muster.core.Story.sha;
import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.core.Spec;
import dev.muster.core.Story;
import dev.muster.core.state.ArtifactKind;
import dev.muster.core.state.Attempt;
import dev.muster.core.state.Command;
import dev.muster.core.state.JobSpec;
import dev.muster.core.state.Run;
import dev.muster.core.state.RunSpec;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

class StageWorkTest {
    private static Command put(String digit) {
        return new Command.PutArtifact(sha(digit), 9, "f" + digit, ArtifactKind.OTHER, Optional.empty(), n("n1"));
    }

    private static Story begun() {
        return given(join("n1"), put("1"), put("2"));
    }

    private static StageWork of1(RunSpec.Stage... stages) {
        Run run = of(begun().and(launch("r1", spec(stages))), "r1");
        return StageWork.of(run, stages[0]);
    }

    private static String key(Spec job) {
        return of1(new RunSpec.Stage("train", job.build(), Optional.empty(), false))
                .key();
    }

    private static Spec usual() {
        return Spec.job()
                .command("train", "x")
                .env(Map.of("A", "1", "B", "2"))
                .input(sha("1"), "data")
                .output("out");
    }

    @Test
    void theKeyIsOfWhatIsMadeOfWhat() {
        String key = key(usual());
        assertThat(key).matches("[0-9a-f]{64}").isEqualTo(key(usual()));
        assertThat(key(usual().env(Map.of("B", "2", "A", "1")))).isEqualTo(key);
        assertThat(key(usual().cpus(3).priority(9).maxAttempts(7)))
                .as("where it runs")
                .isEqualTo(key);
        Set<String> keys = new HashSet<>(List.of(key));
        List<Spec> others = List.of(
                usual().command("train", "y"),
                usual().command("train x"),
                usual().command("trai", "nx"),
                usual().env(Map.of("A", "1", "B", "3")),
                usual().env(Map.of("A", "1")),
                usual().env(Map.of("A", "1\nenv 3 B=2")),
                usual().input(sha("2"), "more"),
                usual().output("more"));
        for (Spec other : others) keys.add(key(other));
        keys.add(key(Spec.job()
                .command("train", "x")
                .env(Map.of("A", "1", "B", "2"))
                .input(sha("2"), "data")
                .output("out")));
        keys.add(key(Spec.job()
                .command("train", "x")
                .env(Map.of("A", "1", "B", "2"))
                .input(sha("1"), "dat")
                .output("out")));
        assertThat(keys).hasSize(1 + others.size() + 2);
        assertThat(of1(stage("train")).key())
                .isNotEqualTo(of1(new RunSpec.Stage(
                                "train",
                                Spec.job().command("train").output("model.pt").build(),
                                Optional.empty(),
                                false))
                        .key());
    }

    @Test
    void theKeyIsTheSameInEveryRun() {
        Run one = of(begun().and(launch("r1", spec(stage("train")))), "r1");
        Run other = of(begun().and(launch("r2", renting("r2", stage("train")))), "r2");
        StageWork own = StageWork.of(one, stage("train"));
        StageWork rented = StageWork.of(other, stage("train"));
        assertThat(rented.key()).isEqualTo(own.key());
        assertThat(own.spec().run()).isEmpty();
        assertThat(rented.spec().run()).contains(r("r2"));
        assertThat(rented.spec().env()).isEqualTo(Map.of("MUSTER_RUN", "r2", "MUSTER_STAGE", "train"));
    }

    /// What the last stage left under a path is taken, and not what the job brings itself.
    @Test
    void itBeginsWithWhatTheStagesBeforeItHaveLeft() {
        JobSpec brings =
                Spec.job().input(sha("1"), "model.pt").input(sha("2"), "data").build();
        RunSpec.Stage eval = new RunSpec.Stage("eval", brings, Optional.empty(), false);
        Story story = begun().and(launch("r1", spec(stage("train"), stage("tune"), eval)));
        assertThat(StageWork.of(of(story, "r1"), eval).spec().inputs()).isEqualTo(brings.inputs());
        does(
                story,
                "r1",
                "train",
                1,
                new Attempt.Stored("model.pt", sha("a"), 5),
                new Attempt.Stored("log", sha("c"), 5));
        String before = StageWork.of(of(story, "r1"), eval).key();
        does(story, "r1", "tune", 1, new Attempt.Stored("model.pt", sha("b"), 5));
        StageWork work = StageWork.of(of(story, "r1"), eval);
        assertThat(work.spec().inputs())
                .containsExactlyInAnyOrder(
                        new JobSpec.Input(sha("2"), "data"),
                        new JobSpec.Input(sha("b"), "model.pt", JobSpec.As.COPY),
                        new JobSpec.Input(sha("c"), "log", JobSpec.As.COPY));
        assertThat(work.key()).isNotEqualTo(before);
    }

    @Test
    void whatItHadSavedGoesOverAllElseAndIsNoPartOfTheKey() {
        RunSpec.Stage train = new RunSpec.Stage(
                "train",
                job("train").with(List.of("train"), Map.of(), List.of(new JobSpec.Input(sha("1"), "step.pt"))),
                Optional.empty(),
                false);
        Story story = begun().and(launch("r1", spec(train)));
        StageWork first = StageWork.of(of(story, "r1"), train);
        story.and(start("r1", "train"), place("j1.0.1", "n1")).starts("j1.0.1");
        Attempt.Stored step = new Attempt.Stored("step.pt", sha("b"), 3);
        story.and(new Command.SaveProgress(a("j1.0.1"), story.token("j1.0.1"), 1, List.of(step), List.of()))
                .and(stop("r1"))
                .ends("j1.0.1", Attempt.Status.STOPPED)
                .and(new Command.FinishRunStage(r("r1"), "train"), new Command.EndRun(r("r1")));
        story.and(resume(story, "r1"));
        StageWork second = StageWork.of(of(story, "r1"), train);
        assertThat(second.spec().inputs()).containsExactly(new JobSpec.Input(sha("b"), "step.pt", JobSpec.As.COPY));
        assertThat(second.spec().env()).containsEntry("MUSTER_RESUMED", "1");
        assertThat(second.key()).isEqualTo(first.key());
        assertThat(StageWork.anew(of(story, "r1"), train)).isEqualTo(first);
    }
}
