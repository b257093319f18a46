package dev.muster.edge.local;

import dev.muster.edge.wire.Wire;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/// Tells the command line where the demo's cluster is: always by a file of the demo's own, and by the one that is read by
/// default unless another demo that still runs owns that. What stood there before is put back at the end.
final class Context {
    /// The clock may be set between two looks at when a process started.
    private static final Duration SAME_START = Duration.ofSeconds(5);

    private final Path shared;
    private final Path own;
    private final List<String> nodes;
    private final String token;
    private final Owner self;
    private Optional<byte[]> before = Optional.empty();

    /// A process; a pid alone may be another's by now.
    record Owner(long pid, Instant started) {
        static Owner of(ProcessHandle process) {
            return new Owner(process.pid(), process.info().startInstant().orElse(Instant.EPOCH));
        }

        boolean lives() {
            return ProcessHandle.of(pid)
                    .filter(ProcessHandle::isAlive)
                    .map(Owner::of)
                    .filter(this::isSame)
                    .isPresent();
        }

        boolean isSame(Owner other) {
            return pid == other.pid
                    && Duration.between(started, other.started).abs().compareTo(SAME_START) < 0;
        }
    }

    /// @param shared read by the command line unless it is told otherwise
    /// @param own    this demo's alone
    /// @param nodes  URLs
    Context(Path shared, Path own, List<String> nodes, String token, Owner self) {
        this.shared = shared;
        this.own = own;
        this.nodes = List.copyOf(nodes);
        this.token = token;
        this.self = self;
    }

    static Context of(LocalCluster cluster) {
        String home = System.getenv("XDG_CONFIG_HOME");
        Path config =
                home != null && !home.isBlank() ? Path.of(home) : Path.of(System.getProperty("user.home"), ".config");
        List<String> nodes = cluster.members().stream()
                .map(member -> "http://" + member.api())
                .toList();
        return new Context(
                config.resolve("muster").resolve("context.json"),
                cluster.dir().resolve("context.json"),
                nodes,
                cluster.token(),
                Owner.of(ProcessHandle.current()));
    }

    Path own() {
        return own;
    }

    /// @return the demo that owns the shared file, which is then left alone
    Optional<Owner> write() throws IOException {
        Map<String, Object> content = new LinkedHashMap<>();
        content.put("nodes", nodes);
        content.put("token", token);
        replace(own, Wire.bytes(content));
        content.put("owner", self);
        return alone(() -> {
            Optional<Owner> owner = owner();
            if (owner.filter(Owner::lives).isPresent()) return owner;
            // What a demo left that was killed leads nowhere.
            before = owner.isEmpty() && Files.exists(shared)
                    ? Optional.of(Files.readAllBytes(shared))
                    : Optional.empty();
            replace(shared, Wire.bytes(content));
            return Optional.empty();
        });
    }

    /// Nothing happens where the file is not, or no longer, this demo's.
    void remove() {
        try {
            Files.deleteIfExists(own);
            if (!Files.exists(shared)) return;
            alone(() -> {
                if (owner().filter(self::isSame).isEmpty()) return Optional.empty();
                if (before.isPresent()) replace(shared, before.get());
                else Files.deleteIfExists(shared);
                return Optional.empty();
            });
        } catch (IOException e) {
            System.err.println("could not put back " + shared + ": " + e.getMessage());
        }
    }

    /// Empty where there is no file, or a person's.
    private Optional<Owner> owner() throws IOException {
        if (!Files.exists(shared)) return Optional.empty();
        try {
            JsonNode owner = Wire.MAPPER.readTree(Files.readAllBytes(shared)).path("owner");
            return owner.isObject() ? Optional.of(Wire.MAPPER.treeToValue(owner, Owner.class)) : Optional.empty();
        } catch (JacksonException e) {
            return Optional.empty();
        }
    }

    private interface Step {
        Optional<Owner> run() throws IOException;
    }

    /// Two demos that start at once take turns.
    @SuppressWarnings("try") // the lock only has to be held
    private Optional<Owner> alone(Step step) throws IOException {
        Files.createDirectories(shared.getParent());
        Path lock = shared.resolveSibling("context.lock");
        try (FileChannel channel = FileChannel.open(lock, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
                FileLock held = channel.lock()) {
            return step.run();
        }
    }

    private static void replace(Path file, byte[] content) throws IOException {
        Files.createDirectories(file.getParent());
        Path fresh = file.resolveSibling("context.json.new");
        Files.deleteIfExists(fresh);
        Files.createFile(fresh, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        Files.write(fresh, content);
        Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }
}
