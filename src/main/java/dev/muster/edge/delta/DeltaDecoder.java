package dev.muster.edge.delta;

import dev.muster.core.state.Sha256;
import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/// Makes the new file from the old one and a delta.
///
/// A delta is not trusted: every length and offset is checked against the two sizes before anything is allocated or read, memory is
/// four blocks of 1 MiB whatever it says, each instruction makes at least one byte of at most `newSize`, and a result that
/// has not the SHA-256 it should have is deleted.
public final class DeltaDecoder {
    private DeltaDecoder() {}

    /// Decodes a delta whose sender is trusted with the size of the result; the old file is hashed first.
    ///
    /// @throws DeltaException see the other `decode`
    public static DeltaHeader decode(Path oldFile, Path delta, Path out) throws IOException {
        DeltaHeader header = DeltaHeader.read(delta);
        try (FileChannel old = FileChannel.open(oldFile)) {
            checkOldSize(header, old);
            Sha256 found = Shas.of(old);
            if (!found.equals(header.oldSha())) {
                throw new DeltaException("expected the old file " + header.oldSha() + ", but found " + found);
            }
        }
        return decode(oldFile, delta, out, header);
    }

    /// Decodes a delta between two files that the caller knows by name and size. The old file's name is taken from the
    /// caller (a store of files by content knows it) and not computed again: a file that no longer has this content makes
    /// a wrong result, and that is found.
    ///
    /// @param out must not exist; deleted again on any failure
    /// @param expected what the delta has to be for
    /// @throws DeltaException when the delta is not for these files, is malformed, or makes another file than it says
    /// @throws java.nio.file.FileAlreadyExistsException when `out` exists; it is left as it is
    public static DeltaHeader decode(Path oldFile, Path delta, Path out, DeltaHeader expected) throws IOException {
        try (FileChannel old = FileChannel.open(oldFile);
                DataInputStream in =
                        new DataInputStream(new BufferedInputStream(Files.newInputStream(delta), 64 << 10))) {
            DeltaHeader header = DeltaHeader.read(in);
            if (!header.equals(expected)) {
                throw new DeltaException("expected a delta for " + expected + ", but found one for " + header);
            }
            checkOldSize(header, old);
            checkRoom(header, out);
            decode(header, old, in, out);
            return header;
        }
    }

    private static void decode(DeltaHeader header, FileChannel old, DataInputStream in, Path file) throws IOException {
        OutputStream out = Files.newOutputStream(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
        boolean whole = false;
        try (out;
                Replay replay = new Replay(header, old, in, out)) {
            replay.run();
            whole = true;
        } finally {
            if (!whole) Files.deleteIfExists(file);
        }
    }

    private static void checkOldSize(DeltaHeader header, FileChannel old) throws IOException {
        if (old.size() != header.oldSize()) {
            throw new DeltaException("expected an old file of " + header.oldSize() + " bytes (" + header.oldSha()
                    + "), but found " + old.size());
        }
    }

    private static void checkRoom(DeltaHeader header, Path out) throws IOException {
        long room = Files.getFileStore(out.toAbsolutePath().getParent()).getUsableSpace();
        if (header.newSize() > room) {
            throw new DeltaException(
                    "expected room for " + header.newSize() + " bytes, but found " + room + " for " + out);
        }
    }
}
