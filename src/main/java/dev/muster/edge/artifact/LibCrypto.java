package dev.muster.edge.artifact;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandle;
import java.util.List;
import java.util.Optional;

/// OpenSSL's SHA-256 (`SHA256_Init`, `_Update`, `_Final`), which uses the processor's own instructions. Present on
/// practically every Linux; nothing is lost but speed where it is not.
@SuppressWarnings("restricted") // the jar's manifest grants native access
final class LibCrypto {
    private static final List<String> NAMES = List.of("libcrypto.so.3", "libcrypto.so.1.1");
    /// Of `SHA256_CTX`: 112, and some to spare.
    private static final int CONTEXT_BYTES = 256;
    private static final int HASH_BYTES = 32;

    private final MethodHandle init;
    private final MethodHandle update;
    private final MethodHandle finish;

    private LibCrypto(SymbolLookup library) {
        Linker linker = Linker.nativeLinker();
        this.init = linker.downcallHandle(library.findOrThrow("SHA256_Init"), FunctionDescriptor.of(JAVA_INT, ADDRESS));
        // Critical: reads the Java array where it lies. For 128 KiB that holds up a collection for 0.1 ms.
        this.update = linker.downcallHandle(
                library.findOrThrow("SHA256_Update"),
                FunctionDescriptor.of(JAVA_INT, ADDRESS, ADDRESS, JAVA_LONG),
                Linker.Option.critical(true));
        this.finish = linker.downcallHandle(
                library.findOrThrow("SHA256_Final"), FunctionDescriptor.of(JAVA_INT, ADDRESS, ADDRESS));
    }

    static Optional<LibCrypto> load() {
        for (String name : NAMES) {
            try {
                return Optional.of(new LibCrypto(SymbolLookup.libraryLookup(name, Arena.global())));
            } catch (RuntimeException | LinkageError e) {
                continue; // not there, or without these functions
            }
        }
        return Optional.empty();
    }

    Context context() {
        return new Context();
    }

    /// One digest under way.
    final class Context {
        private final MemorySegment context = Arena.ofAuto().allocate(CONTEXT_BYTES + HASH_BYTES, 8);

        private Context() {
            begin();
        }

        private void begin() {
            try {
                done((int) init.invokeExact(context));
            } catch (Throwable e) {
                throw new IllegalStateException("SHA256_Init", e);
            }
        }

        void update(byte[] bytes, int from, int length) {
            try {
                done((int)
                        update.invokeExact(context, MemorySegment.ofArray(bytes).asSlice(from, length), (long) length));
            } catch (Throwable e) {
                throw new IllegalStateException("SHA256_Update", e);
            }
        }

        byte[] end() {
            MemorySegment hash = context.asSlice(CONTEXT_BYTES, HASH_BYTES);
            try {
                done((int) finish.invokeExact(hash, context));
            } catch (Throwable e) {
                throw new IllegalStateException("SHA256_Final", e);
            }
            begin();
            return hash.toArray(JAVA_BYTE);
        }

        private static void done(int result) {
            if (result != 1) throw new IllegalStateException("expected 1, but found " + result);
        }
    }
}
