package dev.muster.edge.telemetry;

import dev.muster.edge.telemetry.Nvml.NvmlException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Asks for the GPUs: NVML first, `nvidia-smi` where that cannot be loaded.
///
/// A machine without an NVIDIA driver costs two looks for a file, each time. The driver is asked on a thread of its
/// own, because it can hang for ever when a GPU is sick: then the answer says so, and no second question is put
/// until the first comes back. Thread-safe.
public final class GpuProbe implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(GpuProbe.class);

    /// The driver's control device, also in containers, and its counterpart in WSL.
    private static final List<Path> DEVICES = List.of(Path.of("/dev/nvidiactl"), Path.of("/dev/dxg"));

    /// Where the loader finds it; else where container platforms and WSL put it.
    private static final List<String> LIBRARIES = List.of(
            "libnvidia-ml.so.1", "/usr/local/nvidia/lib64/libnvidia-ml.so.1", "/usr/lib/wsl/lib/libnvidia-ml.so.1");

    /// Set on machines of the simulated market that have cards.
    public static final String SIMULATED = "MUSTER_SIM_GPU_NAME";

    /// Starting the driver takes seconds where no other process keeps it started.
    private static final Duration ANSWER_MAX = Duration.ofSeconds(15);

    private final List<Path> devices;
    private final List<String> libraries;
    private final List<String> smi;
    private final Duration answerMax;

    private @Nullable FutureTask<GpuAnswer> pending;
    private long askedNanos;

    /// Of the asking thread; there is one at a time.
    private volatile @Nullable Nvml nvml;

    /// Opens nothing before the first question. On a machine of the simulated market there is no driver, and the market's own
    /// `nvidia-smi` lists what was rented.
    ///
    /// @param env of this process
    public static GpuProbe of(Map<String, String> env) {
        return env.containsKey(SIMULATED)
                ? new GpuProbe(List.of(Path.of("/")), List.of(), NvidiaSmi.COMMAND, ANSWER_MAX)
                : new GpuProbe(DEVICES, LIBRARIES, NvidiaSmi.COMMAND, ANSWER_MAX);
    }

    GpuProbe(List<Path> devices, List<String> libraries, List<String> smi, Duration answerMax) {
        this.devices = devices;
        this.libraries = libraries;
        this.smi = smi;
        this.answerMax = answerMax;
    }

    /// What there is now. Blocks for the driver, milliseconds when it is well and 15 s at most.
    public synchronized GpuAnswer probe() throws InterruptedException {
        if (devices.stream().noneMatch(Files::exists)) {
            return GpuAnswer.None.noDriver(
                    "no NVIDIA driver: expected " + devices.getFirst() + ", but found no such file");
        }
        FutureTask<GpuAnswer> question = pending;
        if (question == null) {
            question = new FutureTask<>(this::ask);
            pending = question;
            askedNanos = System.nanoTime();
            Thread.ofPlatform().daemon().name("muster-gpu").start(question);
        }
        long left = question.isDone() ? 0 : answerMax.toNanos() - (System.nanoTime() - askedNanos);
        try {
            GpuAnswer answer = question.get(Math.max(0, left), TimeUnit.NANOSECONDS);
            pending = null;
            return answer;
        } catch (TimeoutException _) {
            long waited = Duration.ofNanos(System.nanoTime() - askedNanos).toSeconds();
            return new GpuAnswer.None("expected an answer of the NVIDIA driver, but found none for " + waited
                    + " s; a GPU may hang, and the machine may need a reboot");
        } catch (ExecutionException e) {
            pending = null;
            LOG.warn("gpu_probe_failed", e.getCause());
            return new GpuAnswer.None("could not ask for GPUs: " + e.getCause());
        }
    }

    private GpuAnswer ask() throws InterruptedException {
        Nvml open = nvml;
        try {
            if (open == null) {
                open = Nvml.open(libraries);
                nvml = open;
            }
            return open.ask();
        } catch (NvmlException e) {
            shutDown();
            GpuAnswer answer = NvidiaSmi.ask(smi, answerMax);
            return answer instanceof GpuAnswer.None none
                    ? new GpuAnswer.None(e.getMessage() + "; " + none.reason())
                    : answer;
        }
    }

    private void shutDown() {
        Nvml open = nvml;
        nvml = null;
        if (open != null) {
            open.close();
        }
    }

    /// Lets go of the driver, which some ways to reset a GPU need. A later question opens it again.
    @Override
    public synchronized void close() {
        if (pending == null) {
            shutDown();
        }
    }
}
