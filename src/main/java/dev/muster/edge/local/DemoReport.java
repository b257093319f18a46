package dev.muster.edge.local;

import dev.muster.core.state.Bytes;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import tools.jackson.databind.JsonNode;

/// What a demo measured; everything comes from the cluster's answers or from games played at the end.
///
/// @param problems what was promised and not seen; empty when all is well
record DemoReport(
        boolean ok,
        double seconds,
        List<ConfigReport> configs,
        Optional<LeaderKill> leaderKill,
        Optional<Rented> rented,
        List<String> problems) {
    /// @param generations as the cluster tells them, with their counts and ratings
    /// @param promoted    every file the pointer named, oldest first
    /// @param distributions how those files came to the nodes, as the cluster's history tells it; as many
    /// @param nodes       SHA-256 of the current model's bytes as read from each node
    record ConfigReport(
            String config,
            List<GenerationReport> generations,
            List<String> promoted,
            List<DistributionReport> distributions,
            Map<String, String> nodes,
            Optional<Fresh> againstRandom,
            Optional<Fresh> againstFirst) {}

    /// @param state      `COMPLETE`, `UNDERWAY` or `SUPERSEDED`
    /// @param seconds    from the promotion until every node held the file
    /// @param nodes      that held it then
    /// @param bytes      sent over the network after the promotion; copies made before are not counted
    /// @param transports nodes by the way the file took
    record DistributionReport(
            String sha, String state, double seconds, int nodes, long bytes, Map<String, Integer> transports) {
        String line() {
            String how = transports.entrySet().stream()
                    .map(one -> one.getValue() + " " + one.getKey())
                    .collect(Collectors.joining(", "));
            return String.format(
                    Locale.ROOT,
                    "  promotion of %s  %s",
                    sha.substring(0, 12),
                    state.equals("COMPLETE")
                            ? String.format(
                                    Locale.ROOT,
                                    "on %d nodes after %.1f s, %s sent%s",
                                    nodes,
                                    seconds,
                                    new Bytes(bytes),
                                    how.isEmpty() ? "" : " (" + how + ")")
                            : state.toLowerCase(Locale.ROOT));
        }
    }

    /// @param elo absent for a generation without a candidate
    record GenerationReport(
            int generation,
            String verdict,
            String reason,
            Optional<String> candidate,
            JsonNode matches,
            Optional<JsonNode> elo) {}

    /// Games played at the end, not by the cluster's loop.
    record Fresh(int games, int wins, int losses, double winShare, double low, double high) {}

    /// @param failoverMs from SIGKILL to another node naming a new leader
    /// @param pidBefore  of the training process when the leader was killed
    /// @param attempts   of the training task in the end
    record LeaderKill(
            String killed,
            String next,
            long failoverMs,
            String attempt,
            String node,
            long pidBefore,
            long pidAfter,
            int attempts) {}

    /// Dollars throughout.
    ///
    /// @param replaced machines that were rented in place of others
    /// @param left     machines at the market in the end
    /// @param ledger   what the cluster has booked in all
    /// @param charged  what the market has, by its own books
    record Rented(List<Machine> machines, int outbid, int lost, int replaced, int left, double ledger, double charged) {
        private List<String> lines() {
            List<String> lines = new ArrayList<>();
            lines.add(machines.size() + " machines rented, " + outbid + " outbid, " + lost + " lost its host, "
                    + replaced + " replaced, " + left + " left");
            for (Machine machine : machines) lines.add(machine.line());
            lines.add(String.format(Locale.ROOT, "  the ledger has $%.6f, the market charged $%.6f", ledger, charged));
            return lines;
        }
    }

    /// @param id     in the cluster
    /// @param rented the market's
    /// @param bill   as the cluster has it
    record Machine(String id, String group, String rented, String gpu, String fate, double bill, double charged) {
        private String line() {
            return String.format(
                    Locale.ROOT,
                    "  %-4s %-7s %s  %-16s %-18s bill $%.6f, charged $%.6f",
                    id,
                    group,
                    rented,
                    gpu,
                    fate,
                    bill,
                    charged);
        }
    }

    /// For people.
    List<String> lines() {
        List<String> lines = new ArrayList<>();
        for (ConfigReport config : configs) {
            lines.add("");
            lines.add(config.config());
            for (GenerationReport generation : config.generations()) {
                lines.add(String.format(
                        Locale.ROOT,
                        "  generation %d  %-8s %s  %s",
                        generation.generation(),
                        generation.verdict().toLowerCase(Locale.ROOT),
                        generation.candidate().map(sha -> sha.substring(0, 12)).orElse("-"),
                        generation.reason()));
            }
            for (DistributionReport distribution : config.distributions()) lines.add(distribution.line());
            config.againstRandom()
                    .ifPresent(fresh -> lines.add("  fresh games against random:              " + text(fresh)));
            config.againstFirst()
                    .ifPresent(fresh -> lines.add("  fresh games against the first promotion: " + text(fresh)));
            if (!config.nodes().isEmpty()) {
                long same = config.nodes().values().stream().distinct().count();
                lines.add("  current model on " + config.nodes().size() + " nodes, "
                        + (same == 1 ? "the same bytes on each: " : "DIFFERENT bytes: ")
                        + String.join(
                                " ", config.nodes().values().stream().distinct().toList()));
            }
        }
        leaderKill.ifPresent(kill -> {
            lines.add("");
            lines.add("leader " + kill.killed() + " killed during " + kill.attempt() + " on " + kill.node() + "; "
                    + kill.next()
                    + " leads after " + kill.failoverMs() + " ms; training process " + kill.pidBefore()
                    + (kill.pidBefore() == kill.pidAfter() ? " went on" : " was REPLACED by " + kill.pidAfter()) + ", "
                    + kill.attempts() + " attempt" + (kill.attempts() == 1 ? "" : "s"));
        });
        rented.ifPresent(one -> {
            lines.add("");
            lines.addAll(one.lines());
        });
        lines.add("");
        for (String problem : problems) lines.add("PROBLEM: " + problem);
        lines.add(String.format(Locale.ROOT, "%s after %.0f s", ok ? "all as promised" : "not as promised", seconds));
        return lines;
    }

    private static String text(Fresh fresh) {
        return String.format(
                Locale.ROOT,
                "%d of %d won, %.1f %% (95 %% interval %.1f-%.1f %%)",
                fresh.wins(),
                fresh.games(),
                100 * fresh.winShare(),
                100 * fresh.low(),
                100 * fresh.high());
    }
}
