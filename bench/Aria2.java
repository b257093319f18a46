import dev.muster.edge.local.Lab;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;

/// BitTorrent by aria2: a seeder on `h0` with the tracker, a client on every other host. Peer exchange on; no DHT, no local
/// discovery: the hosts have no other network. Each piece is verified as it comes.
final class Aria2 implements Contender {
    private static final int PIECE_BYTES = 256 << 10;
    private static final int SEED_SECONDS_MAX = 20;
    private static final String NAME = "file";

    private final Lab lab;
    private final Path dir;
    private final Path file;
    private final Map<String, Process> clients = new TreeMap<>();
    private Tracker tracker;
    private Path torrent;
    private Path hook;

    Aria2(Lab lab, Path dir, Path file) {
        this.lab = lab;
        this.dir = dir;
        this.file = file;
    }

    static boolean installed() {
        return Programs.installed("aria2c");
    }

    @Override
    public void prepare() throws Exception {
        tracker = new Tracker(lab);
        torrent = Files.write(dir.resolve("file.torrent"), torrent());
        hook = Files.writeString(dir.resolve("completed"), "#!/bin/sh\n: >\"${3%/*}/completed\"\n");
        Files.setPosixFilePermissions(hook, PosixFilePermissions.fromString("rwx------"));
        for (String host : lab.hosts()) Files.createDirectories(dir.resolve(host));
        Files.createLink(file("h0"), file);
        start("h0");
        for (int i = 0; tracker.seeders() == 0; i++) {
            if (i == SEED_SECONDS_MAX * 10) throw new IOException("expected aria2 to seed, but it did not announce itself");
            TimeUnit.MILLISECONDS.sleep(100);
        }
    }

    private byte[] torrent() throws IOException, NoSuchAlgorithmException {
        ByteArrayOutputStream pieces = new ByteArrayOutputStream();
        MessageDigest sha1 = MessageDigest.getInstance("SHA-1");
        try (var in = Files.newInputStream(file)) {
            for (byte[] piece = in.readNBytes(PIECE_BYTES); piece.length > 0; piece = in.readNBytes(PIECE_BYTES))
                pieces.writeBytes(sha1.digest(piece));
        }
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        String url = tracker.url();
        String head = "d8:announce" + url.length() + ":" + url + "4:infod6:lengthi" + Files.size(file) + "e4:name"
                + NAME.length() + ":" + NAME + "12:piece lengthi" + PIECE_BYTES + "e6:pieces" + pieces.size() + ":";
        out.writeBytes(head.getBytes(StandardCharsets.ISO_8859_1));
        out.writeBytes(pieces.toByteArray());
        out.writeBytes("ee".getBytes(StandardCharsets.ISO_8859_1));
        return out.toByteArray();
    }

    private void start(String host) throws IOException {
        Process process = Programs.start(
                lab,
                host,
                "aria2c",
                "--no-conf",
                "--quiet",
                "--dir=" + dir.resolve(host),
                "--enable-dht=false",
                "--enable-dht6=false",
                "--disable-ipv6=true",
                "--bt-enable-lpd=false",
                "--enable-peer-exchange=true",
                "--bt-seed-unverified=true",
                "--seed-ratio=0",
                "--seed-time=60",
                "--bt-max-peers=0",
                "--bt-tracker-interval=2",
                "--file-allocation=none",
                "--allow-overwrite=true",
                "--listen-port=6881",
                "--on-bt-download-complete=" + hook,
                torrent.toString());
        clients.put(host, process);
    }

    @Override
    public long go() throws IOException {
        long start = System.nanoTime();
        for (String host : lab.hosts()) {
            if (!host.equals("h0")) start(host);
        }
        return start;
    }

    @Override
    public boolean holds(String host) {
        return Files.exists(dir.resolve(host).resolve("completed"));
    }

    @Override
    public Path file(String host) {
        return dir.resolve(host).resolve(NAME);
    }

    @Override
    public void kill(String host) throws InterruptedException {
        Programs.kill(clients.get(host));
    }

    @Override
    public void close() throws InterruptedException {
        for (Process client : clients.values()) Programs.kill(client);
        if (tracker != null) tracker.close();
    }
}
