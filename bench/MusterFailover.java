import dev.muster.edge.local.LocalCluster;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/// `kill -9` of the leading agent; the write goes to the two other voters in turn, as a client with a list of nodes does.
final class MusterFailover implements Control.Failover {
    private final LocalCluster cluster;
    private final MusterClient client;
    private LocalCluster.Member killed;

    MusterFailover(LocalCluster cluster, MusterClient client) {
        this.cluster = cluster;
        this.client = client;
    }

    @Override
    public void killAndWrite() throws Exception {
        killed = client.leader();
        cluster.kill(killed);
        while (true) {
            for (LocalCluster.Member member : cluster.members()) {
                if (!member.voter() || !member.running()) continue;
                try (Load.Client connection = client.connect(member)) {
                    connection.write(0);
                    return;
                } catch (IOException e) {
                    TimeUnit.MILLISECONDS.sleep(10);
                }
            }
        }
    }

    /// Back means that it answers and names the leader; then five seconds for all to settle.
    @Override
    public void restore() throws Exception {
        cluster.start(killed);
        client.awaitLeader(Duration.ofSeconds(30));
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
        while (System.nanoTime() < end) {
            try (Load.Client connection = client.connect(killed)) {
                connection.write(0);
                break;
            } catch (IOException e) {
                TimeUnit.MILLISECONDS.sleep(100);
            }
        }
        TimeUnit.SECONDS.sleep(5);
    }
}
