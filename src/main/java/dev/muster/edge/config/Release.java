package dev.muster.edge.config;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;

/// Which build of the program this is.
public final class Release {
    /// In a bundle's folder: `release=`, `arch=` and `java=`, one a line.
    public static final String FILE = "bundle.properties";

    /// What a release's name begins with; its version follows.
    public static final String PREFIX = "muster-";

    private Release() {}

    private static final class Own {
        private static final String VERSION = version(System.getenv(), Release.class);
    }

    /// The version of the program that runs, the same wherever it is shown or told to others: `/health`, `/status`, `muster
    /// --version`, gossip, checks. Of a bundle the name of its release, which tells builds of one version apart
    /// (`0.1.0-0a1b2c3d4e5f`), else what the jar's manifest says, else `dev`.
    public static String own() {
        return Own.VERSION;
    }

    /// As [#own].
    ///
    /// @param environment the launcher says in `MUSTER_HOME` where the program lies
    /// @param main        a class of the program's jar
    static String version(Map<String, String> environment, Class<?> main) {
        return Optional.ofNullable(environment.get("MUSTER_HOME"))
                .flatMap(home -> Optional.ofNullable(properties(Path.of(home)).getProperty("release")))
                .map(release -> release.startsWith(PREFIX) ? release.substring(PREFIX.length()) : release)
                .or(() -> Optional.ofNullable(main.getPackage().getImplementationVersion()))
                .orElse("dev");
    }

    /// What a bundle says of itself; nothing where `home` is none.
    public static Properties properties(Path home) {
        Properties properties = new Properties();
        try (InputStream in = Files.newInputStream(home.resolve(FILE))) {
            properties.load(in);
        } catch (IOException | IllegalArgumentException e) {
            // no bundle: sources, or a packaged install of the jar alone
            properties.clear();
        }
        return properties;
    }
}
