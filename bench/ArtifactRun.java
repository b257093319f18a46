import dev.muster.edge.local.Lab;
import java.io.IOException;
import java.io.InputStream;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/// One distribution by one contender in a lab of its own, from the clock's start until the last live receiver has the file.
final class ArtifactRun {
    private static final int POLL_MS = 5;
    /// Where nothing should be sent, what is sent late counts too.
    private static final int LATE_SECONDS = 2;
    private static final int FLOW_BYTES = 8 << 20;
    /// Of the flow, not counted: the token bucket lets its burst pass at once.
    private static final int FLOW_START_BYTES = 1 << 20;
    private static final double FLOW_TOLERANCE = 0.02;

    private final ArtifactCase scenario;
    private final Lab lab;
    private final Contender contender;
    private final Path file;
    private final List<String> live;
    private final Map<String, Double> arrived = new HashMap<>();
    private String hit = "";
    /// Bytes of files it had received: before the file, and of it before it was killed.
    private long warmed;
    private long gotBefore;

    /// @param flow          of the rate that one TCP flow should get
    /// @param arrivals      seconds at which each live receiver had the file, the first first
    /// @param sourceCopies  bytes the source sent / size
    /// @param totalCopies   bytes all receivers got / (receivers x size)
    /// @param sentBytes     by all hosts, whatever for
    /// @param againBytes    what of the file a restarted receiver got more than its size, by its own count
    /// @param wrong         live receivers whose file is not the source's
    record Result(
            double seconds,
            List<Double> arrivals,
            double bound,
            double flow,
            double sourceCopies,
            double totalCopies,
            long sentBytes,
            long againBytes,
            int live,
            int wrong,
            Cpu.Use cpu) {
        double ratio() {
            return seconds / bound;
        }

        boolean valid() {
            return cpu.quiet() && Math.abs(flow - 1) <= FLOW_TOLERANCE && wrong == 0 && !Double.isNaN(seconds);
        }

        String json() {
            return String.format(
                    Locale.ROOT,
                    "{\"R\":%s,\"seconds\":%s,\"arrivals\":%s,\"source_copies\":%.3f,\"total_copies\":%.3f,"
                            + "\"sent_bytes\":%d,\"again_bytes\":%d,\"live\":%d,\"wrong\":%d,\"cpu_seconds\":%.1f,\"own_cpu\":%.2f,"
                            + "\"foreign_cpu\":%.2f,\"steal\":%.3f,\"flow\":%.3f,\"valid\":%s}",
                    number(ratio()),
                    number(seconds),
                    arrivals.stream().map(ArtifactRun::number).toList(),
                    sourceCopies,
                    totalCopies,
                    sentBytes,
                    againBytes,
                    live,
                    wrong,
                    cpu.ownSeconds(),
                    cpu.own(),
                    cpu.foreign(),
                    cpu.stolen(),
                    flow,
                    valid());
        }
    }

    /// JSON has no word for what is not a number.
    static String number(double value) {
        return Double.isFinite(value) ? String.format(Locale.ROOT, "%.3f", value) : "null";
    }

    ArtifactRun(ArtifactCase scenario, Lab lab, Contender contender, Path file) {
        this.scenario = scenario;
        this.lab = lab;
        this.contender = contender;
        this.file = file;
        this.live = new ArrayList<>(scenario.wanting());
    }

    /// Makes the network what the case says; before anything runs in it.
    static void lay(ArtifactCase scenario, Lab lab) throws IOException, InterruptedException {
        for (String host : scenario.secondHalf()) {
            switch (scenario.trouble) {
                case NAT -> lab.nat(host);
                case SLOW_UPLINKS -> lab.rate(host, scenario.mbit * 250 + "kbit", scenario.rate());
                case NONE, LATENCY, TWO_KILLED, LEADER_KILLED, CORRUPT_SOURCE, RESTART, AGAIN, GENERATION -> {}
            }
        }
    }

    Result measure() throws Exception {
        double flow = flow();
        if (scenario.trouble == ArtifactCase.Trouble.LATENCY) lab.latency(ArtifactCase.LATENCY_MS);
        contender.prepare();
        if (scenario.trouble == ArtifactCase.Trouble.RESTART) warmed = ((Ours) contender).received(middle());
        long size = Files.size(file);
        Map<String, Lab.Traffic> before = lab.traffic();
        Cpu cpu = Cpu.read(lab);
        long start = contender.go();
        double max = size * 8 / (scenario.mbit * 1e6) * 2 * scenario.receivers + 60;
        watch(start, max, before, size);
        Cpu.Use use = Cpu.read(lab).since(cpu);
        if (scenario.trouble == ArtifactCase.Trouble.AGAIN) TimeUnit.SECONDS.sleep(LATE_SECONDS);
        Map<String, Lab.Traffic> after = lab.traffic();
        long sent = 0;
        for (String host : lab.hosts()) sent += after.get(host).upBytes() - before.get(host).upBytes();
        boolean all = arrived.keySet().containsAll(live);
        long down = 0;
        Map<String, Lab.Traffic> offered = contender.offered().orElse(before);
        for (String host : scenario.wanting()) down += after.get(host).downBytes() - offered.get(host).downBytes();
        long again = hit.isEmpty() ? 0 : gotBefore + ((Ours) contender).received(hit) - size;
        return new Result(
                all ? live.stream().mapToDouble(arrived::get).max().orElse(0) : Double.NaN,
                arrived.values().stream().sorted().toList(),
                scenario.boundSeconds(size, live.size()),
                flow,
                (after.get("h0").upBytes() - before.get("h0").upBytes()) / (double) size,
                down / (scenario.wanting().size() * (double) size),
                sent,
                again,
                live.size(),
                wrong(),
                use);
    }

    private void watch(long start, double maxSeconds, Map<String, Lab.Traffic> before, long size) throws Exception {
        boolean troubled = false;
        for (int poll = 0; seconds(start) < maxSeconds; poll++) {
            for (String host : live) {
                if (!arrived.containsKey(host) && contender.holds(host)) arrived.put(host, seconds(start));
            }
            if (arrived.keySet().containsAll(live)) return;
            if (!troubled && poll % 10 == 0) troubled = trouble(before, size);
            TimeUnit.MILLISECONDS.sleep(POLL_MS);
        }
    }

    private String middle() {
        return live.get(live.size() / 2);
    }

    private static double seconds(long start) {
        return (System.nanoTime() - start) / 1e9;
    }

    /// What goes wrong on the way; true when it has.
    private boolean trouble(Map<String, Lab.Traffic> before, long size) throws Exception {
        switch (scenario.trouble) {
            case TWO_KILLED -> {
                if (progress(live, before, size) < 0.25) return false;
                for (String host : ArtifactCase.hosts(scenario.receivers - 1, scenario.receivers)) {
                    contender.kill(host);
                    live.remove(host);
                }
            }
            case LEADER_KILLED -> {
                if (progress(live, before, size) < 0.30) return false;
                String leader = ((Ours) contender).leader();
                contender.kill(leader);
                live.remove(leader);
            }
            case RESTART -> {
                if (progress(List.of(middle()), before, size) < 0.50) return false;
                hit = middle();
                gotBefore = ((Ours) contender).received(hit) - warmed;
                contender.kill(hit);
                ((Ours) contender).restart(hit);
            }
            case NONE, LATENCY, NAT, SLOW_UPLINKS, CORRUPT_SOURCE, AGAIN, GENERATION -> {}
        }
        return true;
    }

    private double progress(List<String> hosts, Map<String, Lab.Traffic> before, long size)
            throws IOException, InterruptedException {
        Map<String, Lab.Traffic> now = lab.traffic();
        long down = 0;
        for (String host : hosts) down += now.get(host).downBytes() - before.get(host).downBytes();
        return down / (hosts.size() * (double) size);
    }

    /// One TCP flow from the source to a receiver whose downlink is whole, as a share of what it should get.
    private double flow() throws IOException, InterruptedException {
        String address = lab.address("h0");
        try (ServerSocket server = lab.on("h0", () -> new ServerSocket(0));
                Socket socket = lab.on("h1", () -> new Socket(address, server.getLocalPort()))) {
            Thread.ofVirtual().start(() -> {
                try (Socket peer = server.accept()) {
                    peer.getOutputStream().write(new byte[FLOW_BYTES]);
                } catch (IOException e) {
                    // the reader sees a short stream
                }
            });
            InputStream in = socket.getInputStream();
            in.skipNBytes(FLOW_START_BYTES);
            long start = System.nanoTime();
            in.skipNBytes(FLOW_BYTES - FLOW_START_BYTES);
            double rate = (FLOW_BYTES - FLOW_START_BYTES) * 8 / seconds(start);
            return rate / (scenario.mbit * 1e6 * Lab.PAYLOAD_SHARE);
        }
    }

    /// Nobody's word is taken for it: every file is read and hashed here.
    private int wrong() throws Exception {
        String wanted = hash(file);
        int wrong = 0;
        for (String host : live) {
            if (!Files.exists(contender.file(host)) || !hash(contender.file(host)).equals(wanted)) wrong++;
        }
        return wrong;
    }

    private static String hash(Path file) throws Exception {
        MessageDigest digest = MessageDigest.getInstance("SHA-256");
        try (InputStream in = Files.newInputStream(file)) {
            byte[] buffer = new byte[1 << 20];
            for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) digest.update(buffer, 0, read);
        }
        return HexFormat.of().formatHex(digest.digest());
    }
}
