package dev.muster.core.rating;

/// A symmetric positive definite matrix as `L · Lᵀ`, for solving and for the diagonal of the inverse.
final class Cholesky {
    private final double[][] lower;

    private Cholesky(double[][] lower) {
        this.lower = lower;
    }

    /// @throws ArithmeticException when the matrix is not positive definite
    static Cholesky of(double[][] matrix) {
        int size = matrix.length;
        double[][] lower = new double[size][size];
        for (int row = 0; row < size; row++) {
            for (int column = 0; column <= row; column++) {
                double rest = matrix[row][column];
                for (int k = 0; k < column; k++) rest -= lower[row][k] * lower[column][k];
                lower[row][column] = row == column ? root(rest) : rest / lower[column][column];
            }
        }
        return new Cholesky(lower);
    }

    private static double root(double square) {
        if (!(square > 0))
            throw new ArithmeticException("expected a positive definite matrix, but found a pivot of " + square);
        return Math.sqrt(square);
    }

    double[] solve(double[] right) {
        double[] half = forward(right, 0);
        double[] x = new double[half.length];
        for (int row = half.length - 1; row >= 0; row--) {
            double rest = half[row];
            for (int k = row + 1; k < half.length; k++) rest -= lower[k][row] * x[k];
            x[row] = rest / lower[row][row];
        }
        return x;
    }

    /// `(A⁻¹)ᵢᵢ` is the squared length of `L⁻¹eᵢ`.
    double[] inverseDiagonal() {
        double[] diagonal = new double[lower.length];
        for (int i = 0; i < lower.length; i++) {
            double[] unit = new double[lower.length];
            unit[i] = 1;
            for (double part : forward(unit, i)) diagonal[i] += part * part;
        }
        return diagonal;
    }

    private double[] forward(double[] right, int from) {
        double[] y = new double[right.length];
        for (int row = from; row < right.length; row++) {
            double rest = right[row];
            for (int k = from; k < row; k++) rest -= lower[row][k] * y[k];
            y[row] = rest / lower[row][row];
        }
        return y;
    }
}
