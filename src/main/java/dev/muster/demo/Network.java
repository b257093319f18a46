package dev.muster.demo;

import java.util.Arrays;
import java.util.random.RandomGenerator;

/// A small policy and value network: two hidden layers of rectified units, a softmax over the cells, a tanh for the
/// value.
///
/// All weights lie in one array, so that saving, optimising and checking them are plain loops. Weights are stored
/// input by input: a forward pass adds rows and skips silent units, which the JIT turns into vector code. Inputs are
/// the mover's stones, then the opponent's. Not for use by several threads: it keeps its activations.
final class Network implements Evaluator {
    private final Board board;
    private final int hidden;
    private final int generation;
    private final float[] weights;

    private final int first;
    private final int firstBias;
    private final int second;
    private final int secondBias;
    private final int policy;
    private final int policyBias;
    private final int value;
    private final int valueBias;

    private final float[] layer1;
    private final float[] layer2;
    private final float[] logits;
    private final float[] delta1;
    private final float[] delta2;
    private final float[] deltaPolicy;

    /// A network with the given weights. Throws `IllegalArgumentException` if their number does not fit.
    Network(Board board, int hidden, int generation, float[] weights) {
        int cells = board.cells();
        this.board = board;
        this.hidden = hidden;
        this.generation = generation;
        this.weights = weights;
        this.first = 0;
        this.firstBias = first + 2 * cells * hidden;
        this.second = firstBias + hidden;
        this.secondBias = second + hidden * hidden;
        this.policy = secondBias + hidden;
        this.policyBias = policy + hidden * cells;
        this.value = policyBias + cells;
        this.valueBias = value + hidden;
        if (weights.length != valueBias + 1) {
            throw new IllegalArgumentException("expected " + (valueBias + 1) + " weights for board " + board.size()
                    + " and " + hidden + " hidden units, found " + weights.length);
        }
        this.layer1 = new float[hidden];
        this.layer2 = new float[hidden];
        this.logits = new float[cells];
        this.delta1 = new float[hidden];
        this.delta2 = new float[hidden];
        this.deltaPolicy = new float[cells];
    }

    /// A fresh network of generation 0 with random weights (He et al. 2015); its outputs start near zero.
    static Network random(Board board, int hidden, RandomGenerator random) {
        int cells = board.cells();
        Network network = new Network(board, hidden, 0, new float[weightCount(board, hidden)]);
        // In a typical position a quarter of the 2 * cells inputs are set.
        network.fill(network.first, network.firstBias, Math.sqrt(4.0 / cells), random);
        network.fill(network.second, network.secondBias, Math.sqrt(2.0 / hidden), random);
        network.fill(network.policy, network.policyBias, 0.1 / Math.sqrt(hidden), random);
        network.fill(network.value, network.valueBias, 0.1 / Math.sqrt(hidden), random);
        return network;
    }

    static int weightCount(Board board, int hidden) {
        return (2 * board.cells() + 1) * hidden + (hidden + 1) * hidden + (hidden + 1) * (board.cells() + 1);
    }

    private void fill(int from, int to, double scale, RandomGenerator random) {
        for (int i = from; i < to; i++) weights[i] = (float) (random.nextGaussian() * scale);
    }

    Board board() {
        return board;
    }

    int hidden() {
        return hidden;
    }

    /// How many rounds of self-play and training led to this network.
    int generation() {
        return generation;
    }

    /// The weights themselves, not a copy.
    float[] weights() {
        return weights;
    }

    @Override
    public float evaluate(Position position, float[] priors) {
        float result = forward(position.mine(), position.theirs());
        softmax(position.empty(), priors);
        return result;
    }

    /// The empty cell the policy likes best.
    int bestMove(Position position) {
        forward(position.mine(), position.theirs());
        int best = Long.numberOfTrailingZeros(position.empty());
        for (long rest = position.empty(); rest != 0; rest &= rest - 1) {
            int cell = Long.numberOfTrailingZeros(rest);
            if (logits[cell] > logits[best]) best = cell;
        }
        return best;
    }

    /// Adds the gradient of one sample's loss to `gradient` and returns the loss: cross-entropy of the policy (if the
    /// sample has one) plus `valueShare` times the squared error of the value, both times the sample's weight.
    float addGradient(Sample sample, float valueShare, float[] gradient) {
        float guess = forward(sample.mine(), sample.theirs());
        float loss = policyDelta(sample);
        float error = guess - sample.outcome();
        loss += sample.weight() * valueShare * error * error;
        float deltaValue = sample.weight() * valueShare * 2 * error * (1 - guess * guess);
        backward(sample, deltaValue, gradient);
        return loss;
    }

    private float policyDelta(Sample sample) {
        if (sample.policy() == null) {
            Arrays.fill(deltaPolicy, 0);
            return 0;
        }
        softmax(board.all() & ~(sample.mine() | sample.theirs()), deltaPolicy);
        float loss = 0;
        for (int cell = 0; cell < deltaPolicy.length; cell++) {
            float target = sample.policy()[cell];
            if (target > 0) loss -= target * (float) Math.log(Math.max(deltaPolicy[cell], 1e-20f));
            deltaPolicy[cell] = sample.weight() * (deltaPolicy[cell] - target);
        }
        return sample.weight() * loss;
    }

    private void backward(Sample sample, float deltaValue, float[] gradient) {
        int cells = logits.length;
        addRow(deltaPolicy, 1, gradient, policyBias);
        gradient[valueBias] += deltaValue;
        for (int i = 0; i < hidden; i++) {
            float active = layer2[i];
            if (active <= 0) {
                delta2[i] = 0;
                continue;
            }
            delta2[i] = dot(weights, policy + i * cells, deltaPolicy) + weights[value + i] * deltaValue;
            addRow(deltaPolicy, active, gradient, policy + i * cells);
            gradient[value + i] += active * deltaValue;
        }
        addRow(delta2, 1, gradient, secondBias);
        for (int i = 0; i < hidden; i++) {
            float active = layer1[i];
            if (active <= 0) {
                delta1[i] = 0;
                continue;
            }
            delta1[i] = dot(weights, second + i * hidden, delta2);
            addRow(delta2, active, gradient, second + i * hidden);
        }
        addRow(delta1, 1, gradient, firstBias);
        for (long rest = sample.mine(); rest != 0; rest &= rest - 1) {
            addRow(delta1, 1, gradient, first + Long.numberOfTrailingZeros(rest) * hidden);
        }
        for (long rest = sample.theirs(); rest != 0; rest &= rest - 1) {
            addRow(delta1, 1, gradient, first + (cells + Long.numberOfTrailingZeros(rest)) * hidden);
        }
    }

    /// Fills the layers and the logits; returns the value.
    private float forward(long mine, long theirs) {
        int cells = logits.length;
        System.arraycopy(weights, firstBias, layer1, 0, hidden);
        for (long rest = mine; rest != 0; rest &= rest - 1) {
            addWeights(first + Long.numberOfTrailingZeros(rest) * hidden, 1, layer1);
        }
        for (long rest = theirs; rest != 0; rest &= rest - 1) {
            addWeights(first + (cells + Long.numberOfTrailingZeros(rest)) * hidden, 1, layer1);
        }
        System.arraycopy(weights, secondBias, layer2, 0, hidden);
        for (int i = 0; i < hidden; i++) {
            if (layer1[i] > 0) addWeights(second + i * hidden, layer1[i], layer2);
        }
        System.arraycopy(weights, policyBias, logits, 0, cells);
        float sum = weights[valueBias];
        for (int i = 0; i < hidden; i++) {
            if (layer2[i] <= 0) continue;
            addWeights(policy + i * cells, layer2[i], logits);
            sum += weights[value + i] * layer2[i];
        }
        return (float) Math.tanh(sum);
    }

    private void softmax(long allowed, float[] result) {
        float max = Float.NEGATIVE_INFINITY;
        for (long rest = allowed; rest != 0; rest &= rest - 1) {
            max = Math.max(max, logits[Long.numberOfTrailingZeros(rest)]);
        }
        Arrays.fill(result, 0);
        float sum = 0;
        for (long rest = allowed; rest != 0; rest &= rest - 1) {
            int cell = Long.numberOfTrailingZeros(rest);
            result[cell] = (float) Math.exp(logits[cell] - max);
            sum += result[cell];
        }
        for (int cell = 0; cell < result.length; cell++) result[cell] /= sum;
    }

    private void addWeights(int from, float scale, float[] target) {
        float[] source = weights;
        for (int j = 0; j < target.length; j++) target[j] += scale * source[from + j];
    }

    private static void addRow(float[] source, float scale, float[] target, int to) {
        for (int j = 0; j < source.length; j++) target[to + j] += scale * source[j];
    }

    /// Four sums side by side: one chain of additions would wait for itself.
    private static float dot(float[] row, int from, float[] vector) {
        float a = 0;
        float b = 0;
        float c = 0;
        float d = 0;
        int j = 0;
        for (; j + 3 < vector.length; j += 4) {
            a += row[from + j] * vector[j];
            b += row[from + j + 1] * vector[j + 1];
            c += row[from + j + 2] * vector[j + 2];
            d += row[from + j + 3] * vector[j + 3];
        }
        for (; j < vector.length; j++) a += row[from + j] * vector[j];
        return a + b + (c + d);
    }
}
