import com.sun.net.httpserver.HttpServer;
import dev.muster.edge.local.Lab;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/// Plain HTTP: every host's curl gets the file from the one source. Nothing is verified before the clock stops.
final class OneSource implements Contender {
    private final Lab lab;
    private final Path dir;
    private final Path file;
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final Map<String, Process> clients = new TreeMap<>();
    private HttpServer server;

    OneSource(Lab lab, Path dir, Path file) {
        this.lab = lab;
        this.dir = dir;
        this.file = file;
    }

    static boolean installed() {
        return Programs.installed("curl");
    }

    @Override
    public void prepare() throws IOException, InterruptedException {
        server = lab.on("h0", () -> HttpServer.create(new InetSocketAddress(0), 64));
        server.setExecutor(threads);
        server.createContext("/file", exchange -> {
            exchange.sendResponseHeaders(200, Files.size(file));
            try (OutputStream out = exchange.getResponseBody()) {
                Files.copy(file, out);
            }
        });
        server.start();
    }

    @Override
    public long go() throws IOException {
        long start = System.nanoTime();
        String url = "http://" + lab.address("h0") + ":" + server.getAddress().getPort() + "/file";
        for (String host : lab.hosts()) {
            if (host.equals("h0")) continue;
            Path target = file(host);
            String script = "curl -sf -o " + target + ".part " + url + " && mv " + target + ".part " + target;
            clients.put(host, Programs.start(lab, host, "sh", "-c", script));
        }
        return start;
    }

    @Override
    public boolean holds(String host) {
        return Files.exists(file(host));
    }

    @Override
    public Path file(String host) {
        return dir.resolve(host + ".file");
    }

    @Override
    public void kill(String host) throws InterruptedException {
        Programs.kill(clients.get(host));
    }

    @Override
    public void close() throws InterruptedException {
        for (Process client : clients.values()) Programs.kill(client);
        if (server != null) server.stop(0);
        threads.shutdownNow();
    }
}
