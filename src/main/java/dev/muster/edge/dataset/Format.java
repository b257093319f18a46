package dev.muster.edge.dataset;

import dev.muster.edge.snapshot.DatabaseLook;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/// Files whose insides are looked at.
enum Format {
    HDF5("HDF5", ".h5", ".hdf5", ".hdf", ".he5"),
    NPY("NumPy", ".npy"),
    NPZ("NumPy archive", ".npz"),
    ZIP("zip", ".zip"),
    SQLITE("SQLite", ".db", ".sqlite", ".sqlite3");

    private static final int FIRST_BYTES = 4096;

    final String title;
    private final List<String> endings;

    Format(String title, String... endings) {
        this.title = title;
        this.endings = List.of(endings);
    }

    static Optional<Format> named(Path file) {
        String name = String.valueOf(file.getFileName()).toLowerCase(Locale.ROOT);
        for (Format format : values()) if (format.endings.stream().anyMatch(name::endsWith)) return Optional.of(format);
        return Optional.empty();
    }

    /// By its first bytes. (HDF5 may begin later, which only its reader looks for.)
    static Optional<Format> of(Path file) throws IOException {
        byte[] first = first(file);
        if (first.length >= 8 && first[0] == (byte) 0x89 && first[1] == 'H' && first[2] == 'D' && first[3] == 'F')
            return Optional.of(HDF5);
        if (NumPy.is(first)) return Optional.of(NPY);
        if (first.length >= 4 && first[0] == 'P' && first[1] == 'K' && (first[2] == 3 || first[2] == 5))
            return Optional.of(ZIP);
        return DatabaseLook.isDatabase(file) ? Optional.of(SQLITE) : Optional.empty();
    }

    boolean isLike(Format other) {
        return this == other || this == NPZ && other == ZIP || this == ZIP && other == NPZ;
    }

    /// What a file that is of no format looks like at its beginning.
    static String looks(Path file) throws IOException {
        byte[] first = first(file);
        boolean zeros = true;
        boolean text = true;
        for (byte one : first) {
            zeros &= one == 0;
            text &= one >= ' ' || one == '\n' || one == '\r' || one == '\t' || one < 0;
        }
        if (zeros) return onlyZeros(file) ? "only zeros" : "zeros at its beginning";
        if (!text) return "other first bytes";
        String line = new String(first, StandardCharsets.UTF_8)
                .lines()
                .findFirst()
                .orElse("")
                .strip();
        return "a text: \"" + (line.length() > 60 ? line.substring(0, 60) + "…" : line) + "\"";
    }

    private static boolean onlyZeros(Path file) throws IOException {
        byte[] part = new byte[1 << 16];
        try (InputStream in = Files.newInputStream(file)) {
            for (int read = in.read(part); read >= 0; read = in.read(part))
                for (int at = 0; at < read; at++) if (part[at] != 0) return false;
        }
        return true;
    }

    private static byte[] first(Path file) throws IOException {
        try (InputStream in = Files.newInputStream(file)) {
            return in.readNBytes(FIRST_BYTES);
        }
    }
}
