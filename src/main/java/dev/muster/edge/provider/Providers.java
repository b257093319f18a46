package dev.muster.edge.provider;

import dev.muster.core.hosts.HostFile;
import dev.muster.core.rent.Capabilities;
import dev.muster.core.state.Money;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/// Providers by name, set up by the environment. Secrets come from there or from files, and are read for each request:
/// a key that is changed counts at once.
public final class Providers {
    /// Hosts that a team owns: they need no key, and are not rented.
    public static final String OWN = HostsProvider.NAME;

    private static final String IMAGE = "pytorch/pytorch:2.0";
    private static final String SSH_KEY = ".ssh/vast_rsa";

    private final Map<String, String> env;
    private final Supplier<HostFile> hosts;
    private final Surroundings around;

    /// @param hosts the file of hosts, for those that a team owns
    public Providers(Map<String, String> env, Supplier<HostFile> hosts, Surroundings around) {
        this.env = Map.copyOf(env);
        this.hosts = hosts;
        this.around = around;
    }

    /// All that there are.
    public static List<String> names() {
        return List.of(VastProvider.NAME, LambdaProvider.NAME, HostsProvider.NAME);
    }

    /// What can be done at one; empty when there is none of that name.
    public static Optional<Capabilities> can(String name) {
        return switch (name) {
            case VastProvider.NAME -> Optional.of(VastProvider.CAN);
            case LambdaProvider.NAME -> Optional.of(LambdaProvider.CAN);
            case HostsProvider.NAME -> Optional.of(Capabilities.LIST_ONLY);
            default -> Optional.empty();
        };
    }

    /// Nothing is asked of it yet: a missing key shows with the first request.
    ///
    /// @throws IllegalArgumentException when there is no such provider, or its address is none
    public Provider of(String name) {
        return switch (name) {
            case VastProvider.NAME -> new VastProvider(base("VAST_URL", VastProvider.BASE), this::vastKey, around);
            case LambdaProvider.NAME ->
                new LambdaProvider(base("LAMBDA_URL", LambdaProvider.BASE), this::lambdaKey, around);
            case HostsProvider.NAME -> new HostsProvider(hosts);
            default ->
                throw new IllegalArgumentException(
                        "expected a provider of " + String.join(", ", names()) + ", but found \"" + name + "\"");
        };
    }

    /// Those whose key is there.
    public List<String> configured() {
        return names().stream().filter(this::isConfigured).toList();
    }

    private boolean isConfigured(String name) {
        try {
            if (name.equals(VastProvider.NAME)) vastKey();
            if (name.equals(LambdaProvider.NAME)) lambdaKey();
            return true;
        } catch (ProviderFailure.Denied e) {
            return false;
        }
    }

    /// What the runbooks' variables say of an order.
    ///
    /// @param sshKey   the private key's file (`VAST_SSH_KEY`); the public one lies beside it
    /// @param image    `VAST_DEFAULT_IMAGE`
    /// @param priceMax per hour (`VAST_MAX_PRICE`); empty when nobody said so
    public record Preferences(Path sshKey, String image, Optional<Money> priceMax) {
        /// The line of the public key.
        ///
        /// @throws IOException when there is no such file
        public String publicKey() throws IOException {
            Path file = sshKey.resolveSibling(sshKey.getFileName() + ".pub");
            return Files.readString(file).strip();
        }
    }

    /// @throws IllegalArgumentException when `VAST_MAX_PRICE` is no amount above 0
    public Preferences preferences() {
        String key = set("VAST_SSH_KEY").orElse("~/" + SSH_KEY);
        return new Preferences(
                key.startsWith("~/") ? home().resolve(key.substring(2)) : Path.of(key),
                set("VAST_DEFAULT_IMAGE").orElse(IMAGE),
                set("VAST_MAX_PRICE").map(Providers::price));
    }

    private static Money price(String written) {
        Money price;
        try {
            price = Money.parse(written);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("VAST_MAX_PRICE: " + e.getMessage(), e);
        }
        if (price.compareTo(Money.ZERO) <= 0)
            throw new IllegalArgumentException("VAST_MAX_PRICE: expected an amount above $0, but found " + price);
        return price;
    }

    private URI base(String variable, URI usual) {
        Optional<String> written = set(variable);
        if (written.isEmpty()) return usual;
        try {
            URI base = URI.create(written.get().replaceAll("/+$", ""));
            if (base.getHost() != null
                    && List.of("http", "https").contains(base.getScheme())
                    && base.getQuery() == null) return base;
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(variable + ": " + e.getMessage(), e);
        }
        throw new IllegalArgumentException(
                variable + ": expected https://host[:port], but found \"" + written.get() + "\"");
    }

    /// `VAST_API_KEY`, a file that `VAST_API_KEY_FILE` names, or where Vast's own command line keeps it.
    private ApiKey vastKey() throws ProviderFailure.Denied {
        Path config = set("XDG_CONFIG_HOME").map(Path::of).orElse(home().resolve(".config"));
        List<Path> files = List.of(config.resolve("vastai").resolve("vast_api_key"), home().resolve(".vast_api_key"));
        return key(VastProvider.NAME, "VAST_API_KEY", files);
    }

    private ApiKey lambdaKey() throws ProviderFailure.Denied {
        return key(LambdaProvider.NAME, "LAMBDA_API_KEY", List.of());
    }

    private ApiKey key(String provider, String variable, List<Path> files) throws ProviderFailure.Denied {
        Optional<String> written = set(variable);
        if (written.isPresent()) return key(provider, variable, written.get());
        Optional<Path> named = set(variable + "_FILE").map(Path::of);
        for (Path file : named.map(List::of).orElse(files)) {
            Optional<String> text = text(file);
            if (text.isPresent()) return key(provider, file.toString(), text.get());
        }
        if (named.isPresent())
            throw new ProviderFailure.Denied(
                    provider,
                    "expected a key in the file " + named.get() + " (" + variable + "_FILE), but cannot read one");
        throw new ProviderFailure.Denied(
                provider,
                "expected a key in " + variable + ", but it is not set"
                        + (files.isEmpty() ? "" : ", nor is there a file " + files.getFirst()));
    }

    private static ApiKey key(String provider, String where, String secret) throws ProviderFailure.Denied {
        try {
            return new ApiKey(secret);
        } catch (IllegalArgumentException e) {
            throw new ProviderFailure.Denied(provider, where + ": " + e.getMessage());
        }
    }

    /// Empty when nobody can read it, or nothing is in it.
    private static Optional<String> text(Path file) {
        try {
            return Optional.of(Files.readString(file).strip()).filter(text -> !text.isEmpty());
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    private Optional<String> set(String variable) {
        return Optional.ofNullable(env.get(variable)).map(String::strip).filter(value -> !value.isEmpty());
    }

    private Path home() {
        return Path.of(env.getOrDefault("HOME", "/"));
    }
}
