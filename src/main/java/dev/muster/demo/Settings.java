package dev.muster.demo;

/// Every number of the sample workload that was chosen, in one place.
///
/// They were chosen by running the whole loop (1600 games, training, gauntlet; twice) for ten seeds and more on
/// boards of 5 x 5 and 6 x 6 cells: the first model beats the random player clearly, the second beats the first
/// clearly, and a generation costs 12 to 25 s of one core.
///
/// @param hidden units in each of the network's two hidden layers
/// @param games games of one self-play task; a generation is meant to be four such tasks
/// @param simulations simulations a move in self-play with a model; at most [#SIMULATIONS_MAX]
/// @param playouts simulations a move in self-play without a model, one random playout each; at most the same
/// @param openingMovesMax in self-play a game starts with 0 to this many random moves
/// @param sampledMoves this many searched moves are drawn by their visits; later ones are the most visited
/// @param exploration PUCT's constant: how much priors count against values
/// @param unvisitedMalus an untried move is taken to be worth this much less than its parent
/// @param rootNoise share of noise in the root's priors
/// @param gamesKept training takes at most this many games, those of the newest generations
/// @param samplesSeen positions one training looks at, over all its epochs: its duration, however many games there
///     are
/// @param batch samples in one step of the optimiser
/// @param learningRate Adam's step at the start of a training; it falls to a tenth by a cosine
/// @param weightDecay share of each weight taken off in a step, times the step
/// @param valueShare how much the value's squared error counts against the policy's cross-entropy
/// @param ageDecay games of the generation before count this much, those before them its square, and so on
/// @param gauntletGames games of a candidate against one opponent; even
record Settings(
        int hidden,
        int games,
        int simulations,
        int playouts,
        int openingMovesMax,
        int sampledMoves,
        float exploration,
        float unvisitedMalus,
        float rootNoise,
        int gamesKept,
        int samplesSeen,
        int batch,
        float learningRate,
        float weightDecay,
        float valueShare,
        float ageDecay,
        int gauntletGames) {

    /// A stored visit count is one byte.
    static final int SIMULATIONS_MAX = 255;

    Settings {
        if (Math.max(simulations, playouts) > SIMULATIONS_MAX || Math.min(simulations, playouts) < 1) {
            throw new IllegalArgumentException(
                    "expected 1 to " + SIMULATIONS_MAX + " simulations, found " + simulations + " and " + playouts);
        }
        if (gauntletGames % 2 != 0) {
            throw new IllegalArgumentException("expected an even number of gauntlet games, found " + gauntletGames);
        }
    }

    /// Larger boards need more playouts before the first model plays well: 16 give 93 % against the random player on
    /// 5 x 5, but 80 % on 6 x 6, where 32 give 94 %.
    static Settings defaults(int boardSize) {
        int playouts = boardSize <= 5 ? 16 : boardSize == 6 ? 32 : 64;
        return new Settings(
                96, 400, 64, playouts, 2, 6, 1.5f, 0.2f, 0.25f, 6400, 600_000, 64, 0.002f, 0.01f, 1, 0.3f, 400);
    }
}
