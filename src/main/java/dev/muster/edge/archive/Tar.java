package dev.muster.edge.archive;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.zip.Deflater;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.apache.commons.compress.compressors.gzip.GzipCompressorInputStream;
import org.apache.commons.compress.compressors.gzip.GzipCompressorOutputStream;
import org.apache.commons.compress.compressors.gzip.GzipParameters;

/// Tar archives, packed by gzip or not.
public final class Tar {
    /// A project has thousands of files, an environment with its packages a hundred thousand.
    private static final int ENTRIES_MAX = 500_000;

    private static final int EXECUTABLE = 0111;

    private Tar() {}

    /// Packs files by gzip. The same files give the same bytes: they are in order, without times, owners, or rights but to be
    /// executed.
    ///
    /// @param files relative to the folder, sorted
    /// @throws IOException when one cannot be read, or is no plain file
    public static void pack(Path folder, List<String> files, OutputStream out) throws IOException {
        GzipParameters same = new GzipParameters();
        same.setOperatingSystem(255);
        same.setCompressionLevel(Deflater.BEST_SPEED);
        try (TarArchiveOutputStream tar =
                new TarArchiveOutputStream(new GzipCompressorOutputStream(out, same), StandardCharsets.UTF_8.name())) {
            tar.setLongFileMode(TarArchiveOutputStream.LONGFILE_POSIX);
            tar.setBigNumberMode(TarArchiveOutputStream.BIGNUMBER_POSIX);
            tar.setAddPaxHeadersForNonAsciiNames(true);
            for (String file : files) add(tar, folder.resolve(file), file);
        }
    }

    private static void add(TarArchiveOutputStream tar, Path file, String name) throws IOException {
        if (!Files.isRegularFile(file)) throw new IOException("expected a file " + file + ", but it is none");
        long size = Files.size(file);
        TarArchiveEntry entry = new TarArchiveEntry(name, true);
        entry.setSize(size);
        entry.setMode(Files.isExecutable(file) ? 0755 : 0644);
        entry.setModTime(0);
        entry.setIds(0, 0);
        entry.setNames("", "");
        tar.putArchiveEntry(entry);
        try (InputStream in = Files.newInputStream(file)) {
            long copied = in.transferTo(tar);
            if (copied != size)
                throw new IOException("expected " + size + " bytes in " + file + ", but it changed while it was read");
        }
        tar.closeArchiveEntry();
    }

    /// Lays what is in the archive into the folder. Files that are there are replaced.
    ///
    /// @throws IOException when it is no whole archive, or something in it would lie or lead elsewhere
    public static void unpack(Path archive, Path folder) throws IOException {
        Files.createDirectories(folder);
        Path root = folder.toRealPath();
        try (InputStream in = opened(archive);
                TarArchiveInputStream tar = new TarArchiveInputStream(in, StandardCharsets.UTF_8.name())) {
            int entries = 0;
            for (TarArchiveEntry entry = tar.getNextEntry(); entry != null; entry = tar.getNextEntry()) {
                if (++entries > ENTRIES_MAX)
                    throw new IOException("expected at most " + ENTRIES_MAX + " entries, but found more");
                lay(tar, entry, root);
            }
            if (entries == 0) throw new IOException("expected a tar archive, but found nothing in it");
        } catch (IllegalArgumentException e) {
            throw new IOException("no whole archive: " + e.getMessage(), e);
        }
    }

    private static InputStream opened(Path archive) throws IOException {
        InputStream in = new BufferedInputStream(Files.newInputStream(archive), 1 << 16);
        try {
            in.mark(2);
            boolean gzip = in.read() == 0x1f && in.read() == 0x8b;
            in.reset();
            return gzip
                    ? GzipCompressorInputStream.builder()
                            .setInputStream(in)
                            .setDecompressConcatenated(true)
                            .get()
                    : in;
        } catch (IOException e) {
            in.close();
            throw e;
        }
    }

    private static void lay(TarArchiveInputStream tar, TarArchiveEntry entry, Path root) throws IOException {
        Path target = root.resolve(entry.getName()).normalize();
        if (!target.startsWith(root))
            throw new IOException("expected paths inside the archive, but found " + entry.getName());
        if (target.equals(root)) return;
        Path parent = Files.createDirectories(target.getParent()).toRealPath();
        if (!parent.startsWith(root)) throw new IOException(entry.getName() + " leads elsewhere by a link");
        if (entry.isDirectory()) {
            Files.createDirectories(target);
        } else if (entry.isSymbolicLink()) {
            link(entry, target, root);
        } else if (plain(entry)) {
            if (Files.isSymbolicLink(target)) Files.delete(target);
            Files.copy(tar, target, StandardCopyOption.REPLACE_EXISTING);
            if ((entry.getMode() & EXECUTABLE) != 0 && !target.toFile().setExecutable(true))
                throw new IOException("cannot make " + target + " executable");
        } else {
            throw new IOException("expected files, folders and links, but found something else: " + entry.getName());
        }
    }

    /// The library takes whatever is no folder for a file.
    private static boolean plain(TarArchiveEntry entry) {
        boolean other = entry.isLink()
                || entry.isFIFO()
                || entry.isBlockDevice()
                || entry.isCharacterDevice()
                || entry.isSparse();
        return entry.isFile() && !other;
    }

    private static void link(TarArchiveEntry entry, Path target, Path root) throws IOException {
        Path leads = target.resolveSibling(entry.getLinkName()).normalize();
        if (!leads.startsWith(root))
            throw new IOException(
                    "expected links inside the archive, but " + entry.getName() + " leads to " + entry.getLinkName());
        if (Files.exists(target, LinkOption.NOFOLLOW_LINKS)) Files.delete(target);
        Files.createSymbolicLink(target, Path.of(entry.getLinkName()));
    }
}
