package dev.muster.edge.delta;

import com.github.luben.zstd.util.Native;

/// Whether deltas can be had here, and whether one is worth sending.
public final class Delta {
    /// A delta above this share of the file is not worth its time: making it reads both files twice, undoing it costs as much
    /// as fetching the fifth that it saves over a link of some 400 Mbit/s. Weights that all moved by 1 % leave 0.6.
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
