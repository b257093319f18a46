package dev.muster.edge.local;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;

/// Work inside a named network namespace: what `ip netns exec` is for programs, for some lines of Java.
///
/// A namespace belongs to a thread, so the work gets a platform thread of its own that ends with it. A socket stays in
/// the namespace in which it was made, and may be used from any thread afterwards.
///
/// Source: setns(2), ip-netns(8).
final class Namespace {
    private static final int READ_ONLY_CLOSED_ON_EXEC = 0x80000;
    private static final int CLONE_NEWNET = 0x40000000;
    private static final StructLayout STATE = Linker.Option.captureStateLayout();
    private static final MethodHandle OPEN =
            function("open", FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.ADDRESS, ValueLayout.JAVA_INT));
    private static final MethodHandle SETNS =
            function("setns", FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_INT, ValueLayout.JAVA_INT));
    private static final MethodHandle CLOSE =
            function("close", FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_INT));

    private Namespace() {}

    @SuppressWarnings("restricted")
    private static MethodHandle function(String name, FunctionDescriptor type) {
        Linker linker = Linker.nativeLinker();
        return linker.downcallHandle(
                linker.defaultLookup().findOrThrow(name), type, Linker.Option.captureCallState("errno"));
    }

    /// Waits for the work's result.
    ///
    /// @param name as `ip netns list` shows it
    /// @throws IOException when the namespace cannot be entered, or the work failed
    static <T> T call(String name, Callable<T> work) throws IOException, InterruptedException {
        CompletableFuture<T> result = new CompletableFuture<>();
        Thread.ofPlatform().daemon().name("in-" + name).start(() -> {
            try {
                enter(name);
                result.complete(work.call());
            } catch (Throwable e) {
                result.completeExceptionally(e);
            }
        });
        try {
            return result.get();
        } catch (ExecutionException e) {
            if (e.getCause() instanceof IOException cause) throw new IOException(cause.getMessage(), cause);
            throw new IOException("in " + name + ": " + e.getCause(), e.getCause());
        }
    }

    private static void enter(String name) throws Throwable {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment state = arena.allocate(STATE);
            int file =
                    (int) OPEN.invokeExact(state, arena.allocateFrom("/run/netns/" + name), READ_ONLY_CLOSED_ON_EXEC);
            if (file < 0) throw failure("open", name, state);
            int entered = (int) SETNS.invokeExact(state, file, CLONE_NEWNET);
            IOException failure = failure("enter", name, state);
            int closed = (int) CLOSE.invokeExact(state, file);
            if (entered != 0 || closed != 0) throw failure;
        }
    }

    private static IOException failure(String what, String name, MemorySegment state) {
        int errno = state.get(ValueLayout.JAVA_INT, STATE.byteOffset(MemoryLayout.PathElement.groupElement("errno")));
        return new IOException("expected to " + what + " the namespace " + name + ", but found error " + errno);
    }
}
