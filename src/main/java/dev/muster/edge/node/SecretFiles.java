package dev.muster.edge.node;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.util.EnumSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/// Secrets that lie on this machine, a file each: `DATA/secrets/NAME`. They are read whenever they are needed, so a change
/// counts at once, and kept nowhere else.
public record SecretFiles(Path folder) {
    public static final String FOLDER = "secrets";

    private static final int SIZE_MAX = 64 << 10;
    private static final Set<PosixFilePermission> OWN =
            EnumSet.of(PosixFilePermission.OWNER_READ, PosixFilePermission.OWNER_WRITE);

    /// @return by their names
    /// @throws IOException with all that cannot be had, and what to do
    public Map<String, String> read(Set<String> names) throws IOException {
        Map<String, String> values = new TreeMap<>();
        StringBuilder lack = new StringBuilder();
        for (String name : names) {
            try {
                values.put(name, read(name));
            } catch (IOException e) {
                lack.append(lack.isEmpty() ? "" : "; ").append(e.getMessage());
            }
        }
        if (!lack.isEmpty()) throw new IOException(lack.toString());
        return values;
    }

    /// @return those that were there
    public Set<String> delete(Set<String> names) throws IOException {
        Set<String> deleted = new TreeSet<>();
        for (String name : names) if (Files.deleteIfExists(folder.resolve(name))) deleted.add(name);
        return deleted;
    }

    /// Without the line feed at its end.
    ///
    /// @throws IOException when it is not there, or others may read it
    public String read(String name) throws IOException {
        Path file = folder.resolve(name);
        if (!Files.isRegularFile(file))
            throw new IOException("expected the secret " + name + " in " + file
                    + ", but there is none; put it there with mode 600 (`install -m 600 /dev/stdin " + file + "`)");
        Set<PosixFilePermission> open = EnumSet.noneOf(PosixFilePermission.class);
        open.addAll(Files.getPosixFilePermissions(file, LinkOption.NOFOLLOW_LINKS));
        open.removeAll(OWN);
        if (!open.isEmpty() && !Files.isSymbolicLink(file))
            throw new IOException("expected only its owner to read the secret " + name + ", but others may; `chmod 600 "
                    + file + "`");
        if (Files.size(file) > SIZE_MAX)
            throw new IOException("expected a secret of at most " + SIZE_MAX + " bytes in " + file);
        String value = Files.readString(file, StandardCharsets.UTF_8);
        return value.endsWith("\n") ? value.substring(0, value.length() - 1) : value;
    }
}
