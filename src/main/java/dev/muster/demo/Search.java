package dev.muster.demo;

import java.util.random.RandomGenerator;

/// Monte Carlo tree search with the PUCT rule (Silver et al. 2017, "Mastering the game of Go without human
/// knowledge"). Not for use by several threads.
final class Search {
    private final Evaluator evaluator;
    private final Settings settings;
    private final RandomGenerator random;

    Search(Evaluator evaluator, Settings settings, RandomGenerator random) {
        this.evaluator = evaluator;
        this.settings = settings;
        this.random = random;
    }

    /// How often each cell was tried from `root` in `simulations` simulations, with noise on the root's priors so
    /// that self-play also meets moves the network does not think of.
    int[] visits(Position root, int simulations) {
        Node node = new Node(root);
        expand(node);
        addNoise(node);
        for (int i = 0; i < simulations; i++) simulate(node);
        return node.visits;
    }

    /// One simulation from `node`; returns the value for the player to move there.
    private float simulate(Node node) {
        int cell = select(node);
        Node child = node.children[cell];
        float value;
        if (child == null) {
            child = new Node(node.position.play(cell));
            node.children[cell] = child;
            value = child.position.lost() ? child.close() : -expand(child);
        } else {
            value = child.closed ? 1 : -simulate(child);
        }
        node.visits[cell]++;
        node.visitsAll++;
        node.values[cell] += value;
        node.valuesAll += value;
        return value;
    }

    private float expand(Node node) {
        return evaluator.evaluate(node.position, node.priors);
    }

    private int select(Node node) {
        float scale = settings.exploration() * (float) Math.sqrt(node.visitsAll + 1);
        float unknown = node.visitsAll == 0 ? 0 : node.valuesAll / node.visitsAll - settings.unvisitedMalus();
        int best = -1;
        float bestScore = Float.NEGATIVE_INFINITY;
        for (long rest = node.position.empty(); rest != 0; rest &= rest - 1) {
            int cell = Long.numberOfTrailingZeros(rest);
            int visits = node.visits[cell];
            float mean = visits == 0 ? unknown : node.values[cell] / visits;
            float score = mean + scale * node.priors[cell] / (1 + visits);
            if (score > bestScore) {
                bestScore = score;
                best = cell;
            }
        }
        return best;
    }

    /// Mixes a Dirichlet(1/2) draw into the priors: squared normal variables, divided by their sum.
    private void addNoise(Node node) {
        float[] noise = new float[node.priors.length];
        float sum = 0;
        for (long rest = node.position.empty(); rest != 0; rest &= rest - 1) {
            float normal = (float) random.nextGaussian();
            noise[Long.numberOfTrailingZeros(rest)] = normal * normal;
            sum += normal * normal;
        }
        float share = settings.rootNoise();
        for (int cell = 0; cell < noise.length; cell++) {
            node.priors[cell] = (1 - share) * node.priors[cell] + share * noise[cell] / sum;
        }
    }

    private static final class Node {
        final Position position;
        final float[] priors;
        final int[] visits;
        final float[] values;
        final Node[] children;
        int visitsAll;
        float valuesAll;
        boolean closed;

        Node(Position position) {
            this.position = position;
            int cells = position.board().cells();
            this.priors = new float[cells];
            this.visits = new int[cells];
            this.values = new float[cells];
            this.children = new Node[cells];
        }

        /// The game is over here: a win for the player who moved into it.
        float close() {
            closed = true;
            return 1;
        }
    }
}
