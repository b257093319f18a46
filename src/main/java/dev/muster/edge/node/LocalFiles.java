package dev.muster.edge.node;

import dev.muster.core.state.Attempt;
import dev.muster.core.state.Sha256;
import dev.muster.core.state.Table;
import dev.muster.edge.artifact.ArtifactStore;
import dev.muster.edge.artifact.Draft;
import dev.muster.edge.artifact.FetchResult;
import dev.muster.edge.artifact.Partial;
import dev.muster.edge.artifact.PlaceResult;
import dev.muster.edge.artifact.PutResult;
import dev.muster.edge.artifact.VerifyResult;
import dev.muster.edge.swarm.Manifests;
import dev.muster.edge.swarm.NoRoom;
import dev.muster.edge.telemetry.Inodes;
import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The [ArtifactStore] in the words of the state. What it says is held was read back after it was written.
final class LocalFiles implements Artifacts {
    private static final Duration USE_EVERY = Duration.ofMinutes(1);
    private static final Logger LOG = LoggerFactory.getLogger(LocalFiles.class);

    /// Of smaller ones nobody waits for the manifest.
    private static final long MANIFEST_AT_ONCE_BYTES = 1 << 20;

    private final ArtifactStore store;
    private final Manifests manifests;
    private final Set<Sha256> held = ConcurrentHashMap.newKeySet();
    /// What each held file looked like before it was last read.
    private final Map<Sha256, Looks> seen = new ConcurrentHashMap<>();
    private final Map<Sha256, Instant> used = new ConcurrentHashMap<>();
    private final Map<Sha256, String> troubles = new ConcurrentHashMap<>();
    private final Set<Sha256> doubted = ConcurrentHashMap.newKeySet();

    /// A file that was written to looks otherwise; who writes its length and puts its time back means it.
    private record Looks(long size, long modifiedMs) {}

    private LocalFiles(ArtifactStore store, Manifests manifests) {
        this.store = store;
        this.manifests = manifests;
    }

    static LocalFiles open(Path dir, Manifests manifests, long diskFreeMin) throws IOException {
        Files.createDirectories(dir);
        Inodes inodes = new Inodes(dir);
        LocalFiles files = new LocalFiles(
                ArtifactStore.open(dir, new ArtifactStore.Limits(diskFreeMin), () -> free(inodes)), manifests);
        for (PutResult.Stored stored : files.store.list()) {
            Sha256 sha = new Sha256(stored.sha256().hex());
            files.keep(sha, files.looks(sha));
        }
        return files;
    }

    private void keep(Sha256 sha, Optional<Looks> before) {
        before.ifPresent(looks -> seen.put(sha, looks));
        held.add(sha);
    }

    private void drop(Sha256 sha) {
        held.remove(sha);
        seen.remove(sha);
        used.remove(sha);
        doubted.remove(sha);
    }

    private Optional<Looks> looks(Sha256 sha) {
        try {
            Path file = store.path(name(sha)).orElse(null);
            if (file == null) return Optional.empty();
            BasicFileAttributes found =
                    Files.readAttributes(file, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
            return Optional.of(new Looks(found.size(), found.lastModifiedTime().toMillis()));
        } catch (IOException e) {
            LOG.debug("{} cannot be looked at", sha, e);
            return Optional.empty();
        }
    }

    /// Was a held file written to since it was last read? A job that runs as root may write through a name that it was
    /// given for reading.
    boolean changed(Sha256 sha) {
        Looks before = seen.get(sha);
        Optional<Looks> now = before == null ? Optional.empty() : looks(sha);
        return now.isPresent() && !now.get().equals(before);
    }

    private static long free(Inodes inodes) {
        synchronized (inodes) {
            return inodes.count()
                    .filter(count -> count.total() > 0)
                    .map(Inodes.Count::free)
                    .orElse(-1L);
        }
    }

    /// For those who write files beside the store first.
    ArtifactStore store() {
        return store;
    }

    /// All that is there, with sizes.
    List<PutResult.Stored> list() throws IOException {
        return store.list();
    }

    /// Why the file could not be kept when it was last tried; empty when it was not, or when it is here by now.
    Optional<String> trouble(Sha256 sha) {
        return Optional.ofNullable(troubles.get(sha));
    }

    /// All such reasons.
    Table<Sha256, String> troubles() {
        return Table.copyOf(troubles);
    }

    /// Files of which anything is remembered that is not on the disk.
    int remembered() {
        Set<Sha256> all = new HashSet<>(used.keySet());
        all.addAll(seen.keySet());
        all.addAll(doubted);
        return all.size();
    }

    /// What nobody wants here any more need not be missed.
    void keepOnly(Predicate<Sha256> wanted) {
        troubles.keySet().removeIf(sha -> !wanted.test(sha));
    }

    /// Takes bytes from a person, whose hash is known at their end only.
    ///
    /// @param size bytes that will come; -1 when nobody knows
    PutResult put(InputStream in, long size) throws IOException {
        return size >= 0 ? store.put(in, size) : store.put(in);
    }

    /// Where a file lies that was just put and is not held yet.
    Path stored(Sha256 sha) throws IOException {
        return store.path(name(sha)).orElseThrow(() -> missing(sha));
    }

    /// From now on it counts as held.
    void hold(Sha256 sha) throws IOException {
        readBack(sha);
    }

    /// Reads all of it again; what does not have its hash goes into quarantine and is no longer held.
    VerifyResult verify(Sha256 sha) throws IOException {
        Instant before = store.has(name(sha)) ? store.lastUsed(name(sha)) : Instant.EPOCH;
        Optional<Looks> looked = looks(sha);
        VerifyResult result = store.verify(name(sha));
        if (result instanceof VerifyResult.Verified) {
            store.use(name(sha), before); // reading it here is no use of it
            if (held.contains(sha)) keep(sha, looked);
            doubted.remove(sha);
        } else drop(sha);
        return result;
    }

    /// Deletes what has lain in quarantine the longest, where that is too much.
    void clearQuarantine() throws IOException {
        for (Path gone : store.clearQuarantine()) LOG.info("artifact.quarantine-cleared file={}", gone.getFileName());
    }

    /// When it was last asked for.
    Instant lastUsed(Sha256 sha) throws IOException {
        return store.lastUsed(name(sha));
    }

    /// It is about to go, and nobody is to be told that it is here.
    void hide(Sha256 sha) {
        held.remove(sha);
    }

    /// It stays after all.
    void show(Sha256 sha) {
        if (store.has(name(sha))) held.add(sha);
    }

    /// Deletes a file that is hidden or that nobody knows.
    void delete(Sha256 sha) throws IOException {
        drop(sha);
        store.delete(name(sha));
    }

    /// Once a minute is enough to tell which were not asked for in a long time.
    private void use(Sha256 sha) {
        Instant now = Instant.now();
        Instant last = used.get(sha);
        if (last != null && Duration.between(last, now).compareTo(USE_EVERY) < 0) return;
        if (held.contains(sha)) used.put(sha, now);
        try {
            store.use(name(sha), now);
        } catch (IOException e) {
            LOG.debug("{} keeps the time of its last use", sha, e);
        }
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
            case PutResult.NoSpace no -> throw noRoom(sha, no.message());
            case FetchResult.Mismatch other -> throw troubled(sha, other.message());
        }
    }

    @Override
    public void aside(Sha256 sha, long size, String way, ArtifactStore.Writer writer)
            throws IOException, InterruptedException {
        switch (store.aside(name(sha), size, way, writer)) {
            case PutResult.Stored stored -> {}
            case PutResult.NoSpace no -> throw noRoom(sha, no.message());
            case FetchResult.Mismatch other -> throw troubled(sha, other.message());
        }
    }

    @Override
    public Optional<Path> place(Sha256 sha) {
        return store.path(name(sha));
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
        if (!store.has(name(sha))) return;
        keep(sha, looks(sha));
        troubles.remove(sha);
        use(sha);
    }

    @Override
    public void missed(Sha256 sha, String why) {
        troubles.put(sha, why);
    }

    private NoRoom noRoom(Sha256 sha, String why) {
        troubles.put(sha, why);
        return new NoRoom(why);
    }

    private IOException troubled(Sha256 sha, String why) {
        troubles.put(sha, why);
        return new IOException(why);
    }

    private void readBack(Sha256 sha) throws IOException {
        Optional<Looks> looked = looks(sha);
        Optional<Manifests.Making> manifest = looked.filter(file -> file.size() >= MANIFEST_AT_ONCE_BYTES)
                .map(file -> new Manifests.Making(file.size()));
        ArtifactStore.Passing passing =
                (bytes, from, length) -> manifest.ifPresent(making -> making.bytes(bytes, from, length));
        switch (store.verify(name(sha), passing)) {
            case VerifyResult.Verified verified -> {
                if (manifest.isPresent()) keep(sha, manifest.get());
                keep(sha, looked);
                troubles.remove(sha);
                use(sha);
            }
            case VerifyResult.Corrupt corrupt -> {
                drop(sha);
                throw new IOException("expected to read back what was written as " + sha + ", but found "
                        + corrupt.found() + "; check this node's disk");
            }
            case VerifyResult.Missing missing -> {
                drop(sha);
                throw new NoSuchFileException("artifact " + sha);
            }
        }
    }

    /// Others will ask for it, and do not wait then until the file was read once more.
    private void keep(Sha256 sha, Manifests.Making manifest) {
        try {
            manifests.keep(sha, manifest);
        } catch (IOException | IllegalArgumentException e) {
            LOG.debug("the manifest of {} is made when somebody asks for it", sha, e);
        }
    }

    @Override
    public void lay(Sha256 sha, Path target) throws IOException {
        lay(sha, target, ArtifactStore.Access.READ_ONLY);
    }

    @Override
    public void layCopy(Sha256 sha, Path target) throws IOException {
        lay(sha, target, ArtifactStore.Access.OWN_COPY);
    }

    private void lay(Sha256 sha, Path target, ArtifactStore.Access access) throws IOException {
        use(sha);
        switch (store.linkInto(name(sha), target, access)) {
            case PlaceResult.Placed placed -> {}
            case PlaceResult.Missing missing -> throw missing(sha);
            case PlaceResult.Damaged damaged -> {
                doubt(sha);
                throw new IOException(damaged.message());
            }
            case PutResult.NoSpace no -> throw new IOException(no.message());
        }
    }

    @Override
    public Path path(Sha256 sha) throws IOException {
        return store.path(name(sha)).orElseThrow(() -> missing(sha));
    }

    @Override
    public Draft draft(long bytes) throws IOException {
        Optional<Draft> draft = store.draft(bytes);
        if (draft.isEmpty()) throw new IOException(store.noRoom(bytes).message());
        return draft.get();
    }

    @Override
    public void doubt(Sha256 sha) {
        doubted.add(sha);
    }

    /// Files to be read again, each told once.
    Set<Sha256> doubted() {
        Set<Sha256> told = Set.copyOf(doubted);
        doubted.removeAll(told);
        return told;
    }

    @Override
    public InputStream open(Sha256 sha) throws IOException {
        use(sha);
        return Channels.newInputStream(store.open(name(sha)).orElseThrow(() -> missing(sha)));
    }

    /// It is no longer there: the next decision tells the cluster.
    private NoSuchFileException missing(Sha256 sha) {
        drop(sha);
        return new NoSuchFileException("artifact " + sha);
    }

    private static dev.muster.edge.artifact.Sha256 name(Sha256 sha) {
        return new dev.muster.edge.artifact.Sha256(sha.hex());
    }
}
