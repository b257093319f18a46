package dev.muster.edge.delta;

/// The bytes of a delta file, version 1. Whole numbers are big-endian, `var` is LEB128 of at most ten bytes, `svar` a zigzag
/// `var`.
///
///     "MUDELTA" version                              8 bytes
///     old size, old SHA-256, new size, new SHA-256   8 + 32 + 8 + 32 bytes
///     instructions, each of which makes the next bytes of the new file
///     END
///
/// An instruction begins with a byte of `kind | log2(width) << 3 | phase << 5`, and goes on with
///
/// | kind | then | makes |
/// | --- | --- | --- |
/// | END | nothing; the file ends | nothing |
/// | COPY | svar offset, var length | bytes of the old file |
/// | RAW | var length, bytes | these bytes |
/// | PLAIN | var length, var packed, bytes | Zstandard, joined from planes |
/// | XOR, SUB | svar offset, var length, var packed, bytes | the same, then laid over bytes of the old file |
///
/// An offset is relative to where the last instruction that used the old file stopped reading it, moved on by what
/// instructions without it made since: 0 for whoever goes on in step. Lengths of all kinds but COPY are at most
/// [#BLOCK_BYTES_MAX], and `packed` is less than the length.
final class DeltaFormat {
    static final int VERSION = 1;
    static final long MAGIC = 0x4D5544454C544100L | VERSION;
    static final int HEADER_BYTES = 8 + 2 * (8 + 32);

    static final int END = 0;
    static final int COPY = 1;
    static final int RAW = 2;
    static final int PLAIN = 3;
    static final int XOR = 4;
    static final int SUB = 5;

    /// What is compressed at a time: large enough that each plane of a float32 fills two of Zstandard's own blocks of 128 KiB.
    static final int BLOCK_BYTES_MAX = 1 << 20;

    private DeltaFormat() {}

    static int code(int kind, int width, int phase) {
        return kind | Integer.numberOfTrailingZeros(width) << 3 | phase << 5;
    }
}
