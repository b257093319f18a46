package dev.muster.edge.telemetry;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.edge.telemetry.HostSampler.CpuTime;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HostSamplerTest {
    @TempDir
    Path temp;

    private Path proc;
    private Path cgroups;
    private HostSampler sampler;

    @BeforeEach
    void aMachineOnPaper() throws IOException {
        proc = temp.resolve("proc");
        cgroups = temp.resolve("cgroup");
        write(proc, "stat", stat(1000, 9000));
        write(proc, "loadavg", "2.50 1.00 0.50 3/456 7890\n");
        write(proc, "meminfo", "MemTotal:       16000000 kB\nMemFree:  100 kB\nMemAvailable:    8000000 kB\n");
        write(proc, "self/status", "Name:\tjava\nVmHWM:\t  99999 kB\nVmRSS:\t   54321 kB\n");
        write(proc, "self/cgroup", "0::/\n");
        sampler = new HostSampler(proc, cgroups, temp);
    }

    private static void write(Path root, String file, String text) throws IOException {
        Path path = root.resolve(file);
        Files.createDirectories(path.getParent());
        Files.writeString(path, text);
    }

    private static String stat(long user, long idle) {
        return "cpu  " + user + " 0 0 " + idle + " 0 0 0 0 0 0\n"
                + "cpu0 1 2 3 4 5 6 7 8 9 10\ncpu1 1 2 3 4 5 6 7 8 9 10\nintr 1\nbtime 1700000000\n";
    }

    @Test
    void theFiguresOfLinuxAreRead() {
        HostSample sample = sampler.sample();

        assertThat(sample.cores()).isEqualTo(OptionalInt.of(2));
        assertThat(sample.load()).isEqualTo(OptionalDouble.of(2.5));
        assertThat(sample.memoryTotal()).isEqualTo(OptionalLong.of(16_000_000L * 1024));
        assertThat(sample.memoryFree()).isEqualTo(OptionalLong.of(8_000_000L * 1024));
        assertThat(sample.ownMemory()).isEqualTo(OptionalLong.of(54_321 * 1024));
        assertThat(sample.limits()).isEqualTo(CgroupLimits.NONE);
        assertThat(sample.memoryUsable()).isEqualTo(sample.memoryTotal());
        assertThat(sample.coresUsable()).isEqualTo(OptionalDouble.of(2));
    }

    @Test
    void theProcessorIsMeasuredBetweenTwoSamples() throws IOException {
        assertThat(sampler.sample().cpuPercent()).isEmpty();
        assertThat(sampler.sample().cpuPercent()).as("no time has passed").isEmpty();
        write(proc, "stat", stat(1030, 9070));

        assertThat(sampler.sample().cpuPercent()).isEqualTo(OptionalDouble.of(30));
    }

    @Test
    void waitingForDisksIsIdleAndStolenTimeIsBusy() {
        String stat = "cpu  10 20 30 400 500 6 7 8 90 91\ncpu0 1 1 1 1 1 1 1 1 1 1\n";

        assertThat(HostSampler.cpuTime(stat)).contains(new CpuTime(81, 981, 1));
        assertThat(HostSampler.cpuTime("nonsense")).isEmpty();
    }

    @Test
    void aContainersTrueSizeIsInItsGroupVersion2() throws IOException {
        write(cgroups, "memory.max", "2147483648\n");
        write(cgroups, "memory.current", "1073741824\n");
        write(cgroups, "memory.stat", "anon 5\ninactive_file 73741824\n");
        write(cgroups, "cpu.max", "150000 100000\n");

        HostSample sample = sampler.sample();

        assertThat(sample.memoryUsable()).isEqualTo(OptionalLong.of(2_147_483_648L));
        assertThat(sample.memoryUsableFree()).isEqualTo(OptionalLong.of(1_147_483_648L));
        assertThat(sample.coresUsable()).isEqualTo(OptionalDouble.of(1.5));
    }

    @Test
    void theTightestGroupAboveCounts() throws IOException {
        write(proc, "self/cgroup", "0::/user.slice/job.scope\n");
        write(cgroups, "user.slice/job.scope/memory.max", "max\n");
        write(cgroups, "user.slice/job.scope/cpu.max", "max 100000\n");
        write(cgroups, "user.slice/memory.max", "1000000\n");
        write(cgroups, "user.slice/cpu.max", "50000 100000\n");

        CgroupLimits limits = sampler.sample().limits();

        assertThat(limits.memory()).isEqualTo(OptionalLong.of(1_000_000));
        assertThat(limits.memoryUsed()).isEmpty();
        assertThat(limits.memoryFree()).isEqualTo(OptionalLong.of(1_000_000));
        assertThat(limits.cores()).isEqualTo(OptionalDouble.of(0.5));
    }

    @Test
    void aContainersTrueSizeIsInItsGroupVersion1() throws IOException {
        write(
                proc,
                "self/cgroup",
                "5:cpu,cpuacct:/docker/abc\n4:memory:/docker/abc\n1:name=systemd:/docker/abc\n0::/x\n");
        write(cgroups, "memory/memory.limit_in_bytes", "4294967296\n");
        write(cgroups, "memory/memory.usage_in_bytes", "100\n");
        write(cgroups, "cpu/cpu.cfs_quota_us", "400000\n");
        write(cgroups, "cpu/cpu.cfs_period_us", "100000\n");

        HostSample sample = sampler.sample();

        assertThat(sample.limits())
                .isEqualTo(
                        new CgroupLimits(OptionalLong.of(4_294_967_296L), OptionalLong.of(100), OptionalDouble.of(4)));
        assertThat(sample.coresUsable()).as("no more than the machine has").isEqualTo(OptionalDouble.of(2));
    }

    @Test
    void version1SaysNoLimitWithAHugeNumberAndMinusOne() throws IOException {
        write(proc, "self/cgroup", "5:cpu,cpuacct:/\n4:memory:/\n");
        write(cgroups, "memory/memory.limit_in_bytes", "9223372036854771712\n");
        write(cgroups, "cpu/cpu.cfs_quota_us", "-1\n");
        write(cgroups, "cpu/cpu.cfs_period_us", "100000\n");

        assertThat(sampler.sample().limits()).isEqualTo(CgroupLimits.NONE);
    }

    @Test
    void aSystemWithoutProcGivesWhatTheJdkCan() {
        HostSample sample = new HostSampler(temp.resolve("nothing"), temp.resolve("nothing"), temp).sample();

        assertThat(sample.cores().getAsInt()).isPositive();
        assertThat(sample.memoryTotal().getAsLong()).isPositive();
        assertThat(sample.diskTotal().getAsLong()).isPositive();
        assertThat(sample.inodesTotal()).isEmpty();
    }

    @Test
    void damagedFilesGiveEmptyFiguresAndNoException() throws IOException {
        write(proc, "loadavg", "high\n");
        write(proc, "meminfo", "MemTotal: lots\n");
        write(proc, "self/cgroup", "?");
        write(cgroups, "memory.max", "-");
        write(cgroups, "cpu.max", "some some");

        HostSample sample = sampler.sample();

        assertThat(sample.load()).isEmpty();
        assertThat(sample.memoryTotal()).isEmpty();
        assertThat(sample.limits()).isEqualTo(CgroupLimits.NONE);
    }

    @Test
    void theDiskOfTheDataDirectoryIsSampledAndAMissingOneIsEmpty() {
        HostSample here = sampler.sample();
        HostSample nowhere = new HostSampler(proc, cgroups, temp.resolve("nothing")).sample();

        assertThat(here.diskFree().getAsLong()).isBetween(1L, here.diskTotal().getAsLong());
        if (System.getProperty("os.name").equals("Linux")) {
            assertThat(here.inodesFree().getAsLong())
                    .isBetween(0L, here.inodesTotal().getAsLong());
        }
        assertThat(nowhere.diskFree()).isEmpty();
        assertThat(nowhere.inodesFree()).isEmpty();
    }

    @Test
    void thisMachineIsSampled() {
        HostSample sample = new HostSampler(temp).sample();

        assertThat(sample.cores().getAsInt()).isPositive();
        assertThat(sample.memoryUsable().getAsLong())
                .isBetween(1L, sample.memoryTotal().getAsLong());
    }
}
