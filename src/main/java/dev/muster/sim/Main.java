package dev.muster.sim;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Optional;

/// Runs seeds and prints one line each; exit status 1 when one broke a promise, 2 when it does not understand.
///
///     --seed N [--seeds COUNT] [--until 3h12m] [--nodes N] [--voters V] [--pace P] [--trace]
///     --rent --seed N [--seeds COUNT] [--until 15m] [--trace]        a small cluster that rents machines
public final class Main {
    private long seed = 1;
    private int seeds = 1;
    private Optional<Duration> until = Optional.empty();
    private boolean rent;
    private int nodes = Trial.NODES_DEFAULT;
    private int voters = Trial.VOTERS_DEFAULT;
    private int pace = 1;
    private boolean trace;

    private Main() {}

    public static void main(String[] args) {
        System.exit(run(List.of(args)));
    }

    /// @return the exit status
    static int run(List<String> args) {
        Main main = new Main();
        try {
            main.read(new ArrayDeque<>(args));
        } catch (IllegalArgumentException e) {
            System.err.println(e.getMessage());
            return 2;
        }
        return main.run();
    }

    private void read(Deque<String> args) {
        while (!args.isEmpty()) {
            String name = args.poll();
            switch (name) {
                case "--trace" -> trace = true;
                case "--rent" -> rent = true;
                case "--seed" -> seed = number(name, args.poll());
                case "--seeds" -> seeds = (int) number(name, args.poll());
                case "--nodes" -> nodes = (int) number(name, args.poll());
                case "--voters" -> voters = (int) number(name, args.poll());
                case "--pace" -> pace = (int) number(name, args.poll());
                case "--until" -> until = Optional.of(Scenario.duration(args.isEmpty() ? "" : args.poll()));
                default ->
                    throw new IllegalArgumentException("expected --seed, --seeds, --until, --nodes, --voters, --pace,"
                            + " --rent or --trace, but found \"" + name + "\"");
            }
        }
    }

    private static long number(String name, String text) {
        try {
            return Long.parseLong(text);
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException("expected a number after " + name + ", but found \"" + text + "\"", e);
        }
    }

    private int run() {
        boolean broken = false;
        for (long each = seed; each < seed + seeds; each++) {
            if (rent) {
                broken |= rented(each);
                continue;
            }
            Trial.Result result =
                    Trial.run(new Trial.Plan(each, nodes, voters, until.orElse(Trial.UNTIL_DEFAULT), pace), line -> {
                        if (trace) System.out.println(line);
                    });
            System.out.println(line(result));
            broken |= result.broken().isPresent();
        }
        return broken ? 1 : 0;
    }

    private boolean rented(long each) {
        RentTrial.Result result = RentTrial.run(each, until.orElse(RentTrial.UNTIL_DEFAULT), line -> {
            if (trace) System.out.println(line);
        });
        String at = Story.time(result.at());
        System.out.println(result.broken()
                .map(why -> "seed " + each + " FAILED at " + at + ": " + why + "\n" + result.command())
                .orElseGet(() -> "seed %d ok at %s: %d machines, %d leaders, hash %s"
                        .formatted(each, at, result.rented(), result.leaders(), result.hash())));
        return result.broken().isPresent();
    }

    private static String line(Trial.Result result) {
        String at = Story.time(result.at());
        return result.broken()
                .map(why -> "seed " + result.plan().seed() + " FAILED at " + at + ": " + why + "\n" + result.command())
                .orElseGet(() -> "seed %d ok at %s: %d entries, %d events, %d jobs, hash %s"
                        .formatted(
                                result.plan().seed(),
                                at,
                                result.entries(),
                                result.revision(),
                                result.jobs(),
                                result.hash()));
    }
}
