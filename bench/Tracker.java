import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.muster.edge.local.Lab;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/// A BitTorrent tracker for one torrent, on `h0`: tells each peer of all others (BEP 3, compact as in BEP 23).
final class Tracker implements AutoCloseable {
    private static final int INTERVAL_SECONDS = 2;

    private record Peer(InetSocketAddress address, boolean complete) {}

    private final HttpServer server;
    private final String url;
    private final Map<String, Peer> peers = new ConcurrentHashMap<>();

    Tracker(Lab lab) throws IOException, InterruptedException {
        server = lab.on("h0", () -> HttpServer.create(new InetSocketAddress(0), 64));
        server.createContext("/announce", this::announce);
        server.start();
        url = "http://" + lab.address("h0") + ":" + server.getAddress().getPort() + "/announce";
    }

    String url() {
        return url;
    }

    long seeders() {
        return peers.values().stream().filter(Peer::complete).count();
    }

    private void announce(HttpExchange exchange) throws IOException {
        String id = parameter(exchange, "peer_id");
        int port = Integer.parseInt(parameter(exchange, "port"));
        boolean complete = parameter(exchange, "left").equals("0");
        InetSocketAddress address =
                new InetSocketAddress(exchange.getRemoteAddress().getAddress(), port);
        peers.put(id, new Peer(address, complete));
        ByteArrayOutputStream list = new ByteArrayOutputStream();
        peers.forEach((other, peer) -> {
            if (!other.equals(id)) add(list, peer.address);
        });
        byte[] answer = answer(list.toByteArray());
        exchange.sendResponseHeaders(200, answer.length);
        exchange.getResponseBody().write(answer);
        exchange.close();
    }

    private static void add(ByteArrayOutputStream list, InetSocketAddress address) {
        list.writeBytes(address.getAddress().getAddress());
        list.write(address.getPort() >> 8);
        list.write(address.getPort());
    }

    private static byte[] answer(byte[] list) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        String head = "d8:intervali" + INTERVAL_SECONDS + "e12:min intervali" + INTERVAL_SECONDS + "e5:peers"
                + list.length + ":";
        out.writeBytes(head.getBytes(StandardCharsets.ISO_8859_1));
        out.writeBytes(list);
        out.write('e');
        return out.toByteArray();
    }

    private static String parameter(HttpExchange exchange, String name) {
        for (String pair : exchange.getRequestURI().getRawQuery().split("&")) {
            if (pair.startsWith(name + "=")) return pair.substring(name.length() + 1);
        }
        return "";
    }

    @Override
    public void close() {
        server.stop(0);
    }
}
