package dev.muster.demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class BoardTest {
    private static final int[][] NEIGHBOURS = {{0, -1}, {0, 1}, {-1, 0}, {-1, 1}, {1, -1}, {1, 0}};

    @Test
    void everyFullBoardHasExactlyOneWinner() {
        for (int size = 3; size <= 4; size++) {
            Board board = new Board(size);
            for (long red = 0; red <= board.all(); red++) {
                boolean redWins = board.joinsTopToBottom(red);
                boolean blueWins = board.joinsTopToBottom(board.mirror(board.all() & ~red));
                assertThat(redWins).as("size %d, red %x", size, red).isNotEqualTo(blueWins);
            }
        }
    }

    @Test
    void theWinnerIsTheOneAPlainSearchFinds() {
        SplittableRandom random = new SplittableRandom(7);
        for (int size = Board.SIZE_MIN; size <= Board.SIZE_MAX; size++) {
            Board board = new Board(size);
            for (int i = 0; i < 500; i++) {
                long stones = (random.nextLong() | random.nextLong()) & board.all();
                assertThat(board.joinsTopToBottom(stones)).isEqualTo(searched(size, stones));
            }
        }
    }

    private static boolean searched(int size, long stones) {
        Set<Integer> seen = new HashSet<>();
        Deque<Integer> open = new ArrayDeque<>();
        for (int column = 0; column < size; column++) open.add(column);
        while (!open.isEmpty()) {
            int cell = open.pop();
            if ((stones >>> cell & 1) == 0 || !seen.add(cell)) continue;
            if (cell / size == size - 1) return true;
            for (int[] step : NEIGHBOURS) {
                int row = cell / size + step[0];
                int column = cell % size + step[1];
                if (row >= 0 && row < size && column >= 0 && column < size) open.add(row * size + column);
            }
        }
        return false;
    }

    @Test
    void aHalfTurnKeepsTheWinner() {
        Board board = new Board(5);
        SplittableRandom random = new SplittableRandom(8);
        int wins = 0;
        for (int i = 0; i < 1000; i++) {
            long stones = (random.nextLong() | random.nextLong()) & board.all();
            assertThat(board.joinsTopToBottom(board.halfTurn(stones))).isEqualTo(board.joinsTopToBottom(stones));
            if (board.joinsTopToBottom(stones)) wins++;
        }
        assertThat(wins).isBetween(1, 999);
    }

    @Test
    void mirroringAndTurningTwiceChangesNothing() {
        Board board = new Board(6);
        SplittableRandom random = new SplittableRandom(9);
        for (int i = 0; i < 100; i++) {
            long stones = random.nextLong() & board.all();
            assertThat(board.mirror(board.mirror(stones))).isEqualTo(stones);
            assertThat(board.halfTurn(board.halfTurn(stones))).isEqualTo(stones);
        }
    }

    @Test
    void cellsAreNamedByColumnAndRow() {
        Board board = new Board(5);
        assertThat(board.name(0)).isEqualTo("a1");
        assertThat(board.name(7)).isEqualTo("c2");
        for (int cell = 0; cell < board.cells(); cell++)
            assertThat(board.cell(board.name(cell))).isEqualTo(cell);
        assertThatThrownBy(() -> board.cell("f1")).hasMessage("expected a cell from a1 to e5, found \"f1\"");
        assertThatThrownBy(() -> board.cell("a6")).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> board.cell("")).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void aBoardIsThreeToEightCellsWide() {
        assertThatThrownBy(() -> new Board(2)).hasMessage("expected a board size from 3 to 8, found 2");
        assertThatThrownBy(() -> new Board(9)).isInstanceOf(IllegalArgumentException.class);
        assertThat(new Board(8).all()).isEqualTo(-1L);
    }
}
