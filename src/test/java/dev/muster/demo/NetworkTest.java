package dev.muster.demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class NetworkTest {
    private static final float VALUE_SHARE = 0.7f;

    private final Board board = new Board(3);

    @Test
    void theGradientIsTheSlopeOfTheLoss() {
        Network network = lively();
        float[] weights = network.weights();
        for (Sample sample : new Sample[] {searched(), unsearched()}) {
            float[] gradient = new float[weights.length];
            network.addGradient(sample, VALUE_SHARE, gradient);
            double largest = 0;
            for (int i = 0; i < weights.length; i++) {
                assertThat((double) gradient[i]).as("weight %d", i).isCloseTo(slope(network, sample, i), within(2e-3));
                largest = Math.max(largest, Math.abs(gradient[i]));
            }
            assertThat(largest).isGreaterThan(0.1);
        }
    }

    private static double slope(Network network, Sample sample, int weight) {
        float[] weights = network.weights();
        float step = 1e-3f;
        float before = weights[weight];
        weights[weight] = before + step;
        double above = network.addGradient(sample, VALUE_SHARE, new float[weights.length]);
        weights[weight] = before - step;
        double below = network.addGradient(sample, VALUE_SHARE, new float[weights.length]);
        weights[weight] = before;
        return (above - below) / (2 * step);
    }

    /// A network whose heads and biases are not near zero, so that every term of the gradient counts.
    private Network lively() {
        SplittableRandom random = new SplittableRandom(5);
        float[] weights = new float[Network.weightCount(board, 8)];
        for (int i = 0; i < weights.length; i++) weights[i] = (float) (random.nextGaussian() * 0.5);
        return new Network(board, 8, 0, weights);
    }

    private Sample searched() {
        float[] policy = new float[board.cells()];
        policy[1] = 0.25f;
        policy[2] = 0.75f;
        return new Sample(0b000010001, 0b101000000, policy, -1, 0.8f);
    }

    private Sample unsearched() {
        return new Sample(0b000010001, 0b101000000, null, 1, 1);
    }

    @Test
    void priorsCoverTheEmptyCellsAndSumToOne() {
        Position position = Position.start(board).play(4).play(2);
        float[] priors = new float[board.cells()];
        float value = lively().evaluate(position, priors);
        float sum = 0;
        for (int cell = 0; cell < priors.length; cell++) {
            boolean empty = (position.empty() >>> cell & 1) == 1;
            assertThat(priors[cell] > 0).isEqualTo(empty);
            sum += priors[cell];
        }
        assertThat(sum).isCloseTo(1, within(1e-5f));
        assertThat(value).isBetween(-1f, 1f);
    }

    @Test
    void theBestMoveIsTheLikeliestEmptyCell() {
        Network network = lively();
        Position position = Position.start(board).play(0).play(8);
        float[] priors = new float[board.cells()];
        network.evaluate(position, priors);
        int best = network.bestMove(position);
        for (float prior : priors) assertThat(prior).isLessThanOrEqualTo(priors[best]);
    }

    @Test
    void aHalfTurnOfASampleTurnsStonesAndPolicyAlike() {
        Sample turned = searched().halfTurn(board);
        assertThat(turned.mine()).isEqualTo(0b100010000);
        assertThat(turned.theirs()).isEqualTo(0b000000101);
        assertThat(turned.policy()).containsExactly(0, 0, 0, 0, 0, 0, 0.75f, 0.25f, 0);
        assertThat(turned.halfTurn(board).policy()).containsExactly(searched().policy());
    }

    @Test
    void weightsThatDoNotFitAreRefused() {
        assertThatThrownBy(() -> new Network(board, 8, 0, new float[3])).hasMessageContaining("found 3");
    }
}
