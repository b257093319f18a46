package dev.muster.core.state;

/// A node lacks a file that it should hold.
///
/// @param why in the node's own words, as `disk full`; what the leader makes of its silence where it gave none
public record Lack(NodeId node, String why) {
    private static final int WHY_MAX = 200;

    /// What is worth a place in a list of many nodes.
    private static final int BRIEF_MAX = 60;

    public Lack {
        why = cut(why);
    }

    /// A reason that is short enough to be told with every heartbeat.
    public static String cut(String why) {
        return why.length() > WHY_MAX ? why.substring(0, WHY_MAX) : why;
    }

    /// `disk full` of `disk full: expected 3 bytes free, …`; the beginning of other reasons.
    public String brief() {
        return brief(why);
    }

    /// As [#brief()].
    public static String brief(String why) {
        if (why.startsWith("disk full:")) return "disk full";
        return why.length() <= BRIEF_MAX ? why : why.substring(0, BRIEF_MAX - 1) + "…";
    }
}
