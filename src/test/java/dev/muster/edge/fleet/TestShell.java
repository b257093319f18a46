package dev.muster.edge.fleet;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/// This machine as a host, for tests of other packages.
public final class TestShell {
    private TestShell() {}

    /// With its root in `home`, and all programs of this machine.
    public static HostScript host(Path home) {
        return new HostScript(
                new LocalShell(List.of("sh"), home, Path.of("/usr/bin")),
                new HostScript.Place(home.resolve(".muster").toString(), "none", Duration.ofSeconds(5)));
    }
}
