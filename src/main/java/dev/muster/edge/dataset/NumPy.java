package dev.muster.edge.dataset;

import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// An `.npy` file, versions 1 to 3 (NEP 1 of NumPy): a header that is a Python literal, then the numbers. Nothing is
/// unpickled.
final class NumPy {
    private static final byte[] MAGIC = {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y'};
    /// NumPy itself refuses headers above 10,000 characters unless told.
    private static final int HEADER_MAX = 1 << 20;

    private static final int AXES_MAX = 64;
    private static final Pattern DESCR = Pattern.compile("['\"]descr['\"]\\s*:\\s*(?:['\"]([^'\"]*)['\"]|(\\[))");
    private static final Pattern FORTRAN = Pattern.compile("['\"]fortran_order['\"]\\s*:\\s*(True|False)\\b");
    private static final Pattern SHAPE = Pattern.compile("['\"]shape['\"]\\s*:\\s*\\(([\\d,\\sL]*)\\)");
    private static final Pattern LABELS = Pattern.compile("[<>=|]?[SaUVMm]\\d*(\\[.*])?");
    private static final Pattern NUMBER = Pattern.compile("([<>=|])?([fiub])(\\d)");

    private record Header(String descr, boolean fortran, Shape shape, long bytes) {}

    private NumPy() {}

    static boolean is(byte[] first) {
        for (int at = 0; at < MAGIC.length; at++) if (at >= first.length || first[at] != MAGIC[at]) return false;
        return true;
    }

    static void read(Path file, Report report) throws Unsound, IOException {
        Header header;
        try (InputStream in = new BufferedInputStream(Files.newInputStream(file))) {
            header = header(in);
        }
        try (InputStream in = Files.newInputStream(file)) {
            in.skipNBytes(header.bytes());
            body("", header, in, Files.size(file), report);
        }
    }

    /// @param size of all that `in` has
    static void read(String name, InputStream in, long size, Report report) throws Unsound, IOException {
        Header header = header(in);
        body(name, header, in, size, report);
    }

    private static void body(String name, Header header, InputStream in, long size, Report report)
            throws Unsound, IOException {
        Optional<NumberType> type = type(header.descr());
        if (type.isEmpty()) {
            Optional<String> unread = unread(header.descr());
            if (unread.isEmpty())
                report.aside(name, header.shape().axes(), header.descr(), "no numbers that are looked at");
            else report.unseen(name, header.shape().axes(), header.descr(), unread.get());
            return;
        }
        // A number of Fortran's order belongs to another row than the one after it, so all of them are one row.
        Shape shape = header.fortran() && header.shape().rank() > 1
                ? new Shape(List.of(1L, header.shape().count()))
                : header.shape();
        if (header.fortran()
                && header.shape().rank() > 1
                && report.sample.rows() < header.shape().rows())
            report.note((name.isEmpty() ? "" : name + ": ") + "in Fortran's order, in which no rows can be picked: all"
                    + " of it was looked at");
        report.numbers(name, type.get(), header.shape(), tally -> {
            long expected = header.shape().bytes(type.get().bytes());
            long found = size - header.bytes();
            if (found < expected) throw new Unsound(expected + " bytes of numbers", found + ": it was cut off");
            if (found > expected) throw new Unsound(expected + " bytes of numbers", Long.toString(found));
            new RowStream(in, type.get(), report.progress).pour(shape, report.sample, tally);
        });
    }

    /// Why its numbers are not looked at; empty of texts and times, which are none.
    private static Optional<String> unread(String descr) {
        if (descr.equals("[")) return Optional.of("a structured type; not looked at");
        if (descr.contains("O")) return Optional.of("pickled objects, which are never unpickled here");
        return LABELS.matcher(descr).matches()
                ? Optional.empty()
                : Optional.of("numbers of a kind that is not read here");
    }

    private static Optional<NumberType> type(String descr) {
        Matcher number = NUMBER.matcher(descr);
        if (!number.matches()) return Optional.empty();
        int bytes = Integer.parseInt(number.group(3));
        ByteOrder order = ">".equals(number.group(1)) ? ByteOrder.BIG_ENDIAN : ByteOrder.LITTLE_ENDIAN;
        try {
            return Optional.of(new NumberType(
                    switch (number.group(2)) {
                        case "f" -> NumberType.Kind.FLOAT;
                        case "i" -> NumberType.Kind.INT;
                        case "u" -> NumberType.Kind.UINT;
                        default -> NumberType.Kind.BOOL;
                    },
                    bytes,
                    order));
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    private static Header header(InputStream stream) throws Unsound, IOException {
        DataInputStream in = new DataInputStream(stream);
        try {
            byte[] magic = new byte[MAGIC.length];
            in.readFully(magic);
            if (!is(magic)) throw new Unsound("a file of NumPy", "other first bytes");
            int major = in.readUnsignedByte();
            in.readUnsignedByte();
            if (major < 1 || major > 3) throw new Unsound("version 1 to 3 of NumPy's format", "version " + major);
            long length = major == 1
                    ? Short.reverseBytes(in.readShort()) & 0xffff
                    : Integer.reverseBytes(in.readInt()) & 0xffffffffL;
            if (length > HEADER_MAX)
                throw new Unsound("a header of at most " + HEADER_MAX + " bytes", Long.toString(length));
            byte[] text = new byte[(int) length];
            in.readFully(text);
            return parsed(new String(text, StandardCharsets.UTF_8), MAGIC.length + 2 + (major == 1 ? 2 : 4) + length);
        } catch (EOFException e) {
            throw new Unsound("a header of NumPy's format", "the end of the file within it");
        }
    }

    private static Header parsed(String text, long bytes) throws Unsound {
        Matcher descr = DESCR.matcher(text);
        Matcher fortran = FORTRAN.matcher(text);
        Matcher shape = SHAPE.matcher(text);
        if (!descr.find() || !fortran.find() || !shape.find())
            throw new Unsound(
                    "a header with descr, fortran_order and shape",
                    "\"" + text.substring(0, Math.min(80, text.length())).strip() + "\"");
        return new Header(
                descr.group(1) == null ? "[" : descr.group(1),
                fortran.group(1).equals("True"),
                new Shape(axes(shape.group(1))),
                bytes);
    }

    private static List<Long> axes(String text) throws Unsound {
        List<Long> axes = new ArrayList<>();
        for (String axis : text.split(",")) {
            if (axis.isBlank()) continue;
            try {
                axes.add(Long.parseLong(axis.strip().replace("L", "")));
            } catch (NumberFormatException e) {
                throw new Unsound("numbers as its shape", "(" + text + ")");
            }
        }
        if (axes.size() > AXES_MAX) throw new Unsound("at most " + AXES_MAX + " axes", axes.size() + "");
        return axes;
    }
}
