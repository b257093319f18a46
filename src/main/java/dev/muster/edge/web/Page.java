package dev.muster.edge.web;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// What one page shows.
///
/// @param log the attempt whose output is shown as it comes
public record Page(Section section, String title, List<Part> parts, Optional<Log> log) {
    public Page {
        parts = List.copyOf(parts);
    }

    /// A piece of a page.
    ///
    /// @param id    under which the browser is told of its news; empty: it stays as it is, with what a person writes in it
    /// @param label what it is, for those who cannot see where it stands
    record Part(String id, String label, Html html) {}

    /// @param attempt as `j7.0#1`
    record Log(String attempt) {}

    static Maker of(Section section, String title) {
        return new Maker(section, title);
    }

    /// Puts parts together.
    static final class Maker {
        private final Section section;
        private final String title;
        private final List<Part> parts = new ArrayList<>();
        private Optional<Log> log = Optional.empty();

        private Maker(Section section, String title) {
            this.section = section;
            this.title = title;
        }

        Maker still(Html html) {
            parts.add(new Part("", "", html));
            return this;
        }

        Maker live(String id, String label, Html html) {
            parts.add(new Part(id, label, html));
            return this;
        }

        Maker log(String attempt) {
            log = Optional.of(new Log(attempt));
            return this;
        }

        Page page() {
            return new Page(section, title, parts, log);
        }
    }
}
