package dev.muster.edge.local;

import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import tools.jackson.databind.JsonNode;

/// Kills the leader's agent while a training runs, starts it again some seconds later, and looks whether the training
/// noticed.
final class KillLeader {
    /// Long enough for the rest to elect another and go on without it.
    private static final long DOWN_NANOS = 5_000_000_000L;

    private final LocalCluster cluster;
    private final Api api;
    private final Consumer<String> say;

    private String killed = "";
    private String next = "";
    private String attempt = "";
    private String node = "";
    private long pid;
    private long killedAt;
    private long failoverMs = -1;
    private boolean restarted;

    KillLeader(LocalCluster cluster, Api api, Consumer<String> say) {
        this.cluster = cluster;
        this.api = api;
        this.say = say;
    }

    void look() throws IOException, InterruptedException {
        if (killed.isEmpty()) {
            strike();
            return;
        }
        if (failoverMs < 0) newLeader();
        if (failoverMs >= 0 && !restarted && System.nanoTime() - killedAt > DOWN_NANOS) {
            cluster.start(cluster.member(killed));
            restarted = true;
            say.accept("agent " + killed + " is started again");
        }
    }

    boolean done() {
        return restarted;
    }

    private void strike() throws IOException, InterruptedException {
        for (JsonNode job : api.get("/v1/jobs?status=OPEN&limit=100").path("jobs")) {
            if (!job.path("kind").asString().equals("TRAINING")) continue;
            JsonNode attempts = attempts(job.path("id").asString());
            if (attempts.isEmpty()) continue;
            JsonNode newest = attempts.path(attempts.size() - 1);
            if (newest.path("status").asString().equals("RUNNING")) {
                strike(newest);
                return;
            }
        }
    }

    private JsonNode attempts(String job) throws IOException, InterruptedException {
        return api.get("/v1/jobs/" + job).path("attempts");
    }

    private void strike(JsonNode running) throws IOException, InterruptedException {
        String leader = api.get("/status").path("leader_id").asString("");
        if (leader.isEmpty()) return;
        attempt = running.path("id").asString();
        node = running.path("node").asString();
        pid = running.path("pid").asLong();
        killed = leader;
        say.accept("killing the leader " + leader + " while " + attempt + " trains on " + node + " (pid " + pid + ")");
        cluster.kill(cluster.member(leader));
        killedAt = System.nanoTime();
    }

    private void newLeader() throws InterruptedException {
        for (LocalCluster.Member member : cluster.members()) {
            if (!member.running()) continue;
            try {
                JsonNode status = api.getFrom(member.api(), "/status");
                String leader = status.path("leader_id").asString("");
                boolean writable = status.path("read_only").isNull()
                        || status.path("read_only").isMissingNode();
                if (leader.isEmpty() || leader.equals(killed) || !writable) continue;
                next = leader;
                failoverMs = (System.nanoTime() - killedAt) / 1_000_000;
                say.accept(next + " leads, " + failoverMs + " ms after the kill");
                return;
            } catch (IOException e) {
                // the next member may know
            }
        }
    }

    Optional<DemoReport.LeaderKill> report(List<String> problems) throws IOException, InterruptedException {
        if (killed.isEmpty()) {
            problems.add("no training ran, so no leader was killed");
            return Optional.empty();
        }
        String job = attempt.substring(0, attempt.indexOf('.'));
        JsonNode attempts = attempts(job);
        JsonNode last = attempts.path(attempts.size() - 1);
        long pidAfter = last.path("pid").asLong();
        if (attempts.size() != 1 || pidAfter != pid) {
            problems.add("expected one attempt of " + job + " with pid " + pid + ", but found " + attempts.size()
                    + " and pid " + pidAfter);
        }
        if (!last.path("status").asString().equals("SUCCEEDED")) {
            problems.add("expected " + attempt + " to succeed, but it is "
                    + last.path("status").asString());
        }
        if (failoverMs < 0) problems.add("expected a new leader after " + killed + " was killed, but none was seen");
        return Optional.of(
                new DemoReport.LeaderKill(killed, next, failoverMs, attempt, node, pid, pidAfter, attempts.size()));
    }
}
