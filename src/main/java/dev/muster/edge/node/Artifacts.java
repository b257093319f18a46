package dev.muster.edge.node;

import dev.muster.core.state.Attempt;
import dev.muster.core.state.Sha256;
import dev.muster.edge.artifact.Draft;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.Set;

/// This node's own files, as the agent uses them.
interface Artifacts extends Results.Store, dev.muster.edge.swarm.Store {
    Set<Sha256> held();

    boolean has(Sha256 sha);

    /// Takes a file into the store and reads it back.
    @Override
    Attempt.Stored store(String path, Path file) throws IOException;

    /// Takes bytes from elsewhere. They count only when size and SHA-256 are the expected ones.
    @Override
    void receive(Sha256 sha, long size, InputStream in) throws IOException;

    /// A file that this node wants could not be had; told to whoever asks where the file is.
    void missed(Sha256 sha, String why);

    /// Lays the file at `target`, without copying where the file system allows.
    void lay(Sha256 sha, Path target) throws IOException;

    /// Lays a copy of the file at `target` that may be written to.
    void layCopy(Sha256 sha, Path target) throws IOException;

    /// Where the file lies; it stays there as long as it is held.
    Path path(Sha256 sha) throws IOException;

    InputStream open(Sha256 sha) throws IOException;

    /// Room for a file of at most so many bytes that is made here; the caller closes it.
    ///
    /// @throws IOException when there is none
    Draft draft(long bytes) throws IOException;

    /// What was made from this file was wrong: it is to be read again soon.
    void doubt(Sha256 sha);
}
