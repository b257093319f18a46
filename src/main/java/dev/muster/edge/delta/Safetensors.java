package dev.muster.edge.delta;

import dev.muster.edge.delta.Layout.Tensor;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.json.JsonFactory;

/// The tensors of a safetensors file: eight bytes with the length of a JSON header, the header, the data.
final class Safetensors {
    /// Headers of large models are a few hundred KB.
    private static final int HEADER_BYTES_MAX = 8 << 20;

    private static final JsonFactory JSON = new JsonFactory();

    private Safetensors() {}

    /// None if this is no such file.
    static List<Tensor> read(FileChannel file) throws IOException {
        if (file.size() < 10) return List.of();
        byte[] first = new byte[9];
        Bytes.read(file, 0, first, 0, first.length);
        long bytes = ByteBuffer.wrap(first).order(ByteOrder.LITTLE_ENDIAN).getLong();
        if (first[8] != '{' || bytes < 2 || bytes > Math.min(HEADER_BYTES_MAX, file.size() - 8)) return List.of();
        byte[] header = new byte[(int) bytes];
        Bytes.read(file, 8, header, 0, header.length);
        try (JsonParser json = JSON.createParser(ObjectReadContext.empty(), header)) {
            return tensors(json, 8 + bytes);
        } catch (JacksonException e) {
            return List.of();
        }
    }

    private static List<Tensor> tensors(JsonParser json, long data) {
        List<Tensor> tensors = new ArrayList<>();
        json.nextToken();
        while (json.nextToken() == JsonToken.PROPERTY_NAME && tensors.size() <= Layout.TENSORS_MAX) {
            String name = json.currentName();
            if (json.nextToken() != JsonToken.START_OBJECT) return List.of();
            Tensor tensor = tensor(json, name, data);
            if (tensor.length() > 0) tensors.add(tensor);
        }
        return tensors;
    }

    /// Of length 0 if it has no `data_offsets`, like `__metadata__`.
    private static Tensor tensor(JsonParser json, String name, long data) {
        int width = 0;
        long from = 0;
        long to = 0;
        while (json.nextToken() == JsonToken.PROPERTY_NAME) {
            String key = json.currentName();
            JsonToken value = json.nextToken();
            if (key.equals("dtype") && value == JsonToken.VALUE_STRING) {
                width = width(json.getString());
            } else if (key.equals("data_offsets") && value == JsonToken.START_ARRAY) {
                from = json.nextLongValue(0);
                to = json.nextLongValue(0);
                json.nextToken();
            } else {
                json.skipChildren();
            }
        }
        return from < 0 || to < from ? new Tensor(name, 0, 0, 0) : new Tensor(name, data + from, to - from, width);
    }

    private static int width(String dtype) {
        return switch (dtype) {
            case "F64", "I64", "U64" -> 8;
            case "F32", "I32", "U32" -> 4;
            case "F16", "BF16", "I16", "U16" -> 2;
            case "BOOL", "I8", "U8", "F8_E4M3", "F8_E5M2" -> 1;
            default -> 0;
        };
    }
}
