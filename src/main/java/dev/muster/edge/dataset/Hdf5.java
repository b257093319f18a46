package dev.muster.edge.dataset;

import io.jhdf.HdfFile;
import io.jhdf.api.Dataset;
import io.jhdf.api.Group;
import io.jhdf.api.Node;
import io.jhdf.api.NodeType;
import io.jhdf.api.dataset.ChunkedDataset;
import io.jhdf.api.dataset.ContiguousDataset;
import io.jhdf.dataset.CompactDataset;
import io.jhdf.object.datatype.DataType;
import io.jhdf.object.datatype.EnumDataType;
import io.jhdf.object.datatype.FixedPoint;
import io.jhdf.object.datatype.FloatingPoint;
import io.jhdf.object.datatype.Reference;
import io.jhdf.object.datatype.StringData;
import io.jhdf.object.datatype.VariableLength;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.jspecify.annotations.Nullable;

/// An HDF5 file. jHDF finds what is in it; the numbers are read here, which keeps memory small and says what is missing.
/// Links to other places are told and not followed; hard links are followed once.
final class Hdf5 {
    /// Deeper is a file that is broken.
    private static final int DEPTH_MAX = 64;

    /// It tells each step of its own. Held so that the level stays.
    private static final Logger JHDF = Logger.getLogger("io.jhdf");

    private final Path file;
    private final long size;
    private final Report report;
    private final Set<Long> seen = new HashSet<>();

    private Hdf5(Path file, long size, Report report) {
        this.file = file;
        this.size = size;
        this.report = report;
    }

    static void read(Path file, Report report) throws Unsound, IOException {
        JHDF.setLevel(Level.OFF);
        long size = Files.size(file);
        HdfStart start = HdfStart.read(file, size);
        boolean whole = start.end() <= size;
        String found = size + (whole ? "" : ": it was cut off");
        report.check("length", whole, "at least the " + start.end() + " bytes that its head says", found);
        if (!whole) report.cutOff();
        try (HdfFile hdf = Jhdf.asked("an HDF5 file", () -> new HdfFile(file))) {
            Hdf5 reader = new Hdf5(file, size, report);
            reader.seen.add(Jhdf.asked("a group", hdf::getAddress));
            reader.group(hdf, 0);
        }
    }

    private void group(Group group, int depth) throws Unsound, IOException {
        if (depth > DEPTH_MAX) throw new Unsound("at most " + DEPTH_MAX + " groups in one another", "more");
        Map<String, Node> children = children(group);
        if (children == null) return;
        List<Group> below = new ArrayList<>();
        for (Node node : new TreeMap<>(children).values()) {
            if (node.isLink()) report.note(name(node) + ": a link, which is not followed");
            else if (!seen.add(node.getAddress())) report.note(name(node) + ": another name of what was seen already");
            else if (node instanceof Group deeper) below.add(deeper);
            else if (node instanceof Dataset dataset) dataset(dataset);
            else if (node.getType() != NodeType.COMMITTED_DATATYPE) report.note(name(node) + ": no dataset");
        }
        for (Group one : below) group(one, depth + 1);
    }

    /// Null where they cannot be read, which is told.
    private @Nullable Map<String, Node> children(Group group) {
        try {
            return Jhdf.asked("a group", group::getChildren);
        } catch (Unsound e) {
            String name = group instanceof HdfFile ? "/" : name(group);
            report.failed(name + ": opens", e);
            return null;
        }
    }

    private static String name(Node node) {
        String path = node.getPath();
        return path.startsWith("/") ? path.substring(1) : path;
    }

    private void dataset(Dataset dataset) throws Unsound, IOException {
        String name = name(dataset);
        try {
            List<Long> axes = new ArrayList<>();
            DataType type = Jhdf.asked("a dataset", () -> {
                int[] dimensions = dataset.getDimensions();
                for (int axis : dimensions) axes.add((long) axis);
                return dataset.getDataType();
            });
            Optional<NumberType> numbers = type(type);
            String kind = type.getClass()
                    .getSimpleName()
                    .replaceAll("([a-z])([A-Z])", "$1 $2")
                    .toLowerCase(Locale.ROOT);
            if (numbers.isEmpty() && isLabel(type)) report.aside(name, axes, kind, "no numbers that are looked at");
            else if (numbers.isEmpty()) report.unseen(name, axes, kind, "a type that is not read here");
            else if (axes.isEmpty()) report.aside(name, axes, numbers.get().toString(), "a single one, or none");
            else numbers(name, dataset, numbers.get(), new Shape(axes));
        } catch (Unsound e) {
            report.failed(name + ": opens", e);
        }
    }

    private void numbers(String name, Dataset dataset, NumberType type, Shape shape) throws Unsound, IOException {
        report.numbers(name, type, shape, tally -> {
            long bytes = shape.bytes(type.bytes());
            switch (dataset) {
                case ContiguousDataset plain -> contiguous(plain, bytes, type, shape, tally);
                case ChunkedDataset chunked -> new HdfChunks(chunked, type, shape, size).pour(report, tally);
                case CompactDataset compact -> compact(compact, type, shape, tally);
                default ->
                    throw new Unsound(
                            "numbers in one piece or in chunks",
                            dataset.getClass().getSimpleName(),
                            true);
            }
        });
    }

    private void contiguous(ContiguousDataset dataset, long bytes, NumberType type, Shape shape, Tally tally)
            throws Unsound, IOException {
        if (bytes == 0) return;
        long place = Jhdf.asked("a place in the file", dataset::getDataAddress);
        if (place == -1) throw new Unsound("its numbers", "none: they were never written");
        long from = place
                + Jhdf.asked("a place in the file", () -> dataset.getHdfFile().getUserBlockSize());
        if (from < 0 || from > size || bytes > size - from)
            throw new Unsound(bytes + " bytes at " + from, "the end of the file at " + size + ": it was cut off");
        try (InputStream in = Files.newInputStream(file)) {
            in.skipNBytes(from);
            new RowStream(in, type, report.progress).pour(shape, report.sample, tally);
        }
    }

    private void compact(CompactDataset dataset, NumberType type, Shape shape, Tally tally)
            throws Unsound, IOException {
        ByteBuffer found = Jhdf.asked("numbers in the dataset's head", dataset::getDataBuffer);
        byte[] bytes = new byte[found.remaining()];
        found.get(bytes);
        new RowStream(new ByteArrayInputStream(bytes), type, report.progress).pour(shape, report.sample, tally);
    }

    private static boolean isLabel(DataType type) {
        return type instanceof StringData
                || type instanceof VariableLength
                || type instanceof EnumDataType
                || type instanceof Reference;
    }

    /// Numbers that fill their bytes, floats as IEEE 754 has them.
    private static Optional<NumberType> type(DataType type) {
        int bytes = type.getSize();
        boolean usual = bytes == 1 || bytes == 2 || bytes == 4 || bytes == 8;
        if (type instanceof FixedPoint whole && usual && whole.getBitPrecision() == 8 * bytes) {
            NumberType.Kind kind = whole.isSigned() ? NumberType.Kind.INT : NumberType.Kind.UINT;
            return Optional.of(new NumberType(kind, bytes, whole.getByteOrder()));
        }
        if (!(type instanceof FloatingPoint real) || !usual || bytes == 1) return Optional.empty();
        int exponent = bytes == 2 ? 5 : bytes == 4 ? 8 : 11;
        boolean ieee = real.getExponentSize() == exponent && real.getMantissaSize() == 8 * bytes - 1 - exponent;
        return ieee ? Optional.of(new NumberType(NumberType.Kind.FLOAT, bytes, real.getByteOrder())) : Optional.empty();
    }
}
