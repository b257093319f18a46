package dev.muster.core.promote;

import dev.muster.core.rating.Wilson;
import dev.muster.core.state.Generation;
import dev.muster.core.state.LoopSpec.Gate;
import dev.muster.core.state.Match;
import dev.muster.core.state.Sha256;
import java.util.Locale;
import java.util.Optional;

/// A candidate's games against the one opponent that decides.
record Score(String opponent, long wins, long draws, long losses) {
    static Score of(Generation generation, Sha256 candidate, Optional<Sha256> current, Gate gate) {
        String opponent = current.map(Sha256::hex).orElse(gate.baseline());
        String player = candidate.hex();
        long wins = 0;
        long draws = 0;
        long losses = 0;
        for (Match match : generation.matches()) {
            boolean forward = match.player().equals(player) && match.opponent().equals(opponent);
            boolean backward =
                    match.player().equals(opponent) && match.opponent().equals(player);
            if (!forward && !backward) continue;
            wins += forward ? match.wins() : match.losses();
            losses += forward ? match.losses() : match.wins();
            draws += match.draws();
        }
        return new Score(opponent, wins, draws, losses);
    }

    /// What the gate asks for and was not found, or empty.
    Optional<String> failure(Gate gate, boolean first) {
        if (games() == 0) return Optional.of("no games against " + (first ? "" : "the current model ") + name());
        if (games() < gate.gamesMin()) {
            return Optional.of(
                    "played " + games() + " games against " + name() + "; games_min asks for " + gate.gamesMin());
        }
        Wilson.Interval found = interval();
        double needed = first ? gate.firstWinRate() : gate.winRate();
        if (found.rate() < needed) {
            return Optional.of(
                    this + "; " + (first ? "first_win_rate" : "win_rate") + " asks for " + percent(needed) + " %");
        }
        if (!first && found.low() < gate.lowerBound()) {
            return Optional.of(this + "; lower_bound asks for " + percent(gate.lowerBound()) + " %");
        }
        return Optional.empty();
    }

    private long games() {
        return wins + draws + losses;
    }

    private Wilson.Interval interval() {
        return Wilson.interval(wins, draws, losses);
    }

    private String name() {
        return opponent.length() == 64 ? opponent.substring(0, 12) : opponent;
    }

    private static String percent(double share) {
        return String.format(Locale.ROOT, "%.1f", share * 100);
    }

    /// `won 61.5 % of 200 games against 3fa9c1d2e0b7 (95 % interval 54.6-68.0 %)`
    @Override
    public String toString() {
        Wilson.Interval found = interval();
        return "won " + percent(found.rate()) + " % of " + games() + " games against " + name() + " (95 % interval "
                + percent(found.low()) + "-" + percent(found.high()) + " %)";
    }
}
