package dev.muster.edge.local;

import dev.muster.edge.wire.Wire;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Tells the command line where the demo's cluster is, by the context file it reads by default; what stood there before
/// is put back at the end.
final class Context {
    private final LocalCluster cluster;
    private final Path file;
    private Optional<byte[]> before = Optional.empty();
    private boolean written;
    private boolean kept;

    Context(LocalCluster cluster) {
        this.cluster = cluster;
        String home = System.getenv("XDG_CONFIG_HOME");
        Path config =
                home != null && !home.isBlank() ? Path.of(home) : Path.of(System.getProperty("user.home"), ".config");
        this.file = config.resolve("muster").resolve("context.json");
    }

    void write() throws IOException {
        if (Files.exists(file)) before = Optional.of(Files.readAllBytes(file));
        List<String> nodes = cluster.members().stream()
                .map(member -> "http://" + member.api())
                .toList();
        replace(Wire.bytes(Map.of("nodes", nodes, "token", cluster.token())));
        written = true;
    }

    /// The data directories stay, for a look at what went wrong.
    void keep() {
        kept = true;
    }

    boolean kept() {
        return kept;
    }

    void remove() {
        if (!written) return;
        written = false;
        try {
            if (before.isPresent()) replace(before.get());
            else Files.deleteIfExists(file);
        } catch (IOException e) {
            System.err.println("could not put back " + file + ": " + e.getMessage());
        }
    }

    private void replace(byte[] content) throws IOException {
        Files.createDirectories(file.getParent());
        Path fresh = file.resolveSibling("context.json.new");
        Files.deleteIfExists(fresh);
        Files.createFile(fresh, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        Files.write(fresh, content);
        Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }
}
