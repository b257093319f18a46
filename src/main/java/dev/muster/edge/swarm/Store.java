package dev.muster.edge.swarm;

import dev.muster.core.state.Sha256;
import dev.muster.edge.artifact.ArtifactStore;
import dev.muster.edge.artifact.Partial;
import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;

/// The node's store, as the swarm needs it.
public interface Store {
    /// A file that is here whole; the caller closes it.
    Optional<FileChannel> read(Sha256 sha) throws IOException;

    /// Begins or takes up a file that arrives in pieces; the caller closes it.
    Partial partial(Sha256 sha, long size) throws IOException;

    /// Files that arrived in part, and when they were last written to.
    Map<Sha256, Instant> partials() throws IOException;

    void deletePartial(Sha256 sha) throws IOException;

    /// The file was verified and put into the store.
    void arrived(Sha256 sha);

    /// Takes a whole file. It counts only when size and SHA-256 are the expected ones.
    ///
    /// @throws NoRoom when it does not fit
    void receive(Sha256 sha, long size, InputStream in) throws IOException;

    /// Has a file written by some other way, or what an earlier try of the same way left gone on with. It counts only when
    /// size and SHA-256 are the expected ones; otherwise it is deleted.
    ///
    /// @param way in the file's name
    /// @throws NoRoom      when it does not fit
    /// @throws IOException what the writer threw, or why the file was not taken
    void aside(Sha256 sha, long size, String way, ArtifactStore.Writer writer) throws IOException, InterruptedException;

    /// Where a file lies that is here whole, to be read by other programs; it may be deleted at any time.
    Optional<Path> place(Sha256 sha);
}
