package dev.muster.edge.telemetry;

import dev.muster.edge.telemetry.GpuAnswer.Gpu;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;

/// The driver's library by the Foreign Function API: the few functions of nvml.h that we need, all of them there since
/// driver 375 (2017). One thread at a time.
final class Nvml implements AutoCloseable {
    /// NVML_DEVICE_UUID_V2_BUFFER_SIZE and NVML_DEVICE_NAME_V2_BUFFER_SIZE.
    private static final int TEXT_BYTES = 96;

    private static final int SUCCESS = 0;
    private static final int NOT_SUPPORTED = 3;

    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT;
    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG;
    private static final MemoryLayout POINTER = ValueLayout.ADDRESS;

    private final Linker linker = Linker.nativeLinker();
    private final SymbolLookup library;
    private final MethodHandle shutdown;
    private final MethodHandle driverVersion;
    private final MethodHandle count;
    private final MethodHandle handle;
    private final MethodHandle name;
    private final MethodHandle uuid;
    private final MethodHandle memory;
    private final MethodHandle utilisation;
    private final MethodHandle temperature;
    private final MethodHandle errorString;

    /// The driver said no, or there is none.
    static final class NvmlException extends Exception {
        private static final long serialVersionUID = 1;

        NvmlException(String message) {
            super(message);
        }
    }

    private Nvml(SymbolLookup library) throws NvmlException {
        this.library = library;
        errorString = function("nvmlErrorString", FunctionDescriptor.of(ValueLayout.ADDRESS, INT));
        shutdown = function("nvmlShutdown");
        driverVersion = function("nvmlSystemGetDriverVersion", POINTER, INT);
        count = function("nvmlDeviceGetCount_v2", POINTER);
        handle = function("nvmlDeviceGetHandleByIndex_v2", INT, POINTER);
        name = function("nvmlDeviceGetName", POINTER, POINTER, INT);
        uuid = function("nvmlDeviceGetUUID", POINTER, POINTER, INT);
        memory = function("nvmlDeviceGetMemoryInfo", POINTER, POINTER);
        utilisation = function("nvmlDeviceGetUtilizationRates", POINTER, POINTER);
        temperature = function("nvmlDeviceGetTemperature", POINTER, INT, POINTER);
        check(call(function("nvmlInit_v2")), "nvmlInit_v2");
    }

    /// Loads the first library that is there, and starts it. Without persistence mode the driver may take seconds for
    /// this.
    static Nvml open(List<String> libraries) throws NvmlException {
        for (String library : libraries) {
            Optional<SymbolLookup> found = load(library);
            if (found.isPresent()) {
                return new Nvml(found.get());
            }
        }
        throw new NvmlException("expected one of the libraries " + libraries + ", but could load none");
    }

    @SuppressWarnings("restricted")
    private static Optional<SymbolLookup> load(String library) {
        try {
            return Optional.of(SymbolLookup.libraryLookup(library, Arena.global()));
        } catch (IllegalArgumentException _) {
            return Optional.empty();
        }
    }

    private MethodHandle function(String symbol, MemoryLayout... arguments) throws NvmlException {
        return function(symbol, FunctionDescriptor.of(INT, arguments));
    }

    @SuppressWarnings("restricted")
    private MethodHandle function(String symbol, FunctionDescriptor descriptor) throws NvmlException {
        MemorySegment address = library.find(symbol)
                .orElseThrow(() -> new NvmlException("expected NVML to have " + symbol + ", but found none"));
        return linker.downcallHandle(address, descriptor);
    }

    /// All that it can say now. Fails only if it can say nothing.
    GpuAnswer.Gpus ask() throws NvmlException {
        try (Arena arena = Arena.ofConfined()) {
            List<String> problems = new ArrayList<>();
            MemorySegment text = arena.allocate(TEXT_BYTES);
            String version = ok(call(driverVersion, text, TEXT_BYTES), "the driver's version", problems)
                    ? text.getString(0)
                    : "";
            MemorySegment number = arena.allocate(INT);
            check(call(count, number), "nvmlDeviceGetCount_v2");
            List<Gpu> gpus = new ArrayList<>();
            for (int index = 0; index < number.get(INT, 0); index++) {
                MemorySegment device = arena.allocate(ValueLayout.ADDRESS);
                if (ok(call(handle, index, device), "GPU " + index, problems)) {
                    gpus.add(gpu(index, device.get(ValueLayout.ADDRESS, 0), arena, problems));
                }
            }
            return new GpuAnswer.Gpus(GpuAnswer.Source.NVML, version, gpus, problems);
        }
    }

    private Gpu gpu(int index, MemorySegment device, Arena arena, List<String> problems) {
        String who = "GPU " + index + ", ";
        // nvmlMemory_t: total, free, used; nvmlUtilization_t: gpu, memory. Sensor 0 is the GPU itself.
        MemorySegment bytes = arena.allocate(LONG, 3);
        MemorySegment rates = arena.allocate(INT, 2);
        MemorySegment degrees = arena.allocate(INT);
        boolean hasMemory = ok(call(memory, device, bytes), who + "memory", problems);
        boolean hasRates = ok(call(utilisation, device, rates), who + "utilisation", problems);
        boolean hasDegrees = ok(call(temperature, device, 0, degrees), who + "temperature", problems);
        return new Gpu(
                index,
                text(uuid, device, who + "UUID", arena, problems),
                text(name, device, who + "name", arena, problems),
                hasMemory ? OptionalLong.of(bytes.getAtIndex(LONG, 0)) : OptionalLong.empty(),
                hasMemory ? OptionalLong.of(bytes.getAtIndex(LONG, 2)) : OptionalLong.empty(),
                hasRates ? OptionalInt.of(rates.getAtIndex(INT, 0)) : OptionalInt.empty(),
                hasDegrees ? OptionalInt.of(degrees.get(INT, 0)) : OptionalInt.empty());
    }

    private String text(MethodHandle function, MemorySegment device, String what, Arena arena, List<String> problems) {
        MemorySegment text = arena.allocate(TEXT_BYTES);
        return ok(call(function, device, text, TEXT_BYTES), what, problems) ? text.getString(0) : "";
    }

    private static int call(MethodHandle function, Object... arguments) {
        try {
            return (int) function.invokeWithArguments(arguments);
        } catch (Throwable e) {
            throw new IllegalStateException("C functions do not throw", e);
        }
    }

    /// Not to support a figure is no problem; to fail at one is.
    private boolean ok(int code, String what, List<String> problems) {
        if (code != SUCCESS && code != NOT_SUPPORTED) {
            problems.add(what + ": " + explain(code));
        }
        return code == SUCCESS;
    }

    private void check(int code, String what) throws NvmlException {
        if (code != SUCCESS) {
            throw new NvmlException(what + ": " + explain(code));
        }
    }

    @SuppressWarnings("restricted")
    private String explain(int code) {
        try {
            MemorySegment text = (MemorySegment) errorString.invokeExact(code);
            String words = text.equals(MemorySegment.NULL)
                    ? "no explanation"
                    : text.reinterpret(Long.MAX_VALUE).getString(0);
            return words + " (NVML error " + code + ")";
        } catch (Throwable e) {
            throw new IllegalStateException("C functions do not throw", e);
        }
    }

    @Override
    public void close() {
        call(shutdown);
    }
}
