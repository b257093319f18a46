package dev.muster.edge.delta;

import com.github.luben.zstd.util.Native;

/// Whether deltas can be had here, and whether one is worth sending.
public final class Delta {
    /// A delta above this share of the file is not worth its time. Beside the hash that every file needs, an agent on C1 takes
    /// some 12 ns a byte to make one and 4 to undo it: a fifth saved outweighs that over links below 100 Mbit/s, two fifths
    /// (weights that all moved by 1 %) below 200.
    public static final double RATIO_MAX = 0.80;

    private Delta() {}

    /// Whether the native library of Zstandard works on this machine. Where it does not, whole files are sent.
    public static boolean available() {
        try {
            Native.load();
            return true;
        } catch (LinkageError e) {
            return false;
        }
    }

    /// @param ratio bytes of the delta per byte of the new file, measured or estimated
    public static boolean worthwhile(double ratio) {
        return ratio <= RATIO_MAX;
    }
}
