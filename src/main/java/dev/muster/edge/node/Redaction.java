package dev.muster.edge.node;

import dev.muster.core.state.JobSpec;
import dev.muster.core.state.SecretBlanks;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.TreeMap;

/// What an attempt has said, without what it repeats of its secrets, before it goes elsewhere.
final class Redaction {
    /// Shorter values stand in any text by chance.
    private static final int VALUE_MIN = 6;

    private final Map<String, String> values = new TreeMap<>();

    /// Of a secret that is not here any more nothing can be said.
    Redaction(SecretFiles secrets, JobSpec spec) {
        for (String name : SecretBlanks.names(spec.env())) {
            try {
                String value = secrets.read(name);
                if (value.length() >= VALUE_MIN) values.put(name, value);
            } catch (IOException e) {
                values.remove(name);
            }
        }
    }

    String text(String said) {
        String blank = said;
        for (Map.Entry<String, String> secret : values.entrySet())
            blank = blank.replace(secret.getValue(), SecretBlanks.of(secret.getKey()));
        return blank;
    }

    /// @param said a letter for each byte
    String letters(String said) {
        String blank = said;
        for (Map.Entry<String, String> secret : values.entrySet()) {
            byte[] value = secret.getValue().getBytes(StandardCharsets.UTF_8);
            blank = blank.replace(new String(value, StandardCharsets.ISO_8859_1), SecretBlanks.of(secret.getKey()));
        }
        return blank;
    }

    /// @return the same where there is none
    byte[] bytes(byte[] said) {
        if (values.isEmpty()) return said;
        return letters(new String(said, StandardCharsets.ISO_8859_1)).getBytes(StandardCharsets.ISO_8859_1);
    }
}
