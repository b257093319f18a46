package dev.muster.edge.rent;

import dev.muster.core.state.Instance;
import dev.muster.core.state.Rentals;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.stream.Collectors;

/// The host keys of rented machines, a file for each: the next machine at the same address has another key, and rightly
/// so.
public record KnownMachines(Path folder) {
    Path file(Instance instance) throws IOException {
        Files.createDirectories(folder);
        return folder.resolve(instance.label());
    }

    /// Those that have ended.
    void forgetOthers(Rentals rentals) throws IOException {
        if (!Files.isDirectory(folder)) return;
        Set<String> open = rentals.open().stream().map(Instance::label).collect(Collectors.toSet());
        try (DirectoryStream<Path> files = Files.newDirectoryStream(folder)) {
            for (Path file : files) if (!open.contains(file.getFileName().toString())) Files.deleteIfExists(file);
        }
    }
}
