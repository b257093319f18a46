import dev.muster.edge.local.LocalCluster;
import java.io.IOException;
import java.io.InputStream;
import java.net.HttpURLConnection;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/// Submits jobs that no node can run.
final class MusterClient {
    private static final String JOB = "{\"name\":\"bench\",\"kind\":\"OTHER\",\"command\":[\"true\"],\"resources\":{\"gpus\":64}}";

    private final LocalCluster cluster;

    MusterClient(LocalCluster cluster) {
        this.cluster = cluster;
    }

    /// The leader as the members name it.
    LocalCluster.Member leader() throws IOException {
        for (LocalCluster.Member member : cluster.members()) {
            if (!member.running()) continue;
            String leader = leaderAt(member);
            if (!leader.isEmpty() && cluster.member(leader).running()) return cluster.member(leader);
        }
        throw new IOException("no member names a leader that runs");
    }

    private static String leaderAt(LocalCluster.Member member) {
        try {
            HttpURLConnection connection = (HttpURLConnection)
                    URI.create("http://" + member.api() + "/status").toURL().openConnection();
            connection.setConnectTimeout(1000);
            connection.setReadTimeout(2000);
            try (InputStream in = connection.getInputStream()) {
                String body = new String(in.readAllBytes(), StandardCharsets.UTF_8);
                int at = body.indexOf("\"leader_id\":\"");
                return at < 0 ? "" : body.substring(at + 13, body.indexOf('"', at + 13));
            }
        } catch (IOException e) {
            return "";
        }
    }

    void awaitLeader(Duration max) throws InterruptedException, IOException {
        long end = System.nanoTime() + max.toNanos();
        while (System.nanoTime() < end) {
            try (Load.Client client = connect(leader())) {
                client.write(0);
                return;
            } catch (IOException e) {
                TimeUnit.MILLISECONDS.sleep(100);
            }
        }
        throw new IOException("expected a leader within " + max + "; see " + cluster.dir());
    }

    Load.Client connect(LocalCluster.Member member) throws IOException {
        Http http = new Http(member.apiPort(), 500);
        return new Load.Client() {
            @Override
            public void write(long number) throws IOException {
                submit(http);
            }

            @Override
            public void close() throws IOException {
                http.close();
            }
        };
    }

    private void submit(Http http) throws IOException {
        Http.Answer answer = http.post(
                "/v1/jobs", JOB, Map.of("Authorization", "Bearer " + cluster.token(), "Muster-Request", Control.request()));
        if (answer.status() / 100 != 2) throw new IOException("muster answered " + answer.status() + ": " + answer.body());
    }
}
