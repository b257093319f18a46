package dev.muster.demo;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/// Fits a network to games: the policy to the search's visits, the value to the games' outcomes.
final class Training {
    private final Board board;
    private final Settings settings;
    private final List<Sample> samples;
    private final int generation;
    private final SplittableRandom random;

    /// Takes the first [Settings#gamesKept] of `games`, which come newest generation first. Throws
    /// `IllegalArgumentException` if there is none, or one cannot be replayed.
    Training(Board board, Settings settings, List<Game> games, long seed) {
        if (games.isEmpty()) throw new IllegalArgumentException("expected at least one game, found none");
        this.board = board;
        this.settings = settings;
        this.generation = games.getFirst().generation();
        this.random = Seeds.random(seed, 0);
        this.samples = new ArrayList<>();
        for (Game game : games) {
            float weight = (float) Math.pow(settings.ageDecay(), generation - game.generation());
            samples.addAll(game.samples(board, weight));
        }
    }

    /// What each epoch reports: its number from 1, and the mean loss of a sample.
    interface Progress {
        void epoch(int epoch, double loss);
    }

    int samples() {
        return samples.size();
    }

    /// How many passes over these samples come closest to the usual work of one training.
    int usualEpochs() {
        return Math.max(1, Math.round((float) settings.samplesSeen() / samples.size()));
    }

    /// Trains from `start`, or from random weights if it is null. The result is one generation after its newest
    /// games.
    Network run(Network start, int epochs, Progress progress) {
        Network from = start == null ? Network.random(board, settings.hidden(), random) : start;
        Network result =
                new Network(board, from.hidden(), generation + 1, from.weights().clone());
        Optimizer optimizer = new Optimizer(result.weights().length, settings.weightDecay());
        float[] gradient = new float[result.weights().length];
        int steps = (samples.size() + settings.batch() - 1) / settings.batch() * epochs;
        int step = 0;
        for (int epoch = 1; epoch <= epochs; epoch++) {
            shuffle();
            double loss = 0;
            double weight = 0;
            for (int at = 0; at < samples.size(); at += settings.batch()) {
                List<Sample> batch = samples.subList(at, Math.min(samples.size(), at + settings.batch()));
                for (Sample sample : batch) {
                    Sample seen = random.nextBoolean() ? sample : sample.halfTurn(board);
                    loss += result.addGradient(seen, settings.valueShare(), gradient);
                    weight += sample.weight();
                }
                optimizer.step(result.weights(), gradient, 1f / batch.size(), rate(step++, steps));
            }
            progress.epoch(epoch, loss / weight);
        }
        return result;
    }

    /// From the full rate down to a tenth of it, along half a cosine wave.
    private float rate(int step, int steps) {
        double cosine = (1 + Math.cos(Math.PI * step / steps)) / 2;
        return (float) (settings.learningRate() * (0.1 + 0.9 * cosine));
    }

    private void shuffle() {
        for (int i = samples.size() - 1; i > 0; i--) {
            int j = random.nextInt(i + 1);
            Sample other = samples.get(i);
            samples.set(i, samples.get(j));
            samples.set(j, other);
        }
    }
}
