package dev.muster.demo;

import java.util.Locale;

/// The geometry of a Hex board of `size` x `size` cells. A set of cells is a `long`, one bit a cell, row by row.
///
/// The neighbours of (row, column) are the two in its row, (row-1, column), (row-1, column+1), (row+1, column-1) and
/// (row+1, column). Mirroring at the main diagonal swaps the two pairs of sides; a half turn keeps both. That is why
/// every full board has exactly one winner, and why one network can play both colours.
final class Board {
    static final int SIZE_MIN = 3;
    /// 8 x 8 cells are the 64 bits of a `long`.
    static final int SIZE_MAX = 8;

    private final int size;
    private final int cells;
    private final long all;
    private final long topRow;
    private final long bottomRow;
    private final long notFirstColumn;
    private final long notLastColumn;
    private final int[] mirrored;

    /// Throws `IllegalArgumentException` for a size outside [#SIZE_MIN] to [#SIZE_MAX].
    Board(int size) {
        if (size < SIZE_MIN || size > SIZE_MAX) {
            throw new IllegalArgumentException(
                    "expected a board size from " + SIZE_MIN + " to " + SIZE_MAX + ", found " + size);
        }
        this.size = size;
        this.cells = size * size;
        this.all = -1L >>> (64 - cells);
        this.topRow = (1L << size) - 1;
        this.bottomRow = topRow << (cells - size);
        this.mirrored = new int[cells];
        long firstColumn = 0;
        for (int cell = 0; cell < cells; cell++) {
            int row = cell / size;
            int column = cell % size;
            mirrored[cell] = column * size + row;
            if (column == 0) firstColumn |= 1L << cell;
        }
        this.notFirstColumn = all & ~firstColumn;
        this.notLastColumn = all & ~(firstColumn << (size - 1));
    }

    int size() {
        return size;
    }

    int cells() {
        return cells;
    }

    long all() {
        return all;
    }

    /// Whether `stones` hold a connected chain from the top row to the bottom row.
    boolean joinsTopToBottom(long stones) {
        long reached = stones & topRow;
        while (reached != 0) {
            if ((reached & bottomRow) != 0) return true;
            long grown = (reached | neighbours(reached)) & stones;
            if (grown == reached) return false;
            reached = grown;
        }
        return false;
    }

    /// All cells next to one of `set`; may hold cells of `set` too.
    long neighbours(long set) {
        long left = (set & notFirstColumn) >>> 1;
        long right = (set & notLastColumn) << 1;
        long up = (set >>> size) | ((set & notLastColumn) >>> (size - 1));
        long down = (set << size) | ((set & notFirstColumn) << (size - 1));
        return (left | right | up | down) & all;
    }

    /// Where `cell` lands when the board is mirrored at its main diagonal; its own inverse.
    int mirror(int cell) {
        return mirrored[cell];
    }

    long mirror(long set) {
        long result = 0;
        for (long rest = set; rest != 0; rest &= rest - 1) result |= 1L << mirrored[Long.numberOfTrailingZeros(rest)];
        return result;
    }

    /// The set after a half turn: cell `i` becomes `cells - 1 - i`.
    long halfTurn(long set) {
        return Long.reverse(set) >>> (64 - cells);
    }

    /// A cell as people write it: column letter, row number, `a1` top left.
    String name(int cell) {
        return (char) ('a' + cell % size) + Integer.toString(cell / size + 1);
    }

    /// The cell with this name. Throws `IllegalArgumentException` if the board has none.
    int cell(String name) {
        if (name.length() == 2) {
            int column = name.toLowerCase(Locale.ROOT).charAt(0) - 'a';
            int row = name.charAt(1) - '1';
            if (column >= 0 && column < size && row >= 0 && row < size) return row * size + column;
        }
        throw new IllegalArgumentException(
                "expected a cell from a1 to " + name(cells - 1) + ", found \"" + name + "\"");
    }
}
