package dev.muster.core.check;

/// One thing about one node.
///
/// @param text for people, without the node's name: `disk: 450GB free`; at most [#TEXT_MAX] characters
public record Check(Probe probe, Grade grade, String text) {
    /// A report of all probes stays below 2 KB.
    public static final int TEXT_MAX = 240;

    public Check {
        if (text.length() > TEXT_MAX) text = text.substring(0, TEXT_MAX - 1) + "…";
    }
}
