package dev.muster.edge.model;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;

/// Is a model file whole? Zip files (PyTorch's `.pth` since 1.6) are read through and each entry's CRC compared; of
/// safetensors the header is read and the places of the tensors compared; a `.pth` that is neither must at least begin as a pickle; of everything else only that it is not empty.
///
/// One small buffer, whatever the file's size; as fast as the disk and CRC-32 are (about 1 GB/s).
public final class ModelFile {
    private static final List<String> SUFFIXES = List.of(".pth", ".pt", ".safetensors");

    private ModelFile() {}

    /// Does the name say that it is a model?
    public static boolean isNamedLikeOne(String name) {
        return SUFFIXES.stream().anyMatch(name.toLowerCase(Locale.ROOT)::endsWith);
    }

    /// @param name the file's own name, where it lies under another; tells the formats that have no mark of their own
    /// @throws IOException when the file cannot be read, which says nothing about it
    public static ModelCheck check(Path file, String name) throws IOException {
        long size = Files.size(file);
        if (size == 0) return new ModelCheck.Broken("expected a model, but the file is empty");
        if (name.toLowerCase(Locale.ROOT).endsWith(".safetensors")) return Safetensors.check(file, size);
        if (startsAsZip(file)) return ZipModel.check(file, size);
        return isTorch(name) && !startsAsPickle(file)
                ? new ModelCheck.Broken(
                        "expected a zip file or a pickle, as PyTorch writes them, but its first bytes are"
                                + " neither's; another format needs another name than " + name)
                : new ModelCheck.Sound("bytes", List.of());
    }

    private static boolean isTorch(String name) {
        String lower = name.toLowerCase(Locale.ROOT);
        return lower.endsWith(".pth") || lower.endsWith(".pt");
    }

    /// PyTorch before 1.6, and plain pickles: a PROTO opcode and the protocol's number.
    private static boolean startsAsPickle(Path file) throws IOException {
        try (InputStream in = Files.newInputStream(file)) {
            byte[] first = in.readNBytes(2);
            return first.length == 2 && (first[0] & 0xff) == 0x80 && first[1] >= 1 && first[1] <= 5;
        }
    }

    private static boolean startsAsZip(Path file) throws IOException {
        try (InputStream in = Files.newInputStream(file)) {
            byte[] first = in.readNBytes(4);
            return first.length == 4
                    && first[0] == 'P'
                    && first[1] == 'K'
                    && (first[2] == 3 && first[3] == 4 || first[2] == 5 && first[3] == 6);
        }
    }
}
