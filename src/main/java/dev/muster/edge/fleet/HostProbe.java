package dev.muster.edge.fleet;

import java.time.Instant;
import java.util.List;
import java.util.Optional;

/// What a host is, and what lies there.
///
/// @param root     folder of everything that is put there
/// @param arch     as `uname -m` says it
/// @param libc     `glibc`, which a bundle needs, or `musl`
/// @param asRoot   the account is root
/// @param missing  programs that the host needs and lacks
/// @param diskFree bytes free at the root
/// @param clock    the host's, when it was asked
/// @param releases that are installed
public record HostProbe(
        String root,
        String arch,
        String kernel,
        String libc,
        String hostname,
        String user,
        boolean asRoot,
        List<String> missing,
        boolean python3,
        int cores,
        long diskFree,
        Instant clock,
        List<String> releases,
        HostStatus status) {
    public HostProbe {
        missing = List.copyOf(missing);
        releases = List.copyOf(releases);
    }

    /// Why no bundle can run there, or empty when one for its [#arch] can.
    public Optional<String> unfit() {
        if (!libc.equals("glibc"))
            return Optional.of(
                    "expected glibc on " + hostname + ", but found " + libc + "; take a Debian or Ubuntu image");
        if (!missing.isEmpty())
            return Optional.of("expected " + String.join(", ", missing) + " on " + hostname
                    + ", but found none; install what is missing");
        return Optional.empty();
    }

    static HostProbe of(KeyValues said) {
        return new HostProbe(
                said.needed("root"),
                said.needed("arch"),
                said.needed("kernel"),
                said.needed("libc"),
                said.needed("hostname"),
                said.needed("user"),
                said.yes("user_root"),
                said.words("missing"),
                said.yes("python3"),
                (int) said.number("cores"),
                said.number("disk_free"),
                Instant.ofEpochMilli(said.number("clock_ms")),
                said.words("releases"),
                HostStatus.of(said));
    }
}
