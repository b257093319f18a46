package dev.muster.edge.node;

import dev.muster.core.health.Admission;
import dev.muster.edge.wire.Wire;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.core.JacksonException;

/// Where a data directory runs: kept in it, so that the next agent sees whether it was carried elsewhere, or copied.
///
/// @param machine   `/etc/machine-id`; empty in a container that has none, whose name changes with each start
/// @param boot      the kernel's; another one after each start of the machine
/// @param directory its inode: a copy has another one, a renamed directory the same
/// @param api       where the agent that ran here was reached
record Whereabouts(String machine, String boot, String directory, String api) {
    private static final Logger LOG = LoggerFactory.getLogger(Whereabouts.class);

    /// @param api empty until the ports are taken
    static Whereabouts of(Path data, String api) throws IOException {
        return new Whereabouts(
                line(Path.of("/etc/machine-id")).orElse(""),
                line(Path.of("/proc/sys/kernel/random/boot_id")).orElse(""),
                Files.getAttribute(data.toRealPath(), "unix:ino").toString(),
                api);
    }

    private static Optional<String> line(Path file) {
        try {
            return Optional.of(Files.readString(file).strip()).filter(text -> !text.isEmpty());
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    /// What the directory's last agent wrote; empty when none did, or an earlier build ran here.
    static Optional<Whereabouts> read(Path file) throws IOException {
        if (!Files.exists(file)) return Optional.empty();
        try {
            return Optional.of(Wire.read(Files.readAllBytes(file), Whereabouts.class));
        } catch (JacksonException e) {
            LOG.warn("place.unreadable file={} reason=\"{}\" then=\"the cluster is asked\"", file, e.toString());
            return Optional.of(new Whereabouts("unreadable", "", "", ""));
        }
    }

    void keep(Path file) throws IOException {
        DataDir.replace(file, Wire.bytes(this));
    }

    /// The machine and the directory, in one word.
    String place() {
        return machine + "/" + directory;
    }

    Admission.Last since(Optional<Whereabouts> last) {
        if (last.isEmpty()) return Admission.Last.HERE;
        if (!place().equals(last.get().place())) return Admission.Last.ELSEWHERE;
        return boot.equals(last.get().boot()) ? Admission.Last.HERE : Admission.Last.BEFORE_REBOOT;
    }
}
