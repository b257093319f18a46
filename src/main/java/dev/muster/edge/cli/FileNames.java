package dev.muster.edge.cli;

import java.nio.file.InvalidPathException;
import java.nio.file.Path;

/// Paths as people write them.
final class FileNames {
    private FileNames() {}

    /// @throws Failure usage, when this system has no such path
    static Path path(String option, String written) throws Failure {
        try {
            return Path.of(written);
        } catch (InvalidPathException e) {
            throw Failure.usage(option + ": no path: " + e.getMessage(), "");
        }
    }
}
