package dev.muster.edge.dataset;

import dev.muster.edge.training.Setting;
import dev.muster.edge.training.TrainingConfig;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/// What a list of files says of their sizes and hashes: YAML or JSON, `files:` with `path`, `size_bytes` and `md5`, `sha256`, or
/// `checksum` and `checksum_type`.
public record Manifest(List<Entry> entries) {
    private static final Map<String, String> ALGORITHMS = Map.of("md5", "MD5", "sha1", "SHA-1", "sha256", "SHA-256");

    private static final int BLOCK_BYTES = 1 << 20;

    public Manifest {
        entries = List.copyOf(entries);
    }

    /// @param path      relative, within the manifest's folder
    /// @param bytes     or -1
    /// @param algorithm as the JDK names it; empty without a hash
    /// @param hash      lower-case digits, or empty
    public record Entry(Path path, long bytes, String algorithm, String hash) {
        String hashOf(Path file, Progress progress) throws IOException {
            MessageDigest digest = digest(algorithm);
            byte[] block = new byte[BLOCK_BYTES];
            try (InputStream in = Files.newInputStream(file)) {
                for (int read = in.read(block); read >= 0; read = in.read(block)) {
                    digest.update(block, 0, read);
                    progress.on(read);
                }
            }
            return HexFormat.of().formatHex(digest.digest());
        }
    }

    private static MessageDigest digest(String algorithm) {
        try {
            return MessageDigest.getInstance(algorithm);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has " + algorithm, e);
        }
    }

    /// @throws Unreadable with the place and what is wrong there
    public static Manifest read(Path file) throws Unreadable {
        Setting.Group all;
        try {
            all = TrainingConfig.read(file).settings();
        } catch (TrainingConfig.Unreadable e) {
            throw new Unreadable(String.valueOf(e.getMessage()));
        }
        if (!(all.entries().get("files") instanceof Setting.Many files))
            throw new Unreadable(all.at() + ": expected files: with a list, but found none");
        List<Entry> entries = new ArrayList<>();
        for (Setting one : files.elements()) entries.add(entry(one));
        return new Manifest(entries);
    }

    /// One that is not understood.
    public static final class Unreadable extends Exception {
        private static final long serialVersionUID = 1L;

        Unreadable(String message) {
            super(message);
        }
    }

    private static Entry entry(Setting one) throws Unreadable {
        Optional<String> path = text(one, "path");
        if (path.isEmpty()) throw new Unreadable(one.at() + ": expected path: of a file, but found " + one.brief());
        Path where = path(one, path.get());
        Optional<String> kind = text(one, "checksum_type");
        String algorithm = "";
        String hash = "";
        for (String key : List.of("md5", "sha1", "sha256")) {
            Optional<String> said = text(one, key);
            if (said.isEmpty()) continue;
            algorithm = ALGORITHMS.getOrDefault(key, "");
            hash = said.get();
        }
        Optional<String> checksum = text(one, "checksum");
        if (hash.isEmpty() && checksum.isPresent()) {
            hash = checksum.get();
            String name = kind.orElse(hash.length() == 32 ? "md5" : hash.length() == 40 ? "sha1" : "sha256");
            algorithm = ALGORITHMS.getOrDefault(name.toLowerCase(Locale.ROOT).replace("-", ""), "");
            if (algorithm.isEmpty())
                throw new Unreadable(one.at() + ": expected MD5, SHA1 or SHA256 as checksum_type, but found " + name);
        }
        return new Entry(where, bytes(one), algorithm, hash(one, algorithm, hash));
    }

    private static Path path(Setting at, String text) throws Unreadable {
        try {
            Path path = Path.of(text).normalize();
            if (path.isAbsolute() || path.startsWith("..") || path.toString().isEmpty())
                throw new Unreadable(at.at() + ": expected a path within the manifest's folder, but found " + text);
            return path;
        } catch (InvalidPathException e) {
            throw new Unreadable(at.at() + ": expected a path, but found " + text);
        }
    }

    private static String hash(Setting at, String algorithm, String hash) throws Unreadable {
        if (hash.isEmpty()) return hash;
        int digits = 2 * digest(algorithm).getDigestLength();
        String lower = hash.toLowerCase(Locale.ROOT);
        if (!lower.matches("[0-9a-f]{" + digits + "}"))
            throw new Unreadable(
                    at.at() + ": expected " + digits + " hexadecimal digits of " + algorithm + ", but found " + hash);
        return lower;
    }

    private static long bytes(Setting one) throws Unreadable {
        Optional<String> text = text(one, "size_bytes").or(() -> text(one, "size"));
        if (text.isEmpty()) return -1;
        if (!text.get().matches("\\d{1,18}"))
            throw new Unreadable(one.at() + ": expected a number of bytes as its size, but found " + text.get());
        return Long.parseLong(text.get());
    }

    private static Optional<String> text(Setting one, String key) {
        return one.find(key)
                .filter(found -> found instanceof Setting.Single && !found.isNothing())
                .map(found -> ((Setting.Single) found).text().strip());
    }

    /// The entry of a file: the one at its place below `base`, or else the only one of its name.
    public Optional<Entry> of(Path file, Path base) {
        Path place = file.toAbsolutePath().normalize();
        Path root = base.toAbsolutePath().normalize();
        for (Entry entry : entries) if (root.resolve(entry.path()).equals(place)) return Optional.of(entry);
        List<Entry> named = entries.stream()
                .filter(entry -> entry.path().getFileName().equals(file.getFileName()))
                .toList();
        return named.size() == 1 ? Optional.of(named.getFirst()) : Optional.empty();
    }
}
