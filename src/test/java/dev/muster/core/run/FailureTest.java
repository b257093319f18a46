package dev.muster.core.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.muster.core.run.Failure.Kind;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// The messages are those of the programs in question: PyTorch, XGBoost, h5py, NCCL, the kernel, shells.
class FailureTest {
    private static final String FRAMES = """
            Traceback (most recent call last):
              File "scripts/train.py", line 812, in <module>
                main()  # out of memory, NaN and CUDA error: all of them would end here
              File "scripts/train.py", line 640, in main
                raise MemoryError if shape_mismatch else OSError("No space left on device")
            """;

    private static Failure of(String log, int exit) {
        Failure.Reader reader = new Failure.Reader();
        for (String line : log.split("\n")) reader.line(line);
        return reader.failure(OptionalInt.of(exit));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "GPU_MEMORY|torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 22.78 GiB. GPU 0 has a total capacity of 31.47 GiB of which 12.73 GiB is free.",
                "GPU_MEMORY|RuntimeError: CUDA out of memory. Tried to allocate 128.00 MiB (GPU 0; 11.17 GiB total capacity)",
                "GPU_MEMORY|xgboost.core.XGBoostError: [11:17:11] /workspace/src/common/device_vector.cu:23: Memory allocation error on worker 0: std::bad_alloc: cudaErrorMemoryAllocation: out of memory",
                "GPU_MEMORY|RuntimeError: CUDA error: CUBLAS_STATUS_ALLOC_FAILED when calling `cublasCreate(handle)`",
                "HOST_MEMORY|numpy.core._exceptions._ArrayMemoryError: MemoryError: Unable to allocate 37.3 GiB for an array",
                "HOST_MEMORY|RuntimeError: [enforce fail at alloc_cpu.cpp:75] err == 0. DefaultCPUAllocator: can't allocate memory: you tried to allocate 4 bytes.",
                "HOST_MEMORY|RuntimeError: DataLoader worker (pid 3216) is killed by signal: Killed.",
                "HOST_MEMORY|RuntimeError: DataLoader worker (pid 3216) is killed by signal: Bus error. It is possible that dataloader's workers are out of shared memory.",
                "DISK_FULL|OSError: [Errno 28] No space left on device: 'checkpoints/operator.pt'",
                "DISK_FULL|RuntimeError: [enforce fail at inline_container.cc:603] . PytorchStreamWriter failed writing file data/1: file write failed",
                "SHAPE|RuntimeError: mat1 and mat2 shapes cannot be multiplied (12x32 and 64x96)",
                "SHAPE|RuntimeError: The size of tensor a (32) must match the size of tensor b (64) at non-singleton dimension 2",
                "SHAPE|ValueError: dimension mismatch",
                "SHAPE|ValueError: operands could not be broadcast together with shapes (32,) (64,)",
                "SHAPE|xgboost.core.XGBoostError: Feature shape mismatch, expected: 12, got 10",
                "NOT_A_NUMBER|RuntimeError: Function 'MulBackward0' returned nan values in its 0th output.",
                "NOT_A_NUMBER|ValueError: Input contains NaN, infinity or a value too large for dtype('float64').",
                "NOT_A_NUMBER|xgboost.core.XGBoostError: Check failed: valid: Label contains NaN, infinity or a value too large.",
                "DATA|OSError: Unable to synchronously open file (truncated file: eof = 2940928, sblock->base_addr = 0, stored_eof = 4107541)",
                "DATA|OSError: Unable to open file (file signature not found)",
                "DATA|FileNotFoundError: [Errno 2] No such file or directory: 'data/pdebench/burgers1d_train.h5'",
                "DATA|RuntimeError: PytorchStreamReader failed reading zip archive: failed finding central directory",
                "DATA|zipfile.BadZipFile: File is not a zip file",
                "CUDA|RuntimeError: CUDA error: device-side assert triggered",
                "CUDA|RuntimeError: CUDA error: no kernel image is available for execution on the device",
                "CUDA|RuntimeError: NCCL error in: ProcessGroupNCCL.cpp:38, unhandled cuda error, NCCL version 2.7.8",
                "CUDA|RuntimeError: Found no NVIDIA driver on your system.",
                "NETWORK|requests.exceptions.ConnectionError: HTTPSConnectionPool(host='example.org', port=443): Max retries exceeded with url: /",
                "NETWORK|ConnectionResetError: [Errno 104] Connection reset by peer",
                "NETWORK|torch.distributed.DistBackendError: NCCL communicator was aborted: Watchdog caught collective operation timeout",
                "IMPORTS|ModuleNotFoundError: No module named 'h5py'",
                "IMPORTS|ImportError: libcudnn.so.9: cannot open shared object file: No such file or directory",
                "KILLED|KeyboardInterrupt",
                "TRACEBACK|KeyError: 'operator'",
                "TRACEBACK|AttributeError: 'NoneType' object has no attribute 'shape'",
                "TRACEBACK|UPTDomainError: nothing of the usual",
            })
    void anExceptionSaysWhy(Kind kind, String exception) {
        Failure expected = new Failure(kind, exception.strip());
        assertThat(of("epoch 3 loss=0.12\n" + FRAMES + exception + "\n", 1)).isEqualTo(expected);
        assertThat(of("[rank0]: " + (FRAMES + exception).replace("\n", "\n[rank0]: "), 1))
                .isEqualTo(expected);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "HOST_MEMORY|137|[12345.6] Out of memory: Killed process 3216 (python) total-vm:98304kB",
                "HOST_MEMORY|137|Killed",
                "HOST_MEMORY|137|epoch 4 loss=0.1",
                "HOST_MEMORY|-9|epoch 4 loss=0.1",
                "KILLED|143|Terminated",
                "KILLED|139|Segmentation fault (core dumped)",
                "KILLED|134|epoch 4 loss=0.1",
                "CUDA|1|[12345.6] NVRM: Xid (PCI:0000:26:00): 79, pid=3216, GPU has fallen off the bus.",
                "CUDA|1|host:2871:2871 [0] misc/cudawrap.cc:182 NCCL WARN Cuda failure 'CUDA driver version is insufficient for CUDA runtime version'",
                "NOT_A_NUMBER|1|epoch 7 operator/loss=nan grad_norm=3.1",
                "NOT_A_NUMBER|1|Loss is nan, stopping training",
                "NOT_A_NUMBER|1|{'train/loss': nan, 'epoch': 3}",
                "DISK_FULL|2|cp: error writing 'x': No space left on device",
                "UNKNOWN|1|epoch 4 loss=0.1",
            })
    void soDoLinesWithoutATraceback(Kind kind, int exit, String line) {
        assertThat(of("starting\n" + line + "\n", exit).kind()).isEqualTo(kind);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "args: Namespace(nan_policy='omit', on_nan='stop', detect_nan=True)",
                "x = torch.nan_to_num(x, nan=0.0)",
                "grad_nan_count: 0",
                "NaN found: 0",
                "no NaN found in burgers1d_train.h5",
                "checked inputs: 0 NaN values found, 0 Inf",
                "UserWarning: CUDA out of memory was caught once, the batch is smaller now",
                "INFO will retry when CUDA out of memory comes",
                "host:1:1 [0] NCCL INFO NET/Plugin : Plugin load (libnccl-net.so): cannot open shared object file: No such file",
                "[W socket.cpp:601] the server socket: Connection refused, trying again",
                "\r 45%|####5     | 45/100 [00:12<00:15,  3.6it/s, loss=nan]\r 46%|####6     | 46/100 [00:13<?, ?it/s, loss=0.021]",
                "# Error handling: out of memory, No space left on device",
                "loss_info=0.1 infer_loss=0.2 finance: 3",
            })
    void whatOnlyLooksLikeItIsNot(String line) {
        assertThat(of(line + "\n", 1).kind()).isEqualTo(Kind.UNKNOWN);
    }

    @Test
    void aCauseComesBeforeWhatCameOfIt() {
        String log = FRAMES + "torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 2.00 GiB\n"
                + "\nDuring handling of the above exception, another exception occurred:\n\n" + FRAMES
                + "ConnectionResetError: [Errno 104] Connection reset by peer\n" + FRAMES + "KeyError: 'loss'\n";
        assertThat(of(log, 1).kind()).isEqualTo(Kind.GPU_MEMORY);
        assertThat(of(log, 137).kind()).isEqualTo(Kind.GPU_MEMORY);
    }

    @Test
    void whatTheRunSurvivedIsNotWhatEndedIt() {
        String caught = FRAMES + "torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 2.00 GiB\n";
        String after = "step 1 loss=0.5\n".repeat(300);
        assertThat(of(caught + after + FRAMES + "KeyError: 'loss'\n", 1))
                .isEqualTo(new Failure(Kind.TRACEBACK, "KeyError: 'loss'"));
        assertThat(of(caught + after, 137).proof()).startsWith("exit code 137: killed from outside");
        assertThat(of(caught + after, 1).kind()).isEqualTo(Kind.GPU_MEMORY);
    }

    @Test
    void aCheckpointOfAnotherArchitectureIsAMismatch() {
        String log = FRAMES + "RuntimeError: Error(s) in loading state_dict for LatentOperator:\n"
                + "\tsize mismatch for blocks.0.weight: copying a param with shape torch.Size([96, 32])\n";
        assertThat(of(log, 1).kind()).isEqualTo(Kind.SHAPE);
        assertThat(of(log, 1).proof()).startsWith("size mismatch for blocks.0.weight");
    }

    @Test
    void aRealLogOfARunThatDied() throws IOException {
        Path file = Path.of("../shared/data/runs/diff_residual.log");
        assumeTrue(Files.exists(file), "no real logs here");
        Failure failure = of(Files.readString(file), 1);
        assertThat(failure.kind()).isEqualTo(Kind.TRACEBACK);
        assertThat(failure.proof()).startsWith("RuntimeError: Expected all tensors to be on the same device");
    }

    @Test
    void everyKindSaysWhatToDo() {
        for (Kind kind : Kind.values())
            assertThat(kind.advice()).hasSizeGreaterThan(40).endsWith(".");
    }

    @Test
    void aLineOfMegabytesIsReadInTime() {
        Failure.Reader reader = new Failure.Reader();
        for (int line = 0; line < 20; line++) reader.line("loss=" + " a".repeat(500_000) + line);
        assertThat(reader.failure(OptionalInt.empty()).kind()).isEqualTo(Kind.UNKNOWN);
    }
}
