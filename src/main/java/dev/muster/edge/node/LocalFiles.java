package dev.muster.edge.node;

import dev.muster.core.state.Attempt;
import dev.muster.core.state.Sha256;
import dev.muster.edge.artifact.ArtifactStore;
import dev.muster.edge.artifact.FetchResult;
import dev.muster.edge.artifact.Partial;
import dev.muster.edge.artifact.PlaceResult;
import dev.muster.edge.artifact.PutResult;
import dev.muster.edge.artifact.VerifyResult;
import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;

/// The [ArtifactStore] in the words of the state. What it says is held was read back after it was written.
final class LocalFiles implements Artifacts {
    private final ArtifactStore store;
    private final Set<Sha256> held = ConcurrentHashMap.newKeySet();

    private LocalFiles(ArtifactStore store) {
        this.store = store;
    }

    static LocalFiles open(Path dir, long diskFreeMin) throws IOException {
        LocalFiles files = new LocalFiles(ArtifactStore.open(dir, new ArtifactStore.Limits(diskFreeMin)));
        files.store
                .list()
                .forEach(stored -> files.held.add(new Sha256(stored.sha256().hex())));
        return files;
    }

    @Override
    public Set<Sha256> held() {
        return Set.copyOf(held);
    }

    @Override
    public boolean has(Sha256 sha) {
        return held.contains(sha);
    }

    @Override
    public Attempt.Stored store(String path, Path file) throws IOException {
        return switch (store.put(file)) {
            case PutResult.Stored stored -> {
                Sha256 sha = new Sha256(stored.sha256().hex());
                readBack(sha);
                yield new Attempt.Stored(path, sha, stored.size());
            }
            case PutResult.NoSpace no -> throw new IOException(no.message());
        };
    }

    @Override
    public void receive(Sha256 sha, long size, InputStream in) throws IOException {
        switch (store.fetch(name(sha), size, in)) {
            case PutResult.Stored stored -> readBack(sha);
            case PutResult.NoSpace no -> throw new IOException(no.message());
            case FetchResult.Mismatch other -> throw new IOException(other.message());
        }
    }

    @Override
    public Optional<FileChannel> read(Sha256 sha) throws IOException {
        return store.open(name(sha));
    }

    @Override
    public Partial partial(Sha256 sha, long size) throws IOException {
        return store.partial(name(sha), size);
    }

    @Override
    public Map<Sha256, Instant> partials() throws IOException {
        Map<Sha256, Instant> found = new TreeMap<>();
        store.partials().forEach((sha, at) -> found.put(new Sha256(sha.hex()), at));
        return found;
    }

    @Override
    public void deletePartial(Sha256 sha) throws IOException {
        store.deletePartial(name(sha));
    }

    /// It was read back while it was hashed.
    @Override
    public void arrived(Sha256 sha) {
        if (store.has(name(sha))) held.add(sha);
    }

    private void readBack(Sha256 sha) throws IOException {
        switch (store.verify(name(sha))) {
            case VerifyResult.Verified verified -> held.add(sha);
            case VerifyResult.Corrupt corrupt -> {
                held.remove(sha);
                throw new IOException("expected to read back what was written as " + sha + ", but found "
                        + corrupt.found() + "; check this node's disk");
            }
            case VerifyResult.Missing missing -> {
                held.remove(sha);
                throw new NoSuchFileException("artifact " + sha);
            }
        }
    }

    @Override
    public void lay(Sha256 sha, Path target) throws IOException {
        switch (store.linkInto(name(sha), target, ArtifactStore.Access.READ_ONLY)) {
            case PlaceResult.Placed placed -> {}
            case PlaceResult.Missing missing -> throw missing(sha);
            case PutResult.NoSpace no -> throw new IOException(no.message());
        }
    }

    @Override
    public Path path(Sha256 sha) throws IOException {
        return store.path(name(sha)).orElseThrow(() -> missing(sha));
    }

    @Override
    public InputStream open(Sha256 sha) throws IOException {
        return Channels.newInputStream(store.open(name(sha)).orElseThrow(() -> missing(sha)));
    }

    /// It is no longer there: the next decision tells the cluster.
    private NoSuchFileException missing(Sha256 sha) {
        held.remove(sha);
        return new NoSuchFileException("artifact " + sha);
    }

    private static dev.muster.edge.artifact.Sha256 name(Sha256 sha) {
        return new dev.muster.edge.artifact.Sha256(sha.hex());
    }
}
