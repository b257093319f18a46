package dev.muster.edge.gossip;

import dev.muster.core.gossip.Opinion;
import dev.muster.core.gossip.Profile;
import dev.muster.core.state.NodeId;
import dev.muster.edge.wire.Wire;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Map;
import java.util.TreeMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.core.JacksonException;

/// Where members were reached, on disk: a node that starts while all voters are down finds the others all the same.
/// A copy that is lost or old costs nothing but that.
final class AddressBook {
    /// Any one of them that lives tells of all others.
    private static final int KEPT_MAX = 64;

    private static final Logger LOG = LoggerFactory.getLogger(AddressBook.class);

    private record Entry(NodeId node, Profile profile) {}

    private final Path file;
    private Map<NodeId, Profile> written = Map.of();

    AddressBook(Path file) {
        this.file = file;
    }

    Map<NodeId, Profile> read() {
        Map<NodeId, Profile> found = new TreeMap<>();
        if (!Files.exists(file)) return found;
        try {
            for (Entry entry : Wire.read(Files.readAllBytes(file), Entry[].class)) {
                found.put(entry.node(), entry.profile());
            }
        } catch (IOException | JacksonException | IllegalArgumentException e) {
            LOG.warn("gossip.members-unreadable file={} reason=\"{}\" then=\"go on without\"", file, e.toString());
        }
        written = Map.copyOf(found);
        return found;
    }

    void write(Map<NodeId, GossipPort.Seen> members, NodeId self) {
        Map<NodeId, Profile> now = new TreeMap<>();
        members.forEach((node, seen) -> {
            boolean use = !node.equals(self)
                    && seen.opinion() == Opinion.ALIVE
                    && seen.profile().dialable();
            if (use && now.size() < KEPT_MAX) now.put(node, seen.profile());
        });
        if (now.isEmpty() || now.equals(written)) return;
        Path fresh = file.resolveSibling(file.getFileName() + ".new");
        try {
            Files.write(
                    fresh,
                    Wire.bytes(now.entrySet().stream()
                            .map(entry -> new Entry(entry.getKey(), entry.getValue()))
                            .toList()));
            Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
            written = Map.copyOf(now);
        } catch (IOException e) {
            LOG.debug("gossip.members-not-kept file={}", file, e);
        }
    }
}
