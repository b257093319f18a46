package dev.muster.edge.config;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Where secrets come from: the environment or a file of their own, never `node.yaml` itself.
final class Secrets {
    private static final Pattern REFERENCE = Pattern.compile("\\$\\{([A-Za-z_][A-Za-z0-9_]*)}");

    private Secrets() {}

    /// `token` as `${NAME}` or from the environment, else `token_file`, else `<data>/token`.
    static Optional<Token> token(Path data, Section top, Map<String, String> environment, Problems problems) {
        Optional<String> written = top.text("token");
        Optional<String> file = top.text("token_file");
        try {
            if (written.isPresent()) return Optional.of(new Token(resolve(written.get(), environment, "token_file")));
            return Optional.of(new Token(read(file.map(data::resolve).orElse(data.resolve("token")))));
        } catch (IllegalArgumentException e) {
            problems.add(written.isPresent() ? "token" : "token_file", e.getMessage());
            return Optional.empty();
        }
    }

    /// `<section>secret` as `${NAME}`, or what `<section>secret_file` holds; empty when neither is written.
    ///
    /// @param path of the section, with its dot, for messages
    static Optional<String> of(
            Path data, Section section, String path, Map<String, String> environment, Problems problems) {
        Optional<String> written = section.text("secret");
        Optional<String> file = section.text("secret_file");
        try {
            if (written.isPresent()) return Optional.of(resolve(written.get(), environment, path + "secret_file"));
            return file.map(name -> secret(data.resolve(name)));
        } catch (IllegalArgumentException e) {
            problems.add(path + (written.isPresent() ? "secret" : "secret_file"), e.getMessage());
            return Optional.empty();
        }
    }

    private static String secret(Path file) {
        try {
            return Files.readString(file).strip();
        } catch (IOException e) {
            throw new IllegalArgumentException("expected a secret, but cannot read " + file, e);
        }
    }

    /// @param instead the key that names a file
    private static String resolve(String written, Map<String, String> environment, String instead) {
        Matcher reference = REFERENCE.matcher(written);
        if (reference.matches()) {
            String value = environment.get(reference.group(1));
            if (value == null)
                throw new IllegalArgumentException(
                        "expected " + reference.group(1) + " in the environment, but it is not set");
            return value.strip();
        }
        if (environment.containsValue(written)) return written; // it came from there
        throw new IllegalArgumentException(
                "expected a reference such as ${MUSTER_TOKEN}, but found a secret in the file; put it into a file of its own"
                        + " and name that as " + instead);
    }

    private static String read(Path file) {
        try {
            return Files.readString(file).strip();
        } catch (IOException e) {
            throw new IllegalArgumentException(
                    "expected the cluster token in " + file
                            + ", but cannot read it (" + e.getClass().getSimpleName()
                            + "); `muster cluster init` makes one, and MUSTER_TOKEN or token_file names another",
                    e);
        }
    }
}
