package dev.muster.edge.delta;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// Where the tensors of a model file lie. A hint: what it says wrong costs bytes, never correctness, so a file that cannot be
/// read as one of the known formats has just no tensors.
record Layout(List<Tensor> tensors) {
    static final Layout UNKNOWN = new Layout(List.of());

    /// Most tensors looked at, some 10 MB of names; a file with more is treated as one without a known format.
    static final int TENSORS_MAX = 50_000;

    /// One tensor's bytes.
    ///
    /// @param name     what it is called in every generation
    /// @param width    bytes of one number; 0 = unknown
    record Tensor(String name, long offset, long length, int width) {
        boolean fits(long size) {
            return offset >= 0 && length > 0 && length <= size - offset;
        }
    }

    /// In the order of their offsets.
    Layout {
        tensors = tensors.stream()
                .sorted(Comparator.comparingLong(Tensor::offset))
                .toList();
    }

    /// Reads the layout of a file in PyTorch's zip format or in safetensors; [#UNKNOWN] for all others.
    static Layout of(FileChannel file) throws IOException {
        List<Tensor> found = ZipRecords.read(file);
        if (found.isEmpty()) {
            found = Safetensors.read(file);
        }
        long size = file.size();
        List<Tensor> sound = new ArrayList<>();
        for (Tensor tensor : found) {
            if (tensor.fits(size)) sound.add(tensor);
        }
        return sound.size() > TENSORS_MAX ? UNKNOWN : new Layout(sound);
    }

    Map<String, Tensor> byName() {
        Map<String, Tensor> names = HashMap.newHashMap(tensors.size());
        for (Tensor tensor : tensors) {
            names.put(tensor.name(), tensor);
        }
        return names;
    }
}
