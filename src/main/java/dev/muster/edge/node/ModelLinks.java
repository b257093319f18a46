package dev.muster.edge.node;

import dev.muster.core.state.ConfigKey;
import dev.muster.core.state.Sha256;
import dev.muster.core.state.Table;
import dev.muster.edge.artifact.ArtifactStore;
import dev.muster.edge.config.ModelNames;
import dev.muster.edge.wire.Wire;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.BiPredicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.core.JacksonException;

/// The current models as files: `canonical_<config>.pth`, the store's file under another name (a copy where the file
/// systems differ), and `ringrift_best_<config>.pth`, a relative link to it. The link never changes, so one rename of the
/// file moves both: who opens either sees the old file or the new one, never a part of one and never one of each.
///
/// What somebody else put there is moved aside, never deleted.
final class ModelLinks {
    /// Two looks at each file this often find what somebody changed.
    private static final Duration CHECK_EVERY = Duration.ofSeconds(2);
    private static final String FRESH = ".muster-new-";
    private static final String ASIDE = ".muster-aside-";
    /// A file system keeps an inode's number for what was renamed; the last two cover a crash around the rename.
    private static final int PLACED_MAX = 2;

    private static final Logger LOG = LoggerFactory.getLogger(ModelLinks.class);

    private final Path data;
    private final Path dir;
    private final ModelNames names;
    private final Path record;
    private final Artifacts artifacts;
    private final Map<String, List<Placed>> placed;
    private final Map<ConfigKey, Unwritten> unwritten = new HashMap<>();
    private Table<ConfigKey, Sha256> pointers = Table.empty();
    private long checkedNanos;

    /// A file as it was put in place, to be known again.
    private record Placed(Sha256 sha, String file, long size, long modifiedMs) {}

    /// A file that could not be put in place when that was last tried.
    private record Unwritten(Sha256 sha, String why) {}

    private record Record(TreeMap<String, List<Placed>> placed) {}

    private ModelLinks(Path data, ModelNames names, Artifacts artifacts, Map<String, List<Placed>> placed) {
        this.data = data;
        this.dir = names.folder(data);
        this.names = names;
        this.record = data.resolve("models.json");
        this.artifacts = artifacts;
        this.placed = placed;
    }

    static ModelLinks open(Path data, ModelNames names, Artifacts artifacts) throws IOException {
        ModelLinks links = new ModelLinks(data, names, artifacts, read(data.resolve("models.json")));
        Files.createDirectories(links.dir);
        links.sweep();
        for (String name : links.placed.keySet()) {
            ConfigKey config = new ConfigKey(name);
            links.look(config).ifPresent(sha -> links.pointers = links.pointers.with(config, sha));
        }
        links.checkedNanos = System.nanoTime();
        return links;
    }

    /// Without it each file is looked at anew: it costs a copy, not a model.
    private static Map<String, List<Placed>> read(Path record) throws IOException {
        try {
            TreeMap<String, List<Placed>> known =
                    Wire.read(Files.readAllBytes(record), Record.class).placed();
            return known == null ? new TreeMap<>() : known;
        } catch (NoSuchFileException e) {
            return new TreeMap<>();
        } catch (JacksonException e) {
            LOG.warn("model.record-unreadable file={} reason=\"{}\"", record, e.getOriginalMessage());
            return new TreeMap<>();
        }
    }

    /// Half-made names of a life before, and the links by bare config key that builds before this one made: nobody would
    /// move those any more.
    private void sweep() throws IOException {
        Path objects = data.resolve("artifacts").toRealPath();
        try (DirectoryStream<Path> all = Files.newDirectoryStream(dir)) {
            for (Path path : all) {
                String name = path.getFileName().toString();
                boolean fresh = name.startsWith(FRESH) || name.startsWith("." + FRESH); // a copy that was not finished
                if (fresh || Files.isSymbolicLink(path) && target(path).startsWith(objects)) Files.delete(path);
            }
        }
    }

    private Path target(Path link) throws IOException {
        return dir.toRealPath().resolve(Files.readSymbolicLink(link)).normalize();
    }

    /// What each config key has in place, file and link. Looked at every two seconds.
    synchronized Table<ConfigKey, Sha256> all() {
        if (System.nanoTime() - checkedNanos < CHECK_EVERY.toNanos()) return pointers;
        checkedNanos = System.nanoTime();
        for (Map.Entry<ConfigKey, Sha256> known : pointers) {
            if (look(known.getKey()).equals(Optional.of(known.getValue()))) continue;
            LOG.warn("model.displaced config={} then=\"put back\"", known.getKey());
            pointers = pointers.without(known.getKey());
        }
        return pointers;
    }

    /// The file that is in place under both names; empty when either is not as it should be.
    private Optional<Sha256> look(ConfigKey config) {
        try {
            return linkIsRight(config) ? lies(config, Optional.empty()) : Optional.empty();
        } catch (IOException e) {
            LOG.debug("{} cannot be looked at", config, e);
            return Optional.empty();
        }
    }

    private boolean linkIsRight(ConfigKey config) throws IOException {
        Path link = dir.resolve(names.linkOf(config));
        return Files.isSymbolicLink(link)
                && Files.readSymbolicLink(link).toString().equals(names.canonicalOf(config));
    }

    /// Which of our files lies under the canonical name.
    private Optional<Sha256> lies(ConfigKey config, Optional<Sha256> maybe) throws IOException {
        Path file = dir.resolve(names.canonicalOf(config));
        if (!Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) return Optional.empty();
        List<Placed> known = placed.getOrDefault(config.name(), List.of());
        Optional<Sha256> stores = maybe.filter(sha -> isStores(file, sha))
                .or(() -> known.stream()
                        .map(Placed::sha)
                        .filter(sha -> isStores(file, sha))
                        .findFirst());
        if (stores.isPresent()) {
            if (written(config, stores.get())) artifacts.doubt(stores.get());
            return stores;
        }
        for (Placed one : known) {
            // The store's own file went bad, or made room: what lies here is a model of before.
            if (one.equals(placed(one.sha(), file))) return Optional.of(one.sha());
        }
        return Optional.empty();
    }

    private boolean isStores(Path file, Sha256 sha) {
        try {
            return artifacts.has(sha) && Files.isSameFile(file, artifacts.path(sha));
        } catch (IOException e) {
            LOG.debug("{} cannot be looked at", file, e);
            return false;
        }
    }

    /// Did somebody write to the file in place since it was put there? Where it is the store's own, the store's copy is to
    /// be read again.
    synchronized boolean written(ConfigKey config, Sha256 sha) throws IOException {
        Path file = dir.resolve(names.canonicalOf(config));
        if (!Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) return false;
        Placed now = placed(sha, file);
        List<Placed> known = placed.getOrDefault(config.name(), List.of()).stream()
                .filter(one -> one.sha().equals(sha) && one.file().equals(now.file()))
                .toList();
        return !known.isEmpty() && !known.contains(now);
    }

    /// The store has read its file again and found its hash: what it looks like now is how it is known from here on.
    synchronized void verified(Sha256 sha) throws IOException {
        for (Map.Entry<ConfigKey, Sha256> known : pointers) {
            Path file = dir.resolve(names.canonicalOf(known.getKey()));
            if (!known.getValue().equals(sha) || !isStores(file, sha) || !written(known.getKey(), sha)) continue;
            Placed now = placed(sha, file);
            List<Placed> all =
                    new ArrayList<>(placed.getOrDefault(known.getKey().name(), List.of()));
            all.removeIf(one -> one.sha().equals(sha) && one.file().equals(now.file()));
            placed.put(known.getKey().name(), List.copyOf(all));
            remember(known.getKey(), now);
        }
    }

    /// Reads the copies of a file that lie here for themselves, on another file system than the store. What does not have
    /// its hash goes, and is put in place again with the next decision.
    ///
    /// @return what was found, a sentence for each that is damaged
    List<String> reread(Sha256 sha) throws IOException {
        List<String> damaged = new ArrayList<>();
        for (Map.Entry<ConfigKey, Placed> copy : copies(sha).entrySet()) {
            Path file = dir.resolve(names.canonicalOf(copy.getKey()));
            Optional<String> found = hash(file); // not while others wait for this object
            if (found.isEmpty() || found.get().equals(sha.hex()) || !dropped(copy.getKey(), copy.getValue())) continue;
            LOG.error("model.corrupt file={} sha={} found={} then=\"put in place again\"", file, sha, found.get());
            damaged.add("expected " + sha.brief() + " in " + file.getFileName() + " of the models' folder, but found "
                    + found.get().substring(0, 12) + "; put in place again");
        }
        return damaged;
    }

    /// What was put here; what somebody else put in its place is moved aside with the next decision.
    private synchronized Map<ConfigKey, Placed> copies(Sha256 sha) throws IOException {
        Map<ConfigKey, Placed> copies = new HashMap<>();
        for (Map.Entry<ConfigKey, Sha256> known : pointers) {
            Path file = dir.resolve(names.canonicalOf(known.getKey()));
            if (!known.getValue().equals(sha)
                    || !Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)
                    || isStores(file, sha)) continue;
            Placed now = placed(sha, file);
            boolean ours = placed.getOrDefault(known.getKey().name(), List.of()).stream()
                    .anyMatch(one -> one.sha().equals(sha) && one.file().equals(now.file()));
            if (ours) copies.put(known.getKey(), now);
            else pointers = pointers.without(known.getKey());
        }
        return copies;
    }

    private static Optional<String> hash(Path file) throws IOException {
        try {
            return Optional.of(ArtifactStore.sha256(file).hex());
        } catch (NoSuchFileException e) {
            return Optional.empty();
        }
    }

    /// Unless something else lies there by now.
    private synchronized boolean dropped(ConfigKey config, Placed copy) throws IOException {
        Path file = dir.resolve(names.canonicalOf(config));
        boolean same = Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)
                && placed(copy.sha(), file).equals(copy);
        if (same) {
            Files.delete(file);
            pointers = pointers.without(config);
        }
        return same;
    }

    private static Placed placed(Sha256 sha, Path file) throws IOException {
        BasicFileAttributes found = Files.readAttributes(file, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
        return new Placed(
                sha,
                String.valueOf(found.fileKey()),
                found.size(),
                found.lastModifiedTime().toMillis());
    }

    /// Puts a file of the store in place under both names.
    ///
    /// @return what was found wrong and what was done about it, a sentence each; nothing when all was right
    /// @throws IOException when it could not be done; what was in place still is
    synchronized List<String> point(ConfigKey config, Sha256 sha) throws IOException {
        try {
            List<String> did = put(config, sha);
            if (unwritten.remove(config) != null) LOG.info("model.link-written config={} sha={}", config, sha.brief());
            return did;
        } catch (IOException e) {
            Unwritten now = new Unwritten(sha, "links not written: " + words(e));
            if (!now.equals(unwritten.put(config, now)))
                LOG.error("model.link-not-written config={} sha={} reason=\"{}\"", config, sha.brief(), e.toString());
            throw e;
        }
    }

    private String words(IOException e) {
        if (e instanceof AccessDeniedException) return "permission denied in " + dir;
        return e instanceof FileSystemException failed && failed.getReason() != null
                ? failed.getReason() + " in " + dir
                : e.toString();
    }

    /// Files that are here and that a config key should have in place but has not: why not.
    synchronized Table<Sha256, String> troubles() {
        Table<Sha256, String> troubles = Table.empty();
        for (Unwritten one : unwritten.values())
            if (artifacts.has(one.sha())) troubles = troubles.with(one.sha(), one.why());
        return troubles;
    }

    /// What is not to be in place any more need not be told.
    synchronized void keepOnly(BiPredicate<ConfigKey, Sha256> wanted) {
        unwritten
                .entrySet()
                .removeIf(one -> !wanted.test(one.getKey(), one.getValue().sha()));
    }

    private List<String> put(ConfigKey config, Sha256 sha) throws IOException {
        List<String> did = new ArrayList<>();
        try {
            Files.createDirectories(dir);
        } catch (FileAlreadyExistsException e) {
            throw new IOException("expected a folder at " + dir + ", but found something else; move it away", e);
        }
        Optional<Sha256> lies = lies(config, Optional.of(sha));
        boolean stale = lies.isPresent() && artifacts.has(sha) && !sameBytes(config, sha);
        if (!lies.equals(Optional.of(sha)) || stale) did.add(replaceFile(config, sha, lies));
        if (!linkIsRight(config)) did.add(replaceLink(config));
        if (!did.isEmpty()) {
            DataDir.sync(dir);
            LOG.info("model.pointed config={} sha={} did=\"{}\"", config, sha.brief(), String.join("; ", did));
        }
        pointers = pointers.with(config, sha);
        return did;
    }

    /// A file that was put here from the store's is the store's still, or a copy of its size: after the store fetched
    /// its own file again, the old one may be the damaged one.
    private boolean sameBytes(ConfigKey config, Sha256 sha) throws IOException {
        Path file = dir.resolve(names.canonicalOf(config));
        Path store = artifacts.path(sha);
        return Files.isSameFile(file, store)
                || !Files.getFileStore(dir).equals(Files.getFileStore(store)) && Files.size(file) == Files.size(store);
    }

    private String replaceFile(ConfigKey config, Sha256 sha, Optional<Sha256> lies) throws IOException {
        Path file = dir.resolve(names.canonicalOf(config));
        String found = lies.isPresent() ? "" : foreign(file, false);
        Path fresh = dir.resolve(FRESH + names.canonicalOf(config));
        Files.deleteIfExists(fresh);
        artifacts.lay(sha, fresh);
        remember(config, placed(sha, fresh));
        // Of two names for one file, rename(2) would leave both.
        Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        Files.deleteIfExists(fresh);
        return found + file.getFileName() + " is " + sha.brief()
                + lies.filter(old -> !old.equals(sha))
                        .map(old -> " instead of " + old.brief())
                        .orElse("");
    }

    private String replaceLink(ConfigKey config) throws IOException {
        Path link = dir.resolve(names.linkOf(config));
        String found = foreign(link, true);
        Path fresh = dir.resolve(FRESH + names.linkOf(config));
        Files.deleteIfExists(fresh);
        Files.createSymbolicLink(fresh, Path.of(names.canonicalOf(config)));
        Files.move(fresh, link, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        return found + link.getFileName() + " links to " + names.canonicalOf(config);
    }

    /// Makes room for a name without harm to what has it: a link only goes from here, anything else is moved aside.
    private String foreign(Path path, boolean linkWanted) throws IOException {
        if (!Files.exists(path, LinkOption.NOFOLLOW_LINKS)) return "";
        String name = path.getFileName().toString();
        if (Files.isSymbolicLink(path)) {
            String which = Files.exists(path) ? "a link to " : "a broken link to ";
            return name + " was " + which + Files.readSymbolicLink(path) + "; ";
        }
        for (int number = 1; ; number++) {
            Path aside = path.resolveSibling(name + ASIDE + number);
            if (Files.exists(aside, LinkOption.NOFOLLOW_LINKS)) continue;
            Files.move(path, aside, StandardCopyOption.ATOMIC_MOVE);
            LOG.warn("model.foreign file={} then=\"moved to {}\"", path, aside.getFileName());
            return name + " was somebody else's " + (linkWanted ? "file where a link should be" : "file")
                    + ", moved to " + aside.getFileName() + "; ";
        }
    }

    private void remember(ConfigKey config, Placed fresh) throws IOException {
        List<Placed> known = new ArrayList<>(placed.getOrDefault(config.name(), List.of()));
        known.removeIf(one -> one.equals(fresh));
        known.add(fresh);
        placed.put(config.name(), List.copyOf(known.subList(Math.max(0, known.size() - PLACED_MAX), known.size())));
        DataDir.replace(record, Wire.bytes(new Record(new TreeMap<>(placed))));
    }

    /// The store found that this file's bytes are no longer its own: nobody is to play with it. The names stay away until
    /// the file has come again.
    ///
    /// @param quarantined where the damaged bytes are now; a copy on another file system is not damaged with them
    synchronized void withdraw(Sha256 sha, Path quarantined) throws IOException {
        for (Map.Entry<ConfigKey, Sha256> known : pointers) {
            if (!known.getValue().equals(sha)) continue;
            Path file = dir.resolve(names.canonicalOf(known.getKey()));
            if (!Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS) || !Files.isSameFile(file, quarantined)) continue;
            Files.delete(file);
            pointers = pointers.without(known.getKey());
            LOG.warn("model.withdrawn config={} sha={}", known.getKey(), sha.brief());
        }
    }
}
