/// The difference between two generations of a file, as a file.
///
/// Owns the format of delta files, their making and their undoing. What did not change is copied from the old file, found by
/// content, so that a grown header shifts nothing. What changed is laid against the old bytes of the same tensor
/// (PyTorch's zip, safetensors) or of the same place, subtracted, split into byte planes and compressed. Whatever the
/// size of the files, memory stays below a few tens of MiB.
///
/// May use `core.state` for names, Jackson and zstd-jni; knows nothing of stores and networks. Start reading at [DeltaEncoder];
/// [DeltaFormat] describes the bytes.
@NullMarked
package dev.muster.edge.delta;

import org.jspecify.annotations.NullMarked;
