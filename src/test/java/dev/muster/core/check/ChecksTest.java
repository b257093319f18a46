package dev.muster.core.check;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.core.check.Readings.Gpus;
import dev.muster.core.check.Readings.Models;
import dev.muster.core.check.Readings.Python;
import dev.muster.core.check.Readings.Room;
import dev.muster.core.check.Readings.Skew;
import dev.muster.core.state.Role;
import java.time.Duration;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ChecksTest {
    private static final long GB = 1_000_000_000;
    private static final Expected CPU_HOST = new Expected(0, Role.SELFPLAY, false);
    private static final Expected GPU_HOST = new Expected(1, Role.TRAINING, true);
    private static final Python TORCH = new Python("3.11.4", Optional.of("2.3.0"), "", 1, List.of());

    /// What a healthy GPU node of the runbook measures; a test changes what it is about.
    private static final class Given {
        private Optional<Measured<Python>> python = Optional.of(Measured.of(TORCH));
        private Measured<Gpus> gpus = Measured.of(new Gpus(1, "550.54", List.of()));
        private Measured<Room> disk = Measured.of(new Room(512 * GB, 450 * GB));
        private Measured<Room> memory = Measured.of(new Room(64 * GB, 32 * GB));
        private Measured<Skew> clock = Measured.of(new Skew(Duration.ofMillis(3), Duration.ofMillis(5)));
        private Measured<Boolean> sync = Measured.of(true);
        private Measured<Models> models = Measured.of(new Models(2, 0, List.of()));
        private Optional<String> leader = Optional.of("1.0");
        private Expected expected = GPU_HOST;
        private Map<Probe, Grade> before = new EnumMap<>(Probe.class);

        List<Check> checks() {
            Room enough = new Room(1000, 900);
            return Checks.of(
                    new Readings(
                            "1.0",
                            leader,
                            python,
                            gpus,
                            disk,
                            Measured.of(enough),
                            Measured.of(""),
                            memory,
                            clock,
                            sync,
                            Measured.of(enough),
                            Measured.of(enough),
                            models),
                    expected,
                    Thresholds.DEFAULT,
                    before);
        }

        Check check(Probe probe) {
            return find(probe).orElseThrow();
        }

        Optional<Check> find(Probe probe) {
            return checks().stream().filter(check -> check.probe() == probe).findFirst();
        }

        Check disk(long total, long free) {
            disk = Measured.of(new Room(total, free));
            return check(Probe.DISK);
        }

        Grade clock(long aheadMs, long boundMs) {
            clock = Measured.of(new Skew(Duration.ofMillis(aheadMs), Duration.ofMillis(boundMs)));
            return check(Probe.CLOCK).grade();
        }
    }

    @Test
    void theRunbooksHealthyNodeIsHealthyInItsWords() {
        List<Check> checks = new Given().checks();
        assertThat(checks).extracting(Check::grade).containsOnly(Grade.OK);
        assertThat(checks).extracting(Check::text).contains("pytorch_ok", "cuda_available (1 GPU)", "disk: 450GB free");
        assertThat(checks).extracting(Check::probe).isSorted();
    }

    @Test
    void whatCannotBeMeasuredIsNeverWell() {
        Given given = new Given();
        given.disk = Measured.unknown("stat failed");
        given.memory = Measured.unknown("no /proc");
        given.clock = Measured.unknown("no leader was heard");
        given.models = Measured.unknown("the folder cannot be read");
        given.expected = CPU_HOST;
        given.gpus = Measured.unknown("the driver does not answer");
        for (Probe probe : List.of(Probe.DISK, Probe.MEMORY, Probe.CLOCK, Probe.MODELS, Probe.DRIVER)) {
            assertThat(given.check(probe).grade()).as("%s", probe).isEqualTo(Grade.UNKNOWN);
            assertThat(given.check(probe).text()).contains("unknown");
        }
        assertThat(given.check(Probe.DISK).text()).isEqualTo("disk unknown: stat failed");
    }

    @Test
    void noGpuIsRightOnACpuHostAndWrongWhereOneBelongs() {
        Given cpu = new Given();
        cpu.expected = CPU_HOST;
        cpu.gpus = Measured.of(Gpus.NONE);
        assertThat(cpu.check(Probe.CUDA)).isEqualTo(new Check(Probe.CUDA, Grade.OK, "no GPU"));

        Given lost = new Given();
        lost.gpus = Measured.of(Gpus.NONE);
        assertThat(lost.check(Probe.CUDA))
                .isEqualTo(new Check(Probe.CUDA, Grade.FAIL, "cuda: found 0 GPUs, expected 1"));

        Given half = new Given();
        half.expected = new Expected(8, Role.MIXED, false);
        half.gpus = Measured.of(new Gpus(7, "550.54", List.of("GPU 3: lost")));
        assertThat(half.check(Probe.CUDA).grade()).isEqualTo(Grade.FAIL);
        assertThat(half.check(Probe.DRIVER).text()).contains("GPU 3: lost");
    }

    @Test
    void theDriverSeesAGpuThatPytorchDoesNot() {
        Given given = new Given();
        given.python = Optional.of(Measured.of(new Python("3.11.4", Optional.of("2.3.0+cpu"), "", 0, List.of())));
        assertThat(given.check(Probe.CUDA))
                .isEqualTo(new Check(Probe.CUDA, Grade.FAIL, "cuda: PyTorch 2.3.0+cpu sees 0 GPUs, expected 1"));
    }

    @Test
    void pythonMattersWhereItIsNeeded() {
        Given none = new Given();
        none.python = Optional.of(Measured.unknown("not asked yet"));
        assertThat(none.check(Probe.PYTHON).grade()).isEqualTo(Grade.UNKNOWN);
        none.python = Optional.of(Measured.of(Python.none("cannot run python3")));
        assertThat(none.check(Probe.PYTHON).grade()).isEqualTo(Grade.FAIL);
        none.expected = new Expected(0, Role.TRAINING, false);
        assertThat(none.check(Probe.PYTHON).grade()).isEqualTo(Grade.WARN);
        none.expected = CPU_HOST;
        assertThat(none.find(Probe.PYTHON)).isEmpty();

        Given torchless = new Given();
        torchless.python = Optional.of(
                Measured.of(new Python("3.11.4", Optional.empty(), "No module named 'torch'", -1, List.of("numpy"))));
        assertThat(torchless.check(Probe.PYTORCH))
                .isEqualTo(new Check(Probe.PYTORCH, Grade.FAIL, "pytorch missing: No module named 'torch'"));
        assertThat(torchless.check(Probe.PYTHON).text()).isEqualTo("python 3.11.4 lacks numpy");
        torchless.expected = new Expected(1, Role.MIXED, false);
        assertThat(torchless.check(Probe.PYTORCH).grade()).isEqualTo(Grade.WARN);
        torchless.expected = CPU_HOST;
        assertThat(torchless.find(Probe.PYTORCH)).isEmpty();
    }

    @Test
    void theRunbooksLowDiskIsLowAndAFullOneFails() {
        Given given = new Given();
        assertThat(given.disk(512 * GB, 50 * GB))
                .isEqualTo(new Check(Probe.DISK, Grade.WARN, "disk: 50GB free (low!)"));
        // A rented machine with 50 GB in all is not low from the first day on.
        assertThat(given.disk(50 * GB, 30 * GB).grade()).isEqualTo(Grade.OK);
        assertThat(given.disk(50 * GB, 5 * GB).grade()).isEqualTo(Grade.WARN);
        Check full = given.disk(512 * GB, GB);
        assertThat(full.grade()).isEqualTo(Grade.FAIL);
        assertThat(full.text()).contains("1GB free", "takes no work");
    }

    @Test
    void aFigureAtTheBorderDoesNotFlap() {
        Given given = new Given();
        assertThat(given.disk(1000 * GB, 54 * GB).grade()).isEqualTo(Grade.OK);
        assertThat(given.disk(1000 * GB, 53 * GB).grade()).isEqualTo(Grade.WARN);
        given.before.put(Probe.DISK, Grade.WARN);
        assertThat(given.disk(1000 * GB, 60 * GB).grade()).isEqualTo(Grade.WARN);
        assertThat(given.disk(1000 * GB, 65 * GB).grade()).isEqualTo(Grade.OK);

        long floor = Thresholds.DEFAULT.floor().work();
        assertThat(given.disk(1000 * GB, floor).grade()).isEqualTo(Grade.FAIL);
        assertThat(given.disk(1000 * GB, floor * 11 / 10).grade()).isEqualTo(Grade.WARN);
        given.before.put(Probe.DISK, Grade.FAIL);
        assertThat(given.disk(1000 * GB, floor * 11 / 10).grade()).isEqualTo(Grade.FAIL);
        assertThat(given.disk(1000 * GB, floor * 13 / 10).grade()).isEqualTo(Grade.WARN);
    }

    @Test
    void onlyWhatIsCertainOfAClockCounts() {
        Given given = new Given();
        assertThat(given.clock(1_400, 10)).isEqualTo(Grade.OK);
        assertThat(given.clock(-2_500, 10)).isEqualTo(Grade.WARN);
        assertThat(given.clock(2_500, 900)).isEqualTo(Grade.OK);
        assertThat(given.clock(3_000, 4_000)).isEqualTo(Grade.UNKNOWN);
        assertThat(given.clock(45_000, 4_000)).isEqualTo(Grade.FAIL);
        given.before.put(Probe.CLOCK, Grade.WARN);
        assertThat(given.clock(1_700, 10)).isEqualTo(Grade.WARN);
        given.before.put(Probe.CLOCK, Grade.UNKNOWN);
        assertThat(given.clock(1_700, 10)).isEqualTo(Grade.OK);
    }

    @Test
    void aSystemWithoutTimedatectlIsJudgedByItsClockAlone() {
        Given given = new Given();
        given.sync = Measured.unknown("no timedatectl");
        assertThat(given.find(Probe.CLOCK_SYNC)).isEmpty();
        given.sync = Measured.of(false);
        assertThat(given.check(Probe.CLOCK_SYNC).grade()).isEqualTo(Grade.WARN);
    }

    @Test
    void anotherVersionThanTheLeadersIsAWarning() {
        Given given = new Given();
        given.leader = Optional.of("1.1");
        assertThat(given.check(Probe.VERSION))
                .isEqualTo(new Check(Probe.VERSION, Grade.WARN, "runs version 1.0, the leader 1.1"));
        given.leader = Optional.empty();
        assertThat(given.check(Probe.VERSION).grade()).isEqualTo(Grade.OK);
    }

    @Test
    void modelsOnTheirWayAreNoFaultAndBrokenNamesAre() {
        Given given = new Given();
        given.models = Measured.of(new Models(1, 1, List.of()));
        assertThat(given.check(Probe.MODELS).text()).isEqualTo("models: 1 in place, 1 on the way");
        given.models = Measured.of(new Models(1, 0, List.of("hex8_2p is not in place")));
        assertThat(given.check(Probe.MODELS).grade()).isEqualTo(Grade.FAIL);
    }

    @Test
    void aLongTextIsCut() {
        Check cut = new Check(Probe.MODELS, Grade.FAIL, "x".repeat(1_000));
        assertThat(cut.text()).hasSize(Check.TEXT_MAX).endsWith("…");
    }
}
