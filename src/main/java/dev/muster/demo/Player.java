package dev.muster.demo;

import java.util.random.RandomGenerator;

/// Somebody who chooses moves.
interface Player {
    /// An empty cell of `position`, in the mover's view.
    int move(Position position, RandomGenerator random);

    /// `random`, or the SHA-256 of the model file.
    String name();

    /// Plays any empty cell.
    Player RANDOM = new Player() {
        @Override
        public int move(Position position, RandomGenerator random) {
            return position.randomMove(random);
        }

        @Override
        public String name() {
            return "random";
        }
    };
}
