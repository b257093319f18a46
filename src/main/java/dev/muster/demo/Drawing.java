package dev.muster.demo;

import java.util.List;

/// Draws a game for people.
final class Drawing {
    private Drawing() {}

    /// The board after `moves`: red (`R`, joins top and bottom) and blue (`B`, joins left and right), each stone with
    /// the number of its move. Every row starts half a cell further right, so that neighbours touch.
    static String of(Board board, List<Integer> moves) {
        StringBuilder text = new StringBuilder("   ");
        for (int column = 0; column < board.size(); column++)
            text.append(' ').append((char) ('a' + column)).append("  ");
        text.append("   red joins top and bottom\n");
        for (int row = 0; row < board.size(); row++) {
            text.repeat("  ", row).append(" ").append(row + 1).append(" ");
            for (int column = 0; column < board.size(); column++) {
                text.append(String.format(" %-3s", stone(moves.indexOf(row * board.size() + column))));
            }
            text.append(row == 0 ? "  blue joins left and right\n" : "\n");
        }
        String winner = moves.size() % 2 == 1 ? "red" : "blue";
        return text.append(winner)
                .append(" wins with move ")
                .append(moves.size())
                .append("\n")
                .toString();
    }

    private static String stone(int move) {
        if (move < 0) return ".";
        return (move % 2 == 0 ? "R" : "B") + (move + 1);
    }
}
