package dev.muster.edge.config;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// A text that nobody else is to see. Never printed: a record that holds it can be logged.
///
/// @param text   as written, or as the environment has it; empty where it is in a file
/// @param file   holds it, and is read each time, so that it can be changed while we run
/// @param origin where it comes from, as messages say it
public record Secret(String text, Optional<Path> file, String origin) {
    private static final Pattern REFERENCE = Pattern.compile("\\$\\{([A-Za-z_][A-Za-z0-9_]*)}");
    /// Far above any key or address.
    private static final int BYTES_MAX = 8 << 10;

    /// @param template with parts of the environment as `${NAME}`
    /// @throws IllegalArgumentException when one of them is not set; the message does not show the rest
    static Secret of(String template, Map<String, String> environment) {
        Matcher part = REFERENCE.matcher(template);
        StringBuilder text = new StringBuilder();
        String origin = "";
        while (part.find()) {
            String value = environment.getOrDefault(part.group(1), "").strip();
            if (value.isEmpty())
                throw new IllegalArgumentException(
                        "expected " + part.group(1) + " in the environment, but it is not set");
            part.appendReplacement(text, Matcher.quoteReplacement(value));
            origin += (origin.isEmpty() ? "" : ", ") + "${" + part.group(1) + "}";
        }
        part.appendTail(text);
        return new Secret(text.toString().strip(), Optional.empty(), origin);
    }

    static Secret in(Path file) {
        return new Secret("", Optional.of(file), "file " + file.getFileName());
    }

    /// @throws IOException when its file cannot be read, or holds nothing; the message says what to do
    public String read() throws IOException {
        if (file.isEmpty()) return text;
        try {
            if (Files.size(file.get()) > BYTES_MAX)
                throw new IOException("expected a secret in " + file.get() + ", but it is longer than " + BYTES_MAX);
            String found = Files.readString(file.get()).strip();
            if (found.isEmpty()) throw new IOException("expected a secret in " + file.get() + ", but found nothing");
            return found;
        } catch (java.nio.file.FileSystemException e) {
            throw new IOException("expected a secret in " + file.get() + ", but cannot read it", e);
        }
    }

    /// Does it stand in the file that everybody may read?
    boolean isWritten() {
        return file.isEmpty() && origin.isEmpty();
    }

    @Override
    public String toString() {
        return "***";
    }
}
