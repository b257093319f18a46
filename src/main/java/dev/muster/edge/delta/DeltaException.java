package dev.muster.edge.delta;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/// A delta that is not whole, not ours, or not for this old file. The output was deleted; send the whole file instead.
public final class DeltaException extends IOException {
    private static final long serialVersionUID = 1;

    DeltaException(String message) {
        super(message);
    }

    DeltaException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
