package dev.muster.demo;

import java.util.ArrayList;
import java.util.List;

/// One finished game, as it is stored.
///
/// @param id names the game: the same board, model, seed and number give the same game and the same id
/// @param board the board's size
/// @param model SHA-256 of the model that played it, or `playouts`
/// @param generation the model's generation; 0 without a model
/// @param moves the cells in the order they were played, as the board is drawn, with blanks between; red has the
///     first
/// @param visits for each move, how often the search tried each cell (one byte a cell, as the board is drawn); all 0
///     where the move was random
record Game(String id, int board, String model, int generation, String moves, byte[] visits) {
    static final String PLAYOUTS = "playouts";

    /// Replays the game into one sample for each position. Throws `IllegalArgumentException` if it is no finished
    /// game on `onBoard`: a taken cell, a move after the end, no winner, or visits that do not fit.
    List<Sample> samples(Board onBoard, float weight) {
        String[] names = moves.split(" ");
        if (visits.length != names.length * onBoard.cells()) {
            throw new IllegalArgumentException("expected visits of " + names.length + " moves on " + onBoard.cells()
                    + " cells, found " + visits.length + " bytes");
        }
        List<Sample> samples = new ArrayList<>(names.length);
        Position position = Position.start(onBoard);
        for (int ply = 0; ply < names.length; ply++) {
            if (position.lost()) throw new IllegalArgumentException("expected the game to end with its last move");
            boolean blue = ply % 2 == 1;
            // Whoever makes the last move has won, and so have the movers an even number of plies before it.
            float outcome = (names.length - ply) % 2 == 1 ? 1 : -1;
            samples.add(new Sample(position.mine(), position.theirs(), policy(ply, blue, onBoard), outcome, weight));
            int cell = onBoard.cell(names[ply]);
            position = position.play(blue ? onBoard.mirror(cell) : cell);
        }
        if (!position.lost()) throw new IllegalArgumentException("expected a winner after the last move");
        return samples;
    }

    /// The share of visits of each cell in the mover's view; null if there were none.
    private float[] policy(int ply, boolean blue, Board onBoard) {
        int cells = onBoard.cells();
        int sum = 0;
        for (int cell = 0; cell < cells; cell++) sum += Byte.toUnsignedInt(visits[ply * cells + cell]);
        if (sum == 0) return null;
        float[] policy = new float[cells];
        for (int cell = 0; cell < cells; cell++) {
            float share = (float) Byte.toUnsignedInt(visits[ply * cells + cell]) / sum;
            policy[blue ? onBoard.mirror(cell) : cell] = share;
        }
        return policy;
    }
}
