package dev.muster.edge.training;

import dev.muster.core.hosts.Place;
import dev.muster.core.state.Sha256;
import dev.muster.edge.config.YamlNode;
import dev.muster.edge.config.YamlTree;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// A training config with all that it includes. What a file says itself counts more than what it includes, key by key.
///
/// @param files    the config, then what it includes
/// @param warnings what a person should look at, with its place
public record TrainingConfig(Setting.Group settings, List<Path> files, List<String> warnings) {
    public static final String INCLUDE = "include";

    /// Real ones have some 10 KiB.
    private static final int BYTES_MAX = 1 << 20;
    /// More than a file of that size can write down.
    private static final int VALUES_MAX = 1_000_000;
    /// Real chains have three.
    private static final int INCLUDES_MAX = 16;

    /// Most groups that are laid over others: aliases in a few lines can stand for billions.
    private static final int MERGES_MAX = 10_000;

    private static final int PATH_MAX = 1_000;

    private static final List<String> SUFFIXES = List.of(".yaml", ".yml");

    public TrainingConfig {
        files = List.copyOf(files);
        warnings = List.copyOf(warnings);
    }

    /// One that cannot be read.
    public static final class Unreadable extends Exception {
        private static final long serialVersionUID = 1L;

        Unreadable(String message) {
            super(message);
        }
    }

    /// @throws Unreadable with the place and what is wrong there
    public static TrainingConfig read(Path file) throws Unreadable {
        Reader reader = new Reader();
        Setting.Group settings = reader.file(file, Optional.empty());
        return new TrainingConfig(settings, reader.files, reader.warnings);
    }

    /// SHA-256 of what it says, whatever its comments, its order, and the files it is spread over.
    public Sha256 sha() {
        return new Sha256(HexFormat.of().formatHex(hash(settings, new IdentityHashMap<>())));
    }

    /// What an alias stands for is looked at once.
    private static byte[] hash(Setting setting, Map<Setting, byte[]> known) {
        byte[] before = known.get(setting);
        if (before != null) return before;
        MessageDigest digest = sha256();
        switch (setting) {
            case Setting.Group group -> {
                digest.update((byte) 'g');
                new TreeMap<>(group.entries()).forEach((key, value) -> {
                    digest.update(hash(key));
                    digest.update(hash(value, known));
                });
            }
            case Setting.Many many -> {
                digest.update((byte) 'm');
                for (Setting element : many.elements()) digest.update(hash(element, known));
            }
            case Setting.Single single -> {
                digest.update((byte) (single.nothing() ? 'n' : 's'));
                if (!single.nothing()) digest.update(hash(single.text()));
            }
        }
        byte[] hash = digest.digest();
        known.put(setting, hash);
        return hash;
    }

    private static byte[] hash(String text) {
        return sha256().digest(text.getBytes(StandardCharsets.UTF_8));
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }

    /// A file that includes nothing, and is not on a disk.
    static TrainingConfig read(Path name, byte[] utf8) throws Unreadable {
        Reader reader = new Reader();
        return new TrainingConfig(reader.parsed(name, utf8), List.of(name), reader.warnings);
    }

    private static final class Reader {
        private final List<Path> files = new ArrayList<>();
        private final List<String> warnings = new ArrayList<>();
        /// Those whose includes are being read, in order.
        private final List<Path> open = new ArrayList<>();

        private int merges;

        Setting.Group file(Path file, Optional<Setting.Origin> includedAt) throws Unreadable {
            Path real = real(file, includedAt);
            int before = open.indexOf(real);
            if (before >= 0) throw new Unreadable(cycle(includedAt, before, real));
            if (open.size() == INCLUDES_MAX)
                throw new Unreadable(place(includedAt) + "expected at most " + INCLUDES_MAX
                        + " files that include one another, but found more");
            if (files.stream().noneMatch(known -> known.equals(file))) files.add(file);
            open.add(real);
            Setting.Group own = parsed(file, bytes(file, real));
            Setting.Group whole = own;
            Setting include = own.entries().get(INCLUDE);
            if (include != null && !include.isNothing()) whole = merged(included(file, include), without(own), "");
            else if (include != null) whole = without(own);
            open.removeLast();
            return whole;
        }

        private String cycle(Optional<Setting.Origin> at, int before, Path real) {
            String chain = open.subList(before, open.size()).stream()
                    .map(path -> path.getFileName() + " -> ")
                    .collect(Collectors.joining());
            return place(at) + INCLUDE + ": expected no file to include itself, but found " + chain
                    + real.getFileName();
        }

        private static String place(Optional<Setting.Origin> at) {
            return at.map(origin -> origin + ": ").orElse("");
        }

        private static Path real(Path file, Optional<Setting.Origin> at) throws Unreadable {
            try {
                return file.toRealPath();
            } catch (NoSuchFileException e) {
                throw new Unreadable(place(at) + "expected a config, but there is no " + file);
            } catch (IOException e) {
                throw new Unreadable(place(at) + file + " cannot be read: " + e);
            }
        }

        /// Several are laid one over the other, the last on top.
        private Setting.Group included(Path file, Setting include) throws Unreadable {
            List<Setting> names = include instanceof Setting.Many many ? many.elements() : List.of(include);
            Setting.Group whole = new Setting.Group(include.at(), Map.of());
            for (Setting name : names) {
                if (!(name instanceof Setting.Single single)
                        || single.nothing()
                        || single.text().isBlank())
                    throw new Unreadable(
                            name.at() + ": " + INCLUDE + ": expected the path of a config, but found " + name.brief());
                whole = merged(whole, file(beside(file, single), Optional.of(name.at())), "");
            }
            return whole;
        }

        /// The suffix may be left out.
        private static Path beside(Path file, Setting.Single name) throws Unreadable {
            try {
                Path path = file.resolveSibling(name.text().strip()).normalize();
                if (Files.isRegularFile(path)) return path;
                for (String suffix : SUFFIXES) {
                    Path longer = path.resolveSibling(path.getFileName() + suffix);
                    if (Files.isRegularFile(longer)) return longer;
                }
                return path;
            } catch (InvalidPathException e) {
                throw new Unreadable(name.at() + ": " + INCLUDE + ": expected a path, but found " + name.brief());
            }
        }

        private Setting.Group parsed(Path file, byte[] utf8) throws Unreadable {
            try {
                YamlNode tree = YamlTree.read(
                        text(utf8),
                        YamlTree.Counts.LAST,
                        (path, at, first) -> warnings.add(file + ":" + at.line() + ": " + path + ": stands in line "
                                + first.line() + " already; this one counts"));
                if (YamlTree.standsForMore(tree, VALUES_MAX))
                    throw new YamlTree.Unreadable(
                            tree.at(),
                            "expected a config, but found aliases that stand for more than " + VALUES_MAX + " values");
                if (tree.nothing()) return new Setting.Group(new Setting.Origin(file, 1), Map.of());
                if (new Settings(file).of(tree) instanceof Setting.Group group) return group;
                throw new YamlTree.Unreadable(tree.at(), "expected keys and values, but found " + tree.brief());
            } catch (YamlTree.Unreadable e) {
                throw new Unreadable(file + ":" + e.at() + ": " + e.getMessage());
            }
        }

        private static byte[] text(byte[] bytes) throws YamlTree.Unreadable {
            try {
                StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes));
                return bytes;
            } catch (CharacterCodingException e) {
                throw new YamlTree.Unreadable(new Place(1, 1), "expected text in UTF-8, but found other bytes");
            }
        }

        private static byte[] bytes(Path file, Path real) throws Unreadable {
            try {
                if (Files.isDirectory(real)) throw new Unreadable(file + ": expected a config, but found a folder");
                if (Files.size(real) > BYTES_MAX)
                    throw new Unreadable(file + ": expected at most " + BYTES_MAX + " bytes, but found more");
                return Files.readAllBytes(real);
            } catch (IOException e) {
                throw new Unreadable(file + " cannot be read: " + e);
            }
        }

        private static Setting.Group without(Setting.Group group) {
            Map<String, Setting> rest = new LinkedHashMap<>(group.entries());
            rest.remove(INCLUDE);
            return new Setting.Group(group.at(), rest);
        }

        private Setting.Group merged(Setting.Group below, Setting.Group above, String path) throws Unreadable {
            if (++merges > MERGES_MAX || path.length() > PATH_MAX)
                throw new Unreadable(
                        above.at() + ": expected a config, but found includes or aliases that stand for too much");
            Map<String, Setting> all = new LinkedHashMap<>(below.entries());
            for (Map.Entry<String, Setting> entry : above.entries().entrySet()) {
                String here = path.isEmpty() ? entry.getKey() : path + "." + entry.getKey();
                all.put(entry.getKey(), laid(all.get(entry.getKey()), entry.getValue(), here));
            }
            return new Setting.Group(above.at(), all);
        }

        private Setting laid(@Nullable Setting under, Setting value, String path) throws Unreadable {
            if (!(under instanceof Setting.Group low)) return value;
            if (value instanceof Setting.Group high) return merged(low, high, path);
            if (!value.isNothing())
                warnings.add(value.at() + ": " + path + ": " + value.brief() + " takes the place of all that "
                        + low.at() + " says there");
            return value;
        }
    }

    /// What is shared in the file stays shared.
    private static final class Settings {
        private final Path file;
        private final Map<YamlNode, Setting> made = new IdentityHashMap<>();

        Settings(Path file) {
            this.file = file;
        }

        Setting of(YamlNode node) {
            Setting known = made.get(node);
            if (known != null) return known;
            Setting.Origin at = new Setting.Origin(file, node.at().line());
            Setting setting = switch (node) {
                case YamlNode.Mapping mapping -> {
                    Map<String, Setting> entries = new LinkedHashMap<>();
                    mapping.entries().forEach((key, entry) -> entries.put(key, of(entry.value())));
                    yield new Setting.Group(at, entries);
                }
                case YamlNode.Sequence sequence ->
                    new Setting.Many(
                            at, sequence.elements().stream().map(this::of).toList());
                case YamlNode.Scalar scalar -> new Setting.Single(at, scalar.text(), scalar.nothing());
            };
            made.put(node, setting);
            return setting;
        }
    }
}
