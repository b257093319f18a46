package dev.muster.core.rating;

import static dev.muster.core.Orders.HEX;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.muster.core.state.Ratings.Pair;
import dev.muster.core.state.Ratings.Tally;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

class EloTest {
    private static final double PER_LOGIT = 400 / Math.log(10);

    private static Map.Entry<Pair, Tally> played(String player, String opponent, long wins, long draws, long losses) {
        return player.compareTo(opponent) < 0
                ? Map.entry(new Pair(HEX, player, opponent), new Tally(wins, draws, losses))
                : Map.entry(new Pair(HEX, opponent, player), new Tally(losses, draws, wins));
    }

    private static Elo.Standing ratings(List<Map.Entry<Pair, Tally>> tallies) {
        return Elo.ratings(tallies, "random", 400);
    }

    private static Rating of(Elo.Standing standing, String player) {
        return standing.rated().stream()
                .filter(rating -> rating.player().equals(player))
                .findFirst()
                .orElseThrow();
    }

    /// By hand: 3 to 1 and the virtual draw are 3.5 of 5, odds of 7 to 3: 400 log10(7/3) = 147.19. Its information is
    /// 5 · 0.7 · 0.3 = 1.05, so the error is 0.9759 logits.
    @Test
    void twoPlayersAreAsFarApartAsTheirOdds() {
        Elo.Standing standing = ratings(List.of(played("ann", "random", 3, 0, 1)));
        Rating ann = of(standing, "ann");
        assertThat(ann.elo()).isCloseTo(400 + 400 * Math.log10(7.0 / 3.0), within(1e-6));
        assertThat(ann.high() - ann.elo()).isCloseTo(1.959964 * PER_LOGIT / Math.sqrt(1.05), within(1e-3));
        assertThat(ann.elo() - ann.low()).isCloseTo(ann.high() - ann.elo(), within(1e-9));
        assertThat(ann.games()).isEqualTo(4);
        assertThat(standing.rated()).extracting(Rating::player).containsExactly("ann", "random");
        assertThat(of(standing, "random")).isEqualTo(new Rating("random", 400, 400, 400, 4));
    }

    /// By hand: in a chain each link is solved by itself, and the variances add up: ann 7/3 over random, bob 8/3
    /// over ann.
    @Test
    void aChainAddsUp() {
        Elo.Standing standing = ratings(List.of(played("ann", "random", 3, 0, 1), played("bob", "ann", 7, 1, 2)));
        double first = Math.log(3.5 / 1.5);
        double second = Math.log(8.0 / 3.0);
        double variance = 1 / 1.05 + 1 / (11 * (8.0 / 11) * (3.0 / 11));
        Rating bob = of(standing, "bob");
        assertThat(of(standing, "ann").elo()).isCloseTo(400 + first * PER_LOGIT, within(1e-6));
        assertThat(bob.elo()).isCloseTo(400 + (first + second) * PER_LOGIT, within(1e-6));
        assertThat(bob.high() - bob.elo()).isCloseTo(1.959964 * Math.sqrt(variance) * PER_LOGIT, within(1e-3));
    }

    /// By hand: in a symmetric triangle all are equal.
    @Test
    void aCircleIsLevel() {
        Elo.Standing standing = ratings(List.of(
                played("ann", "random", 8, 0, 2), played("bob", "ann", 8, 0, 2), played("random", "bob", 8, 0, 2)));
        assertThat(standing.rated())
                .allSatisfy(rating -> assertThat(rating.elo()).isCloseTo(400, within(1e-6)));
    }

    @Test
    void allGamesWonIsAFiniteRating() {
        Rating ann = of(ratings(List.of(played("ann", "random", 1_000_000, 0, 0))), "ann");
        assertThat(ann.elo()).isCloseTo(400 + 400 * Math.log10(2_000_001), within(1e-3));
        assertThat(ann.low()).isLessThan(ann.elo()).isGreaterThan(400);
    }

    /// Lopsided counts on which a plain Newton step runs away. At the most likely ratings each player is expected to
    /// score what it scored, the virtual draws included.
    @Test
    void lopsidedGamesAreRatedToo() {
        List<Map.Entry<Pair, Tally>> tallies = List.of(
                played("p0", "random", 10, 0, 1_000_000),
                played("p1", "p0", 1_000_000, 0, 0),
                played("p2", "p1", 0, 0, 1_000),
                played("p3", "random", 10, 0, 10),
                played("p3", "p2", 10, 0, 1_000));
        Elo.Standing standing = ratings(tallies);
        for (String player : List.of("p0", "p1", "p2", "p3")) {
            double excess = 0;
            for (Map.Entry<Pair, Tally> entry : tallies) {
                Pair pair = entry.getKey();
                Tally tally = entry.getValue();
                double lead = of(standing, pair.first()).elo()
                        - of(standing, pair.second()).elo();
                double expected = (tally.games() + 1) / (1 + Math.pow(10, -lead / 400));
                double more = tally.wins() + 0.5 * tally.draws() + 0.5 - expected;
                if (pair.first().equals(player)) excess += more;
                if (pair.second().equals(player)) excess -= more;
            }
            assertThat(excess).as(player).isCloseTo(0, within(1e-4));
        }
    }

    @Test
    void playersWithoutAPathToTheAnchorAreApart() {
        Elo.Standing standing = ratings(List.of(
                played("ann", "random", 3, 0, 1), played("carl", "dora", 2, 0, 2), played("carl", "random", 0, 0, 0)));
        assertThat(standing.rated()).extracting(Rating::player).containsExactly("ann", "random");
        assertThat(standing.apart()).containsExactly(new Elo.Unrated("carl", 4), new Elo.Unrated("dora", 4));
        assertThat(ratings(List.of(played("carl", "dora", 2, 0, 2))).rated()).isEmpty();
        assertThat(ratings(List.of())).isEqualTo(new Elo.Standing(List.of(), List.of()));
    }

    @Test
    void theOrderOfTheCountsDoesNotMatter() {
        List<Map.Entry<Pair, Tally>> tallies = season(30, 5);
        Elo.Standing standing = Elo.ratings(tallies, "random", 400);
        List<Map.Entry<Pair, Tally>> shuffled = new ArrayList<>(tallies);
        Collections.shuffle(shuffled, new Random(1));
        Elo.Standing again = Elo.ratings(shuffled, "random", 400);
        for (Rating rating : standing.rated()) {
            assertThat(of(again, rating.player()).elo()).isCloseTo(rating.elo(), within(1e-6));
        }
    }

    @Test
    void knownStrengthsAreFoundAgain() {
        Elo.Standing standing = Elo.ratings(season(40, 11), "random", 400);
        int inside = 0;
        for (int i = 1; i < 40; i++) {
            Rating found = of(standing, "p" + i);
            double truth = 400 + 20 * i;
            if (found.low() <= truth && truth <= found.high()) inside++;
        }
        assertThat(inside).as("of 39 intervals of 95 %").isGreaterThanOrEqualTo(33);
    }

    /// Player i is 20 i points above the anchor; each plays its three next ones 200 times.
    private static List<Map.Entry<Pair, Tally>> season(int players, long seed) {
        Random random = new Random(seed);
        List<Map.Entry<Pair, Tally>> tallies = new ArrayList<>();
        for (int i = 0; i < players; i++) {
            for (int k = i + 1; k <= Math.min(players - 1, i + 3); k++) {
                double share = 1 / (1 + Math.pow(10, 20.0 * (i - k) / 400));
                int wins = 0;
                for (int game = 0; game < 200; game++) if (random.nextDouble() < share) wins++;
                tallies.add(played(name(k), name(i), wins, 0, 200 - wins));
            }
        }
        return tallies;
    }

    private static String name(int i) {
        return i == 0 ? "random" : "p" + i;
    }
}
