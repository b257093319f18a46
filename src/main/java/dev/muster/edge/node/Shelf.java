package dev.muster.edge.node;

import dev.muster.core.state.ArtifactKind;
import dev.muster.core.state.ConfigKey;
import dev.muster.core.state.NodeId;
import dev.muster.core.state.Sha256;
import dev.muster.edge.swarm.SshPlace;
import dev.muster.edge.swarm.Transport;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.Optional;

/// Files as people ask for them: on this node, and on others through it.
public interface Shelf {
    /// How closely a copy is looked at.
    enum Look {
        /// Is it there?
        STAT,
        /// Is it a whole model? Read once.
        CHECK,
        /// Does it have its hash? Read once; what does not is quarantined and fetched again. Where it is missing and could
        /// not be had lately, it is tried again at once.
        VERIFY
    }

    enum State {
        HELD,
        FETCHING,
        /// It is wanted here and could not be kept.
        FAILING,
        MISSING,
        VERIFIED,
        CORRUPT,
        /// A model in which nothing wrong was found.
        SOUND,
        /// No model, or not a whole one.
        BROKEN,
        UNREACHABLE
    }

    /// One node's copy.
    ///
    /// @param size     bytes; 0 where there are none
    /// @param why      for FAILING, CORRUPT, BROKEN and UNREACHABLE; else empty
    /// @param format   of a model that was checked; else empty
    /// @param metadata of a model that was checked; of a file that was just fetched, how
    record Copy(NodeId node, Sha256 sha, State state, long size, String why, String format, List<String> metadata) {
        public Copy {
            metadata = List.copyOf(metadata);
        }

        public static Copy of(NodeId node, Sha256 sha, State state, long size, String why) {
            return new Copy(node, sha, state, size, why, "", List.of());
        }
    }

    /// A config key's file and link on one node.
    ///
    /// @param state `OK`, `REPAIRED`, `WAITING` (the file is not there yet) or `FAILED`
    /// @param did   what was found and done, a sentence each; why it failed
    record Link(ConfigKey config, Sha256 sha, String state, List<String> did) {
        public Link {
            did = List.copyOf(did);
        }
    }

    /// @param why it could not be asked; empty when it was
    record Links(NodeId node, List<Link> links, String why) {
        public Links {
            links = List.copyOf(links);
        }
    }

    /// A file on its way in.
    ///
    /// @param size -1 when nobody knows
    /// @param sha  what it is to be; empty takes what comes
    record Wanted(String name, ArtifactKind kind, long size, Optional<Sha256> sha) {}

    sealed interface Put {
        /// It was read back.
        record Stored(Sha256 sha, long size, String format, List<String> metadata) implements Put {
            public Stored {
                metadata = List.copyOf(metadata);
            }
        }

        /// @param code `NO_SPACE`, `MISMATCH` or `BROKEN`
        record Refused(String code, String message) implements Put {}
    }

    /// Looks at a copy, wherever it is. Never throws: a node that does not answer is UNREACHABLE.
    Copy look(NodeId node, Sha256 sha, Look how);

    /// Has a node that lacks a file get it now and by one way, whatever it was doing for it, and waits for the end. Never
    /// throws, as [#look]. Where it came, `metadata` says how.
    Copy fetch(NodeId node, Sha256 sha, Transport by);

    /// Where a holder offers a file by SSH; empty when it does not.
    ///
    /// @param asker for whose limits
    /// @throws IOException when the holder does not answer
    Optional<SshPlace> place(NodeId node, Sha256 sha, Optional<NodeId> asker) throws IOException;

    /// Looks at the models' files and links of a node, and puts right what is not.
    Links link(NodeId node);

    /// Takes a file into this node's store. A model is looked at first; the cluster is not told yet.
    Put put(InputStream in, Wanted wanted) throws IOException;

    /// A file from this node, or else from one that holds it.
    InputStream open(Sha256 sha) throws IOException;
}
