package dev.muster.core.state;

/// Games of one player against another under one config key, counted from the player's side.
///
/// @param player a model's SHA-256 in hexadecimal, or a named baseline such as `random`
public record Match(String player, String opponent, int wins, int draws, int losses) {
    /// @throws IllegalArgumentException when a count is negative or a player plays itself
    public Match {
        playerName(player);
        playerName(opponent);
        if (wins < 0 || draws < 0 || losses < 0) {
            throw new IllegalArgumentException(
                    "expected counts of 0 or more, but found " + wins + "/" + draws + "/" + losses);
        }
        if (player.equals(opponent))
            throw new IllegalArgumentException("expected two players, but found " + player + " twice");
    }

    private static void playerName(String text) {
        if (text.length() == 64) new Sha256(text);
        else Ids.name("a player", text);
    }

    public int games() {
        return wins + draws + losses;
    }

    Match flipped() {
        return new Match(opponent, player, losses, draws, wins);
    }
}
