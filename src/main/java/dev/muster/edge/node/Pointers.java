package dev.muster.edge.node;

import dev.muster.core.state.ConfigKey;
import dev.muster.core.state.Sha256;
import dev.muster.core.state.Table;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// `<data>/models/<config key>`: a symbolic link to the file in the store that the config key's current model is. A reader
/// who opens it sees the old file or the new one, never a part of one; the link itself is the record of where it points.
final class Pointers {
    private static final Logger LOG = LoggerFactory.getLogger(Pointers.class);
    private static final String FRESH = ".new-";

    private final Path models;
    private final Artifacts artifacts;
    private volatile Table<ConfigKey, Sha256> pointers = Table.empty();

    private Pointers(Path models, Artifacts artifacts) {
        this.models = models;
        this.artifacts = artifacts;
    }

    static Pointers open(Path models, Artifacts artifacts) throws IOException {
        Files.createDirectories(models);
        Pointers found = new Pointers(models, artifacts);
        try (DirectoryStream<Path> links = Files.newDirectoryStream(models)) {
            for (Path link : links) found.read(link);
        }
        return found;
    }

    private void read(Path link) throws IOException {
        String name = link.getFileName().toString();
        if (name.startsWith(FRESH)) {
            Files.delete(link);
            return;
        }
        if (!Files.isSymbolicLink(link)) return;
        try {
            Sha256 sha = new Sha256(Files.readSymbolicLink(link).getFileName().toString());
            if (artifacts.has(sha)) pointers = pointers.with(new ConfigKey(name), sha);
        } catch (IllegalArgumentException e) {
            LOG.warn("model.unknown-link link={} reason=\"{}\"", link, e.getMessage());
        }
    }

    Table<ConfigKey, Sha256> all() {
        return pointers;
    }

    /// @throws IOException when the link could not be moved; it points where it did
    synchronized void point(ConfigKey config, Sha256 sha) throws IOException {
        Path fresh = models.resolve(FRESH + config);
        Files.deleteIfExists(fresh);
        Files.createSymbolicLink(
                fresh, models.toRealPath().relativize(artifacts.path(sha).toRealPath()));
        Files.move(
                fresh,
                models.resolve(config.toString()),
                StandardCopyOption.ATOMIC_MOVE,
                StandardCopyOption.REPLACE_EXISTING);
        DataDir.sync(models);
        pointers = pointers.with(config, sha);
        LOG.info("model.pointed config={} sha={}", config, sha.brief());
    }
}
