package dev.muster.edge.fleet;

import dev.muster.core.state.Sha256;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// What a host gets: launcher, jars, the Java they need and start-up caches, for one kind of machine, in a `.tgz` named
/// `RELEASE-ARCH.tgz`. [Bundles] finds or makes one.
///
/// @param release  `muster-VERSION-HASH`; the same parts have the same name
/// @param arch     as `uname -m` says it
/// @param sha      of the file
/// @param size     of the file in bytes
/// @param unpacked about how many bytes it needs on the host
public record Bundle(Path file, String release, String arch, Sha256 sha, long size, long unpacked) {
    private static final Pattern NAME = Pattern.compile("(muster-[A-Za-z0-9._+-]+)-(x86_64|aarch64)\\.tgz");

    /// A gzip file ends with the size of what is in it, modulo 4 GiB, in four bytes (RFC 1952).
    private static final int TRAILER = 4;

    /// Reads the whole file once, for its hash.
    ///
    /// @throws IOException it cannot be read, or its name says no release and machine
    public static Bundle of(Path file) throws IOException {
        Matcher name = NAME.matcher(file.getFileName().toString());
        if (!name.matches())
            throw new IOException("expected a bundle's name, as muster-1.2.3-0a1b2c3d4e5f-x86_64.tgz, but found "
                    + file.getFileName());
        return new Bundle(file, name.group(1), name.group(2), hash(file), Files.size(file), unpacked(file));
    }

    /// Whether a file could be one for such a machine, by its name.
    static boolean isFor(Path file, String arch) {
        Matcher name = NAME.matcher(file.getFileName().toString());
        return name.matches() && name.group(2).equals(arch);
    }

    private static Sha256 hash(Path file) throws IOException {
        try (InputStream in = Files.newInputStream(file);
                DigestInputStream digested = new DigestInputStream(in, MessageDigest.getInstance("SHA-256"))) {
            digested.transferTo(OutputStream.nullOutputStream());
            return new Sha256(
                    HexFormat.of().formatHex(digested.getMessageDigest().digest()));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }

    private static long unpacked(Path file) throws IOException {
        try (RandomAccessFile bytes = new RandomAccessFile(file.toFile(), "r")) {
            if (bytes.length() < TRAILER) throw new IOException("expected a gzip file, but " + file + " is too short");
            bytes.seek(bytes.length() - TRAILER);
            return Integer.toUnsignedLong(Integer.reverseBytes(bytes.readInt()));
        }
    }
}
