package dev.muster.edge.cli;

import static dev.muster.core.Launches.LESS;
import static dev.muster.core.Launches.gated;
import static dev.muster.core.Launches.r;
import static dev.muster.core.Launches.stage;
import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.core.state.Attempt;
import dev.muster.core.state.Command;
import dev.muster.core.state.Instance;
import dev.muster.core.state.InstanceId;
import dev.muster.core.state.Money;
import dev.muster.core.state.NodeId;
import dev.muster.core.state.Observed;
import dev.muster.core.state.Sighting;
import dev.muster.edge.view.Doc;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class CliRunCleanupTest extends RunHarness {
    private Path cold;
    private Attempt.Stored shared;

    /// r1 failed, r2 is the best, r3 succeeded without being better; all of them long ago. r4 is new.
    @BeforeEach
    void runs() {
        cold = folder.resolve("cold");
        shared = file("data.bin", "the same of two");
        launched("r1", stage("train"));
        fails("r1", "train", "DATA", file("step.pt", "step of r1"));
        for (String run : new String[] {"r2", "r3"}) {
            launched(run, gated("train", LESS));
            does(
                    run,
                    "train",
                    Map.of("loss", run.equals("r2") ? 0.1 : 0.2),
                    file("model.pt", "model of " + run),
                    shared);
            end(run);
        }
        launched("base", gated("train", LESS));
        does("base", "train", Map.of("loss", 0.05), file("model.pt", "model of base"));
        end("base");
        member.now = member.now.plus(Duration.ofDays(31));
        launched("r4", stage("train"));
        does("r4", "train", Map.of("loss", 0.5), file("model.pt", "model of r4"), shared);
        end("r4");
    }

    private Result cleanup(String... more) {
        String[] words = new String[4 + more.length];
        System.arraycopy(new String[] {"run", "cleanup", "--to", cold.toString()}, 0, words, 0, 4);
        System.arraycopy(more, 0, words, 4, more.length);
        return run(words);
    }

    private boolean lists(String run) {
        return member.state().runs().runs().has(r(run));
    }

    private boolean known(String content) {
        return member.state().files().artifacts().has(sha(content));
    }

    @Test
    void whatIsOldIsArchivedAndForgottenAndNothingElse() {
        assertThat(member.state().runs().champions().find("burgers")).contains(r("base"));
        Result result = cleanup("--yes");
        assertThat(result.err()).isEmpty();
        assertThat(result.exit()).isEqualTo(Exit.DONE);
        assertThat(result.out()).contains("r1 is in " + cold.resolve("r1") + ", and forgotten here");
        assertThat(lists("r1")).isFalse();
        assertThat(lists("r3")).isFalse();
        assertThat(lists("base")).as("the best").isTrue();
        assertThat(lists("r4")).as("new").isTrue();
        assertThat(cold.resolve("r1/train/step.pt")).hasContent("step of r1");
        assertThat(cold.resolve("r3/summary.json")).exists();
        assertThat(known("model of r3")).isFalse();
        assertThat(known("the same of two")).as("r4 has it, too").isTrue();
        assertThat(known("model of base")).isTrue();
        assertThat(cleanup("--yes").out()).isEqualTo("nothing is to be cleaned up\n");
    }

    @Test
    void aDryRunSaysWhatItWouldDoAndDoesNothing() {
        stopped(Duration.ofDays(8));
        Result dry = cleanup("--dry-run");
        assertThat(dry.exit()).as(dry.err()).isEqualTo(Exit.DONE);
        assertThat(dry.out())
                .contains("destroy i1 (", "stopped for 8d, $1.44 a month")
                .contains("archive r1 in " + cold + " and forget it, ended ")
                .contains("That saves $1.44 a month")
                .doesNotContain("base")
                .doesNotContain("r4");
        Doc doc = json(cleanup("--dry-run", "-o", "json"));
        assertThat(doc.list("machines").getFirst().number("stopped_days")).isEqualTo(8);
        assertThat(doc.list("runs")).extracting(run -> run.text("id")).contains("r1", "r2", "r3");
        assertThat(lists("r1")).isTrue();
        assertThat(cold).doesNotExist();
        assertThat(cleanup().exit()).as("without a terminal").isEqualTo(Exit.USAGE);
    }

    @Test
    void oneRunsFailureStopsNoOther() throws Exception {
        for (String node : new String[] {"n1", "n2", "gpu1"})
            member.order(new Command.DropReplica(sha("step of r1"), new NodeId(node)));
        Files.createDirectories(cold.resolve("r2/train"));
        Files.writeString(cold.resolve("r2/train/model.pt"), "somebody else's");
        Result result = cleanup("--yes", "-o", "json");
        assertThat(result.exit()).isEqualTo(Exit.ERROR);
        assertThat(result.err())
                .contains("muster: r1: nobody holds train/step.pt (")
                .contains("muster: r2: expected nothing else where the run's files go");
        assertThat(lists("r1")).isTrue();
        assertThat(lists("r2")).isTrue();
        assertThat(known("model of r2")).isTrue();
        assertThat(lists("r3")).isFalse();
        assertThat(json(result).list("failed")).hasSize(2);
    }

    @Test
    void aMachineThatIsStoppedForLongIsDestroyed() {
        stopped(Duration.ofDays(8));
        assertThat(cleanup("--yes", "--stopped-for", "9d", "--older-than", "90d")
                        .out())
                .isEqualTo("nothing is to be cleaned up\n");
        Result result = cleanup("--yes", "--older-than", "90d");
        assertThat(result.exit()).as(result.err()).isEqualTo(Exit.DONE);
        assertThat(result.out()).contains("i1 is to be destroyed");
        assertThat(instance().will()).isEqualTo(Instance.Will.END);
    }

    private Instance instance() {
        return member.state().rentals().instances().require(new InstanceId(1));
    }

    private void stopped(Duration past) {
        member.order(new Command.RentInstance(
                Optional.empty(),
                RentedHarness.terms("vast"),
                Optional.empty(),
                member.state().rentals().scaling().windowsAt(member.now)));
        see(Observed.RUNNING);
        member.order(new Command.StopInstance(new InstanceId(1)));
        member.order(new Command.ReleaseInstance(new InstanceId(1)));
        see(Observed.STOPPED);
        member.now = member.now.plus(past);
    }

    private void see(Observed observed) {
        member.order(new Command.SightInstance(
                new InstanceId(1),
                new Sighting(
                        "101",
                        observed,
                        observed == Observed.STOPPED ? Money.parse("0.002") : Money.parse("0.08"),
                        Money.parse("0.08"),
                        Optional.empty(),
                        "")));
    }
}
