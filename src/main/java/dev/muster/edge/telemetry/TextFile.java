package dev.muster.edge.telemetry;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/// Small files of a kernel, which may be missing or say something else.
final class TextFile {
    private TextFile() {}

    static Optional<String> read(Path file) {
        try {
            return Optional.of(new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1));
        } catch (IOException _) {
            return Optional.empty();
        }
    }

    /// The file is one number; empty for anything else, such as `max`.
    static Optional<Long> number(Path file) {
        return read(file).flatMap(text -> number(text.strip()));
    }

    /// The number after a name, in a file of `name value …` lines.
    static Optional<Long> field(Path file, String name) {
        return read(file)
                .flatMap(text -> text.lines()
                        .map(line -> line.split("[\\s:]+"))
                        .filter(words -> words.length >= 2 && words[0].equals(name))
                        .findFirst()
                        .flatMap(words -> number(words[1])));
    }

    /// Empty for anything but a number.
    static Optional<Long> number(String text) {
        try {
            return Optional.of(Long.parseLong(text));
        } catch (NumberFormatException _) {
            return Optional.empty();
        }
    }
}
