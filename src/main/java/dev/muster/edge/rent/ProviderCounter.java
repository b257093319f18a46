package dev.muster.edge.rent;

import dev.muster.edge.provider.Provider;
import dev.muster.edge.provider.Providers;
import java.io.IOException;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;

/// The providers that this process has keys for, opened when they are first asked.
public final class ProviderCounter implements RentDesk.Counter {
    /// Keys may lie in files: they are looked for this often.
    private static final long LOOK_NANOS = 10_000_000_000L;

    private final Providers providers;
    private final Map<String, Provider> open = new ConcurrentHashMap<>();
    private final AtomicBoolean looking = new AtomicBoolean();
    private volatile Look last = new Look(false, System.nanoTime() - LOOK_NANOS);

    private record Look(boolean able, long nanos) {}

    public ProviderCounter(Providers providers) {
        this.providers = providers;
    }

    /// As it was seen last: a leader waits for no disk.
    @Override
    public boolean able() {
        Look look = last;
        boolean old = System.nanoTime() - look.nanos() >= LOOK_NANOS;
        if (old && looking.compareAndSet(false, true))
            Thread.ofVirtual().name("provider-keys").start(this::look);
        return look.able();
    }

    private void look() {
        try {
            boolean able = providers.configured().stream().anyMatch(name -> !name.equals(Providers.OWN));
            last = new Look(able, System.nanoTime());
        } finally {
            looking.set(false);
        }
    }

    @Override
    public Provider of(String name) throws IOException {
        try {
            return open.computeIfAbsent(name, providers::of);
        } catch (IllegalArgumentException e) {
            throw new IOException(e.getMessage(), e);
        }
    }

    @Override
    public void close() {
        open.values().forEach(Provider::close);
    }
}
