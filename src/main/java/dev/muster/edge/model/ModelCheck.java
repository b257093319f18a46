package dev.muster.edge.model;

import java.util.List;

/// What a look at a model file showed.
public sealed interface ModelCheck {
    /// Nothing wrong was found.
    ///
    /// @param format   `pytorch`, `zip`, `safetensors`, or `bytes` for a format nobody here knows
    /// @param metadata what the file says about its making, as `key=value` or single words; as much as can be had
    ///                 without unpickling
    record Sound(String format, List<String> metadata) implements ModelCheck {
        public Sound {
            metadata = List.copyOf(metadata);
        }
    }

    /// The file cannot be what it should be.
    ///
    /// @param reason what was expected and what was found
    record Broken(String reason) implements ModelCheck {}
}
