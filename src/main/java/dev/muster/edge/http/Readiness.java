package dev.muster.edge.http;

import dev.muster.core.state.Desired;
import dev.muster.core.state.Node;
import dev.muster.edge.view.Picture;
import java.util.Optional;

/// May this node take work now? As far as the state tells; what the machine itself lacks, its agent says.
final class Readiness {
    private Readiness() {}

    static Optional<String> of(Picture picture) {
        if (picture.state().revision() == 0) return Optional.of("state unknown: nothing was heard from a voter yet");
        Node node = picture.state().fleet().nodes().find(picture.self()).orElse(null);
        if (node == null) return Optional.of("joining: the cluster does not know " + picture.self() + " yet");
        if (node.fenced())
            return Optional.of("fenced: the cluster declared this node gone; it is readmitted once it is heard again");
        if (node.desired() != Desired.READY) {
            String back = node.desired() == Desired.RETIRED ? "unretire" : "undrain";
            return Optional.of(node.desired() + ": `muster node " + back + " " + node.id() + "` returns it to service");
        }
        return Optional.empty();
    }
}
