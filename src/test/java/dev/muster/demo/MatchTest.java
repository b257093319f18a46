package dev.muster.demo;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;

class MatchTest {
    private final Board board = new Board(4);

    /// Plays the first empty cell and counts the games in which it moves first after the opening.
    private static final class Counting implements Player {
        int asRed;

        @Override
        public int move(Position position, RandomGenerator random) {
            if (position.stones() == Match.OPENING_MOVES) asRed++;
            return Long.numberOfTrailingZeros(position.empty());
        }

        @Override
        public String name() {
            return "counting";
        }
    }

    @Test
    void bothPlayersHaveEachColourEquallyOften() {
        Counting player = new Counting();
        Counting opponent = new Counting();
        Match match = Match.play(board, player, opponent, 20, 1);
        assertThat(player.asRed).isEqualTo(10);
        assertThat(opponent.asRed).isEqualTo(10);
        assertThat(match.games()).isEqualTo(20);
    }

    @Test
    void aPlayerAgainstItselfIsExactlyEven() {
        assertThat(Match.play(board, new Counting(), new Counting(), 40, 2).wins())
                .isEqualTo(20);
    }

    @Test
    void pairsOfGamesShareTheirOpeningAndPairsDiffer() {
        Set<List<Integer>> openings = new HashSet<>();
        for (int number = 0; number < 40; number += 2) {
            List<Integer> opening = opening(number);
            assertThat(opening(number + 1)).isEqualTo(opening);
            openings.add(opening);
        }
        assertThat(openings).hasSizeGreaterThan(10);
    }

    private List<Integer> opening(int number) {
        return Match.game(board, Player.RANDOM, Player.RANDOM, 3, number).subList(0, Match.OPENING_MOVES);
    }
}
