package dev.muster.edge.program;

import dev.muster.edge.cli.Exit;
import dev.muster.edge.cli.Failure;
import dev.muster.edge.cli.Programs;
import dev.muster.edge.cli.Shell;
import dev.muster.edge.local.DemoOptions;
import dev.muster.edge.local.DemoRun;
import dev.muster.edge.local.SshFleet;
import dev.muster.edge.wire.Durations;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;

/// `muster demo`.
final class DemoProgram {
    private static final Duration TIMEOUT = Duration.ofMinutes(15);

    private DemoProgram() {}

    static int run(Programs.Options options, Shell shell) throws Failure {
        Map<String, String> flags = options.flags();
        boolean json = flags.containsKey("json");
        DemoOptions demo = new DemoOptions(
                promotions(flags.get("until")),
                timeout(flags.get("timeout")),
                flags.containsKey("kill-leader"),
                json,
                Optional.ofNullable(flags.get("data")).map(Path::of),
                rented(flags));
        try {
            return new DemoRun(demo, SimulatedMarket::open, shell.out(), json ? shell.err() : shell.out(), shell.err())
                    .run();
        } catch (IOException e) {
            throw new Failure(Exit.ERROR, "IO", "the demo cannot go on: " + e.getMessage(), "");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return Exit.ERROR;
        }
    }

    private static OptionalInt promotions(String until) throws Failure {
        if (until == null) return OptionalInt.empty();
        try {
            if (until.startsWith("promotions=")) {
                int count = Integer.parseInt(until.substring("promotions=".length()));
                if (count >= 1 && count <= 1000) return OptionalInt.of(count);
            }
        } catch (NumberFormatException e) {
            // told below
        }
        throw Failure.usage("expected --until promotions=N with N of 1 to 1000, but found \"" + until + "\"", "");
    }

    private static OptionalLong rented(Map<String, String> flags) throws Failure {
        if (!flags.containsKey("rented")) {
            if (flags.containsKey("seed")) throw Failure.usage("expected --rented with --seed: it is the market's", "");
            return OptionalLong.empty();
        }
        if (flags.containsKey("kill-leader"))
            throw Failure.usage(
                    "expected --rented without --kill-leader: what is outbid may be the training that a leader's death is to"
                            + " leave alone",
                    "one after the other shows both");
        Optional<String> missing = SshFleet.missing();
        if (missing.isPresent())
            throw new Failure(Exit.ERROR, "MISSING", "machines are reached by SSH, and " + missing.get(), "");
        try {
            return OptionalLong.of(Long.parseLong(flags.getOrDefault("seed", "1")));
        } catch (NumberFormatException e) {
            throw Failure.usage("expected --seed to be a whole number, but found \"" + flags.get("seed") + "\"", "");
        }
    }

    private static Duration timeout(String text) throws Failure {
        try {
            return text == null ? TIMEOUT : Durations.parse(text);
        } catch (IllegalArgumentException e) {
            throw Failure.usage("--timeout: " + e.getMessage(), "");
        }
    }
}
