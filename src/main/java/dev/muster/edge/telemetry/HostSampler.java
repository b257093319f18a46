package dev.muster.edge.telemetry;

import com.sun.management.OperatingSystemMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/// Samples the machine. Cheap enough for every heartbeat: a dozen small files on Linux, and the program `stat` once
/// a minute; elsewhere what the JDK can tell. Never throws for what a system does not tell.
///
/// Thread-safe; `cpuPercent` is about the time since the sample before, whoever took it.
public final class HostSampler {
    private final Path proc;
    private final Path cgroups;
    private final Path dataDir;
    private final Inodes inodes;
    private @Nullable CpuTime before;

    /// @param dataDir whose file system is sampled
    public HostSampler(Path dataDir) {
        this(Path.of("/proc"), Path.of("/sys/fs/cgroup"), dataDir);
    }

    HostSampler(Path proc, Path cgroups, Path dataDir) {
        this.proc = proc;
        this.cgroups = cgroups;
        this.dataDir = dataDir.toAbsolutePath();
        this.inodes = new Inodes(this.dataDir);
    }

    /// Ticks since the boot.
    record CpuTime(long busy, long total, int cores) {}

    public synchronized HostSample sample() {
        return TextFile.read(proc.resolve("stat"))
                .flatMap(HostSampler::cpuTime)
                .map(this::onLinux)
                .orElseGet(this::elsewhere);
    }

    private HostSample onLinux(CpuTime now) {
        OptionalDouble cpu = percent(before, now);
        before = now;
        Path meminfo = proc.resolve("meminfo");
        Optional<Inodes.Count> files = inodes.count();
        return new HostSample(
                cpu,
                OptionalInt.of(now.cores()),
                load(),
                kilobytes(meminfo, "MemTotal"),
                kilobytes(meminfo, "MemAvailable"),
                disk(FileStore::getTotalSpace),
                disk(FileStore::getUsableSpace),
                files.map(it -> OptionalLong.of(it.total())).orElse(OptionalLong.empty()),
                files.map(it -> OptionalLong.of(it.free())).orElse(OptionalLong.empty()),
                kilobytes(proc.resolve("self/status"), "VmRSS"),
                CgroupLimits.read(proc, cgroups));
    }

    /// `cpu user nice system idle iowait irq softirq steal …`, then a line per core. Guest time is part of user time.
    static Optional<CpuTime> cpuTime(String stat) {
        try {
            String[] words = stat.lines().findFirst().orElse("").split(" +");
            long total = 0;
            for (int i = 1; i <= 8; i++) {
                total += Long.parseLong(words[i]);
            }
            long idle = Long.parseLong(words[4]) + Long.parseLong(words[5]);
            int cores = (int)
                    stat.lines().filter(line -> line.matches("cpu\\d+ .*")).count();
            return Optional.of(new CpuTime(total - idle, total, cores));
        } catch (RuntimeException _) {
            return Optional.empty();
        }
    }

    /// Waiting for disks may count backwards on some kernels: what comes out is kept within 0 to 100.
    static OptionalDouble percent(@Nullable CpuTime before, CpuTime now) {
        if (before == null || now.total() <= before.total()) {
            return OptionalDouble.empty();
        }
        double percent = 100.0 * (now.busy() - before.busy()) / (now.total() - before.total());
        return OptionalDouble.of(Math.clamp(percent, 0, 100));
    }

    private OptionalDouble load() {
        try {
            return TextFile.read(proc.resolve("loadavg"))
                    .map(text -> OptionalDouble.of(Double.parseDouble(text.split(" ")[0])))
                    .orElse(OptionalDouble.empty());
        } catch (NumberFormatException _) {
            return OptionalDouble.empty();
        }
    }

    private static OptionalLong kilobytes(Path file, String name) {
        return TextFile.field(file, name).map(it -> OptionalLong.of(it * 1024)).orElse(OptionalLong.empty());
    }

    private interface Figure {
        long of(FileStore disk) throws IOException;
    }

    private OptionalLong disk(Figure figure) {
        try {
            return OptionalLong.of(figure.of(Files.getFileStore(dataDir)));
        } catch (IOException _) {
            return OptionalLong.empty();
        }
    }

    private HostSample elsewhere() {
        OperatingSystemMXBean system = ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);
        double load = system.getSystemLoadAverage();
        double cpu = system.getCpuLoad();
        return new HostSample(
                cpu >= 0 ? OptionalDouble.of(cpu * 100) : OptionalDouble.empty(),
                OptionalInt.of(system.getAvailableProcessors()),
                load >= 0 ? OptionalDouble.of(load) : OptionalDouble.empty(),
                OptionalLong.of(system.getTotalMemorySize()),
                OptionalLong.of(system.getFreeMemorySize()),
                disk(FileStore::getTotalSpace),
                disk(FileStore::getUsableSpace),
                OptionalLong.empty(),
                OptionalLong.empty(),
                OptionalLong.empty(),
                CgroupLimits.NONE);
    }
}
