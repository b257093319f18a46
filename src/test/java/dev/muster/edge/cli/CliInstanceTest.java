package dev.muster.edge.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.core.state.Bytes;
import dev.muster.core.state.Command;
import dev.muster.core.state.Hardware;
import dev.muster.core.state.Instance;
import dev.muster.core.state.InstanceId;
import dev.muster.core.state.Money;
import dev.muster.core.state.NodeId;
import dev.muster.core.state.Observed;
import dev.muster.core.state.Rent;
import dev.muster.core.state.Role;
import dev.muster.core.state.Sighting;
import dev.muster.edge.provider.FakeApi.Reply;
import dev.muster.edge.view.Doc;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// `muster instance …` with a cluster in memory and a provider that answers as told.
class CliInstanceTest extends RentedHarness {
    private static Doc json(String text) {
        return Doc.json(text.getBytes(StandardCharsets.UTF_8));
    }

    // ---- create

    @Test
    void theBestOffersAreRentedOneOrderEach() {
        Result result = run(
                "instance",
                "create",
                "--gpu",
                "RTX_3070",
                "--count",
                "2",
                "--disk",
                "50",
                "--yes",
                "--why",
                "more games");
        assertThat(result.exit()).as(result.err()).isEqualTo(Exit.DONE);
        assertThat(result.out()).isEqualTo("i1, i2 ordered; `muster instance list` shows how far they are\n");
        Rent first = instance(1).rent();
        assertThat(first.offer()).isEqualTo("2");
        assertThat(first.machine()).isEqualTo("20");
        // 0.07 and 50 GB at 0.072 / 720
        assertThat(first.perHour()).isEqualTo(Money.parse("0.075"));
        assertThat(first.perHourStopped()).isEqualTo(Money.parse("0.005"));
        assertThat(first.image()).isEqualTo("pytorch/pytorch:2.0");
        assertThat(first.bid()).isEmpty();
        assertThat(instance(2).rent().offer()).isEqualTo("1");
        assertThat(instance(2).why()).isEqualTo("more games");
    }

    @Test
    void whatWouldBeRentedIsShownWithItsSumAndTheRoomThatIsLeft() {
        run("budget", "set", "--day", "5");
        Result result = run("instance", "create", "--count", "2", "--dry-run");
        assertThat(result.out()).isEqualTo("""
                OFFER  GPU             $/H  BID  STOPPED  MACH_ID  WHERE
                    2  1x RTX 3070  $0.071    -   $0.001       20  Oregon, US
                    1  1x RTX 3070  $0.081    -   $0.001       10  Oregon, US
                Rent these 2 machines for $0.152 per hour in all; the cap per day leaves $5.00.
                Should one fail before it has joined, the next that fits is rented, up to 3 times, for $0.0972 per hour at most.
                """);
        assertThat(member.state().rentals().instances().isEmpty()).isTrue();
        assertThat(run("instance", "create").exit()).as("nobody can be asked").isEqualTo(Exit.USAGE);
    }

    @Test
    void aBidIsTheLowestThatWinsOrWhatIsSaid() {
        run("instance", "create", "--bid", "--yes");
        assertThat(instance(1).rent().bid()).contains(Money.parse("0.03"));
        assertThat(instance(1).rent().perHour()).isEqualTo(Money.parse("0.031"));
        run("instance", "create", "--bid", "--bid-price", "0.05", "--yes");
        assertThat(instance(2).rent().bid()).contains(Money.parse("0.05"));
        assertThat(instance(2).rent().perHour()).isEqualTo(Money.parse("0.051"));
        Result low = run("instance", "create", "--bid", "--bid-price", "0.02", "--yes");
        assertThat(low.exit()).isEqualTo(Exit.USAGE);
        assertThat(low.err()).contains("expected a bid of $0.03 per hour or more");
        assertThat(run("instance", "create", "--bid-price", "0.05", "--yes").err())
                .contains("expected --bid beside");
    }

    @Test
    void aCapRefusesBeforeAnybodyIsAsked() {
        run("budget", "set", "--hour", "0.05");
        Result result = run("instance", "create");
        assertThat(result.exit()).isEqualTo(Exit.REFUSED);
        assertThat(result.err()).contains("to fit into the cap", "muster budget set");
        assertThat(run("instance", "create", "--yes").exit()).isEqualTo(Exit.REFUSED);
        assertThat(member.state().rentals().instances().isEmpty()).isTrue();
    }

    @Test
    void anOfferIsNamedByItsId() {
        Result result = run("instance", "create", "--offer", "2", "--yes", "-o", "json");
        assertThat(json(result.out()).list("instances").getFirst().text()).isEqualTo("i1");
        assertThat(vast.requests().getFirst().body().get("ask_contract_id").text("eq"))
                .isEqualTo("2");
        vast.on(SEARCH, Reply.json("{'offers':[]}"));
        Result gone = run("instance", "create", "--offer", "3", "--yes");
        assertThat(gone.exit()).isEqualTo(Exit.NOT_FOUND);
        assertThat(gone.err()).contains("no offer 3");
    }

    @Test
    void oneMachineIsNotRentedTwiceWhereThereIsAnother() {
        String same = offer(2, 0.07).replace("'id':2", "'id':3");
        vast.on(SEARCH, Reply.json("{'offers':[" + same + "," + offer(2, 0.07) + "," + offer(1, 0.08) + "]}"));
        run("instance", "create", "--count", "2", "--yes");
        assertThat(instance(1).rent().machine()).isEqualTo("20");
        assertThat(instance(2).rent().machine()).isEqualTo("10");
        assertThat(run("instance", "create", "--count", "3", "--yes").exit()).isEqualTo(Exit.NOT_FOUND);
    }

    @Test
    void tooFewOffersRentNothing() {
        Result result = run("instance", "create", "--count", "3", "--max-price", "0.075", "--yes");
        assertThat(result.exit()).isEqualTo(Exit.NOT_FOUND);
        assertThat(result.err()).contains("expected offers of 3 machines, but found 1; of 2, not as wanted: 1 price");
        assertThat(member.state().rentals().instances().isEmpty()).isTrue();
    }

    @Test
    void whoeverWaitsIsToldUntilItIsInTheCluster() {
        atPause = times -> {
            if (times == 0) see(1, "101", Observed.PULLING);
            if (times == 1) see(1, "101", Observed.RUNNING);
            if (times == 2) member.join("vast-101", Role.MIXED, Hardware.cpus(4, Bytes.gib(8)));
        };
        Result result = run("instance", "create", "--yes", "--wait");
        assertThat(result.exit()).isEqualTo(Exit.DONE);
        assertThat(result.err())
                .isEqualTo(
                        "muster: i1 is ordered\nmuster: i1 is starting\nmuster: i1 is joining\nmuster: i1 is running\n");
    }

    @Test
    void thatTimeGoesOnIsNoNewsToWhoeverWaits() {
        String joining = InstanceWait.still("i1 is joining: is joining for 9.5s, of at most 15m");
        assertThat(InstanceWait.still("i1 is joining: is joining for 1m10s, of at most 15m"))
                .isEqualTo(joining);
        assertThat(InstanceWait.still("i1 is joining: is joining (no way there) for 1m10s, of at most 15m"))
                .isNotEqualTo(joining);
        assertThat(InstanceWait.still("i2 is joining: is joining for 9.5s, of at most 15m"))
                .isNotEqualTo(joining);
    }

    @Test
    void whoeverWaitsForWhatNeverComesIsToldSo() {
        atPause = times -> member.order(new Command.AbandonInstance(new InstanceId(1), "its offer was taken"));
        Result result = run("instance", "create", "--offer", "1", "--yes", "--wait=5m");
        assertThat(result.exit()).isEqualTo(Exit.ERROR);
        assertThat(result.err()).contains("i1 has ended: its offer was taken");
        atPause = times -> member.now = member.now.plusSeconds(400);
        assertThat(run("instance", "create", "--yes", "--wait=5m").exit()).isEqualTo(Exit.NOT_FINISHED);
    }

    @Test
    void whoeverWaitsFollowsToWhatTookItsPlace() {
        atPause = times -> {
            if (times == 0) member.order(new Command.AbandonInstance(new InstanceId(1), "its offer was taken"));
            if (times != 1) return;
            Instance failed = instance(1);
            member.order(new Command.RentInstance(
                    Optional.empty(),
                    failed.rent(),
                    Optional.empty(),
                    member.state().rentals().scaling().windowsAt(member.now),
                    Optional.of(failed.again().orElseThrow().after(failed.id()))));
            see(2, "102", Observed.RUNNING);
            member.join("vast-102", Role.MIXED, Hardware.cpus(4, Bytes.gib(8)));
        };
        Result result = run("instance", "create", "--gpu", "RTX_3070", "--max-price", "0.09", "--yes", "--wait");
        assertThat(result.exit()).as(result.err()).isEqualTo(Exit.DONE);
        assertThat(result.err())
                .contains("i1 is abandoned: its offer was taken; another is looked for")
                .contains("i1 is abandoned: its offer was taken; i2 takes its place")
                .contains("i2 is running");
        assertThat(instance(1).again().orElseThrow().query())
                .contains("gpu_name = \"RTX 3070\"", "dph_total <= \"0.09\"", "verified = true");
        assertThat(json(run("instance", "list", "--all", "-o", "json").out())
                        .list("instances")
                        .getLast()
                        .text("instead_of"))
                .isEqualTo("i1");
    }

    @Test
    void whoeverNamesAnOfferIsToldThatNoOtherIsTaken() {
        assertThat(run("instance", "create", "--offer", "2", "--dry-run").out())
                .contains("It is this offer or none: should it fail, no other is rented");
        run("instance", "create", "--offer", "2", "--yes");
        assertThat(instance(1).again()).isEmpty();
    }

    @Test
    void aHostThatFailedLatelyIsPassedOverUnlessItsOfferIsNamed() {
        member.order(new Command.BlameMachine("vast", "20", Duration.ofHours(1), "i7: does not join"));
        Result result = run("instance", "create", "--dry-run");
        assertThat(result.out())
                .contains("    1  1x RTX 3070")
                .contains(
                        "Not taken: offer 2, because machine 20 failed lately (i7: does not join); --offer 2 takes it");
        assertThat(run("instance", "create", "--count", "2", "--yes").err()).contains("1 of hosts that failed lately");
        run("instance", "create", "--offer", "2", "--yes");
        assertThat(instance(1).rent().machine()).isEqualTo("20");
    }

    @ParameterizedTest
    @CsvSource({
        "--count,0",
        "--count,65",
        "--count,two",
        "--role,coordinator2",
        "--max-price,-1",
        "--provider,hosts",
        "--offer,a b"
    })
    void whatMakesNoSenseIsAUsageError(String option, String value) {
        assertThat(run("instance", "create", option, value, "--yes").exit()).isEqualTo(Exit.USAGE);
        assertThat(member.state().rentals().instances().isEmpty()).isTrue();
    }

    // ---- stop and destroy

    @ParameterizedTest
    @CsvSource({"i1", "vast-101", "101", "vast:101"})
    void aMachineGoesByAllItsNames(String name) {
        running();
        Result result = run("instance", "show", name);
        assertThat(result.out()).startsWith("Instance  i1\nNode      vast-101\nPhase     running");
        assertThat(run("instance", "show", "999").exit()).isEqualTo(Exit.NOT_FOUND);
        assertThat(run("instance", "show", "i9").exit()).isEqualTo(Exit.NOT_FOUND);
    }

    @Test
    void whatIsOnlyThereIsShownBeforeItIsDestroyed() {
        running();
        Result asked = run("instance", "destroy", "vast-101", "--dry-run");
        assertThat(asked.out())
                .contains("Drain and destroy i1 (1x RTX 3070 of vast:101, $0.08 per hour)")
                .contains("1 file of 40MiB only there: abababababab (games-17.jsonl)");
        assertThat(instance(1).will()).isEqualTo(Instance.Will.RUN);
        assertThat(run("instance", "destroy", "i1").exit()).isEqualTo(Exit.USAGE);
        assertThat(run("instance", "destroy", "i1", "--yes", "--why", "done").out())
                .isEqualTo("i1 is to be destroyed, as soon as nothing is only there\n");
        assertThat(instance(1).will()).isEqualTo(Instance.Will.END);
        assertThat(instance(1).abandon()).isFalse();
    }

    @Test
    void whatCannotGoAsThingsStandIsSaidBeforeAndAfterItIsOrdered() {
        running();
        for (NodeId node : member.state().fleet().nodes().keys())
            if (!node.name().equals("vast-101")) member.order(new Command.FenceNode(node));
        assertThat(run("instance", "destroy", "i1", "--dry-run").out())
                .contains("That waits, and costs, as long as it is so: there is no other node in service to copy it to")
                .contains("`muster instance start i1` takes it back; --abandon-data lets it go");
        run("instance", "destroy", "i1", "--yes");
        assertThat(run("instance", "show", "i1").out()).contains("there is no other node in service");
        assertThat(run("instance", "stop", "i1", "--yes").err())
                .contains("i1 is to end (a person ordered it); `muster instance start i1` keeps it");
    }

    @Test
    void whatHasEndedIsNotEndedAgainAndSaysWhy() {
        running();
        run("instance", "destroy", "i1", "--abandon-data", "--confirm", "i1");
        member.order(new Command.ReleaseInstance(new InstanceId(1)));
        member.order(new Command.FinishInstance(new InstanceId(1), "ended"));
        Result again = run("instance", "destroy", "i1", "--yes");
        assertThat(again.exit()).isEqualTo(Exit.DONE);
        assertThat(again.out()).startsWith("i1 has ended already, at 2").contains("; nothing is to be done");
        assertThat(run("instance", "start", "i1", "--yes").err()).contains("i1 has ended at 2");
        assertThat(run("instance", "list", "--all").out()).contains("0 machines and 1 that ended");
    }

    @Test
    void dataIsAbandonedOnlyWhenItIsTyped() {
        running();
        Result yes = run("instance", "destroy", "i1", "--abandon-data", "--yes");
        assertThat(yes.exit()).isEqualTo(Exit.USAGE);
        assertThat(yes.err()).contains("expected --confirm i1", "1 file of 40MiB only there");
        terminal = true;
        stdin = "y\n";
        assertThat(run("instance", "destroy", "i1", "--abandon-data", "--yes").exit())
                .isEqualTo(Exit.ERROR);
        assertThat(instance(1).will()).isEqualTo(Instance.Will.RUN);
        stdin = "i1\n";
        assertThat(run("instance", "destroy", "vast-101", "--abandon-data").exit())
                .isEqualTo(Exit.DONE);
        assertThat(instance(1).abandon()).isTrue();
    }

    @Test
    void aScriptConfirmsByTheMachinesId() {
        running();
        assertThat(run("instance", "destroy", "i1", "--abandon-data", "--confirm", "i2")
                        .exit())
                .isEqualTo(Exit.USAGE);
        assertThat(run("instance", "destroy", "i1", "--confirm", "i1").err())
                .contains("expected --abandon-data beside");
        assertThat(instance(1).will()).isEqualTo(Instance.Will.RUN);
        assertThat(run("instance", "destroy", "i1", "--abandon-data", "--confirm", "i1")
                        .exit())
                .isEqualTo(Exit.DONE);
        assertThat(instance(1).abandon()).isTrue();
    }

    @Test
    void stopTellsWhatItsDiskCostsAndStartsAgain() {
        running();
        assertThat(run("instance", "stop", "i1", "--dry-run").out())
                .contains("Its disk stays, and costs $0.001 per hour.");
        assertThat(run("instance", "stop", "i1", "--yes").exit()).isEqualTo(Exit.DONE);
        assertThat(instance(1).will()).isEqualTo(Instance.Will.STOP);
        assertThat(run("instance", "start", "i1", "--dry-run").out())
                .startsWith("Keep i1 (1x RTX 3070 of vast:101): it drains");
        assertThat(run("instance", "start", "i1", "--yes").out()).isEqualTo("i1 stays, and takes work again\n");
        assertThat(instance(1).will()).isEqualTo(Instance.Will.RUN);
    }

    @Test
    void whoCannotStopRefuses() {
        member.order(new Command.AdoptInstance(
                "",
                terms("lambda"),
                new Sighting(
                        "abc", Observed.RUNNING, Money.parse("1"), Money.parse("1"), Optional.<Instant>empty(), ""),
                Optional.empty()));
        Result result = run("instance", "stop", "i1", "--yes");
        assertThat(result.exit()).isEqualTo(Exit.USAGE);
        assertThat(result.err())
                .contains("lambda cannot stop a machine and keep its disk", "muster instance destroy i1");
        assertThat(instance(1).will()).isEqualTo(Instance.Will.RUN);
    }

    @Test
    void whoeverWaitsForTheEndIsToldWhyItTakesLong() {
        running();
        atPause = times -> {
            if (times != 0) return;
            member.order(new Command.EndInstance(new InstanceId(1), false));
            member.order(new Command.FinishInstance(new InstanceId(1), "it is gone"));
        };
        Result result = run("instance", "destroy", "i1", "--yes", "--wait");
        assertThat(result.exit()).isEqualTo(Exit.DONE);
        assertThat(result.err()).isEqualTo("muster: i1 is draining\nmuster: i1 is ended: a person ordered it\n");
    }

    // ---- to the machine itself

    private void listed(String status) {
        vast.on(
                LIST,
                Reply.json("{'instances':[{'id':101,'label':'x','actual_status':'" + status + "','cur_state':'running',"
                        + "'intended_status':'running','machine_id':10,'gpu_name':'RTX 3070','num_gpus':1,"
                        + "'dph_total':0.08,'public_ipaddr':'203.0.113.7','ssh_host':'ssh5.vast.invalid','ssh_port':10101,"
                        + "'ports':{'22/tcp':[{'HostIp':'0.0.0.0','HostPort':'40022'}]}}]}"));
    }

    @Test
    void sshGoesWhereItsProviderSaysWithTheMachinesOwnHostKey() throws IOException {
        running();
        listed("running");
        Path key = Files.createDirectories(folder.resolve(".ssh")).resolve("vast_rsa");
        Files.writeString(key, "key");
        assertThat(run("instance", "ssh", "i1", "--dry-run").out())
                .isEqualTo(
                        "ssh -i " + key + " -o IdentitiesOnly=yes -o StrictHostKeyChecking=accept-new -o HostKeyAlias="
                                + "vast-101 -p 40022 -- root@203.0.113.7\n");
        assertThat(run("instance", "ssh", "i1", "--proxy", "--dry-run").out())
                .endsWith("-p 10101 -- root@ssh5.vast.invalid\n");
    }

    @Test
    void sshRunsTheCommandAndEndsAsItDoes() throws IOException {
        running();
        listed("running");
        Path told = folder.resolve("told");
        Path ssh = Files.createDirectories(folder.resolve("bin")).resolve("ssh");
        Files.writeString(ssh, "#!/bin/sh\necho \"$@\" > " + told + "\nexit 7\n");
        Files.setPosixFilePermissions(ssh, PosixFilePermissions.fromString("rwx------"));
        env.put("PATH", ssh.getParent().toString());
        assertThat(run("instance", "ssh", "i1", "--", "nvidia-smi", "-L").exit())
                .isEqualTo(7);
        assertThat(Files.readString(told)).endsWith("root@203.0.113.7 nvidia-smi -L\n");
        run("instance", "ssh", "i1", "--", "sh", "-c", "echo it's  \"two\"", "*");
        assertThat(Files.readString(told)).endsWith("root@203.0.113.7 sh -c 'echo it'\\''s  \"two\"' '*'\n");
        run("instance", "ssh", "i1", "--", "cd /tmp && ls *");
        assertThat(Files.readString(told)).as("a line for the shell there").endsWith(" cd /tmp && ls *\n");
        env.put("PATH", folder.toString());
        assertThat(run("instance", "ssh", "i1").err()).contains("expected the program ssh in the PATH");
    }

    @Test
    void sshSaysThatAMachineIsDown() {
        running();
        member.order(new Command.StopInstance(new InstanceId(1)));
        see(1, "101", Observed.STOPPED);
        Result result = run("instance", "ssh", "i1");
        assertThat(result.exit()).isEqualTo(Exit.NOT_HEALTHY);
        assertThat(result.err()).contains("expected i1 to run, but it is stopped", "`muster instance start i1 --wait`");
    }

    @Test
    void explainShowsTheOrderAsItWillBeSent() {
        Result result = run("instance", "create", "--disk", "50", "--explain", "--dry-run");
        assertThat(result.exit()).as(result.err()).isEqualTo(Exit.DONE);
        assertThat(result.err())
                .contains("> PUT ", "/api/v0/asks/2/", "\"image\":\"pytorch/pytorch:2.0\"", "\"disk\":50")
                .doesNotContain(env.get("VAST_API_KEY"));
        assertThat(run("instance", "create", "--dry-run").err()).doesNotContain("PUT");
        assertThat(member.state().rentals().instances().isEmpty()).isTrue();
    }

    @Test
    void whereNobodyHasFoundItThereIsNoWay() {
        member.order(new Command.RentInstance(
                Optional.empty(),
                terms("vast"),
                Optional.empty(),
                member.state().rentals().scaling().windowsAt(member.now)));
        for (String verb : new String[] {"ssh", "logs"}) {
            Result result = run("instance", verb, "i1");
            assertThat(result.exit()).isEqualTo(Exit.NOT_HEALTHY);
            assertThat(result.err()).contains("i1 was not found at its provider yet");
        }
    }

    @Test
    void anImageThatNoRegistryCanHaveIsRefused() {
        Result bad = run("instance", "create", "--image", "bad image name;rm", "--yes");
        assertThat(bad.exit()).isEqualTo(Exit.USAGE);
        assertThat(bad.err()).contains("but found \"bad image name;rm\"");
        assertThat(member.state().rentals().instances().isEmpty()).isTrue();
    }

    @Test
    void aMachineThatSomebodyElseRentedIsAdopted() {
        listed("running");
        Result result = run("instance", "adopt", "101", "--role", "training", "--yes");
        assertThat(result.out()).as(result.err()).isEqualTo("vast:101 is i1\n");
        assertThat(instance(1).label()).isEqualTo("x");
        assertThat(instance(1).rent().role()).isEqualTo(Role.TRAINING);
        assertThat(instance(1).node()).contains(new NodeId("vast-101"));
        assertThat(instance(1).observed()).contains(Observed.RUNNING);
        assertThat(run("instance", "adopt", "102", "--yes").exit()).isEqualTo(Exit.NOT_FOUND);
        assertThat(run("instance", "adopt", "101", "--yes").err()).contains("vast 101 is i1 already");
    }

    @Test
    void aNodesNameIsConfirmedBeforeAMachineHasItAndAVotersIsNever() {
        listed("running");
        member.join("w1", Role.MIXED, Hardware.cpus(4, Bytes.gib(8)));
        String voter = member.state().fleet().voters().iterator().next().name();
        for (String more : List.of("--yes", "--dry-run")) {
            assertThat(run("instance", "adopt", "101", "--name", voter, "--confirm", voter, more)
                            .err())
                    .contains("expected a name that is no voter's");
            assertThat(run("instance", "adopt", "101", "--name", "w1", more).err())
                    .contains("w1 is in the cluster", "--confirm w1");
        }
        assertThat(run("instance", "adopt", "101", "--name", "w1", "--confirm", "w2", "--yes")
                        .exit())
                .isEqualTo(Exit.USAGE);
        Result dry = run("instance", "adopt", "101", "--name", "w1", "--confirm", "w1", "--dry-run");
        assertThat(dry.out()).as(dry.err()).contains("what somebody made there before is not looked at");
        assertThat(member.state().rentals().instances().isEmpty()).isTrue();
        assertThat(run("instance", "adopt", "101", "--name", "w1", "--confirm", "w1", "--yes")
                        .exit())
                .isEqualTo(Exit.DONE);
        assertThat(instance(1).node()).contains(new NodeId("w1"));
    }

    @Test
    void whatCannotBeEndedIsRefusedWithoutBeingOrdered() {
        running();
        member.order(new Command.AddVoter(new NodeId("vast-101")));
        for (String verb : new String[] {"stop", "destroy"}) {
            Result dry = run("instance", verb, "i1", "--dry-run");
            assertThat(dry.exit()).as(dry.out()).isNotEqualTo(Exit.DONE);
            assertThat(dry.err()).contains("vast-101 is a voter");
        }
        assertThat(run("instance", "destroy", "i1", "--abandon-data", "--dry-run")
                        .err())
                .contains("vast-101 is a voter");
    }

    @Test
    void theProvidersOldWordsAreNotOfAMachineThatIsStopped() {
        running();
        says(Observed.PULLING, "success, pulling pytorch/pytorch");
        assertThat(run("instance", "list").out()).contains("success, pulling pytorch/pytorch");
        member.order(new Command.StopInstance(new InstanceId(1)));
        says(Observed.STOPPED, "success, running pytorch/pytorch");
        assertThat(run("instance", "list").out()).doesNotContain("success, running");
        assertThat(run("instance", "show", "i1").out()).doesNotContain("success, running");
        says(Observed.FAILED, "no space left");
        assertThat(run("instance", "show", "i1").out()).contains("no space left");
    }

    private void says(Observed observed, String words) {
        Money price = Money.parse("0.08");
        member.order(new Command.SightInstance(
                new InstanceId(1), new Sighting("101", observed, price, price, Optional.<Instant>empty(), words)));
    }

    @Test
    void whoWaitsForAStartWaitsUntilItsNodeIsHeard() {
        running();
        NodeId node = new NodeId("vast-101");
        member.order(new Command.FenceNode(node));
        int[] pauses = {0};
        atPause = times -> {
            pauses[0]++;
            if (times == 1) member.order(new Command.ReadmitNode(node));
        };
        Result result = run("instance", "start", "i1", "--yes", "--wait");
        assertThat(result.exit()).as(result.err()).isEqualTo(Exit.DONE);
        assertThat(pauses[0]).isEqualTo(2);
    }

    @Test
    void whoAdoptsIsToldWhichCapItPassesAndWhatItCostBefore() {
        run("budget", "set", "--hour", "0.05");
        vast.on(
                LIST,
                Reply.json("{'instances':[{'id':101,'label':'x','actual_status':'running','cur_state':'running',"
                        + "'intended_status':'running','dph_total':0.08,'start_date':1700000000}]}"));
        vast.on(
                "GET /api/v0/charges/",
                Reply.json("{'results':[{'source':'instance-101','start':1700000000,'end':1700003600,'amount':1.5},"
                        + "{'source':'instance-7','start':1700000000,'end':1700003600,'amount':9}]}"));
        Result asked = run("instance", "adopt", "101", "--dry-run");
        assertThat(asked.out())
                .contains("It has cost $1.50 so far, which is not counted.")
                .contains("It passes the cap per hour of $0.05 by $0.03: nothing new is rented");
        Result done = run("instance", "adopt", "101", "--yes");
        assertThat(done.exit()).isEqualTo(Exit.DONE);
        assertThat(done.err()).contains("It passes the cap per hour of $0.05");
        assertThat(instance(1).adopted()).isTrue();
    }

    @Test
    void anEmptyLogSaysWhatItWaitsFor() {
        running();
        vast.on(
                "PUT /api/v0/instances/request_logs/101/",
                Reply.json("{'success':true,'result_url':'" + vast.base() + "/log'}"));
        vast.on("GET /log", Reply.json(""));
        Result result = run("instance", "logs", "i1");
        assertThat(result.exit()).as(result.err()).isEqualTo(Exit.DONE);
        assertThat(result.err()).contains("vast has no line of i1: it has written nothing since it came up");
    }

    @Test
    void aListIsForScriptsToo() {
        running();
        assertThat(run("instance", "list", "-o", "name").out()).isEqualTo("i1\n");
        assertThat(json(run("instance", "list", "-o", "json").out())
                        .list("instances")
                        .getFirst()
                        .decimal("per_hour_now"))
                .hasValue(0.08);
        assertThat(run("instance", "list").out()).contains("1 machine, $0.08 per hour committed");
    }
}
