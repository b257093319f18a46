package dev.muster.edge.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.muster.core.Orders;
import dev.muster.core.Story;
import dev.muster.core.hosts.Host;
import dev.muster.core.hosts.HostFile;
import dev.muster.core.hosts.ImportPlan;
import dev.muster.core.hosts.Wish;
import dev.muster.core.state.ChangeLimit;
import dev.muster.core.state.Command;
import dev.muster.core.state.Desired;
import dev.muster.core.state.Envelope;
import dev.muster.core.state.Fleet;
import dev.muster.core.state.Handler;
import dev.muster.core.state.NodeId;
import dev.muster.core.state.Outcome;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/// The prior system's automatic backups of its file of hosts, in the order of their time stamps, imported into a cluster
/// whose nodes are all there and healthy all the time. On 2025-12-29 27 of 40 hosts, voters among them, were written down
/// as retired at once, and were back two hours later.
class ReplayedHostsTest {
    private static final Path FOLDER = Path.of("..", "shared", "data", "hosts");
    private static final Pattern STAMPED = Pattern.compile(".*_(\\d{8}_\\d{6})\\.yaml");
    private static final DateTimeFormatter STAMP = DateTimeFormatter.ofPattern("yyyyMMdd_HHmmss");
    private static final LocalDateTime MASS = LocalDateTime.of(2025, 12, 29, 18, 41, 55);

    private static final Map<LocalDateTime, HostFile> HISTORY = new TreeMap<>();

    @BeforeAll
    static void load() throws IOException, ConfigException {
        assumeTrue(Files.isDirectory(FOLDER), "the real host files are not in " + FOLDER + "; nothing is tested here");
        try (Stream<Path> files = Files.list(FOLDER)) {
            for (Path file : files.toList()) {
                Matcher name = STAMPED.matcher(file.getFileName().toString());
                if (!name.matches()) continue;
                HISTORY.put(
                        LocalDateTime.parse(name.group(1), STAMP),
                        HostFileReader.read(file.toString(), Files.readAllBytes(file))
                                .file());
            }
        }
    }

    /// A cluster of everybody the first file names, with its voters.
    private static Story cluster() {
        HostFile first = HISTORY.values().iterator().next();
        Story story = Story.given().by(Story.ANN, "import");
        for (Host host : first.hosts()) story.and(Orders.join(host.name()));
        story.voters(first.voters().stream().map(HostFile.Voter::name).toArray(String[]::new));
        return story;
    }

    private static ImportPlan plan(Story story, HostFile file) {
        List<Wish> wishes = file.hosts().stream().map(Wish::of).toList();
        Set<NodeId> heard = new TreeSet<>(story.state().fleet().nodes().keys());
        return ImportPlan.of(wishes, story.state(), heard, ChangeLimit.DEFAULT, story.now());
    }

    private static List<NodeId> out(Story story) {
        Fleet fleet = story.state().fleet();
        return fleet.nodes().values().stream()
                .filter(node -> node.desired() != Desired.READY)
                .map(node -> node.id())
                .toList();
    }

    @Test
    void thereIsTheWholeHistory() {
        assertThat(HISTORY).hasSizeGreaterThanOrEqualTo(20).containsKey(MASS);
    }

    /// Nobody is there to answer: what asks is not done.
    @Test
    void unattendedNoHealthyNodeGoesOutOfService() {
        Story story = cluster();
        int declared = 0;
        for (Map.Entry<LocalDateTime, HostFile> at : HISTORY.entrySet()) {
            until(story, at.getKey());
            ImportPlan plan = plan(story, at.getValue());
            if (!plan.asks()) {
                story.and(plan.order(OptionalInt.empty()));
                declared++;
            }
            assertThat(out(story)).as("%s", at.getKey()).isEmpty();
        }
        assertThat(declared).isLessThan(HISTORY.size());
    }

    /// Somebody says yes to everything, without a look: the mass change is refused, and what goes is what single lines
    /// say that a person wants.
    @Test
    void whoeverSaysYesToEverythingIsStoppedByTheBrake() {
        Story story = cluster();
        Map<LocalDateTime, Integer> braked = new TreeMap<>();
        for (Map.Entry<LocalDateTime, HostFile> at : HISTORY.entrySet()) {
            until(story, at.getKey());
            ImportPlan plan = plan(story, at.getValue());
            List<NodeId> before = out(story);
            if (plan.brake().stops()) {
                braked.put(at.getKey(), plan.brake().leaving().size());
                assertThat(refusal(story, plan.order(OptionalInt.empty()))).isEqualTo(Outcome.Code.BRAKED);
            } else {
                story.and(plan.order(OptionalInt.empty()));
            }
            List<NodeId> gone = new ArrayList<>(out(story));
            gone.removeAll(before);
            assertThat(gone.size()).as("%s took out %s", at.getKey(), gone).isLessThanOrEqualTo(3);
            assertThat(gone).as("%s", at.getKey()).noneMatch(story.state().fleet()::votes);
        }
        assertThat(braked).containsOnlyKeys(MASS).containsEntry(MASS, 26);
    }

    private static void until(Story story, LocalDateTime time) {
        story.after(Duration.between(story.now(), time.plusYears(1).toInstant(ZoneOffset.UTC)));
    }

    private static Outcome.Code refusal(Story story, Command order) {
        Outcome outcome = Handler.step(story.state(), story.now(), Envelope.of(Story.ANN, "import", order))
                .outcome();
        assertThat(outcome).isInstanceOf(Outcome.Refused.class);
        return ((Outcome.Refused) outcome).code();
    }
}
