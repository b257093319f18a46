package dev.muster.demo;

import java.util.random.RandomGenerator;

/// A position as the player to move sees it: `mine` has to join top to bottom, `theirs` left to right.
///
/// After each move the board is mirrored, so the next player sees the same game again. Search and network therefore
/// know no colours. Red moves first and sees the board as it is drawn; blue sees it mirrored.
record Position(Board board, long mine, long theirs) {
    Position {
        if ((mine & theirs) != 0) throw new IllegalArgumentException("a cell holds two stones");
    }

    static Position start(Board board) {
        return new Position(board, 0, 0);
    }

    long empty() {
        return board.all() & ~(mine | theirs);
    }

    int stones() {
        return Long.bitCount(mine | theirs);
    }

    /// The position after the player to move has put a stone on `cell`, seen by the other player. Throws
    /// `IllegalArgumentException` if the cell is taken or not on the board.
    Position play(int cell) {
        if (cell < 0 || cell >= board.cells() || (empty() >>> cell & 1) == 0) {
            throw new IllegalArgumentException("expected an empty cell, found cell " + cell);
        }
        return new Position(board, board.mirror(theirs), board.mirror(mine | 1L << cell));
    }

    /// Whether the player who has just moved has won; the player to move never has.
    boolean lost() {
        return board.joinsTopToBottom(board.mirror(theirs));
    }

    /// A random empty cell. Throws `IllegalArgumentException` on a full board.
    int randomMove(RandomGenerator random) {
        long empty = empty();
        for (int skip = random.nextInt(Long.bitCount(empty)); skip > 0; skip--) empty &= empty - 1;
        return Long.numberOfTrailingZeros(empty);
    }

    /// Fills the board with random moves and says who wins: +1 the player to move, -1 the other.
    float randomPlayout(RandomGenerator random) {
        long free = empty();
        int count = Long.bitCount(free);
        int wanted = (count + 1) / 2;
        long filled = mine;
        for (int left = count; wanted > 0; left--, free &= free - 1) {
            if (random.nextInt(left) < wanted) {
                filled |= Long.lowestOneBit(free);
                wanted--;
            }
        }
        return board.joinsTopToBottom(filled) ? 1 : -1;
    }
}
