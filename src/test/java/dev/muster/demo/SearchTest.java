package dev.muster.demo;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class SearchTest {
    private final Board board = new Board(3);
    private final Settings settings = Settings.defaults(3);

    private int[] visits(Position position, int simulations, long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        return new Search(Evaluator.playouts(random), settings, random).visits(position, simulations);
    }

    @Test
    void theSearchFindsTheMoveThatWinsAtOnce() {
        // The mover holds b1 and b2, the other a1 and a3: b3 ends the game.
        Position position = new Position(board, 0b000_010_010, 0b001_000_001);
        int[] visits = visits(position, 100, 1);
        assertThat(visits[7]).isEqualTo(Arrays.stream(visits).max().orElseThrow());
    }

    @Test
    void theSearchStopsTheMoveThatLosesAtOnce() {
        // The other player, who joins left to right, holds a2 and b2 and threatens c2.
        Position position = new Position(board, 0b000_000_110, 0b000_011_000);
        int[] visits = visits(position, 200, 1);
        assertThat(visits[5]).isEqualTo(Arrays.stream(visits).max().orElseThrow());
    }

    @Test
    void everySimulationVisitsOneEmptyCell() {
        Position position = Position.start(board).play(4);
        int[] visits = visits(position, 50, 2);
        assertThat(Arrays.stream(visits).sum()).isEqualTo(50);
        assertThat(visits[4]).isZero();
    }

    @Test
    void theSameSeedSearchesAlike() {
        Position start = Position.start(board);
        assertThat(visits(start, 80, 3)).containsExactly(visits(start, 80, 3));
        assertThat(visits(start, 80, 3)).isNotEqualTo(visits(start, 80, 4));
    }
}
