package dev.muster.edge.program;

import dev.muster.edge.cli.Exit;
import dev.muster.edge.cli.Failure;
import dev.muster.edge.cli.Programs;
import dev.muster.edge.cli.Shell;
import dev.muster.edge.vastsim.LocalBoot;
import dev.muster.edge.vastsim.SimSettings;
import dev.muster.edge.vastsim.VastSim;
import dev.muster.market.MarketSettings;
import dev.muster.market.Usd;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Stream;

/// `muster vastsim`: until Ctrl-C, which ends all instances' processes.
final class VastSimProgram {
    private static final int KEY_BYTES = 32;
    private static final double CREDIT_MAX = 1e6;

    private VastSimProgram() {}

    static int run(Programs.Options options, Shell shell) throws Failure {
        Map<String, String> flags = options.flags();
        SimSettings settings = settings(flags, shell, shell.clock().instant());
        boolean temporary = !flags.containsKey("dir");
        try {
            Path folder = temporary
                    ? Files.createTempDirectory("muster-vastsim-")
                    : options.data().toAbsolutePath();
            VastSim sim = started(settings, folder, temporary);
            Thread closing = new Thread(() -> close(sim, folder, temporary), "vastsim-close");
            Runtime.getRuntime().addShutdownHook(closing);
            String host = settings.host().equals("0.0.0.0") ? "127.0.0.1" : settings.host();
            shell.out().println("a simulated market listens on " + sim.url(host) + "; instances are in " + folder);
            shell.out().println("export VAST_URL=" + sim.url(host) + " VAST_API_KEY=" + settings.apiKey());
            shell.out().flush();
            new CountDownLatch(1).await();
            return Exit.DONE;
        } catch (IOException | UncheckedIOException e) {
            throw new Failure(Exit.ERROR, "IO", e.getMessage(), "");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return Exit.ERROR;
        }
    }

    /// What cannot listen leaves nothing behind.
    private static VastSim started(SimSettings settings, Path folder, boolean temporary) throws IOException {
        try {
            return VastSim.start(settings, LocalBoot.in(folder));
        } catch (IOException | UncheckedIOException e) {
            if (temporary) remove(folder);
            throw e;
        }
    }

    private static SimSettings settings(Map<String, String> flags, Shell shell, Instant now) throws Failure {
        double credit = number(flags, "credit", 100);
        if (!(Math.abs(credit) <= CREDIT_MAX))
            throw Failure.usage("expected --credit of at most " + CREDIT_MAX + ", but found " + credit, "");
        MarketSettings market = (flags.containsKey("calm") ? MarketSettings.calm(now) : MarketSettings.standard(now))
                .withCredit(Usd.of(credit));
        try {
            return new SimSettings(
                    flags.getOrDefault("listen", "127.0.0.1"),
                    (int) whole(flags, "port", 0),
                    flags.getOrDefault("api-key", shell.env().getOrDefault("VAST_API_KEY", drawn())),
                    whole(flags, "seed", 1),
                    number(flags, "speed", 1),
                    !flags.containsKey("no-pacing"),
                    market);
        } catch (IllegalArgumentException e) {
            throw Failure.usage(e.getMessage(), "`muster vastsim --help` lists the options");
        }
    }

    private static long whole(Map<String, String> flags, String name, long absent) throws Failure {
        try {
            return flags.containsKey(name) ? Long.parseLong(flags.get(name)) : absent;
        } catch (NumberFormatException e) {
            throw Failure.usage(
                    "expected --" + name + " to be a whole number, but found \"" + flags.get(name) + "\"", "");
        }
    }

    private static double number(Map<String, String> flags, String name, double absent) throws Failure {
        try {
            return flags.containsKey(name) ? Double.parseDouble(flags.get(name)) : absent;
        } catch (NumberFormatException e) {
            throw Failure.usage("expected --" + name + " to be a number, but found \"" + flags.get(name) + "\"", "");
        }
    }

    private static String drawn() {
        byte[] random = new byte[KEY_BYTES];
        new SecureRandom().nextBytes(random);
        return HexFormat.of().formatHex(random);
    }

    private static void close(VastSim sim, Path folder, boolean temporary) {
        sim.close();
        if (temporary) remove(folder);
    }

    private static void remove(Path folder) {
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) Files.deleteIfExists(file);
        } catch (IOException | UncheckedIOException e) {
            System.err.println("muster: expected to remove " + folder + ", but " + e.getMessage());
        }
    }
}
