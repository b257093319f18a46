package dev.muster.edge.cli;

import dev.muster.edge.swarm.Transport;
import dev.muster.edge.view.Doc;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// `--transport`: nodes get a file by the way that a person chose, instead of finding one themselves.
final class ByTransport {
    static final String OPTION = "--transport";
    static final String WAYS = "by this way: auto, swarm, http, aria2 or rsync";

    private ByTransport() {}

    /// The way that was asked for.
    static Optional<Transport> of(Args args) throws Failure {
        Optional<String> asked = args.text(OPTION);
        try {
            return asked.map(Transport::parse);
        } catch (IllegalArgumentException e) {
            throw Failure.usage(OPTION + ": " + e.getMessage(), "");
        }
    }

    /// Has a node get the file, and waits for it.
    ///
    /// @param node its name; `all` for every node in service, empty for the one that is asked
    /// @return each node's copy; those that came say how
    static Doc fetch(Client client, String sha, String node, Transport by) throws Failure {
        String path = Words.query(
                ArtifactCommands.path(sha) + "/fetch",
                Words.parameter("node", node),
                Words.parameter("transport", by.word()));
        return client.order(path, ArtifactCommands.READ_MAX).doc();
    }

    /// Lines for people: what did not come, and how the rest did.
    static String lines(Doc copies) {
        StringBuilder lines = new StringBuilder();
        for (Doc copy : copies.list("copies")) {
            String how = String.join(
                    " ", copy.list("metadata").stream().map(Doc::text).toList());
            if (how.isEmpty() && !failed(copy)) continue; // it was there already
            lines.append("  ").append(copy.text("node")).append(": ");
            lines.append(failed(copy) ? copy.text("why") : how).append('\n');
        }
        return lines.toString();
    }

    /// @throws Failure when it did not come to one of them
    static void expect(Doc copies) throws Failure {
        List<String> troubles = new ArrayList<>();
        for (Doc copy : copies.list("copies")) {
            if (failed(copy)) troubles.add(copy.text("node") + ": " + copy.text("why"));
        }
        if (!troubles.isEmpty())
            throw new Failure(
                    Exit.ERROR,
                    "NOT_FETCHED",
                    String.join("; ", troubles),
                    "without " + OPTION + " the node looks for a way");
    }

    private static boolean failed(Doc copy) {
        return !copy.text("state").equals("HELD");
    }
}
