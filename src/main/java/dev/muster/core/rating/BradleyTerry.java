package dev.muster.core.rating;

import dev.muster.core.state.Ratings.Pair;
import dev.muster.core.state.Ratings.Tally;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// The most likely strengths in logits, the anchor's being 0: Newton's method on a concave likelihood, with steps
/// halved until they help, so that it always arrives and always the same way.
final class BradleyTerry {
    /// Newton needs about ten; the bound only guards against a cycle in the last digits.
    private static final int STEPS_MAX = 100;
    /// Logits; a ten-millionth of an Elo point.
    private static final double CLOSE_ENOUGH = 1e-9;

    /// One pair that played: its players' places (-1 is the anchor), the first one's points, and all games, each with
    /// the virtual draw.
    private record Duel(int first, int second, double points, double games) {}

    private final List<Duel> duels;
    private final double[] strengths;
    private final double[] errors;

    private BradleyTerry(List<Duel> duels, int players) {
        this.duels = duels;
        this.strengths = new double[players];
        this.errors = new double[players];
    }

    /// @param players other than the anchor, all connected to it by games; other players' games are left out
    static BradleyTerry fit(List<String> players, String anchor, List<Map.Entry<Pair, Tally>> tallies) {
        Map<String, Integer> places = new HashMap<>();
        places.put(anchor, -1);
        for (int i = 0; i < players.size(); i++) places.put(players.get(i), i);
        List<Duel> duels = new ArrayList<>();
        for (Map.Entry<Pair, Tally> entry : tallies) {
            Integer first = places.get(entry.getKey().first());
            Integer second = places.get(entry.getKey().second());
            Tally tally = entry.getValue();
            if (first == null || second == null || tally.games() == 0) continue;
            duels.add(new Duel(first, second, tally.wins() + 0.5 * tally.draws() + 0.5, tally.games() + 1.0));
        }
        BradleyTerry fit = new BradleyTerry(duels, players.size());
        fit.solve();
        return fit;
    }

    double strength(int player) {
        return strengths[player];
    }

    /// Standard error of the distance to the anchor, from the inverse of the Fisher information.
    double error(int player) {
        return errors[player];
    }

    private void solve() {
        for (int step = 0; step < STEPS_MAX; step++) {
            double[] move = Cholesky.of(information()).solve(gradient());
            if (advance(move) < CLOSE_ENOUGH) break;
        }
        double[] variances = Cholesky.of(information()).inverseDiagonal();
        for (int i = 0; i < errors.length; i++) errors[i] = Math.sqrt(variances[i]);
    }

    private double advance(double[] move) {
        double before = likelihood(strengths);
        double largest = 0;
        for (double part : move) largest = Math.max(largest, Math.abs(part));
        for (double share = 1; share * largest >= CLOSE_ENOUGH; share /= 2) {
            double[] next = strengths.clone();
            for (int i = 0; i < next.length; i++) next[i] += share * move[i];
            if (likelihood(next) < before) continue;
            System.arraycopy(next, 0, strengths, 0, next.length);
            return share * largest;
        }
        return 0;
    }

    private double likelihood(double[] at) {
        double sum = 0;
        for (Duel duel : duels) {
            double lead = of(at, duel.first()) - of(at, duel.second());
            sum -= duel.points() * Math.log1p(Math.exp(-lead))
                    + (duel.games() - duel.points()) * Math.log1p(Math.exp(lead));
        }
        return sum;
    }

    private double[] gradient() {
        double[] slope = new double[strengths.length];
        for (Duel duel : duels) {
            double excess = duel.points() - duel.games() * expected(duel);
            if (duel.first() >= 0) slope[duel.first()] += excess;
            if (duel.second() >= 0) slope[duel.second()] -= excess;
        }
        return slope;
    }

    private double[][] information() {
        double[][] matrix = new double[strengths.length][strengths.length];
        for (Duel duel : duels) {
            double share = expected(duel);
            double weight = duel.games() * share * (1 - share);
            if (duel.first() >= 0) matrix[duel.first()][duel.first()] += weight;
            if (duel.second() >= 0) matrix[duel.second()][duel.second()] += weight;
            if (duel.first() >= 0 && duel.second() >= 0) {
                matrix[duel.first()][duel.second()] -= weight;
                matrix[duel.second()][duel.first()] -= weight;
            }
        }
        return matrix;
    }

    private double expected(Duel duel) {
        return 1 / (1 + Math.exp(of(strengths, duel.second()) - of(strengths, duel.first())));
    }

    private static double of(double[] at, int place) {
        return place < 0 ? 0 : at[place];
    }
}
