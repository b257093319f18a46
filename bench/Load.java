import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicLong;

/// Closed-loop load: each client sends its next request when the one before was answered.
final class Load {
    interface Client extends AutoCloseable {
        /// One durable write. Throws when it was not acknowledged.
        void write(long number) throws IOException;

        @Override
        void close() throws IOException;
    }

    interface Connect {
        Client open() throws IOException;
    }

    /// @param perSecond acknowledged writes
    /// @param p50Ms     latency of one write
    record Result(int clients, double perSecond, double p50Ms, double p99Ms, long failed) {
        String json() {
            return String.format(
                    Locale.ROOT,
                    "{\"clients\":%d,\"writes_per_second\":%.0f,\"p50_ms\":%.2f,\"p99_ms\":%.2f,\"failed\":%d}",
                    clients,
                    perSecond,
                    p50Ms,
                    p99Ms,
                    failed);
        }
    }

    private Load() {}

    static Result run(Connect connect, int clients, Duration length, AtomicLong numbers) throws Exception {
        List<long[]> latencies = new ArrayList<>();
        AtomicLong failed = new AtomicLong();
        long end = System.nanoTime() + length.toNanos();
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < clients; i++) {
            threads.add(Thread.ofPlatform().name("client-" + i).start(() -> {
                long[] mine = oneClient(connect, end, numbers, failed);
                synchronized (latencies) {
                    latencies.add(mine);
                }
            }));
        }
        for (Thread thread : threads) thread.join();
        long[] all = latencies.stream().flatMapToLong(Arrays::stream).sorted().toArray();
        double seconds = length.toNanos() / 1e9;
        return new Result(clients, all.length / seconds, percentile(all, 0.50), percentile(all, 0.99), failed.get());
    }

    private static long[] oneClient(Connect connect, long end, AtomicLong numbers, AtomicLong failed) {
        long[] taken = new long[1024];
        int count = 0;
        try (Client client = connect.open()) {
            while (System.nanoTime() < end) {
                long start = System.nanoTime();
                client.write(numbers.incrementAndGet());
                if (count == taken.length) taken = Arrays.copyOf(taken, count * 2);
                taken[count++] = System.nanoTime() - start;
            }
        } catch (IOException e) {
            if (failed.incrementAndGet() == 1) System.err.println("a client stopped: " + e);
        }
        return Arrays.copyOf(taken, count);
    }

    static double percentile(long[] sortedNanos, double share) {
        if (sortedNanos.length == 0) return Double.NaN;
        return sortedNanos[(int) Math.min(sortedNanos.length - 1, Math.ceil(share * sortedNanos.length))] / 1e6;
    }

    static double median(List<Double> values) {
        double[] sorted = values.stream().mapToDouble(Double::doubleValue).sorted().toArray();
        int n = sorted.length;
        if (n == 0) return Double.NaN;
        return n % 2 == 1 ? sorted[n / 2] : (sorted[n / 2 - 1] + sorted[n / 2]) / 2;
    }
}
