import dev.muster.edge.local.Lab;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/// What is distributed to how many, and what goes wrong meanwhile. The source is `h0`, the receivers `h1` … `hN`.
enum ArtifactCase {
    P1(8, 50, 64, Trouble.NONE),
    P2(16, 25, 64, Trouble.NONE),
    P3(8, 50, 200, Trouble.NONE),
    P4(8, 50, 64, Trouble.LATENCY),
    P5(8, 50, 64, Trouble.NAT),
    P6(8, 50, 64, Trouble.SLOW_UPLINKS),
    P7(8, 50, 64, Trouble.TWO_KILLED),
    P8(8, 50, 64, Trouble.LEADER_KILLED),
    P10(8, 50, 64, Trouble.CORRUPT_SOURCE),
    P11(8, 50, 64, Trouble.RESTART),
    P12(8, 50, 64, Trouble.AGAIN),
    /// Each node a process of its own: 49 of them want more than two cores, whatever they send.
    N48(48, 4, 64, Trouble.NONE),
    D1(Generations.Change.MOVED, 0.80),
    D2(Generations.Change.SCATTERED, 0.25),
    D3(Generations.Change.LAST, 0.20),
    D4(Generations.Change.METADATA, 0.10),
    D5(Generations.Change.NOISE, 1.10);

    enum Trouble {
        NONE,
        /// 20 ms each way.
        LATENCY,
        /// The second half of the receivers is behind routers.
        NAT,
        /// The second half of the receivers sends at a quarter of the rate.
        SLOW_UPLINKS,
        /// The last two receivers die at a quarter.
        TWO_KILLED,
        /// The leader, a receiver, dies at 30 %.
        LEADER_KILLED,
        /// `h1` holds the file too, but with wrong bytes on its disk.
        CORRUPT_SOURCE,
        /// A receiver's agent is killed at half and started again.
        RESTART,
        /// All have the file already, and go back to it.
        AGAIN,
        /// All have the generation before.
        GENERATION
    }

    static final int LATENCY_MS = 20;

    final int receivers;
    /// Each way; the case's own, or what the command line says.
    int mbit;
    final int mebibytes;
    final Trouble trouble;
    final Generations.Change change;
    /// Bytes that all receivers get per byte of the file, at most; counted from when the source first has it.
    final double ratioMax;

    ArtifactCase(Generations.Change change, double ratioMax) {
        this(8, 50, 64, Trouble.GENERATION, change, ratioMax);
    }

    ArtifactCase(int receivers, int mbit, int mebibytes, Trouble trouble) {
        this(receivers, mbit, mebibytes, trouble, Generations.Change.NONE, Double.NaN);
    }

    ArtifactCase(
            int receivers, int mbit, int mebibytes, Trouble trouble, Generations.Change change, double ratioMax) {
        this.change = change;
        this.ratioMax = ratioMax;
        this.receivers = receivers;
        this.mbit = mbit;
        this.mebibytes = mebibytes;
        this.trouble = trouble;
    }

    String rate() {
        return mbit + "mbit";
    }

    /// Those the trouble hits from the start, by their places in the network.
    List<String> secondHalf() {
        return hosts(receivers / 2 + 1, receivers);
    }

    /// Those that are to have the file in the end, if nobody else dies.
    List<String> wanting() {
        return hosts(trouble == Trouble.CORRUPT_SOURCE ? 2 : 1, receivers);
    }

    static List<String> hosts(int from, int to) {
        return IntStream.rangeClosed(from, to).mapToObj(i -> "h" + i).toList();
    }

    /// Is a program without a leader, a store or a memory of earlier files in this case at all?
    boolean forPeers() {
        return switch (trouble) {
            case NONE, LATENCY, NAT, SLOW_UPLINKS, TWO_KILLED -> true;
            case LEADER_KILLED, CORRUPT_SOURCE, RESTART, AGAIN, GENERATION -> false;
        };
    }

    /// The least time in which `bytes` can reach `live` receivers: of the source's uplink, the slowest downlink, and all
    /// uplinks together (Kumar and Ross, "Peer-assisted file distribution: the minimum distribution time", 2006). 0 where
    /// nothing has to be sent.
    double boundSeconds(long bytes, int live) {
        if (trouble == Trouble.AGAIN) return 0;
        double link = mbit * 1e6 / 8 * Lab.PAYLOAD_SHARE;
        double source = trouble == Trouble.CORRUPT_SOURCE ? 2 * link : link;
        List<Double> uplinks = new ArrayList<>();
        for (int i = 0; i < live; i++)
            uplinks.add(trouble == Trouble.SLOW_UPLINKS && i >= receivers / 2 ? link / 4 : link);
        double all = source + uplinks.stream().mapToDouble(Double::doubleValue).sum();
        return Math.max(bytes / Math.min(source, link), live * (double) bytes / all);
    }
}
