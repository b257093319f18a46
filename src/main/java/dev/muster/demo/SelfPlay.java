package dev.muster.demo;

import java.io.ByteArrayOutputStream;
import java.util.SplittableRandom;
import java.util.StringJoiner;

/// Plays games against itself. Game `number` of a seed is always the same game, whatever was played before it.
final class SelfPlay {
    private final Board board;
    private final Model model;
    private final Settings settings;
    private final long seed;

    /// Without a model (null) the search knows nothing but random playouts.
    SelfPlay(Board board, Model model, Settings settings, long seed) {
        this.board = board;
        this.model = model;
        this.settings = settings;
        this.seed = seed;
    }

    /// Plays game `number`, counted from 0.
    Game play(int number) {
        SplittableRandom random = Seeds.random(seed, number);
        Evaluator evaluator = model == null ? Evaluator.playouts(random) : model.network();
        int simulations = model == null ? settings.playouts() : settings.simulations();
        Search search = new Search(evaluator, settings, random);
        int opening = random.nextInt(settings.openingMovesMax() + 1);

        StringJoiner moves = new StringJoiner(" ");
        ByteArrayOutputStream visits = new ByteArrayOutputStream();
        Position position = Position.start(board);
        for (int ply = 0; !position.lost(); ply++) {
            boolean blue = ply % 2 == 1;
            int[] tried = ply < opening ? new int[board.cells()] : search.visits(position, simulations);
            int cell = ply < opening
                    ? position.randomMove(random)
                    : ply < opening + settings.sampledMoves() ? drawn(tried, random) : most(tried);
            moves.add(board.name(blue ? board.mirror(cell) : cell));
            for (int i = 0; i < tried.length; i++) visits.write(tried[blue ? board.mirror(i) : i]);
            position = position.play(cell);
        }
        String player = model == null ? Game.PLAYOUTS : model.sha256();
        String id = "hex" + board.size() + "/" + player + "/" + seed + "/" + number;
        int generation = model == null ? 0 : model.network().generation();
        return new Game(id, board.size(), player, generation, moves.toString(), visits.toByteArray());
    }

    private static int drawn(int[] counts, SplittableRandom random) {
        int sum = 0;
        for (int count : counts) sum += count;
        int left = random.nextInt(sum);
        int cell = 0;
        while (left >= counts[cell]) left -= counts[cell++];
        return cell;
    }

    private static int most(int[] counts) {
        int best = 0;
        for (int cell = 1; cell < counts.length; cell++) {
            if (counts[cell] > counts[best]) best = cell;
        }
        return best;
    }
}
