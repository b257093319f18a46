package dev.muster.edge.telemetry;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// How many files a file system can hold, which Java does not tell: statvfs(3) of 64-bit Linux (glibc and musl agree).
final class Inodes {
    /// `struct statvfs` is 112 bytes; its sixth and seventh fields of 8 are `f_files` and `f_ffree`, the eighth
    /// `f_favail`.
    private static final long STRUCT_BYTES = 256;

    private static final long TOTAL_AT = 40;
    private static final long FREE_AT = 56;

    private final @Nullable MethodHandle statvfs;

    /// @param total 0 on file systems without such a limit
    record Count(long total, long free) {}

    Inodes() {
        statvfs = System.getProperty("os.name").equals("Linux") && ValueLayout.ADDRESS.byteSize() == 8 ? link() : null;
    }

    @SuppressWarnings("restricted")
    private static @Nullable MethodHandle link() {
        try {
            Linker linker = Linker.nativeLinker();
            return linker.downcallHandle(
                    linker.defaultLookup().findOrThrow("statvfs"),
                    FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.ADDRESS, ValueLayout.ADDRESS));
        } catch (RuntimeException | LinkageError _) {
            return null;
        }
    }

    /// Empty where the system does not tell.
    Optional<Count> count(Path dir) {
        if (statvfs == null) {
            return Optional.empty();
        }
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment answer = arena.allocate(STRUCT_BYTES, 8);
            int failed = (int) statvfs.invokeExact(arena.allocateFrom(dir.toString()), answer);
            return failed == 0
                    ? Optional.of(new Count(
                            answer.get(ValueLayout.JAVA_LONG, TOTAL_AT), answer.get(ValueLayout.JAVA_LONG, FREE_AT)))
                    : Optional.empty();
        } catch (Throwable e) {
            throw new IllegalStateException("statvfs does not throw", e);
        }
    }
}
