package dev.muster.edge.cli;

import dev.muster.edge.view.Doc;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.stream.Collectors;
import tools.jackson.core.JacksonException;
import tools.jackson.dataformat.yaml.YAMLFactory;

/// Files that people write, in YAML (of which JSON is a part).
final class Written {
    private static final int BYTES_MAX = 1 << 20;

    private Written() {}

    /// @param file a path, or `-` for stdin
    /// @throws Failure usage, with line and column, when it is no object in YAML
    static Doc read(String file, Shell shell) throws Failure {
        try {
            Doc doc = Doc.read(new YAMLFactory(), new ByteArrayInputStream(bytes(file, shell)));
            if (!doc.isObject()) throw Failure.usage(file + ": expected keys and values, but found something else", "");
            return doc;
        } catch (NoSuchFileException e) {
            throw Failure.usage("expected a file " + file + ", but there is none", "");
        } catch (IOException e) {
            throw Failure.usage("expected to read " + file + ", but found " + e, "");
        } catch (JacksonException e) {
            String where = e.getLocation() == null
                    ? ""
                    : " line " + e.getLocation().getLineNr() + ", column "
                            + e.getLocation().getColumnNr() + ":";
            throw Failure.usage(
                    file + ":" + where + " expected YAML, but found: " + withoutExcerpts(e.getOriginalMessage()), "");
        }
    }

    private static byte[] bytes(String file, Shell shell) throws IOException {
        byte[] bytes = file.equals("-") ? shell.in().readNBytes(BYTES_MAX + 1) : Files.readAllBytes(Path.of(file));
        if (bytes.length > BYTES_MAX) throw new IOException("more than " + BYTES_MAX + " bytes");
        return bytes;
    }

    /// The parser's sentences; between them it shows parts of the file, indented.
    private static String withoutExcerpts(String message) {
        return message.lines()
                .filter(line -> !line.isBlank() && !line.startsWith(" "))
                .collect(Collectors.joining(": "));
    }
}
