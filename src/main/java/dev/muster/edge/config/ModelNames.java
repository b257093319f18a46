package dev.muster.edge.config;

import dev.muster.core.state.ConfigKey;
import java.nio.file.Path;

/// Where a node's current models lie, and under which names: a verified file per config key, and a link to it.
///
/// @param dir       of both; below the data directory unless it is absolute
/// @param canonical the file's name
/// @param link      the link's name
public record ModelNames(String dir, String canonical, String link) {
    /// The runbooks' names.
    public static final ModelNames DEFAULT =
            new ModelNames("models", "canonical_{config}.pth", "ringrift_best_{config}.pth");

    private static final String CONFIG = "{config}";
    /// With the longest config key far below the 255 bytes of a file name.
    private static final int PATTERN_MAX = 100;

    /// @throws IllegalArgumentException when a name could lead anywhere else
    public ModelNames {
        dir = dir(dir);
        canonical = pattern(canonical);
        link = pattern(link);
        if (canonical.equals(link)) {
            throw new IllegalArgumentException(
                    "expected the link to have another name than the file, but both are \"" + link + "\"");
        }
    }

    static String dir(String text) {
        boolean climbs = text.isBlank() || text.indexOf('\0') >= 0;
        if (!climbs) for (Path part : Path.of(text)) climbs |= part.toString().equals("..");
        if (climbs)
            throw new IllegalArgumentException("expected a directory without \"..\", but found \"" + text + "\"");
        return text;
    }

    static String pattern(String text) {
        int at = text.indexOf(CONFIG);
        boolean once = at >= 0 && text.indexOf(CONFIG, at + 1) < 0;
        String rest = text.replace(CONFIG, "");
        if (!once || rest.contains("..") || !rest.matches("[A-Za-z0-9._+-]*") || text.startsWith(".")) {
            throw new IllegalArgumentException("expected a file name of letters, digits and ._+- with " + CONFIG
                    + " once, and without \"..\", but found \"" + text + "\"");
        }
        if (text.length() > PATTERN_MAX) {
            throw new IllegalArgumentException(
                    "expected at most " + PATTERN_MAX + " characters, but found " + text.length());
        }
        return text;
    }

    /// Where both are.
    public Path folder(Path data) {
        return data.resolve(dir);
    }

    public String canonicalOf(ConfigKey config) {
        return canonical.replace(CONFIG, config.name());
    }

    public String linkOf(ConfigKey config) {
        return link.replace(CONFIG, config.name());
    }
}
