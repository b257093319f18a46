import java.io.IOException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/// Three etcd members on this machine, on the disk that Muster's voters use, spoken to over etcd's JSON gateway by the
/// same client.
final class Etcd implements AutoCloseable {
    private static final String VALUE = Base64.getEncoder().encodeToString("v".repeat(256).getBytes());

    private final Path dir;
    private final List<Integer> clientPorts = new ArrayList<>();
    private final List<Integer> peerPorts = new ArrayList<>();
    private final List<Process> members = new ArrayList<>();

    static boolean installed() {
        for (String entry : System.getenv("PATH").split(":")) {
            if (Files.isExecutable(Path.of(entry, "etcd"))) return true;
        }
        return false;
    }

    Etcd(Path dir) throws IOException {
        this.dir = dir;
        for (int i = 0; i < 3; i++) {
            clientPorts.add(freePort());
            peerPorts.add(freePort());
        }
        for (int i = 0; i < 3; i++) members.add(start(i));
    }

    private Process start(int i) throws IOException {
        String peers = IntStream.range(0, 3)
                .mapToObj(k -> "m" + k + "=http://127.0.0.1:" + peerPorts.get(k))
                .collect(Collectors.joining(","));
        String client = "http://127.0.0.1:" + clientPorts.get(i);
        String peer = "http://127.0.0.1:" + peerPorts.get(i);
        ProcessBuilder builder = new ProcessBuilder(
                "etcd", "--name", "m" + i, "--data-dir", dir.resolve("m" + i).toString(),
                "--listen-client-urls", client, "--advertise-client-urls", client,
                "--listen-peer-urls", peer, "--initial-advertise-peer-urls", peer,
                "--initial-cluster", peers, "--initial-cluster-state", "new");
        builder.environment().put("ETCD_UNSUPPORTED_ARCH", System.getProperty("os.arch"));
        Path log = dir.resolve("m" + i + ".log");
        return builder.redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()))
                .start();
    }

    void restart(int i) throws IOException {
        members.set(i, start(i));
    }

    void kill(int i) throws InterruptedException {
        members.get(i).destroyForcibly().waitFor();
    }

    int port(int i) {
        return clientPorts.get(i);
    }

    /// The member that leads, by asking each for its own id and its leader's.
    int leader() throws InterruptedException {
        for (int round = 0; round < 300; round++) {
            for (int i = 0; i < 3; i++) {
                if (leads(i)) return i;
            }
            TimeUnit.MILLISECONDS.sleep(50);
        }
        throw new IllegalStateException("expected an etcd leader within 15 s; see " + dir);
    }

    private boolean leads(int i) {
        try (Http http = new Http(port(i), 1000)) {
            String body = http.post("/v3/maintenance/status", "{}", Map.of()).body();
            String self = field(body, "member_id");
            return !self.isEmpty() && self.equals(field(body, "leader"));
        } catch (IOException e) {
            return false;
        }
    }

    private static String field(String json, String name) {
        int at = json.indexOf("\"" + name + "\":\"");
        if (at < 0) return "";
        int start = at + name.length() + 4;
        return json.substring(start, json.indexOf('"', start));
    }

    Load.Client connect(int member) throws IOException {
        Http http = new Http(port(member), 500);
        return new Load.Client() {
            @Override
            public void write(long number) throws IOException {
                String key = Base64.getEncoder().encodeToString(("job/" + number).getBytes());
                put(http, key);
            }

            @Override
            public void close() throws IOException {
                http.close();
            }
        };
    }

    private static void put(Http http, String key) throws IOException {
        Http.Answer answer = http.post("/v3/kv/put", "{\"key\":\"" + key + "\",\"value\":\"" + VALUE + "\"}", Map.of());
        if (answer.status() != 200) throw new IOException("etcd answered " + answer.status() + ": " + answer.body());
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        }
    }

    @Override
    public void close() throws InterruptedException {
        for (Process member : members) member.destroyForcibly().waitFor();
    }
}
