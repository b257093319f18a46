package dev.muster.core.hosts;

import dev.muster.core.state.Desired;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.TreeMap;

/// What a person, or a script of the prior system, wrote about a host's state, and what it means here.
///
/// Two kinds of words stand in that one place. Some say what is wanted; the others say what somebody saw at some time,
/// and are no reason to want anything: what is observed never writes what is desired.
///
/// @param word    as it was written; empty when nothing was, which means ready
/// @param service what follows from it
/// @param wanted  what is wanted of the host; empty when the word only tells what was seen, or nobody knows it
public record HostStatus(String word, Service service, Optional<Desired> wanted) {
    public enum Service {
        /// May be given work.
        IN_SERVICE,
        /// There, or perhaps there, but to be left alone.
        OUT,
        /// Somebody has to do something first.
        NOT_YET,
        /// Does not exist any more.
        GONE
    }

    private record Meaning(Service service, Optional<Desired> wanted) {}

    private static final TreeMap<String, Meaning> KNOWN = new TreeMap<>();

    /// The words are those of the runbooks, of the prior system's code and of its real files.
    static {
        wanted(Service.IN_SERVICE, Desired.READY, "ready", "active");
        // The runbooks' word for work on a machine, and a host that others' connections go through, which runs nothing.
        wanted(Service.OUT, Desired.DRAINING, "maintenance", "proxy_only");
        // Not ready before its person says so.
        wanted(Service.NOT_YET, Desired.DRAINING, "pending_setup", "setup", "needs_setup");
        // Stopped on purpose: the prior system's keep-alive started such machines again, and fought its owner.
        wanted(Service.OUT, Desired.RETIRED, "retired", "disabled", "stopped", "suspended");
        wanted(Service.GONE, Desired.RETIRED, "archived");
        // Written by scripts that called the machine, or asked its provider. One host's `ready` and `offline` took
        // turns
        // every five minutes for a day, and 14 were offline at once and back within the hour.
        seen(Service.IN_SERVICE, "idle");
        seen(Service.OUT, "offline", "missing", "unstable");
        seen(Service.NOT_YET, "needs_tailscale_auth", "needs_ssh_key", "ssh_key_rejected");
        seen(Service.GONE, "terminated", "destroyed");
    }

    private static void wanted(Service service, Desired desired, String... words) {
        for (String word : words) KNOWN.put(word, new Meaning(service, Optional.of(desired)));
    }

    private static void seen(Service service, String... words) {
        for (String word : words) KNOWN.put(word, new Meaning(service, Optional.empty()));
    }

    private static final Meaning NOTHING_WRITTEN = new Meaning(Service.IN_SERVICE, Optional.empty());
    private static final Meaning UNKNOWN = new Meaning(Service.OUT, Optional.empty());

    /// Case does not matter, nor does `-` for `_`. A word that nobody knows means [Service#OUT].
    public static HostStatus of(String written) {
        String word = normal(written);
        Meaning meaning = word.isEmpty() ? NOTHING_WRITTEN : KNOWN.getOrDefault(word, UNKNOWN);
        return new HostStatus(word.isEmpty() ? "" : written.strip(), meaning.service, meaning.wanted);
    }

    /// The word that says what is wanted, for a file.
    public static String word(Desired desired) {
        return switch (desired) {
            case READY -> "ready";
            case DRAINING -> "maintenance";
            case RETIRED -> "retired";
        };
    }

    public boolean known() {
        String word = normal(this.word);
        return word.isEmpty() || KNOWN.containsKey(word);
    }

    /// All words that are known, in the order of the alphabet.
    public static List<String> words() {
        return List.copyOf(KNOWN.keySet());
    }

    /// The word to show.
    public String shown() {
        return word.isEmpty() ? "ready" : word;
    }

    static String normal(String word) {
        return word.strip().toLowerCase(Locale.ROOT).replace('-', '_').replace(' ', '_');
    }
}
