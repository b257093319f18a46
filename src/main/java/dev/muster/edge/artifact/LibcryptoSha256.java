package dev.muster.edge.artifact;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.lang.ref.Cleaner;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.util.List;
import java.util.Optional;

/// SHA-256 by the system's libcrypto (OpenSSL 1.1 or 3), which uses the processor's own instructions.
///
/// Agents run with the JVM's first compiler alone, to be small; under it the JDK's SHA-256 is a tenth as fast as the
/// machine could be. See [EVP_DigestInit](https://docs.openssl.org/3.0/man3/EVP_DigestInit/).
///
/// As any digest: one thread at a time.
@SuppressWarnings("restricted") // native access is granted in the jar's manifest
final class LibcryptoSha256 extends MessageDigest implements Cloneable {
    private static final List<String> NAMES = List.of("libcrypto.so.3", "libcrypto.so.1.1", "libcrypto.so");
    private static final int BYTES = 32;
    private static final Cleaner CLEANER = Cleaner.create();

    /// Looked for once, at the first digest.
    private static final class Found {
        static final Optional<Functions> FUNCTIONS = find();

        private static Optional<Functions> find() {
            for (String name : NAMES) {
                try {
                    Functions functions = new Functions(SymbolLookup.libraryLookup(name, Arena.global()));
                    if (functions.works()) return Optional.of(functions);
                } catch (IllegalArgumentException
                        | IllegalStateException
                        | LinkageError
                        | UnsupportedOperationException e) {
                    System.getLogger(LibcryptoSha256.class.getName())
                            .log(System.Logger.Level.DEBUG, "no SHA-256 in " + name, e);
                }
            }
            return Optional.empty();
        }
    }

    private final Functions functions;
    private final MemorySegment context;

    private LibcryptoSha256(Functions functions) {
        super("SHA-256");
        this.functions = functions;
        MemorySegment made = functions.create();
        this.context = made;
        CLEANER.register(this, () -> functions.free(made));
        functions.init(context);
    }

    /// Empty where the system has no libcrypto.
    static Optional<MessageDigest> create() {
        return Found.FUNCTIONS.map(LibcryptoSha256::new);
    }

    @Override
    protected int engineGetDigestLength() {
        return BYTES;
    }

    @Override
    protected void engineUpdate(byte input) {
        engineUpdate(new byte[] {input}, 0, 1);
    }

    @Override
    protected void engineUpdate(byte[] input, int offset, int length) {
        functions.update(context, MemorySegment.ofArray(input).asSlice(offset, length), length);
    }

    @Override
    protected void engineUpdate(ByteBuffer input) {
        functions.update(context, MemorySegment.ofBuffer(input), input.remaining());
        input.position(input.limit());
    }

    @Override
    protected byte[] engineDigest() {
        byte[] digest = new byte[BYTES];
        functions.end(context, MemorySegment.ofArray(digest));
        functions.init(context);
        return digest;
    }

    @Override
    protected void engineReset() {
        functions.init(context);
    }

    /// @throws CloneNotSupportedException always: a copy would have to own a context of its own, and nobody needs one
    @Override
    public Object clone() throws CloneNotSupportedException {
        throw new CloneNotSupportedException("SHA-256 by libcrypto");
    }

    /// The library's functions. Heap memory is passed as it is (a critical call): a buffer takes less than a
    /// millisecond.
    private static final class Functions {
        private final MethodHandle create;
        private final MethodHandle free;
        private final MethodHandle init;
        private final MethodHandle update;
        private final MethodHandle end;
        private final MemorySegment algorithm;

        Functions(SymbolLookup library) {
            Linker linker = Linker.nativeLinker();
            create = handle(linker, library, "EVP_MD_CTX_new", FunctionDescriptor.of(ValueLayout.ADDRESS));
            free = handle(linker, library, "EVP_MD_CTX_free", FunctionDescriptor.ofVoid(ValueLayout.ADDRESS));
            init = handle(
                    linker,
                    library,
                    "EVP_DigestInit_ex",
                    FunctionDescriptor.of(
                            ValueLayout.JAVA_INT, ValueLayout.ADDRESS, ValueLayout.ADDRESS, ValueLayout.ADDRESS));
            update = handle(
                    linker,
                    library,
                    "EVP_DigestUpdate",
                    FunctionDescriptor.of(
                            ValueLayout.JAVA_INT, ValueLayout.ADDRESS, ValueLayout.ADDRESS, ValueLayout.JAVA_LONG),
                    Linker.Option.critical(true));
            end = handle(
                    linker,
                    library,
                    "EVP_DigestFinal_ex",
                    FunctionDescriptor.of(
                            ValueLayout.JAVA_INT, ValueLayout.ADDRESS, ValueLayout.ADDRESS, ValueLayout.ADDRESS),
                    Linker.Option.critical(true));
            MethodHandle sha256 = handle(linker, library, "EVP_sha256", FunctionDescriptor.of(ValueLayout.ADDRESS));
            try {
                algorithm = (MemorySegment) sha256.invokeExact();
            } catch (Throwable e) {
                throw failed("EVP_sha256", e);
            }
        }

        private static MethodHandle handle(
                Linker linker, SymbolLookup library, String name, FunctionDescriptor shape, Linker.Option... options) {
            MemorySegment address = library.find(name)
                    .orElseThrow(() -> new IllegalStateException("expected " + name + " in libcrypto, but found none"));
            return linker.downcallHandle(address, shape, options);
        }

        /// The empty input's digest is known.
        boolean works() {
            byte[] digest = new LibcryptoSha256(this).digest();
            return (digest[0] & 0xff) == 0xe3 && (digest[BYTES - 1] & 0xff) == 0x55;
        }

        MemorySegment create() {
            try {
                MemorySegment made = (MemorySegment) create.invokeExact();
                if (made.equals(MemorySegment.NULL)) throw new OutOfMemoryError("EVP_MD_CTX_new");
                return made;
            } catch (Throwable e) {
                throw failed("EVP_MD_CTX_new", e);
            }
        }

        void free(MemorySegment context) {
            try {
                free.invokeExact(context);
            } catch (Throwable e) {
                throw failed("EVP_MD_CTX_free", e);
            }
        }

        void init(MemorySegment context) {
            try {
                check("EVP_DigestInit_ex", (int) init.invokeExact(context, algorithm, MemorySegment.NULL));
            } catch (Throwable e) {
                throw failed("EVP_DigestInit_ex", e);
            }
        }

        void update(MemorySegment context, MemorySegment bytes, long length) {
            try {
                check("EVP_DigestUpdate", (int) update.invokeExact(context, bytes, length));
            } catch (Throwable e) {
                throw failed("EVP_DigestUpdate", e);
            }
        }

        void end(MemorySegment context, MemorySegment digest) {
            try {
                check("EVP_DigestFinal_ex", (int) end.invokeExact(context, digest, MemorySegment.NULL));
            } catch (Throwable e) {
                throw failed("EVP_DigestFinal_ex", e);
            }
        }

        private static void check(String name, int answer) {
            if (answer != 1) throw new IllegalStateException("expected " + name + " to answer 1, but found " + answer);
        }

        private static IllegalStateException failed(String name, Throwable e) {
            if (e instanceof Error error) throw error;
            return new IllegalStateException(name + ": " + e.getMessage(), e);
        }
    }
}
