package dev.muster.edge.provider;

import dev.muster.edge.view.Doc;

/// One request.
///
/// @param path  with its query, from the base
/// @param body  nothing for none
/// @param pace  the endpoint's name in the pacing table
/// @param again whether it may be asked again when the answer is lost
record Call(String method, String path, Doc body, String pace, Again again) {
    enum Again {
        /// Changes nothing.
        READ,
        /// Changes something, and twice is the same as once.
        HARMLESS,
        /// Changes something, and twice is another thing: asked again only where the first was surely not done.
        UNTIL_TAKEN,
        /// Twice may be two machines, or two bills.
        NEVER
    }

    static final Doc NO_BODY = Doc.object().get("");

    static Call get(String path, String pace) {
        return new Call("GET", path, NO_BODY, pace, Again.READ);
    }

    boolean changes() {
        return again != Again.READ;
    }
}
