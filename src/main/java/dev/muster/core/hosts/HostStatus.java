package dev.muster.core.hosts;

import java.util.List;
import java.util.Locale;
import java.util.TreeMap;

/// What a person, or a script of the prior system, wrote about a host's state, and what it means here.
///
/// @param word    as it was written; empty when nothing was, which means ready
/// @param service what follows from it
public record HostStatus(String word, Service service) {
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

    private static final TreeMap<String, Service> KNOWN = new TreeMap<>();

    static {
        know(Service.IN_SERVICE, "ready", "active", "idle");
        know(Service.OUT, "offline", "retired", "proxy_only", "missing", "disabled", "unstable");
        know(Service.OUT, "stopped", "suspended", "maintenance");
        know(Service.NOT_YET, "pending_setup", "setup", "needs_setup");
        know(Service.NOT_YET, "needs_tailscale_auth", "needs_ssh_key", "ssh_key_rejected");
        know(Service.GONE, "terminated", "destroyed", "archived");
    }

    private static void know(Service service, String... words) {
        for (String word : words) KNOWN.put(word, service);
    }

    /// Case does not matter, nor does `-` for `_`. A word that nobody knows means [Service#OUT].
    public static HostStatus of(String written) {
        String word = normal(written);
        return word.isEmpty()
                ? new HostStatus("", Service.IN_SERVICE)
                : new HostStatus(written.strip(), KNOWN.getOrDefault(word, Service.OUT));
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
