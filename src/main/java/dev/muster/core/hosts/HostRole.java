package dev.muster.core.hosts;

import java.util.List;
import java.util.TreeMap;

/// One of the things a host is for.
///
/// @param word   as it was written
/// @param duties what follows from it; nothing for a word that nobody knows
public record HostRole(String word, List<Duty> duties) {
    public enum Duty {
        COORDINATE,
        RELAY,
        SELFPLAY,
        TRAIN,
        EVALUATE
    }

    private static final TreeMap<String, List<Duty>> KNOWN = new TreeMap<>();

    static {
        know(List.of(Duty.COORDINATE), "coordinator");
        know(List.of(Duty.RELAY), "proxy", "relay");
        know(List.of(Duty.RELAY, Duty.COORDINATE), "backbone", "voter");
        know(List.of(Duty.SELFPLAY), "selfplay", "gpu_selfplay", "gpu_selfplay_primary", "cpu_selfplay");
        know(List.of(Duty.SELFPLAY), "selfplay_cmaes", "cmaes");
        know(List.of(Duty.TRAIN), "training", "gpu_training", "gpu_training_primary", "nnue");
        know(List.of(Duty.TRAIN), "nn_training", "nn_training_primary", "nn_training_mps");
        know(List.of(Duty.SELFPLAY, Duty.TRAIN), "mixed", "gpu_training_selfplay");
        know(List.of(Duty.EVALUATE), "evaluation", "gauntlet", "tournament", "benchmark", "inference", "testing");
    }

    private static void know(List<Duty> duties, String... words) {
        for (String word : words) KNOWN.put(word, duties);
    }

    public HostRole {
        duties = List.copyOf(duties);
    }

    /// Case does not matter, nor does `-` for `_`.
    public static HostRole of(String written) {
        return new HostRole(written.strip(), KNOWN.getOrDefault(HostStatus.normal(written), List.of()));
    }

    public boolean known() {
        return !duties.isEmpty();
    }

    /// All words that are known, in the order of the alphabet.
    public static List<String> words() {
        return List.copyOf(KNOWN.keySet());
    }
}
