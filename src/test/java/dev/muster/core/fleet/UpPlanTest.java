package dev.muster.core.fleet;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.core.fleet.UpPlan.Verdict;
import dev.muster.core.hosts.HostFile;
import dev.muster.edge.config.ConfigException;
import dev.muster.edge.config.HostFileReader;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class UpPlanTest {
    private static final String NEW = "muster-1-abc";
    private static final Sight BARE = new Sight.Reached(
            "x86_64", Optional.empty(), Optional.empty(), new Sight.Agent.Stopped(), Optional.empty());

    private final TreeMap<String, Sight> sights = new TreeMap<>();
    private HostFile file = file("""
            hosts:
              a: {ssh_host: 127.0.0.2, status: ready}
              b: {ssh_host: 127.0.0.3, status: ready}
              c: {ssh_host: 127.0.0.4, status: ready}
              w: {ssh_host: 127.0.0.5, status: ready, role: selfplay}
              old: {ssh_host: 127.0.0.6, status: retired}
              laptop: {ssh_host: 127.0.0.7, status: ready, role: coordinator}
              alone: {ssh_host: 127.0.0.8, status: ready, p2p_enabled: false}
            p2p_voters: [a, b, c]
            """);

    private static HostFile file(String yaml) {
        try {
            return HostFileReader.read("hosts.yaml", yaml.getBytes(StandardCharsets.UTF_8))
                    .file();
        } catch (ConfigException e) {
            throw new AssertionError(e);
        }
    }

    private UpPlan plan(boolean cluster, String... only) {
        return UpPlan.of(file, Set.of(only), sights, Map.of("x86_64", NEW), cluster);
    }

    private static UpPlan.Entry entry(UpPlan plan, String host) {
        return plan.hosts().stream()
                .filter(entry -> entry.host().equals(host))
                .findFirst()
                .orElseThrow();
    }

    private static Sight running(String node) {
        return new Sight.Reached(
                "x86_64", Optional.of(NEW), Optional.of(node), new Sight.Agent.Running(7, node, NEW), Optional.empty());
    }

    private void bare(String... hosts) {
        for (String host : hosts) sights.put(host, BARE);
    }

    @Test
    void fromNothingTheVotersFoundAClusterAndTheOthersJoin() {
        bare("a", "b", "c", "w");
        UpPlan plan = plan(false);

        assertThat(plan.refusal()).isEmpty();
        assertThat(plan.founded()).containsExactly("a", "b", "c");
        assertThat(entry(plan, "b").steps())
                .containsExactly(new Step.Install(NEW), new Step.Found(List.of("a", "b", "c")), new Step.Start());
        assertThat(entry(plan, "w").steps()).containsExactly(new Step.Install(NEW), new Step.Enrol(), new Step.Start());
        assertThat(entry(plan, "old").why()).isEqualTo("the file says retired");
        assertThat(entry(plan, "laptop").why()).isEqualTo("a coordinator that does not vote");
        assertThat(entry(plan, "alone").why()).isEqualTo("the file keeps it out of the mesh (p2p_enabled: false)");
        assertThat(UpPlan.wanted(file, Set.of())).extracting("name").containsExactly("a", "b", "c", "w");
    }

    @Test
    void whatRunsIsLeftAlone() {
        for (String host : List.of("a", "b", "c", "w")) sights.put(host, running(host));
        UpPlan plan = plan(false);

        assertThat(plan.count(Verdict.RUNNING)).isEqualTo(4);
        assertThat(plan.count(Verdict.START)).isZero();
        assertThat(plan.founded()).isEmpty();
    }

    @Test
    void aVoterThatWasNotThereWhenItWasFoundedJoinsLater() {
        sights.put("a", running("a"));
        sights.put("b", running("b"));
        bare("c", "w");

        assertThat(entry(plan(false), "c").steps())
                .containsExactly(new Step.Install(NEW), new Step.Enrol(), new Step.Start());
    }

    @Test
    void noClusterIsFoundedWhileMostVotersCannotBeLookedAt() {
        bare("a", "w");
        sights.put("b", new Sight.Unreached("SSH timeout"));
        sights.put("c", new Sight.Unreached("SSH timeout"));
        assertThat(plan(false).refusal().orElseThrow()).contains("2 of 3").contains("b, c cannot be looked at");
        assertThat(plan(true).refusal()).isEmpty();

        bare("b");
        UpPlan plan = plan(false);
        assertThat(plan.refusal()).isEmpty();
        assertThat(plan.founded()).containsExactly("a", "b", "c");
        assertThat(entry(plan, "c")).isEqualTo(new UpPlan.Entry("c", Verdict.FAILED, List.of(), "SSH timeout"));
    }

    @Test
    void aClusterIsNotFoundedForASingleHost() {
        bare("w");
        assertThat(plan(false, "w").refusal().orElseThrow()).contains("its voters a, b, c are not among the hosts");
        assertThat(plan(true, "w").refusal()).isEmpty();
    }

    @Test
    void noClusterIsFoundedWithoutAVoterThatIsNoHost() {
        file = file("hosts: {a: {ssh_host: 127.0.0.2}, b: {ssh_host: 127.0.0.3}}\np2p_voters: [a, b, zz]\n");
        bare("a", "b");
        assertThat(plan(false).refusal().orElseThrow()).contains("zz, which the file has no host of");
        assertThat(plan(true).refusal()).isEmpty();
    }

    @Test
    void withoutVotersInTheFileNothingIsFounded() {
        file = file("hosts: {a: {ssh_host: 127.0.0.2}}");
        bare("a");
        assertThat(plan(false).refusal().orElseThrow()).contains("p2p_voters");
    }

    @Test
    void aMachineThatHoldsAnotherNodeIsNotTouched() {
        sights.put("a", running("a"));
        sights.put("b", running("a"));
        sights.put(
                "c",
                new Sight.Reached(
                        "x86_64", Optional.of(NEW), Optional.of("z"), new Sight.Agent.Stopped(), Optional.empty()));
        bare("w");
        UpPlan plan = plan(false);

        assertThat(entry(plan, "b").why()).isEqualTo("node a answers there; is one machine under two names?");
        assertThat(entry(plan, "c").why()).isEqualTo("it holds the data of node z");
    }

    @Test
    void aBundleForAnotherProcessorIsNotInstalled() {
        for (String host : List.of("a", "b", "c")) sights.put(host, running(host));
        sights.put(
                "w",
                new Sight.Reached(
                        "aarch64", Optional.empty(), Optional.empty(), new Sight.Agent.Stopped(), Optional.empty()));
        assertThat(entry(plan(false), "w").why())
                .isEqualTo("expected x86_64, which there is a bundle for, but it is aarch64");
    }

    @Test
    void aHostThatCannotRunItIsSaidSoBeforeAnythingIsSent() {
        for (String host : List.of("a", "b", "c")) sights.put(host, running(host));
        sights.put(
                "w",
                new Sight.Reached(
                        "x86_64",
                        Optional.empty(),
                        Optional.empty(),
                        new Sight.Agent.Stopped(),
                        Optional.of("expected flock")));
        assertThat(entry(plan(false), "w").why()).isEqualTo("expected flock");
    }

    @Test
    void anAgentThatDoesNotAnswerIsRestarted() {
        for (String host : List.of("a", "b", "c")) sights.put(host, running(host));
        sights.put(
                "w",
                new Sight.Reached(
                        "x86_64", Optional.of(NEW), Optional.of("w"), new Sight.Agent.Silent(99), Optional.empty()));
        assertThat(entry(plan(false), "w").steps()).containsExactly(new Step.Restart());
    }

    @Test
    void anAgentWhoseNodeTheClusterForgotIsRestarted() {
        bare("a", "b", "c");
        sights.put(
                "w",
                new Sight.Reached(
                        "x86_64", Optional.of(NEW), Optional.of("w"), new Sight.Agent.Stranger(99), Optional.empty()));
        assertThat(entry(plan(true), "w").verdict()).isEqualTo(UpPlan.Verdict.START);
        assertThat(entry(plan(true), "w").steps()).containsExactly(new Step.Restart());
    }

    @Test
    void aNameThatNoNodeMayHaveIsSaidBeforeAnythingIsDone() {
        file = file("hosts: {a: {ssh_host: 127.0.0.2}, 'b c': {ssh_host: 127.0.0.3}}\np2p_voters: [a]");
        sights.put("a", running("a"));
        bare("b c");
        assertThat(entry(plan(true), "b c").verdict()).isEqualTo(Verdict.FAILED);
        assertThat(entry(plan(true), "b c").why())
                .contains("its name cannot be a node's")
                .contains("b c");

        file = file("hosts: {'b c': {ssh_host: 127.0.0.3}}\np2p_voters: [b c]");
        sights.remove("a");
        assertThat(plan(false).refusal().orElseThrow()).contains("b c, a voter: its name cannot be a node's");
    }

    @Test
    void aHostThatAPersonNamesIsBroughtUpWhateverItsStatusUnlessItIsGone() {
        sights.put("a", running("a"));
        bare("old");
        assertThat(entry(plan(true, "old"), "old").verdict()).isEqualTo(Verdict.START);
    }
}
