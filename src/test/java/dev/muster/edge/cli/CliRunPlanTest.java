package dev.muster.edge.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.core.state.Command;
import dev.muster.core.state.InstanceId;
import dev.muster.core.state.Observed;
import dev.muster.core.state.RunId;
import dev.muster.edge.provider.FakeApi.Reply;
import dev.muster.edge.view.Doc;
import dev.muster.edge.view.DocText;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// What a launch says before it begins, beside a provider.
class CliRunPlanTest extends RentedHarness {
    private Path project;

    @BeforeEach
    void project() throws IOException {
        project = Files.createDirectories(folder.resolve("project"));
        Files.writeString(project.resolve("train.py"), "print(1)\n");
        file("""
                series: toy
                code: .
                estimate: 10h
                resources: {gpu: "RTX 3070", disk: 20GB}
                pricing: {max_price: 0.20}
                stages: {train: {command: [python3, train.py]}}
                """);
    }

    private void file(String yaml) throws IOException {
        Files.writeString(project.resolve("run.yaml"), yaml);
    }

    private Result launch(String... more) {
        List<String> words = new ArrayList<>(
                List.of("run", "launch", "-f", project.resolve("run.yaml").toString(), "--run-id", "r1"));
        words.addAll(List.of(more));
        return run(words.toArray(String[]::new));
    }

    private static Doc json(Result result) {
        return Doc.json(result.out().getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void thePlanNamesTheBestOffersAndTheEstimateCountsWithTheirPrice() {
        Result dry = launch("--dry-run");
        assertThat(dry.exit()).as(dry.err()).isEqualTo(Exit.DONE);
        assertThat(dry.out())
                .contains("offers of vast: 2 fit now: 1x RTX 3070 at $0.07")
                .contains("in Oregon, US (offer 2); 1x RTX 3070 at $0.08")
                .contains("at $0.07");
        Doc doc = json(launch("--dry-run", "-o", "json"));
        assertThat(doc.flag("dry_run")).isTrue();
        assertThat(doc.list("offers")).extracting(offer -> offer.text("id")).containsExactly("2", "1");
        assertThat(doc.get("estimate").decimal("cost").orElseThrow()).isBetween(0.7, 0.8);
        assertThat(doc.text("plan")).startsWith("Launch r1 of toy:");
    }

    @Test
    void aSecretThatTheLeaderLacksIsToldBeforehand() throws IOException {
        assertThat(launch("--dry-run", "--env", "KEY={secret:WANDB}").out())
                .contains("no machine will be rented before the leader has its secrets: no secret WANDB");
        member.secrets = Set.of("WANDB");
        assertThat(launch("--dry-run", "--env", "KEY={secret:WANDB}").out()).doesNotContain("before the leader has");
    }

    @Test
    void machinesThatTheLeaderPassesOverAreNotOffered() {
        member.order(new Command.BlameMachine("vast", "20", Duration.ofHours(1), "i7: does not join"));
        Result dry = launch("--dry-run");
        assertThat(dry.out())
                .contains("offers of vast: 1 fits now: 1x RTX 3070 at $0.08")
                .contains("1 more on machines that failed lately are passed over")
                .doesNotContain("(offer 2)");
        assertThat(json(launch("--dry-run", "-o", "json")).list("offers"))
                .extracting(offer -> offer.text("id"))
                .containsExactly("1");
        member.order(new Command.BlameMachine("vast", "10", Duration.ofHours(1), "i8: does not join"));
        assertThat(launch("--dry-run").out())
                .contains("none fits now; 2 would, on machines that failed lately")
                .contains("the run will wait until one does");
        member.now = member.now.plus(Duration.ofHours(25));
        assertThat(launch("--dry-run").out()).as("blame passes").contains("2 fit now");
    }

    @Test
    void whatIsAskedForIsWhatTheLeaderAsksFor() {
        launch("--dry-run", "--disk", "50");
        assertThat(DocText.compact(vast.requests().getFirst().body()))
                .contains("\"reliability\":{\"gte\":\"0.95\"")
                .contains("RTX 3070")
                .contains("\"disk_space\":{\"gte\":\"50\"");
    }

    @Test
    void thatNothingFitsIsToldWithTheNearestPrice() {
        Result dry = launch("--dry-run", "--max-price", "0.05");
        assertThat(dry.exit()).as(dry.err()).isEqualTo(Exit.DONE);
        assertThat(dry.out())
                .contains("none fits now; of 2 with this card were dropped 2 by price")
                .contains("all but the price fits 1x RTX 3070 at $0.07")
                .contains("the run will wait until one does");
        vast.on(SEARCH, Reply.json("{'offers':[]}"));
        assertThat(launch("--dry-run").out()).contains("none fits now; there is none of this card at all");
    }

    @Test
    void aShellWithoutAKeySaysSoAndLaunchesAllTheSame() {
        env.remove("VAST_API_KEY");
        Result dry = launch("--dry-run");
        assertThat(dry.exit()).as(dry.err()).isEqualTo(Exit.DONE);
        assertThat(dry.out()).contains("offers: not known here (").contains("the leader asks vast with its own key");
        assertThat(launch("--yes").exit()).isEqualTo(Exit.DONE);
    }

    @Test
    void aRunThatNothingLimitsIsWarnedOf() {
        assertThat(launch("--dry-run").out()).contains("warning: nothing limits what it may cost");
        assertThat(launch("--dry-run", "--max-total", "9").out()).doesNotContain("warning");
        assertThat(launch("--dry-run", "--max-duration", "9h").out()).doesNotContain("warning");
        Result yes = launch("--yes", "-o", "name");
        assertThat(yes.exit()).isEqualTo(Exit.DONE);
        assertThat(yes.out()).isEqualTo("r1\n");
        assertThat(yes.err()).contains("muster: warning: nothing limits what it may cost");
        run("budget", "set", "--day", "5", "--yes");
        assertThat(launch("--dry-run", "--run-id", "r2").out()).doesNotContain("warning");
    }

    @Test
    void aLaunchGivesItsPlanForPrograms() {
        Doc doc = json(launch("--yes", "-o", "json", "--max-total", "9"));
        assertThat(doc.text("run")).isEqualTo("r1");
        assertThat(doc.number("revision")).isPositive();
        assertThat(doc.decimal("total_max").orElseThrow()).isEqualTo(9);
        assertThat(doc.list("stages").getFirst().text("name")).isEqualTo("train");
        assertThat(doc.list("ships").getFirst().number("files")).isEqualTo(2);
        assertThat(doc.list("warnings")).isEmpty();
        assertThat(member.state().runs().runs().has(new RunId("r1"))).isTrue();
    }

    @Test
    void whatIsLaunchedWithoutAQuestionSaysItsPlanAllTheSame() {
        Result yes = launch("--yes", "--max-price", "0.05");
        assertThat(yes.exit()).as("it waits").isEqualTo(Exit.DONE);
        assertThat(yes.out())
                .startsWith("Launch r1 of toy:\n")
                .contains("none fits now; of 2 with this card were dropped 2 by price")
                .contains("the run will wait until one does")
                .contains("thought to take: 10h (2h to 20h), $0.50; as written; no run so far")
                .contains("warning: nothing limits")
                .contains("\nlaunched r1;");
        assertThat(yes.err()).isEmpty();
    }

    @Test
    void goingOnSaysWhatItDoesAndForHowMuch() {
        launch("--yes");
        RunId id = new RunId("r1");
        member.order(new Command.StopRun(id, "enough"));
        member.order(new Command.EndRun(id));
        Result dry = run("run", "resume", "r1", "--dry-run", "--max-price", "0.1", "--max-total", "4");
        assertThat(dry.exit()).as(dry.err()).isEqualTo(Exit.DONE);
        assertThat(dry.out())
                .startsWith("Resume r1 of toy:\n  stages: train (done)\n")
                .contains("where: a machine of its own with 1x RTX 3070, for up to $0.10 per hour")
                .contains("cost so far: $0.00 of $0.")
                .contains("stopped at: $4.00 in all")
                .contains("offers of vast: 2 fit now: 1x RTX 3070 at $0.07");
        assertThat(run("run", "resume", "r1", "--dry-run").out())
                .contains("warning: neither max_total nor max_duration limits what it may cost");
        Doc doc = json(run("run", "resume", "r1", "--dry-run", "-o", "json"));
        assertThat(doc.flag("dry_run")).isTrue();
        assertThat(doc.list("offers")).hasSize(2);
        Result asks = run("run", "resume", "r1");
        assertThat(asks.exit()).isEqualTo(Exit.USAGE);
        assertThat(asks.err()).contains("Resume r1 of toy:").contains("expected --yes");
        assertThat(member.state().runs().runs().require(id).open()).isFalse();
        Result yes = run("run", "resume", "r1", "--yes");
        assertThat(yes.exit()).isEqualTo(Exit.DONE);
        assertThat(yes.out()).startsWith("Resume r1 of toy:\n").contains("\nr1 goes on;");
        assertThat(member.state().runs().runs().require(id).open()).isTrue();
    }

    /// Its machine, which costs $0.08, is stopped.
    private void stopped(String... more) {
        launch(Stream.concat(Stream.of("--yes"), Stream.of(more)).toArray(String[]::new));
        member.order(new Command.RentInstance(
                Optional.empty(),
                terms("vast"),
                Optional.of("r1"),
                member.state().rentals().scaling().windowsAt(member.now)));
        see(1, "101", Observed.RUNNING);
        member.order(new Command.StopRun(new RunId("r1"), "enough"));
        member.order(new Command.EndRun(new RunId("r1")));
        member.order(new Command.StopInstance(new InstanceId(1)));
        member.now = member.now.plusSeconds(60);
    }

    @Test
    void goingOnStartsTheStoppedMachineUnlessItIsTooDear() {
        stopped();
        assertThat(run("run", "resume", "r1", "--dry-run", "--max-price", "0.08")
                        .out())
                .contains("where: i1, which is started again, for $0.08 per hour")
                .doesNotContain("destroyed");
        assertThat(run("run", "resume", "r1", "--dry-run", "--max-price", "0.075")
                        .out())
                .contains("where: a machine of its own with 1x RTX 3070, for up to $0.075 per hour")
                .contains("destroyed: i1, since it costs $0.08 per hour, and at most $0.075 is asked for")
                .contains("offers of vast: 1 fits now: 1x RTX 3070 at $0.07")
                .doesNotContain("started again");
    }

    @Test
    void goingOnTellsASecretThatTheLeaderLacks() {
        stopped("--env", "KEY={secret:WANDB}");
        assertThat(run("run", "resume", "r1", "--dry-run").out())
                .contains("i1 will not be started before the leader has its secrets: no secret WANDB");
        assertThat(run("run", "resume", "r1", "--dry-run", "--max-price", "0.07")
                        .out())
                .contains("no machine will be rented before the leader has its secrets: no secret WANDB");
        member.secrets = Set.of("WANDB");
        assertThat(run("run", "resume", "r1", "--dry-run").out()).doesNotContain("secret");
    }

    @Test
    void filesThatAreNotCommittedAreNamed() throws IOException, InterruptedException {
        git("init", "-q");
        git("add", "train.py");
        git("-c", "user.name=a", "-c", "user.email=a@b", "commit", "-qm", "one");
        Files.writeString(project.resolve("train.py"), "print(2)\n");
        for (int number = 10; number < 22; number++)
            Files.writeString(project.resolve("more" + number + ".py"), "pass\n");
        Result dry = launch("--dry-run");
        assertThat(dry.out())
                .contains("with changes that are not committed")
                .contains("not committed, and shipped as they are: 14 files, more10.py, more11.py")
                .contains("more19.py and 4 more")
                .doesNotContain("more20.py");
        Doc ships = json(launch("--dry-run", "-o", "json")).list("ships").getFirst();
        assertThat(ships.list("uncommitted")).hasSize(14);
        assertThat(ships.text("commit")).hasSize(40);
    }

    private void git(String... words) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of("git", "-C", project.toString()));
        command.addAll(List.of(words));
        Process git = new ProcessBuilder(command).inheritIO().start();
        assertThat(git.waitFor(30, TimeUnit.SECONDS)).isTrue();
        assertThat(git.exitValue()).isZero();
    }
}
