package dev.muster.edge.cli;

import dev.muster.core.hosts.HostFile;
import dev.muster.core.rent.RentOrder;
import dev.muster.edge.config.Nearest;
import dev.muster.edge.provider.Provider;
import dev.muster.edge.provider.ProviderFailure;
import dev.muster.edge.provider.Providers;
import dev.muster.edge.provider.Surroundings;
import dev.muster.edge.provider.Wiretap;
import dev.muster.edge.view.Doc;
import java.io.PrintStream;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.random.RandomGenerator;

/// A provider as a command asks it, and what its failures mean here.
final class Rentals {
    private static final String USUAL = "vast";
    /// A person who waits for longer is told why.
    private static final Duration SILENT_MAX = Duration.ofSeconds(3);

    /// As of every command; what is asked here changes nothing, or is found again by its label.
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private Rentals() {}

    /// A refusal shows before anybody is asked, and with `--dry-run`; an order that is given again is answered as it was.
    static void tryOut(Args args, Client client, String path, Doc body) throws Failure {
        if (args.text("--request-id").isPresent() && !args.dryRun()) return;
        client.check(path + "?dry_run=true", body);
    }

    /// The options of whatever asks a provider.
    static Verb options(Verb verb) {
        return verb.option("--provider", "NAME", "vast, lambda or hosts; vast unless told (MUSTER_PROVIDER)")
                .flag("--explain", "show the requests on stderr, without secrets");
    }

    interface Task {
        int with(Provider provider, Providers providers) throws Failure, ProviderFailure;
    }

    /// Does something with the provider that the words name.
    static int with(Args args, Task task) throws Failure {
        return at(args, name(args), task);
    }

    /// As [#with], with this one.
    static int at(Args args, String name, Task task) throws Failure {
        Providers providers = new Providers(args.shell().env(), () -> NO_HOSTS, surroundings(args));
        try (Provider provider = providers.of(name)) {
            return task.with(provider, providers);
        } catch (ProviderFailure e) {
            throw failure(e);
        } catch (OutOfTime e) {
            throw new Failure(
                    Exit.ERROR,
                    "UNAVAILABLE",
                    name + ": expected an answer in time, but it may only be asked again in " + e.wait.toSeconds()
                            + "s",
                    "--timeout gives it more time");
        } catch (IllegalArgumentException e) {
            throw Failure.usage(e.getMessage(), "");
        }
    }

    /// With `--explain`: the request as the leader will send it, with a label of its own and what it has found by then.
    static void explain(Args args, RentOrder order) throws Failure {
        if (!args.flag("--explain")) return;
        PrintStream err = args.shell().err();
        err.println("muster: the leader will send, with a label of its own, and its own key:");
        Surroundings own = surroundings(args);
        Surroundings dry = new Surroundings(
                own.clock(), own.dice(), own.pause(), new Wiretap(err::println, true, true), own.patience());
        try (Provider provider = new Providers(args.shell().env(), () -> NO_HOSTS, dry).of(name(args))) {
            provider.create(order);
        } catch (ProviderFailure.Refused e) {
            if (!e.code().equals(ProviderFailure.DRY_RUN)) throw failure(e);
        } catch (ProviderFailure e) {
            throw failure(e);
        }
    }

    /// It would have to be waited for longer than a person wants to.
    private static final class OutOfTime extends RuntimeException {
        private static final long serialVersionUID = 1L;
        private final transient Duration wait;

        OutOfTime(Duration wait) {
            super("out of time", null, false, false);
            this.wait = wait;
        }
    }

    static final HostFile NO_HOSTS = new HostFile(List.of(), Optional.empty(), List.of());

    private static String name(Args args) throws Failure {
        String name = args.text("--provider").orElse(args.shell().env().getOrDefault("MUSTER_PROVIDER", USUAL));
        if (Providers.names().contains(name)) return name;
        throw Failure.usage(
                "unknown provider " + name
                        + Nearest.of(name, Providers.names())
                                .map(near -> "; did you mean " + near + "?")
                                .orElse(""),
                "there are " + String.join(", ", Providers.names()));
    }

    private static Surroundings surroundings(Args args) throws Failure {
        PrintStream err = args.shell().err();
        Duration patience = args.globalDuration("--timeout", PATIENCE);
        Instant end = args.shell().clock().instant().plus(patience);
        // For programs, there is nothing but the answer or the failure.
        boolean tells = args.output() == Output.TABLE || args.output() == Output.WIDE;
        return new Surroundings(
                args.shell().clock(),
                RandomGenerator.getDefault(),
                time -> {
                    if (args.shell().clock().instant().plus(time).isAfter(end)) throw new OutOfTime(time);
                    if (tells && time.compareTo(SILENT_MAX) > 0)
                        err.println("muster: waiting " + time.toSeconds() + "s before the provider is asked again");
                    if (!args.shell().pause().of(time)) throw new InterruptedException();
                },
                new Wiretap(err::println, args.flag("--explain"), args.dryRun()),
                patience);
    }

    /// What to do about it depends on its kind only.
    static Failure failure(ProviderFailure failure) {
        String message = failure.getMessage();
        return switch (failure) {
            case ProviderFailure.Denied denied ->
                new Failure(
                        Exit.NOT_ALLOWED,
                        "DENIED",
                        message,
                        (denied.expired() ? "make another: " : "") + key(denied.provider()));
            case ProviderFailure.Refused refused ->
                new Failure(Exit.ERROR, "PROVIDER_REFUSED", message, "the provider calls it " + refused.code());
            case ProviderFailure.Unsure unsure ->
                new Failure(
                        Exit.UNKNOWN,
                        "UNKNOWN",
                        message,
                        "look at the provider's list of machines before asking again");
            case ProviderFailure.Unavailable unavailable ->
                new Failure(Exit.ERROR, "UNAVAILABLE", message, "try again later");
            case ProviderFailure.Unsupported unsupported -> new Failure(Exit.USAGE, "UNSUPPORTED", message, "");
        };
    }

    private static String key(String provider) {
        return provider.equals("lambda")
                ? "LAMBDA_API_KEY holds the key, or LAMBDA_API_KEY_FILE names its file; cloud.lambda.ai makes one"
                : "VAST_API_KEY holds the key, or VAST_API_KEY_FILE names its file; cloud.vast.ai, \"Keys\", makes one";
    }
}
