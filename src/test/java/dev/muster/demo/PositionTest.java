package dev.muster.demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class PositionTest {
    private final Board board = new Board(3);

    @Test
    void theNextPlayerSeesTheBoardMirrored() {
        Position position = Position.start(board).play(board.cell("a2"));
        assertThat(position.mine()).isZero();
        assertThat(position.theirs()).isEqualTo(1L << board.cell("b1"));
    }

    @Test
    void redWinsByJoiningTopAndBottom() {
        assertThat(after("b1", "a1", "b2", "c1", "b3").lost()).isTrue();
        assertThat(after("b1", "a1", "b2", "c1").lost()).isFalse();
    }

    @Test
    void blueWinsByJoiningLeftAndRight() {
        assertThat(after("a1", "a2", "b1", "b2", "a3", "c2").lost()).isTrue();
        assertThat(after("a1", "a2", "b1", "b2", "a3").lost()).isFalse();
    }

    private Position after(String... moves) {
        Position position = Position.start(board);
        for (String move : List.of(moves)) {
            int cell = board.cell(move);
            position = position.play(position.stones() % 2 == 1 ? board.mirror(cell) : cell);
        }
        return position;
    }

    @Test
    void aTakenCellIsRefused() {
        Position position = Position.start(board).play(4);
        assertThatThrownBy(() -> position.play(4)).hasMessage("expected an empty cell, found cell 4");
        assertThatThrownBy(() -> position.play(9)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> position.play(-1)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void playoutsAgreeWithRandomGames() {
        Position start = Position.start(new Board(4)).play(5);
        SplittableRandom random = new SplittableRandom(3);
        int playouts = 0;
        int games = 0;
        for (int i = 0; i < 20_000; i++) {
            if (start.randomPlayout(random) > 0) playouts++;
            Position position = start;
            while (!position.lost()) position = position.play(position.randomMove(random));
            if (position.stones() % 2 == 0) games++;
        }
        // Two shares of 20,000 differ by less than 0.02 unless one of them is wrong: that is four standard deviations.
        assertThat(playouts / 20_000.0).isBetween(games / 20_000.0 - 0.02, games / 20_000.0 + 0.02);
    }
}
