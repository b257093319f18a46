package dev.muster.edge.model;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.json.JsonFactory;

/// `safetensors` files: eight bytes of length, a JSON header with each tensor's place, the tensors' bytes.
final class Safetensors {
    /// The format's own limit.
    private static final long HEADER_MAX = 100_000_000;
    private static final int METADATA_MAX = 40;
    private static final int TEXT_MAX = 200;

    /// A tensor's bytes, counted from the end of the header.
    private record Place(String name, long from, long to) {}

    /// What the header says is not so; the message says what.
    private static final class Unfit extends Exception {
        private static final long serialVersionUID = 1L;

        Unfit(String message) {
            super(message);
        }
    }

    private final long room;
    private final List<Place> places = new ArrayList<>();
    private final List<String> metadata = new ArrayList<>();

    private Safetensors(long room) {
        this.room = room;
    }

    static ModelCheck check(Path file, long size) throws IOException {
        try (InputStream in = new BufferedInputStream(Files.newInputStream(file))) {
            byte[] first = in.readNBytes(8);
            if (first.length < 8) throw new Unfit("expected a header's length in 8 bytes, but found " + first.length);
            long length = ByteBuffer.wrap(first).order(ByteOrder.LITTLE_ENDIAN).getLong();
            if (length < 2 || length > HEADER_MAX || length > size - 8) {
                throw new Unfit("expected a header of 2 to " + Math.min(HEADER_MAX, size - 8)
                        + " bytes, but the file says " + Long.toUnsignedString(length));
            }
            Safetensors found = new Safetensors(size - 8 - length);
            found.header(in, length);
            found.fit();
            return new ModelCheck.Sound("safetensors", found.metadata);
        } catch (Unfit e) {
            return new ModelCheck.Broken(String.valueOf(e.getMessage()));
        } catch (JacksonException e) {
            return new ModelCheck.Broken("expected JSON in the header, but " + e.getOriginalMessage());
        }
    }

    private void header(InputStream in, long length) throws Unfit {
        try (JsonParser parser = new JsonFactory().createParser(ObjectReadContext.empty(), new Bounded(in, length))) {
            if (parser.nextToken() != JsonToken.START_OBJECT) throw new Unfit("expected an object as header");
            while (parser.nextToken() != JsonToken.END_OBJECT) {
                String name = parser.currentName();
                if (name == null || parser.nextToken() != JsonToken.START_OBJECT)
                    throw new Unfit("expected an object for each tensor of the header, but not for " + name);
                if (name.equals("__metadata__")) metadata(parser);
                else tensor(name, parser);
            }
        }
    }

    private void metadata(JsonParser parser) {
        while (parser.nextToken() != JsonToken.END_OBJECT) {
            String key = parser.currentName();
            parser.nextToken();
            String value = parser.getString();
            if (metadata.size() < METADATA_MAX)
                metadata.add(key + "=" + value.substring(0, Math.min(TEXT_MAX, value.length())));
            parser.skipChildren();
        }
    }

    private void tensor(String name, JsonParser parser) throws Unfit {
        List<Long> offsets = List.of();
        List<Long> shape = List.of();
        String type = "";
        while (parser.nextToken() != JsonToken.END_OBJECT) {
            String key = parser.currentName();
            parser.nextToken();
            switch (key) {
                case "data_offsets" -> offsets = numbers(name, parser);
                case "shape" -> shape = numbers(name, parser);
                case "dtype" -> type = parser.getString();
                default -> parser.skipChildren();
            }
        }
        if (offsets.size() != 2)
            throw new Unfit("expected two data_offsets of tensor " + name + ", but found " + offsets);
        Place place = new Place(name, offsets.get(0), offsets.get(1));
        if (place.from() < 0 || place.from() > place.to() || place.to() > room) {
            throw new Unfit("expected tensor " + name + " within the file's " + room + " bytes of data, but it is at "
                    + place.from() + " to " + place.to());
        }
        shaped(place, type, shape);
        places.add(place);
    }

    private static List<Long> numbers(String name, JsonParser parser) throws Unfit {
        List<Long> numbers = new ArrayList<>();
        if (parser.currentToken() != JsonToken.START_ARRAY)
            throw new Unfit("expected a list of numbers in tensor " + name);
        while (parser.nextToken() != JsonToken.END_ARRAY) {
            if (parser.currentToken() != JsonToken.VALUE_NUMBER_INT)
                throw new Unfit("expected whole numbers in tensor " + name + ", but found " + parser.getString());
            numbers.add(parser.getLongValue());
        }
        return numbers;
    }

    private static void shaped(Place place, String type, List<Long> shape) throws Unfit {
        long bits = bits(type);
        if (bits == 0) return; // a type of tomorrow
        try {
            for (long side : shape) bits = Math.multiplyExact(bits, side);
        } catch (ArithmeticException e) {
            bits = -1;
        }
        if (bits != (place.to() - place.from()) * 8) {
            throw new Unfit("expected the " + (place.to() - place.from()) + " bytes of tensor " + place.name()
                    + " to be " + type + " of shape " + shape + ", but they are not");
        }
    }

    private static long bits(String type) {
        return switch (type) {
            case "F64", "I64", "U64", "C64" -> 64;
            case "F32", "I32", "U32" -> 32;
            case "F16", "BF16", "I16", "U16" -> 16;
            case "F8_E4M3", "F8_E5M2", "I8", "U8", "BOOL" -> 8;
            default -> 0;
        };
    }

    /// One behind the other, without overlap, up to the end: what is cut off or was written twice shows here.
    private void fit() throws Unfit {
        places.sort(Comparator.comparingLong(Place::from).thenComparingLong(Place::to));
        long end = 0;
        String before = "the header";
        for (Place place : places) {
            if (place.from() != end) {
                throw new Unfit(
                        "expected tensor " + place.name() + " at " + end + ", where " + before + " ends, but it "
                                + (place.from() < end ? "overlaps it from " : "leaves a hole up to ") + place.from());
            }
            end = place.to();
            before = "tensor " + place.name();
        }
        if (end != room)
            throw new Unfit("expected data up to byte " + room + ", the file's end, but the tensors end at " + end);
    }

    /// So many bytes of a stream and no more.
    private static final class Bounded extends InputStream {
        private final InputStream in;
        private long left;

        Bounded(InputStream in, long left) {
            this.in = in;
            this.left = left;
        }

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
        }

        @Override
        public int read(byte[] bytes, int offset, int length) throws IOException {
            if (left == 0) return -1;
            int read = in.read(bytes, offset, (int) Math.min(length, left));
            if (read > 0) left -= read;
            return read;
        }
    }
}
