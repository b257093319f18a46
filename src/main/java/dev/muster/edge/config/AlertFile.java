package dev.muster.edge.config;

import dev.muster.core.hosts.Place;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Who is told of alerts, and what else stands in `notification_hooks.yaml` and its kin: the prior system's shapes and our
/// own, several in one file if need be. docs/ALERTS.md lists the keys.
///
/// One channel that cannot be used takes none of the others with it: what is wrong is noted.
///
/// @param numbers of the prior system's files
/// @param deadman who is asked while all is well
/// @param notes   what was not used and why, in the order of the lines
public record AlertFile(
        List<ChannelSpec> channels, AlertNumbers numbers, Optional<DeadmanSpec> deadman, List<Note> notes) {
    /// The largest file that anybody wrote has 3 KB.
    public static final int BYTES_MAX = 256 << 10;

    /// @param at      nothing for what is not in the file
    /// @param about   a key
    /// @param wrong   it is not as its writer meant; else it is only told
    public record Note(Optional<Place> at, String about, String message, boolean wrong) {
        /// Is somebody to look at it? A word that is nearly another, or a variable that is not set, may be all the channels there were to
        /// be; what else is not known may be another program's.
        public boolean slip() {
            return wrong || message.contains("did you mean") || message.contains("is not set");
        }

        /// `line 12: slack.webhook_url: nothing is written there`.
        @Override
        public String toString() {
            return at.map(place -> "line " + place.line() + ": ").orElse("")
                    + (about.isEmpty() ? "" : about + ": ")
                    + message;
        }
    }

    public AlertFile {
        channels = List.copyOf(channels);
        notes = List.copyOf(notes);
    }

    /// Without a file.
    public static AlertFile of(Map<String, String> environment) {
        AlertFileReader reader = new AlertFileReader(Path.of(""), environment, List.of());
        reader.environment();
        return reader.all();
    }

    /// @param file  as messages call it; files that it names are beside it
    /// @param rules that there are; slips in names of them are noted. None where nobody knows
    /// @throws ConfigException when there are no keys and values to look at
    public static AlertFile read(Path file, byte[] yaml, Map<String, String> environment, Collection<String> rules)
            throws ConfigException {
        Path folder = Optional.ofNullable(file.toAbsolutePath().getParent()).orElse(file);
        AlertFileReader reader = new AlertFileReader(folder, environment, rules);
        try {
            reader.file(yaml);
        } catch (YamlTree.Unreadable e) {
            throw new ConfigException("the alerts", List.of(file + ":" + e.at() + ": " + e.getMessage()));
        }
        reader.environment();
        return reader.all();
    }
}
