package dev.muster.edge.dataset;

import java.io.EOFException;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Enumeration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipException;
import java.util.zip.ZipFile;

/// A zip archive, or NumPy's `.npz`: each entry is read to its end and its CRC compared. Nothing is unpacked to the disk, and
/// what an entry holds passes through a small buffer.
final class Archive {
    private static final int BUFFER_BYTES = 128 << 10;
    /// Deflate cannot gain more; who says so lies.
    private static final long GAIN_MAX = 1_040;

    private final ZipFile zip;
    private final Report report;
    private final long size;
    private final byte[] buffer = new byte[BUFFER_BYTES];

    private Archive(ZipFile zip, Report report, long size) {
        this.zip = zip;
        this.report = report;
        this.size = size;
    }

    static void read(Path file, Report report) throws Unsound, IOException {
        try (ZipFile zip = new ZipFile(file.toFile())) {
            new Archive(zip, report, Files.size(file)).entries();
        } catch (ZipException e) {
            throw new Unsound(
                    "a whole zip file", "no directory of entries (" + e.getMessage() + "); most often it was cut off");
        }
    }

    private void entries() throws Unsound, IOException {
        Set<String> names = new HashSet<>();
        int outside = 0;
        int twice = 0;
        long packed = 0;
        String odd = "";
        for (Enumeration<? extends ZipEntry> all = zip.entries(); all.hasMoreElements(); ) {
            ZipEntry entry = all.nextElement();
            packed += Math.max(0, entry.getCompressedSize());
            if (leaves(entry.getName())) {
                outside++;
                odd = entry.getName();
            }
            if (!names.add(entry.getName())) twice++;
        }
        report.check("entries", !names.isEmpty(), "some", names.size() + "");
        report.check(
                "paths of entries",
                outside == 0,
                "all within the archive's folder",
                outside == 0 ? "all" : outside + " outside of it, as " + odd);
        report.check("names of entries", twice == 0, "each once", twice == 0 ? "each once" : twice + " again");
        boolean shared = packed > size;
        report.check(
                "sizes of entries",
                !shared,
                "at most the file's " + size + " bytes",
                packed + (shared ? ": entries share their bytes, as in a zip bomb" : ""));
        if (shared) return;
        for (Enumeration<? extends ZipEntry> all = zip.entries(); all.hasMoreElements(); ) {
            ZipEntry entry = all.nextElement();
            if (!entry.isDirectory()) entry(entry);
        }
    }

    /// Would it be written outside of the folder that it is unpacked in?
    private static boolean leaves(String name) {
        String path = name.replace('\\', '/');
        if (path.startsWith("/") || path.matches("[A-Za-z]:.*") || path.indexOf('\0') >= 0) return true;
        for (String part : path.split("/")) if (part.equals("..")) return true;
        return false;
    }

    private void entry(ZipEntry entry) throws Unsound, IOException {
        String name = entry.getName();
        try {
            if (entry.getSize() / GAIN_MAX > Math.max(1, entry.getCompressedSize()))
                throw new Unsound(
                        "at most " + GAIN_MAX + " times its " + entry.getCompressedSize() + " bytes",
                        entry.getSize() + " as its size");
            try (Counted in = new Counted(zip.getInputStream(entry))) {
                boolean numbers = name.endsWith(".npy");
                if (numbers) numpy(name.substring(0, name.length() - 4), in, entry.getSize());
                while (in.count <= entry.getSize()) {
                    int part = in.read(buffer, 0, buffer.length);
                    if (part < 0) break;
                    report.progress.on(part);
                }
                compare(entry, in);
                if (!numbers) report.aside(name, List.of(), "entry", entry.getSize() + " bytes; only its CRC");
            }
        } catch (ZipException | EOFException e) {
            report.failed(name + ": CRC", new Unsound("to be unpacked", String.valueOf(e.getMessage())));
        } catch (Unsound e) {
            report.failed(name + ": CRC", e);
        }
    }

    private void numpy(String name, InputStream in, long size) throws Unsound, IOException {
        try {
            NumPy.read(name, in, size, report);
        } catch (Unsound e) {
            report.failed(name + ": opens", e);
        }
    }

    private void compare(ZipEntry entry, Counted in) throws Unsound {
        if (in.count != entry.getSize())
            throw new Unsound(
                    entry.getSize() + " bytes", in.count > entry.getSize() ? "more" : Long.toString(in.count));
        long found = in.crc.getValue();
        if (found != entry.getCrc())
            throw new Unsound("%08x".formatted(entry.getCrc()), "%08x: it was damaged".formatted(found));
        report.check(entry.getName() + ": CRC", true, "%08x".formatted(entry.getCrc()), "%08x".formatted(found));
    }

    private static final class Counted extends FilterInputStream {
        private final CRC32 crc = new CRC32();
        private long count;

        Counted(InputStream in) {
            super(in);
        }

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
        }

        @Override
        public int read(byte[] bytes, int from, int length) throws IOException {
            int read = super.read(bytes, from, length);
            if (read > 0) {
                crc.update(bytes, from, read);
                count += read;
            }
            return read;
        }

        /// By reading: all of it counts.
        @Override
        public long skip(long wanted) throws IOException {
            byte[] gone = new byte[(int) Math.max(0, Math.min(wanted, BUFFER_BYTES))];
            return Math.max(0, read(gone, 0, gone.length));
        }
    }
}
