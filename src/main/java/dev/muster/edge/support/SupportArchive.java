package dev.muster.edge.support;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import java.util.zip.ZipOutputStream;

/// A zip of texts, each passed through a [Redaction].
public final class SupportArchive implements AutoCloseable {
    /// Of one text; the end of a longer one is kept, where the newest lines are.
    public static final int TEXT_MAX = 8 << 20;
    /// Of what one node gives.
    private static final int ENTRIES_MAX = 200;

    private final ZipOutputStream zip;
    private final Redaction redaction;
    private final Set<String> names = new HashSet<>();

    public SupportArchive(OutputStream out, Redaction redaction) {
        this.zip = new ZipOutputStream(out, StandardCharsets.UTF_8);
        this.redaction = redaction;
    }

    /// @param name a path within the archive; a second one of the same name is left out
    public void add(String name, String text) throws IOException {
        if (!names.add(name)) return;
        zip.putNextEntry(new ZipEntry(name));
        zip.write(redaction.apply(text).getBytes(StandardCharsets.UTF_8));
        zip.closeEntry();
    }

    /// Takes over what a node gave. Whatever names it has for its files, they lie in `folder`.
    ///
    /// @return how many files these were
    public int addAll(String folder, InputStream in) throws IOException {
        List<String> added = new ArrayList<>();
        try (ZipInputStream other = new ZipInputStream(new Unclosed(in), StandardCharsets.UTF_8)) {
            for (ZipEntry entry = other.getNextEntry();
                    entry != null && added.size() < ENTRIES_MAX;
                    entry = other.getNextEntry()) {
                if (entry.isDirectory()) continue;
                String name =
                        entry.getName().replaceAll("[^A-Za-z0-9._/-]", "_").replaceAll("(^|/)\\.*(?=/|$)", "$1_");
                add(folder + "/" + name, new String(other.readNBytes(TEXT_MAX), StandardCharsets.UTF_8));
                added.add(name);
            }
        }
        return added.size();
    }

    /// Its giver closes it.
    private static final class Unclosed extends FilterInputStream {
        Unclosed(InputStream in) {
            super(in);
        }

        @Override
        public void close() {}
    }

    /// Ends the zip; the sink stays open.
    @Override
    public void close() throws IOException {
        zip.finish();
        zip.flush();
    }
}
