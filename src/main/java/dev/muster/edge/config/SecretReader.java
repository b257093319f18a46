package dev.muster.edge.config;

import dev.muster.core.hosts.Finding.Kind;
import dev.muster.core.hosts.Place;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/// Reads what nobody else is to see from a file of alerts. No message shows any of it.
final class SecretReader {
    /// The client's own business; a file that sets them breaks each request.
    private static final List<String> HEADERS_KEPT =
            List.of("connection", "content-length", "expect", "host", "transfer-encoding", "upgrade");

    private final Path folder;
    private final Map<String, String> environment;
    private final List<AlertFile.Note> notes;

    /// @param folder where files that hold secrets are
    SecretReader(Path folder, Map<String, String> environment, List<AlertFile.Note> notes) {
        this.folder = folder;
        this.environment = environment;
        this.notes = notes;
    }

    /// A secret that is an address.
    Optional<Secret> address(Fields fields, String... names) {
        Optional<Secret> found = secret(fields, names);
        try {
            // What is in a file is looked at when it is used.
            found.filter(secret -> secret.file().isEmpty()).ifPresent(secret -> Addresses.parse(secret.text()));
            return found;
        } catch (IllegalArgumentException e) {
            wrong(fields, e.getMessage(), names);
            return Optional.empty();
        }
    }

    /// Most addresses are no secrets; those of chats are.
    private static boolean isKey(Secret secret) {
        try {
            Addresses.parse(secret.text());
        } catch (IllegalArgumentException e) {
            return true;
        }
        return !(ChannelReader.hook(secret) instanceof ChannelSpec.Way.Webhook);
    }

    /// Written out, as `${NAME}`, as `file: PATH` in one text, or as a mapping of that.
    Optional<Secret> secret(Fields fields, String... names) {
        Optional<YamlNode.Entry> entry = fields.entry(names);
        Optional<Secret> secret = Optional.empty();
        try {
            secret = entry.flatMap(found -> secret(found.value()));
            if (secret.isEmpty()) note(fields, "nothing is written there, so nobody is told by it", names);
            boolean open =
                    secret.filter(Secret::isWritten).filter(SecretReader::isKey).isPresent();
            if (open)
                note(fields, "a secret stands in the file; `${NAME}` or `{file: PATH}` keeps it elsewhere", names);
        } catch (IllegalArgumentException e) {
            wrong(fields, e.getMessage() + ", so nobody is told by it", names);
        }
        return secret;
    }

    private Optional<Secret> secret(YamlNode node) {
        String file = "";
        if (node instanceof YamlNode.Mapping mapping
                && mapping.entries().size() == 1
                && mapping.entries().containsKey("file")
                && mapping.entries().get("file").value() instanceof YamlNode.Scalar path) {
            file = path.text().strip();
            if (file.isEmpty()) return Optional.empty();
        } else if (node instanceof YamlNode.Scalar scalar) {
            String text = scalar.text().strip();
            if (text.isEmpty()) return Optional.empty();
            if (!text.startsWith("file:")) return word(Secret.of(text, environment));
            file = text.substring("file:".length()).strip();
        }
        if (file.isEmpty() || file.indexOf('\0') >= 0)
            throw new IllegalArgumentException("expected a text, ${NAME} or {file: PATH}, but found something else");
        return Optional.of(Secret.in(folder.resolve(file)));
    }

    private static Optional<Secret> word(Secret secret) {
        if (secret.text().chars().anyMatch(Character::isISOControl))
            throw new IllegalArgumentException("expected one line, but found control characters");
        return Optional.of(secret);
    }

    Map<String, Secret> headers(Fields fields) {
        Map<String, Secret> headers = new LinkedHashMap<>();
        Optional<YamlNode.Entry> entry = fields.entry("headers");
        if (entry.isEmpty()) return headers;
        if (!(entry.get().value() instanceof YamlNode.Mapping mapping)) {
            wrong(fields, "expected names and texts, but found something else", "headers");
            return headers;
        }
        mapping.entries().forEach((name, value) -> {
            try {
                if (!isHeader(name)) throw new IllegalArgumentException("expected a header that may be set");
                secret(value.value()).ifPresent(secret -> headers.put(name, secret));
            } catch (IllegalArgumentException e) {
                fields.add(Kind.WRONG_VALUE, "headers." + ChannelReader.slug(name), value.at(), e.getMessage(), "");
            }
        });
        return headers;
    }

    private static boolean isHeader(String name) {
        return name.matches("[A-Za-z0-9!#$%&'*+.^_`|~-]{1,100}")
                && !HEADERS_KEPT.contains(name.toLowerCase(Locale.ROOT));
    }

    // ---- what is said of it

    void note(Fields fields, String message, String... names) {
        notes.add(new AlertFile.Note(Optional.of(place(fields, names)), fields.name(names), message, false));
    }

    private static void wrong(Fields fields, String message, String... names) {
        fields.add(Kind.WRONG_VALUE, present(fields, names), place(fields, names), message, "");
    }

    /// Where a key stands, although nothing may be written behind it.
    private static Place place(Fields fields, String... names) {
        return fields.entryUnasked(present(fields, names))
                .map(YamlNode.Entry::at)
                .orElse(fields.at());
    }

    private static String present(Fields fields, String... names) {
        return Arrays.stream(names).filter(fields.names()::contains).findFirst().orElse(names[0]);
    }
}
