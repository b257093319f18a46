package dev.muster.edge.raft;

import java.io.File;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.apache.ratis.conf.Parameters;
import org.apache.ratis.conf.RaftProperties;
import org.apache.ratis.grpc.GrpcConfigKeys;
import org.apache.ratis.grpc.GrpcTlsConfig;
import org.apache.ratis.protocol.RaftGroup;
import org.apache.ratis.protocol.RaftGroupId;
import org.apache.ratis.protocol.RaftPeer;
import org.apache.ratis.server.RaftServerConfigKeys;
import org.apache.ratis.server.RaftServerConfigKeys.Log;
import org.apache.ratis.server.RaftServerConfigKeys.Rpc;
import org.apache.ratis.server.RaftServerConfigKeys.Snapshot;
import org.apache.ratis.util.SizeInBytes;
import org.apache.ratis.util.TimeDuration;

/// [RaftConfig] in Ratis's words, and every other setting that differs from Ratis's default, with its reason.
final class RatisSettings {
    /// Largest batch sent to a follower, and with it the largest entry. Ratis's 4 MiB times several followers would
    /// not fit a small heap.
    /// Ratis's record of who votes, in the directory of the log.
    static final String CONFIGURATION = "raft-meta.conf";

    static final int APPEND_MAX_BYTES = 1 << 20;

    /// Proposals in flight before new ones are refused: more only wait longer. 512 of the largest size would be 480
    /// MiB, hence the byte limit.
    static final int PROPOSALS_MAX = 4096;

    private static final long MIB = 1L << 20;

    private RatisSettings() {}

    static RaftProperties properties(RaftConfig config) {
        RaftProperties p = new RaftProperties();
        RaftServerConfigKeys.setStorageDir(p, List.of(config.dir().toFile()));
        RaftServerConfigKeys.setRemovedGroupsDir(p, new File(config.dir().toFile(), "removed"));
        network(p, config);
        elections(p, config.timing());
        log(p, config);
        memory(p);
        return p;
    }

    private static void network(RaftProperties p, RaftConfig config) {
        GrpcConfigKeys.Server.setHost(p, config.bindHost());
        GrpcConfigKeys.Server.setPort(p, config.self().port());
        GrpcConfigKeys.setMessageSizeMax(p, SizeInBytes.valueOf(8 * MIB));
        // How long to wait before trying a voter that is down again. The default waits 5 s, and after 1030 tries (an
        // hour and a half) not at all: from then on a leader spins for as long as the voter is away.
        Log.Appender.setRetryPolicy(p, "10ms,10, 250ms,20, 1s,2000000000");
    }

    private static void elections(RaftProperties p, RaftConfig.Timing timing) {
        Rpc.setTimeoutMin(p, ms(timing.electionMin()));
        Rpc.setTimeoutMax(p, ms(timing.electionMax()));
        // The default of 10 s is an outage when the only voter that may win has just stepped down.
        RaftServerConfigKeys.LeaderElection.setLeaderStepDownWaitTime(p, ms(timing.stepDownWait()));
        // A follower that oversleeps by more than this starts its wait again. With the default of 0.3 s a busy machine
        // never elects.
        RaftServerConfigKeys.setSleepDeviationThreshold(p, TimeDuration.valueOf(3, TimeUnit.SECONDS));
        // By default a voter shuts itself down after a pause of 60 s: a suspended laptop would wake up without its
        // voter.
        RaftServerConfigKeys.setCloseThreshold(p, TimeDuration.valueOf(3650, TimeUnit.DAYS));
        // Counts progress of a new voter, not the whole catching up; the default of 3 election timeouts is too short
        // for a snapshot.
        RaftServerConfigKeys.setStagingTimeout(p, TimeDuration.valueOf(15, TimeUnit.SECONDS));
    }

    private static void log(RaftProperties p, RaftConfig config) {
        // On by default, and then Ratis 3.3.0 acknowledges what it never wrote: entries that begin where others begin
        // which
        // are still being written (as a leader sends them when a line comes back) count as those, however many more
        // they
        // are. The leader believes it, counts them as a majority's, and never sends them again.
        Log.setAppendEntriesComposeEnabled(p, false);
        // What is damaged must stop the voter. LogCheck looks closer than Ratis does, and before it.
        Log.setCorruptionPolicy(p, Log.CorruptionPolicy.EXCEPTION);
        Log.setSegmentSizeMax(p, SizeInBytes.valueOf(4 * MIB));
        Log.setPreallocatedSize(p, SizeInBytes.valueOf(MIB));
        Snapshot.setAutoTriggerEnabled(p, true);
        Snapshot.setAutoTriggerThreshold(p, config.snapshotEvery());
        Snapshot.setTriggerWhenStopEnabled(p, false); // closing must be quick; replaying what is left is
        Snapshot.setRetentionFileNum(p, 2);
        // Otherwise one dead voter keeps every other voter from ever purging its log.
        Log.setPurgeUptoSnapshotIndex(p, true);
        Log.setPurgeGap(p, 1);
        Log.setPurgePreservationLogNum(p, config.keepEntries());
    }

    private static void memory(RaftProperties p) {
        Log.setSegmentCacheNumMax(p, 2);
        Log.setSegmentCacheSizeMax(p, SizeInBytes.valueOf(8 * MIB));
        Log.Appender.setBufferByteLimit(p, SizeInBytes.valueOf(APPEND_MAX_BYTES));
        Log.Appender.setSnapshotChunkSizeMax(p, SizeInBytes.valueOf(MIB));
        Log.setWriteBufferSize(p, SizeInBytes.valueOf(2 * MIB));
        Log.setQueueByteLimit(p, SizeInBytes.valueOf(16 * MIB));
        RaftServerConfigKeys.Write.setByteLimit(p, SizeInBytes.valueOf(16 * MIB));
        RaftServerConfigKeys.Write.setElementLimit(p, PROPOSALS_MAX);
        // We never send the same call twice, so nobody looks into the retry cache; by default it holds a minute of
        // answers.
        RaftServerConfigKeys.RetryCache.setExpiryTime(p, TimeDuration.ONE_SECOND);
        RaftServerConfigKeys.Read.ReadAfterWriteConsistent.setWriteIndexCacheExpiryTime(p, TimeDuration.ONE_SECOND);
    }

    /// What a server and a client of this voter's need to talk to others.
    static Parameters parameters(RaftConfig config) {
        Parameters parameters = new Parameters();
        config.tls().ifPresent(tls -> {
            GrpcTlsConfig conf = new GrpcTlsConfig(
                    tls.key().toFile(),
                    tls.certificate().toFile(),
                    tls.authority().toFile(),
                    true);
            GrpcConfigKeys.Server.setTlsConf(parameters, conf);
            GrpcConfigKeys.Client.setTlsConf(parameters, conf);
            GrpcConfigKeys.Admin.setTlsConf(parameters, conf);
            GrpcConfigKeys.TLS.setConf(parameters, conf);
        });
        return parameters;
    }

    static RaftGroup group(RaftConfig config) {
        return RaftGroup.valueOf(
                groupId(config.cluster()),
                config.initialVoters().stream().map(RatisSettings::peer).toList());
    }

    static RaftGroupId groupId(String cluster) {
        return RaftGroupId.valueOf(UUID.nameUUIDFromBytes(("muster:" + cluster).getBytes(StandardCharsets.UTF_8)));
    }

    static RaftPeer peer(VoterAddress voter) {
        return RaftPeer.newBuilder()
                .setId(voter.id())
                .setAddress(voter.host() + ":" + voter.port())
                .build();
    }

    static VoterAddress voter(RaftPeer peer) {
        String address = peer.getAddress();
        int colon = address.lastIndexOf(':');
        return new VoterAddress(
                peer.getId().toString(), address.substring(0, colon), Integer.parseInt(address.substring(colon + 1)));
    }

    static TimeDuration ms(Duration duration) {
        return TimeDuration.valueOf(duration.toMillis(), TimeUnit.MILLISECONDS);
    }
}
