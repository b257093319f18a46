package dev.muster.edge.raft;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.apache.ratis.proto.RaftProtos.RoleInfoProto;
import org.apache.ratis.proto.RaftProtos.ServerRpcProto;
import org.apache.ratis.server.DivisionInfo;
import org.apache.ratis.server.RaftServer;
import org.apache.ratis.server.protocol.TermIndex;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Knows who leads. Looks every 50 ms, because the most important change, a leader that hears nobody any more, is the
/// absence of an event.
final class RoleWatch implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(RoleWatch.class);
    private static final long EVERY_MS = 50;
    /// Asking Ratis builds and reads whole messages, and each order asks several times.
    private static final long KEPT_NANOS = TimeUnit.MILLISECONDS.toNanos(10);
    private static final long FOREVER_MS = Duration.ofDays(365).toMillis();

    private final RaftServer.Division division;
    private final ReplicatedMachine machine;
    private final String self;
    private final Duration silenceMax;
    private final Runnable also;
    private final ScheduledExecutorService thread;
    private volatile long quorumHeardNanos;
    private Leadership told;
    private volatile Seen seen;

    private record Seen(Leadership leadership, long nanos) {}

    /// @param also done each time, on the same thread
    RoleWatch(RaftServer.Division division, RaftConfig config, ReplicatedMachine machine, Runnable also) {
        this.division = division;
        this.machine = machine;
        this.self = config.self().id();
        this.silenceMax = config.timing().electionMax();
        this.also = also;
        this.quorumHeardNanos = System.nanoTime();
        this.thread = Executors.newSingleThreadScheduledExecutor(
                Thread.ofPlatform().daemon().name("raft-roles-" + self).factory());
        thread.scheduleWithFixedDelay(this::tell, 0, EVERY_MS, TimeUnit.MILLISECONDS);
    }

    /// Something may have changed.
    void look() {
        try {
            thread.execute(this::tell);
        } catch (RejectedExecutionException e) {
            LOG.debug("closed", e);
        }
    }

    private void tell() {
        try {
            also.run();
            Leadership now = look(System.nanoTime());
            if (told != null && told.sameRoles(now)) return;
            told = now;
            machine.leadershipChanged(now);
        } catch (RuntimeException e) {
            LOG.error("raft.roles-not-told voter={} reason=\"{}\"", self, e.toString(), e);
        }
    }

    /// As of at most 10 ms ago, and never older than what [ReplicatedMachine#leadershipChanged] was told.
    Leadership now() {
        Seen last = seen;
        long nanos = System.nanoTime();
        return last != null && nanos - last.nanos() < KEPT_NANOS ? last.leadership() : look(nanos);
    }

    private Leadership look(long nanos) {
        Leadership found = ask();
        seen = new Seen(found, nanos);
        return found;
    }

    private Leadership ask() {
        DivisionInfo info = division.getInfo();
        boolean alive = info.isAlive();
        Duration silence = silence(alive ? info.getRoleInfoProto() : null);
        Optional<String> leader = Optional.ofNullable(info.getLeaderId()).map(Object::toString);
        boolean ready = alive && info.isLeader() && info.isLeaderReady() && silence.compareTo(silenceMax) <= 0;
        return new Leadership(info.getCurrentTerm(), leader, ready, silence);
    }

    private Duration silence(RoleInfoProto role) {
        long silenceNanos = System.nanoTime() - quorumHeardNanos;
        Optional<Long> heardMs = role == null ? Optional.empty() : heardMs(role);
        if (heardMs.isPresent()) {
            silenceNanos = Math.min(silenceNanos, TimeUnit.MILLISECONDS.toNanos(heardMs.get()));
            quorumHeardNanos = System.nanoTime() - silenceNanos;
        }
        return Duration.ofNanos(silenceNanos);
    }

    /// How long ago a majority was heard, in milliseconds, if this role can know.
    private Optional<Long> heardMs(RoleInfoProto role) {
        if (role.hasLeaderInfo()) return Optional.of(majorityHeardMs(role));
        if (role.hasFollowerInfo() && division.getInfo().getLeaderId() != null)
            return Optional.of(role.getFollowerInfo().getLeaderInfo().getLastRpcElapsedTimeMs());
        return Optional.empty();
    }

    private long majorityHeardMs(RoleInfoProto role) {
        Set<String> voters = division.getRaftConf().getCurrentPeers().stream()
                .map(peer -> peer.getId().toString())
                .collect(Collectors.toSet());
        int others = voters.size() / 2; // with this voter itself they are a majority
        if (others == 0) return 0;
        List<Long> ages = role.getLeaderInfo().getFollowerInfoList().stream()
                .filter(follower -> voters.contains(follower.getId().getId().toStringUtf8())) // not one being added
                .map(ServerRpcProto::getLastRpcElapsedTimeMs)
                .sorted()
                .toList();
        return others <= ages.size() ? ages.get(others - 1) : FOREVER_MS;
    }

    /// Since another voter answered, as its leader knows; empty where this one does not lead or does not know it.
    Optional<Duration> silence(String voter) {
        RoleInfoProto role = division.getInfo().getRoleInfoProto();
        if (!role.hasLeaderInfo()) return Optional.empty();
        return role.getLeaderInfo().getFollowerInfoList().stream()
                .filter(follower -> follower.getId().getId().toStringUtf8().equals(voter))
                .map(follower -> Duration.ofMillis(follower.getLastRpcElapsedTimeMs()))
                .findFirst();
    }

    List<VoterAddress> voters() {
        return division.getRaftConf().getCurrentPeers().stream()
                .map(RatisSettings::voter)
                .toList();
    }

    long appliedIndex() {
        return division.getInfo().getLastAppliedIndex();
    }

    long lastLogIndex() {
        TermIndex last = division.getRaftLog().getLastEntryTermIndex();
        return Math.max(last == null ? -1 : last.getIndex(), appliedIndex());
    }

    @Override
    public void close() {
        thread.shutdownNow();
    }
}
