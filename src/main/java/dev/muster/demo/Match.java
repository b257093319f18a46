package dev.muster.demo;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;
import java.util.stream.Collectors;

/// Games of two players. Games 2k and 2k+1 start with the same random moves and swap colours, so that neither luck
/// with the opening nor the advantage of moving first decides a match. Hex knows no draws.
///
/// @param wins games `player` won
record Match(String player, String opponent, int wins, int losses) {
    /// Random moves at the start of each game, one of each colour.
    static final int OPENING_MOVES = 2;

    static Match play(Board board, Player player, Player opponent, int games, long seed) {
        int wins = 0;
        for (int number = 0; number < games; number++) {
            boolean redIsPlayer = number % 2 == 0;
            Player red = redIsPlayer ? player : opponent;
            Player blue = redIsPlayer ? opponent : player;
            List<Integer> moves = game(board, red, blue, seed, number);
            boolean redWon = moves.size() % 2 == 1;
            if (redWon == redIsPlayer) wins++;
        }
        return new Match(player.name(), opponent.name(), wins, games - wins);
    }

    /// The moves of one game, as the board is drawn. Whoever moved last has won.
    static List<Integer> game(Board board, Player red, Player blue, long seed, int number) {
        SplittableRandom opening = Seeds.random(seed, number / 2);
        SplittableRandom chance = Seeds.random(~seed, number);
        List<Integer> moves = new ArrayList<>();
        for (Position position = Position.start(board); !position.lost(); ) {
            boolean blueMoves = moves.size() % 2 == 1;
            int cell = moves.size() < OPENING_MOVES
                    ? position.randomMove(opening)
                    : (blueMoves ? blue : red).move(position, chance);
            moves.add(blueMoves ? board.mirror(cell) : cell);
            position = position.play(cell);
        }
        return moves;
    }

    int games() {
        return wins + losses;
    }

    Interval winRate() {
        return Interval.wilson95(wins, games());
    }

    /// For people.
    String text() {
        Interval rate = winRate();
        return String.format(
                Locale.ROOT,
                "%d wins, %d losses, win rate %.1f %% (95 %%: %.1f to %.1f)",
                wins,
                losses,
                100 * rate.share(),
                100 * rate.low(),
                100 * rate.high());
    }

    /// The counts, and what they say. Names are `random` or hexadecimal digits, so nothing needs escaping.
    String json() {
        Interval rate = winRate();
        return counts()
                + String.format(
                        Locale.ROOT,
                        ",\"win_rate\":%.4f,\"low\":%.4f,\"high\":%.4f}",
                        rate.share(),
                        rate.low(),
                        rate.high());
    }

    /// What a gauntlet leaves behind: `{"matches":[{"player":…,"opponent":…,"wins":…,"draws":0,"losses":…},…]}`.
    static String json(List<Match> matches) {
        return matches.stream()
                .map(match -> match.counts() + "}")
                .collect(Collectors.joining(",", "{\"matches\":[", "]}\n"));
    }

    private String counts() {
        return "{\"player\":\"" + player + "\",\"opponent\":\"" + opponent + "\",\"wins\":" + wins
                + ",\"draws\":0,\"losses\":" + losses;
    }
}
