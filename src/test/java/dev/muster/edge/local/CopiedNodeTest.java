package dev.muster.edge.local;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.edge.local.LocalCluster.Member;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import tools.jackson.databind.JsonNode;

/// Copies of a node's data directory, nodes that move, and nodes whose disk was wiped, as real processes.
@Tag("slow")
@Execution(ExecutionMode.CONCURRENT)
class CopiedNodeTest {
    private static final String JOB = "{\"name\":\"long\",\"command\":[\"sleep\",\"600\"],\"node\":\"n4\"}";

    @TempDir
    Path dir;

    private Agents agents;

    @Test
    void aCopyOfALivingNodeOrVoterEndsAndTheJobRunsOn() throws Exception {
        try (Agents started = Agents.start(dir, 3, 1, "")) {
            agents = started;
            agents.ask("n1", "POST", "/v1/jobs", JOB);
            Agents.await("the job to run", () -> jobRuns());
            long pid = jobPid();

            for (String name : List.of("n4", "n2")) {
                Member copy = copy(name, name + "-copy");
                long began = System.nanoTime();
                agents.cluster.start(copy);
                assertThat(agents.cluster.end(copy))
                        .as("exit of %s's copy", name)
                        .isEqualTo(1);
                assertThat(TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - began))
                        .isLessThan(12);
                assertThat(agents.log(name + "-copy"))
                        .contains("muster: expected to be the only agent with the identity of " + name)
                        .contains("another one is alive at "
                                + agents.cluster.member(name).api())
                        .doesNotContain("attempt.")
                        .doesNotContain("voter.started");
            }

            assertThat(jobRuns()).isTrue();
            assertThat(ProcessHandle.of(pid).map(ProcessHandle::isAlive)).contains(true);
            assertThat(host("n4")).isEqualTo(agents.cluster.member("n4").apiPort());
            agents.ask("n1", "POST", "/v1/jobs/j1/stop", "");
            Agents.await("the job to end", () -> !jobRuns());
        }
    }

    @Test
    void aKilledAgentGoesOnAtOnceAndOneThatMovedWhenItsFirstPlaceIsSilent() throws Exception {
        try (Agents started = Agents.start(dir, 3, 1, "")) {
            agents = started;
            agents.kill("n4");
            agents.restart("n4");
            Agents.await("n4 to be back", () -> agents.log("n4").split("node.joined", -1).length == 3);
            assertThat(agents.log("n4")).doesNotContain("node.waits").doesNotContain("node.let-in");

            agents.kill("n4");
            Member moved = copy("n4", "n4-moved");
            agents.cluster.start(moved);
            Agents.await("the cluster to know where n4 is", () -> host("n4") == moved.apiPort());
            assertThat(agents.log("n4-moved")).contains("node.waits").contains("node.let-in");
        }
    }

    @Test
    void aVoterThatMovedVotesAtItsNewAddress() throws Exception {
        try (Agents started = Agents.start(dir, 3, 0, "")) {
            agents = started;
            String leader = agents.leader();
            List<String> others =
                    agents.names().stream().filter(name -> !name.equals(leader)).toList();
            String gone = others.getFirst();
            agents.kill(gone);
            Member moved = copy(gone, gone + "-moved");
            agents.cluster.start(moved);
            Agents.await(
                    "the leader to hear it there",
                    () -> agents.log(leader).contains("raft.redirected")
                            && agents.ask(gone + "-moved", "GET", "/v1/voters", "")
                                            .path("alive")
                                            .asInt()
                                    == 3);

            // The proof that it votes: with the third one gone, the two are a majority.
            agents.kill(others.getLast());
            Agents.await(
                    "an order",
                    () -> agents.ask(leader, "POST", "/v1/nodes/" + leader + "/drain", "")
                            .has("revision"));
            Agents.await(
                    "the moved voter to have it",
                    () -> agents.ask(gone + "-moved", "GET", "/v1/nodes", "")
                            .toString()
                            .contains("DRAINING"));
        }
    }

    @Test
    void aWipedWorkerAndAWipedVoterAreToldTheWayOutAndItWorks() throws Exception {
        try (Agents started = Agents.start(dir, 3, 1, "")) {
            agents = started;
            String leader = agents.leader();
            String voter = agents.names().stream()
                    .filter(name -> !name.equals(leader) && !name.equals("n4"))
                    .findFirst()
                    .orElseThrow();
            for (String name : List.of("n4", voter)) {
                agents.kill(name);
                wipe(agents.cluster.member(name));
                agents.restart(name);
                assertThat(agents.cluster.end(agents.cluster.member(name))).isEqualTo(1);
            }
            assertThat(agents.log("n4"))
                    .contains("`muster node remove n4` and start this one")
                    .doesNotContain("voter remove");
            assertThat(agents.log(voter))
                    .contains("`muster voter remove " + voter + "`, then `muster node remove " + voter
                            + "`, start this one, and `muster voter add " + voter + "`");

            agents.ask(leader, "DELETE", "/v1/nodes/n4", "");
            agents.ask(leader, "DELETE", "/v1/voters/" + voter, "");
            Agents.await("it to vote no more", () -> voters(leader) == 2);
            agents.ask(leader, "DELETE", "/v1/nodes/" + voter, "");
            agents.restart("n4");
            agents.restart(voter);
            agents.awaitUp();
            agents.ask(leader, "PUT", "/v1/voters/" + voter, "");
            Agents.await(
                    "it to vote",
                    () -> voters(leader) == 3
                            && agents.ask(voter, "GET", "/v1/voters", "")
                                            .path("alive")
                                            .asInt()
                                    == 3);
        }
    }

    /// With an empty log of its own.
    private Member copy(String name, String directory) throws IOException {
        Member copy = agents.cluster.copy(agents.cluster.member(name), directory);
        Files.delete(copy.data().resolve("agent.out"));
        return copy;
    }

    private static void wipe(Member member) throws IOException, InterruptedException {
        String keep = "node.yaml|token|agent.out";
        try (var files = Files.list(member.data())) {
            for (Path file : files.filter(
                            entry -> !entry.getFileName().toString().matches(keep))
                    .toList())
                new ProcessBuilder("rm", "-rf", file.toString()).start().waitFor();
        }
    }

    private boolean jobRuns() throws Exception {
        return agents.ask("n1", "GET", "/v1/jobs/j1", "")
                .path("tasks")
                .path(0)
                .path("status")
                .asString("")
                .equals("RUNNING");
    }

    private long jobPid() throws Exception {
        return agents.ask("n1", "GET", "/v1/nodes/n4", "")
                .path("attempts")
                .path(0)
                .path("pid")
                .asLong();
    }

    private int host(String node) throws Exception {
        return agents.ask("n1", "GET", "/v1/nodes/" + node, "")
                .path("node")
                .path("api_port")
                .asInt();
    }

    private int voters(String asked) throws Exception {
        int votes = 0;
        JsonNode voters = agents.ask(asked, "GET", "/v1/voters", "").path("voters");
        for (JsonNode voter : voters) if (voter.path("votes").asBoolean()) votes++;
        return votes;
    }
}
