package dev.muster.edge.view;

/// A text that is no JSON; the message says where and what was expected.
public final class NotJson extends IllegalArgumentException {
    private static final long serialVersionUID = 1L;

    NotJson(String message) {
        super(message);
    }
}
