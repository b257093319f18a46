package dev.muster.demo;

/// One position to learn from, as its mover sees it: what the search wanted (`policy`, one share a cell, or null
/// where nobody searched) and how the game ended (`outcome`, +1 won, -1 lost). `weight` is how much it counts.
record Sample(long mine, long theirs, float[] policy, float outcome, float weight) {
    /// The same position after a half turn: both players still join the same sides.
    Sample halfTurn(Board board) {
        float[] turned = null;
        if (policy != null) {
            turned = new float[policy.length];
            for (int cell = 0; cell < turned.length; cell++) turned[cell] = policy[policy.length - 1 - cell];
        }
        return new Sample(board.halfTurn(mine), board.halfTurn(theirs), turned, outcome, weight);
    }
}
