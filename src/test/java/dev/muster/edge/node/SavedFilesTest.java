package dev.muster.edge.node;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.core.state.Attempt;
import dev.muster.core.state.AttemptId;
import dev.muster.core.state.Command;
import dev.muster.core.state.InstanceId;
import dev.muster.core.state.JobKind;
import dev.muster.core.state.JobSpec;
import dev.muster.core.state.Money;
import dev.muster.core.state.NodeId;
import dev.muster.core.state.Observed;
import dev.muster.core.state.Rent;
import dev.muster.core.state.Role;
import dev.muster.core.state.Sighting;
import dev.muster.core.state.Sync;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A job that writes all the time loses its machine twice: once it is asked to go, once its machine vanishes.
@Tag("slow")
class SavedFilesTest {
    @TempDir
    Path base;

    /// Appends a line and commits a row, all the time; what it has committed it also tells outside.
    static final class Player {
        private Player() {}

        public static void main(String[] args) throws Exception {
            Path outside = Path.of(args[0]);
            Path games = Path.of("games/all.jsonl");
            Files.createDirectories(games.getParent());
            try (Connection connection = DriverManager.getConnection("jdbc:sqlite:elo.db");
                    Statement statement = connection.createStatement()) {
                if (System.getenv("MUSTER_RESUMED") != null) report(statement, games, outside);
                statement.execute("pragma journal_mode=wal");
                statement.execute("pragma synchronous=off");
                statement.execute("create table if not exists games(n integer)");
                int number = number(statement);
                while (true) {
                    number++;
                    Files.writeString(
                            games, "{\"n\":" + number + "}\n", StandardOpenOption.CREATE, StandardOpenOption.APPEND);
                    statement.execute("insert into games values(" + number + ")");
                    tell(outside.resolve("committed"), Integer.toString(number));
                    Files.writeString(Path.of("busy.bin"), "x".repeat(number % 1000));
                    Thread.sleep(1);
                }
            }
        }

        /// In whole or not at all.
        private static void tell(Path file, String text) throws IOException {
            Path aside = file.resolveSibling(file.getFileName() + ".new");
            Files.writeString(aside, text);
            Files.move(aside, file, StandardCopyOption.ATOMIC_MOVE);
        }

        private static int number(Statement statement) throws Exception {
            try (ResultSet found = statement.executeQuery("select count(*) from games")) {
                return found.getInt(1);
            }
        }

        private static void report(Statement statement, Path games, Path outside) throws Exception {
            try (ResultSet check = statement.executeQuery("pragma integrity_check")) {
                String text = check.getString(1) + " " + number(statement) + " "
                        + Files.readAllLines(games).size();
                tell(outside.resolve(System.getenv("MUSTER_ATTEMPT")), text);
            }
        }
    }

    private JobSpec spec() {
        String classes = Stream.of(System.getProperty("java.class.path").split(File.pathSeparator))
                .map(entry -> Path.of(entry).toAbsolutePath().toString())
                .collect(Collectors.joining(File.pathSeparator));
        return JobSpec.of(
                        "play",
                        JobKind.SELFPLAY,
                        List.of(
                                Path.of(System.getProperty("java.home"), "bin", "java")
                                        .toString(),
                                "-cp",
                                classes,
                                Player.class.getName(),
                                base.toString()))
                .saving(new Sync(List.of("games/*.jsonl", "elo.db*", "busy.bin"), Duration.ofSeconds(10)));
    }

    private static void order(NodeRuntime node, Command command) {
        assertThat(node.submit(Cluster.order(command), Duration.ofSeconds(20))).isInstanceOf(Member.Answer.Done.class);
    }

    private static Optional<Attempt> attempt(NodeRuntime node, int number) {
        return node.state().work().attempts().find(AttemptId.parse("j1.0." + number));
    }

    private static boolean runs(NodeRuntime node, int number) {
        return attempt(node, number)
                .filter(found -> found.status() == Attempt.Status.RUNNING)
                .isPresent();
    }

    private int committed() {
        try {
            return Integer.parseInt(Files.readString(base.resolve("committed")));
        } catch (IOException e) {
            return 0;
        }
    }

    /// What the attempt found when it began: the check of the database, its rows, the lines of the other file.
    private String[] found(int number) {
        Path report = base.resolve("j1.0." + number);
        Eventually.await(number + " to tell what it found", Cluster.PATIENCE, () -> Files.exists(report));
        try {
            return Files.readString(report).split(" ");
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    private static boolean safe(NodeRuntime node, int number, long saves) {
        Attempt now = attempt(node, number).orElseThrow();
        return now.saved().number() >= saves
                && now.saved().files().size() >= 2
                && now.saved().files().values().stream()
                        .allMatch(file -> node.state()
                                        .files()
                                        .artifacts()
                                        .require(file.sha())
                                        .receipts()
                                        .size()
                                >= 2);
    }

    private static void kill(NodeRuntime node, int number) {
        ProcessHandle process = ProcessHandle.of(
                        attempt(node, number).orElseThrow().pid().getAsLong())
                .orElseThrow();
        process.descendants().forEach(ProcessHandle::destroyForcibly);
        process.destroyForcibly();
    }

    @Test
    void whatAJobHasMadeGoesWithItFromNodeToNode() throws Exception {
        try (Cluster cluster = new Cluster(base, 1)) {
            cluster.startAll("v1", "w1", "w2");
            NodeRuntime voter = cluster.node("v1");
            order(voter, new Command.DrainNode(new NodeId("v1")));
            order(voter, new Command.SubmitJob(spec()));
            Eventually.await("it plays", Cluster.PATIENCE, () -> runs(voter, 1) && committed() > 200);
            NodeId first = attempt(voter, 1).orElseThrow().node();

            leaves(voter, first);
            Eventually.await("it goes on elsewhere", Cluster.PATIENCE, () -> runs(voter, 2));
            Attempt evicted = attempt(voter, 1).orElseThrow();
            assertThat(evicted.status()).isEqualTo(Attempt.Status.LOST);
            assertThat(evicted.note()).contains("is leaving").doesNotContain("not saved");
            assertThat(voter.state().work().tasks().require(evicted.id().task()).failures())
                    .isZero();
            String[] second = found(2);
            assertThat(second[0]).isEqualTo("ok");
            int rows = Integer.parseInt(second[1]);
            assertThat(rows).isGreaterThan(200);
            // A line is written before its row; it may have been killed between the two.
            assertThat(Integer.parseInt(second[2])).isBetween(rows, rows + 1);

            int before = committed();
            assertThat(before).isGreaterThanOrEqualTo(rows);
            long saves = attempt(voter, 2).orElseThrow().saved().number();
            Eventually.await("two saves and copies", Cluster.PATIENCE, () -> safe(voter, 2, saves + 2));
            NodeId lost = attempt(voter, 2).orElseThrow().node();
            assertThat(lost).isNotEqualTo(first);
            cluster.stop(lost.name());
            kill(voter, 2);
            order(voter, new Command.UndrainNode(new NodeId("v1")));
            order(voter, new Command.FenceNode(lost));
            Eventually.await("it goes on again", Cluster.PATIENCE, () -> runs(voter, 3));
            String[] third = found(3);
            assertThat(third[0]).isEqualTo("ok");
            assertThat(Integer.parseInt(third[1])).isGreaterThanOrEqualTo(before);
            assertThat(Integer.parseInt(third[2])).isGreaterThanOrEqualTo(before);

            order(voter, new Command.StopJob(evicted.id().task().job()));
            Eventually.await(
                    "it stops",
                    Cluster.PATIENCE,
                    () -> !attempt(voter, 3).orElseThrow().status().isActive());
        }
    }

    private static void leaves(NodeRuntime leader, NodeId node) {
        Money price = Money.ofDollars(1);
        Rent rent =
                new Rent("test", "o1", "m1", "CPU", 1, Optional.empty(), price, new Money(1_000), 20, "", Role.MIXED);
        Sighting seen = new Sighting("7", Observed.RUNNING, price, price, Optional.empty(), "");
        order(leader, new Command.AdoptInstance("", rent, seen, Optional.of(node), Optional.of(node)));
        order(leader, new Command.EndInstance(new InstanceId(1), false));
    }
}
