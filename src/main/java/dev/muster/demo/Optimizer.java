package dev.muster.demo;

/// Adam with decoupled weight decay (Loshchilov and Hutter 2019, "Decoupled weight decay regularization").
final class Optimizer {
    private static final float FIRST = 0.9f;
    private static final float SECOND = 0.999f;
    private static final float EPSILON = 1e-8f;

    private final float[] mean;
    private final float[] square;
    private final float weightDecay;
    private double firstPower = 1;
    private double secondPower = 1;

    Optimizer(int weights, float weightDecay) {
        this.mean = new float[weights];
        this.square = new float[weights];
        this.weightDecay = weightDecay;
    }

    /// One step along `gradient`, which it scales by `scale` and sets to zero.
    void step(float[] weights, float[] gradient, float scale, float learningRate) {
        firstPower *= FIRST;
        secondPower *= SECOND;
        float rate = (float) (learningRate * Math.sqrt(1 - secondPower) / (1 - firstPower));
        float keep = 1 - learningRate * weightDecay;
        for (int i = 0; i < weights.length; i++) {
            float slope = gradient[i] * scale;
            mean[i] = FIRST * mean[i] + (1 - FIRST) * slope;
            square[i] = SECOND * square[i] + (1 - SECOND) * slope * slope;
            weights[i] = keep * weights[i] - rate * mean[i] / ((float) Math.sqrt(square[i]) + EPSILON);
            gradient[i] = 0;
        }
    }
}
