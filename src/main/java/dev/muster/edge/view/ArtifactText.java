package dev.muster.edge.view;

import java.time.Instant;
import java.util.stream.Collectors;

/// Files and their copies for a terminal.
public final class ArtifactText {
    private ArtifactText() {}

    public static String list(Doc answer, boolean wide, Instant now) {
        TextTable table = wide
                ? new TextTable("SHA-256", "NAME", "KIND", ">SIZE", "CONFIG", ">COPIES", ">AGE", "PINNED", "FROM", "ON")
                : new TextTable("SHA-256", "NAME", "KIND", ">SIZE", "CONFIG", ">COPIES", ">AGE");
        for (Doc file : answer.list("artifacts")) {
            String sha = wide ? file.text("sha") : Words.brief(file.text("sha"));
            String kind = NodeText.lower(file.text("kind"));
            String size = Words.bytes(file.number("size"));
            String age = Words.age(file.time("stored_at"), now);
            if (wide) {
                table.row(
                        sha,
                        file.text("name"),
                        kind,
                        size,
                        file.text("config"),
                        copies(file),
                        age,
                        file.flag("pinned") ? "yes" : "",
                        file.text("producer"),
                        names(file));
            } else {
                table.row(sha, file.text("name"), kind, size, file.text("config"), copies(file), age);
            }
        }
        return table.render();
    }

    private static String copies(Doc file) {
        return file.list("holders").size() + "/" + file.text("target");
    }

    private static String names(Doc file) {
        return file.list("holders").stream().map(Doc::text).collect(Collectors.joining(", "));
    }

    public static String show(Doc file, Instant now) {
        return new Facts()
                .fact("SHA-256", file.text("sha"))
                .fact("Name", file.text("name"))
                .fact("Kind", NodeText.lower(file.text("kind")))
                .fact("Size", Words.bytes(file.number("size")))
                .fact("Config", file.text("config"))
                .fact("Stored", Words.age(file.time("stored_at"), now) + " ago")
                .fact("From", file.has("producer") ? "attempt " + file.text("producer") : "put by hand")
                .fact("Pinned", file.flag("pinned") ? "yes" : "")
                .fact("Copies", copies(file))
                .fact("Held by", names(file))
                .fact("Delta", deltas(file))
                .render();
    }

    private static String deltas(Doc file) {
        return file.list("deltas").stream()
                .map(delta -> Words.brief(delta.text("base"))
                        + (delta.has("sha")
                                ? ": " + Words.bytes(delta.number("size")) + " from " + delta.text("maker")
                                : ": not worth it"))
                .collect(Collectors.joining(", "));
    }

    public static String locations(Doc answer, Instant now) {
        TextTable table = new TextTable("NODE", "STATE", ">VERIFIED");
        for (Doc holder : answer.list("holders")) {
            table.row(
                    holder.text("node"),
                    holder.flag("in_service") ? "held" : "held, out of service",
                    Words.age(holder.time("since"), now) + " ago");
        }
        for (Doc fetcher : answer.list("fetchers")) table.row(fetcher.text(), "is to fetch it", "");
        return table.render();
    }

    /// Copies as nodes told of them.
    ///
    /// @param list the key of the list
    public static String copies(Doc answer, String list) {
        TextTable table = new TextTable("NODE", "HASH", ">SIZE", "STATE", "");
        for (Doc copy : answer.list(list)) {
            table.row(
                    copy.text("node"),
                    Words.brief(copy.text("sha")),
                    copy.number("size") == 0 ? "" : Words.bytes(copy.number("size")),
                    NodeText.lower(copy.text("state")),
                    copy.has("why") ? copy.text("why") : " ");
        }
        return table.render();
    }

    public static String links(Doc answer) {
        TextTable table = new TextTable("NODE", "CONFIG", "MODEL", "STATE", "");
        for (Doc node : answer.list("nodes")) {
            if (node.has("why")) table.row(node.text("node"), "", "", "unreachable", node.text("why"));
            for (Doc link : node.list("links")) {
                String did = link.list("did").stream().map(Doc::text).collect(Collectors.joining("; "));
                table.row(
                        node.text("node"),
                        link.text("config"),
                        Words.brief(link.text("sha")),
                        NodeText.lower(link.text("state")),
                        did.isEmpty() ? " " : did);
            }
        }
        return table.render();
    }
}
