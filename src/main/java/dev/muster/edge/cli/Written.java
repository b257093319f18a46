package dev.muster.edge.cli;

import dev.muster.edge.config.ConfigException;
import dev.muster.edge.config.JobFile;
import dev.muster.edge.config.YamlText;
import dev.muster.edge.view.Doc;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import tools.jackson.core.JacksonException;

/// Files that people write, in YAML (of which JSON is a part).
final class Written {
    private static final int BYTES_MAX = 1 << 20;

    private Written() {}

    /// @param file a path, or `-` for stdin
    /// @throws Failure usage, with line and column, when it is no object in YAML
    static Doc read(String file, Shell shell) throws Failure {
        return parse(file, bytes(file, shell, BYTES_MAX));
    }

    /// As [#read]; what is wrong with the job is told all at once.
    ///
    /// @param complete the command has to stand in the file
    static Doc job(String file, Shell shell, boolean complete) throws Failure {
        byte[] bytes = bytes(file, shell, BYTES_MAX);
        Doc job = parse(file, bytes);
        try {
            JobFile.check(file.equals("-") ? "stdin" : file, bytes, complete);
            return job;
        } catch (ConfigException e) {
            throw Failure.usage(e.getMessage(), "docs/JOBS.md lists the keys");
        }
    }

    private static Doc parse(String file, byte[] bytes) throws Failure {
        try {
            Doc doc = Doc.read(YamlText.format(), new ByteArrayInputStream(bytes));
            if (!doc.isObject()) throw Failure.usage(file + ": expected keys and values, but found something else", "");
            return doc;
        } catch (JacksonException e) {
            String where = e.getLocation() == null
                    ? ""
                    : " line " + e.getLocation().getLineNr() + ", column "
                            + e.getLocation().getColumnNr() + ":";
            throw Failure.usage(file + ":" + where + " " + YamlText.told(e), "");
        }
    }

    /// @param file a path, or `-` for stdin
    /// @throws Failure usage, when it cannot be read, is larger, or no text
    static byte[] bytes(String file, Shell shell, int max) throws Failure {
        try {
            if (!file.equals("-") && Files.isDirectory(Path.of(file)))
                throw Failure.usage("expected a file " + file + ", but found a folder", "");
            byte[] bytes = file.equals("-") ? shell.in().readNBytes(max + 1) : bytes(Path.of(file), max + 1);
            if (bytes.length > max)
                throw Failure.usage(file + ": expected at most " + max + " bytes, but found more", "");
            for (byte letter : bytes) {
                if (letter == 0) throw Failure.usage(file + ": expected text in YAML, but found a binary file", "");
            }
            return bytes;
        } catch (IOException | InvalidPathException e) {
            throw Failure.usage("expected to read " + file + ", but " + Client.why(e), "");
        }
    }

    private static byte[] bytes(Path file, int max) throws IOException {
        try (InputStream in = Files.newInputStream(file)) {
            return in.readNBytes(max);
        }
    }
}
