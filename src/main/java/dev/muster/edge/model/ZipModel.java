package dev.muster.edge.model;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Enumeration;
import java.util.List;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipException;
import java.util.zip.ZipFile;

/// A zip archive, as `torch.save` writes it: one folder with `data.pkl` and the tensors' bytes.
final class ZipModel {
    private static final int BUFFER_BYTES = 128 << 10;
    /// Deflate gains little on weights; a file that unpacks to this many times its size is made to keep us busy.
    private static final long GAIN_MAX = 64;
    /// Of the pickle: the metadata stands beside the names of the tensors, which are some hundred KiB.
    private static final int PICKLE_MAX = 4 << 20;

    private ZipModel() {}

    static ModelCheck check(Path file, long size) throws IOException {
        try (ZipFile zip = new ZipFile(file.toFile())) {
            return entries(zip, size);
        } catch (ZipException e) {
            return new ModelCheck.Broken("expected a whole zip file, but its directory of entries cannot be read ("
                    + e.getMessage() + "); most often it was cut off");
        }
    }

    private static ModelCheck entries(ZipFile zip, long size) throws IOException {
        byte[] buffer = new byte[BUFFER_BYTES];
        boolean pickled = false;
        List<String> metadata = new ArrayList<>();
        long unpacked = 0;
        if (zip.size() == 0) return new ModelCheck.Broken("expected a model, but the zip file has no entries");
        for (Enumeration<? extends ZipEntry> all = zip.entries(); all.hasMoreElements(); ) {
            ZipEntry entry = all.nextElement();
            if (entry.isDirectory()) continue;
            unpacked += Math.max(0, entry.getSize());
            if (unpacked / GAIN_MAX > size) {
                return new ModelCheck.Broken("expected at most " + GAIN_MAX + " times the file's " + size
                        + " bytes in its entries, but found " + unpacked);
            }
            String wrong = wrong(zip, entry, buffer);
            if (!wrong.isEmpty()) return new ModelCheck.Broken(wrong);
            pickled |= isPickle(entry);
            metadata.addAll(metadata(zip, entry));
        }
        return new ModelCheck.Sound(pickled ? "pytorch" : "zip", metadata);
    }

    private static boolean isPickle(ZipEntry entry) {
        return entry.getName().equals("data.pkl") || entry.getName().endsWith("/data.pkl");
    }

    /// Empty when the entry's bytes have the length and the CRC that the directory says.
    private static String wrong(ZipFile zip, ZipEntry entry, byte[] buffer) throws IOException {
        CRC32 crc = new CRC32();
        long read = 0;
        try (InputStream in = zip.getInputStream(entry)) {
            for (int part = in.read(buffer); part >= 0; part = in.read(buffer)) {
                crc.update(buffer, 0, part);
                read += part;
                if (read > entry.getSize()) break;
            }
        } catch (ZipException | EOFException e) {
            return "entry " + entry.getName() + " cannot be unpacked: " + e.getMessage();
        }
        if (read != entry.getSize())
            return "expected " + entry.getSize() + " bytes in entry " + entry.getName() + ", but found "
                    + (read > entry.getSize() ? "more" : Long.toString(read));
        if (crc.getValue() == entry.getCrc()) return "";
        return "expected CRC-32 %08x of entry %s, but found %08x; the file was damaged"
                .formatted(entry.getCrc(), entry.getName(), crc.getValue());
    }

    private static List<String> metadata(ZipFile zip, ZipEntry entry) throws IOException {
        boolean own = entry.getName().contains(Pickle.KEY);
        if (!own && !isPickle(entry)) return List.of();
        try (InputStream in = zip.getInputStream(entry)) {
            byte[] bytes = in.readNBytes(PICKLE_MAX);
            return own ? Pickle.lines(bytes) : Pickle.words(bytes);
        }
    }
}
