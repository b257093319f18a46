package dev.muster.edge.metrics;

import static dev.muster.core.Orders.joinGpus;
import static dev.muster.core.Orders.submit;
import static dev.muster.core.Story.START;
import static dev.muster.core.Story.given;
import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.core.Spec;
import dev.muster.core.Story;
import dev.muster.core.plan.Soft;
import dev.muster.core.state.ClusterState;
import dev.muster.core.state.NodeId;
import dev.muster.edge.node.Member;
import dev.muster.edge.swarm.Counters;
import dev.muster.edge.view.Picture;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

class MetricsTest {
    private static final NodeId SELF = new NodeId("n1");
    private static final Metrics.Own OWN =
            new Metrics.Own(Soft.Telemetry.UNKNOWN, "1.2.3", true, Map.of(200, 7L), Counters.Figures.NONE);

    private static Picture picture(ClusterState state, boolean leading, Duration silence) {
        Member.Standing standing = new Member.Standing(
                true, Optional.of(SELF), 1, leading, Optional.empty(), START, List.of(SELF), Map.of(), START);
        return new Picture(SELF, state, standing, Optional.of(Soft.leadingSince(START)), Map.of(), START.plus(silence));
    }

    private static ClusterState fleet(int nodes) {
        Story story = given().unchecked();
        for (int i = 0; i < nodes; i++) story.and(joinGpus("n" + i, 8));
        return story.and(submit(Spec.job().gpus(1).tasks(10_000))).state();
    }

    /// The worst of them: nobody is heard, and the leader tells each one's absence.
    @Test
    void aThousandNodesAreToldInTwoHundredKilobytesAndTwentyMilliseconds() {
        Picture picture = picture(fleet(1_000), true, Duration.ofMinutes(10));
        String text = Metrics.render(picture, OWN);
        assertThat(text.getBytes(StandardCharsets.UTF_8)).hasSizeLessThan(200_000);
        assertThat(text.lines().filter(line -> line.startsWith("ringrift_cluster_node_up")))
                .hasSize(1_000);
        Duration best = Duration.ofHours(1);
        for (int i = 0; i < 20; i++) {
            long began = ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
            Metrics.render(picture, OWN);
            Duration took = Duration.ofNanos(ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime() - began);
            if (took.compareTo(best) < 0) best = took;
        }
        System.out.printf("metrics: %d bytes, %d us%n", text.length(), best.toNanos() / 1_000);
        assertThat(best).isLessThan(Duration.ofMillis(20));
    }

    @Test
    void whatIsTheClustersIsToldByItsLeaderAlone() {
        ClusterState state = fleet(3);
        Set<String> leader = names(Metrics.render(picture(state, true, Duration.ZERO), OWN));
        Set<String> other = names(Metrics.render(picture(state, false, Duration.ZERO), OWN));
        for (Metric metric : Metric.values()) {
            if (metric.of() == Metric.Of.CLUSTER) assertThat(other).doesNotContain(metric.text());
            else if (leader.contains(metric.text())) assertThat(other).contains(metric.text());
        }
        assertThat(leader).contains(Metric.WAITING.text(), Metric.PEERS.text(), Metric.ROLLBACKS.text());
    }

    private static Set<String> names(String text) {
        Set<String> names = new HashSet<>();
        text.lines().filter(line -> !line.startsWith("#")).forEach(line -> names.add(line.split("[{ ]")[0]));
        return names;
    }

    /// A counter that a restart or another leader set back would look like new events.
    @Test
    void eventsAreCountedByTheLog() {
        String text = Metrics.render(picture(fleet(3), true, Duration.ZERO), OWN);
        assertThat(text)
                .contains("muster_events_total{event=\"NODE_JOINED\"} 3\n")
                .contains("muster_events_total{event=\"JOB_SUBMITTED\"} 1\n");
    }

    @Test
    void whatCannotBeMeasuredIsAbsent() {
        String text = Metrics.render(picture(fleet(3), true, Duration.ZERO), OWN);
        assertThat(text).doesNotContain(Metric.GPU.text() + " ", "NaN");
        assertThat(text.lines()
                        .filter(line -> line.startsWith("# TYPE"))
                        .distinct()
                        .count())
                .isEqualTo(
                        text.lines().filter(line -> line.startsWith("# TYPE")).count());
        assertThat(Arrays.stream(Metric.values()).map(Metric::text)).doesNotHaveDuplicates();
    }
}
