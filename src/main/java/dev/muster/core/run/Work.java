package dev.muster.core.run;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/// What a run has to do, by a formula that knows nothing of the machine.
///
/// @param fixed what does not depend on epochs, as an evaluation
public record Work(List<Part> parts, Duration fixed) {
    /// A year: more is a slip of the keyboard.
    private static final Duration MOST = Duration.ofDays(365);

    private static final Duration EVALUATION = Duration.ofMinutes(15);
    private static final Duration CONDITIONED = Duration.ofMinutes(20);

    /// @param secondsPerEpoch on whatever machine the formula was measured on
    public record Part(String name, long epochs, double secondsPerEpoch) {
        /// @throws IllegalArgumentException when a number is negative, or none
        public Part {
            if (epochs < 0 || !(secondsPerEpoch >= 0) || Double.isInfinite(secondsPerEpoch))
                throw new IllegalArgumentException(
                        name + ": expected epochs and seconds per epoch of 0 or more, but found " + epochs + " of "
                                + secondsPerEpoch + " s");
        }

        double seconds() {
            return epochs * secondsPerEpoch;
        }
    }

    /// @throws IllegalArgumentException when it takes no time, or more than a year
    public Work {
        parts = List.copyOf(parts);
        double seconds = parts.stream().mapToDouble(Part::seconds).sum() + fixed.toSeconds();
        if (fixed.isNegative() || !(seconds > 0) || seconds > MOST.toSeconds())
            throw new IllegalArgumentException(
                    "expected work of up to " + MOST.toDays() + " days, but found " + Math.round(seconds) + " s");
    }

    public Duration time() {
        double seconds = parts.stream().mapToDouble(Part::seconds).sum();
        return fixed.plusMillis(Math.round(seconds * 1000));
    }

    /// Epochs of a latent operator's four stages.
    public record Epochs(long operator, long diffusion, long distill, long steady) {}

    /// Of a latent operator, as its project measured it: seconds per epoch grow with the latent dimension in three steps.
    ///
    /// @param evaluated   an evaluation follows
    /// @param conditioned it is conditioned at test time, which takes longer
    /// @throws IllegalArgumentException when the dimension is not positive, or nothing is to be done
    public static Work latentOperator(long dim, Epochs epochs, boolean evaluated, boolean conditioned) {
        if (dim < 1) throw new IllegalArgumentException("expected a latent dimension of 1 or more, but found " + dim);
        double[] pace = dim <= 32
                ? new double[] {3, 7, 300, 5}
                : dim <= 64 ? new double[] {5, 10, 400, 8} : new double[] {15, 30, 600, 20};
        List<Part> parts = new ArrayList<>();
        add(parts, "operator", epochs.operator(), pace[0]);
        add(parts, "diffusion", epochs.diffusion(), pace[1]);
        add(parts, "distill", epochs.distill(), pace[2]);
        add(parts, "steady", epochs.steady(), pace[3]);
        Duration evaluation = evaluated ? EVALUATION : Duration.ZERO;
        return new Work(parts, evaluated && conditioned ? evaluation.plus(CONDITIONED) : evaluation);
    }

    private static void add(List<Part> parts, String name, long epochs, double secondsPerEpoch) {
        if (epochs != 0) parts.add(new Part(name, epochs, secondsPerEpoch));
    }
}
