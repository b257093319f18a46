package dev.muster.edge.cli;

import dev.muster.core.rent.BadQuery;
import dev.muster.core.rent.Condition;
import dev.muster.core.rent.Deal;
import dev.muster.core.rent.GpuName;
import dev.muster.core.rent.OfferField;
import dev.muster.core.rent.OfferQuery;
import dev.muster.core.rent.Region;
import dev.muster.core.rent.Sort;
import dev.muster.core.rent.Usage;
import dev.muster.core.state.Bytes;
import dev.muster.core.state.Market;
import dev.muster.core.state.Money;
import dev.muster.edge.config.Nearest;
import dev.muster.edge.provider.Provider;
import dev.muster.edge.provider.ProviderFailure;
import dev.muster.edge.provider.Providers;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/// What offers are wanted, as it is written after `offer search`, `instance create` and `group create`.
final class OfferWords {
    private static final int DISK_GB = 10;
    private static final int NEAR_MAX = 3;
    private static final int LIMIT_MAX = 10_000;
    /// From here on a reliability is percent; between 1 and this it is a slip of the keyboard.
    private static final int PERCENT_MIN = 10;

    private OfferWords() {}

    static Verb options(Verb verb) {
        return Rentals.options(verb.words(
                        "QUERY",
                        "0..*",
                        "Vast's query words: gpu_name=RTX_4090 'num_gpus>=2' 'geolocation in [US,SE]'"
                                + " verified=any")
                .options("--gpu,-g", "NAME", "\"RTX 3070\", RTX_3070, or all of a kind: A100")
                .option("--min-gpus", "COUNT", "so many or more in one machine")
                .option("--min-vram", "GB", "of one GPU")
                .option("--max-price", "DOLLARS", "per hour, all included (VAST_MAX_PRICE)")
                .option("--disk", "GB", "that will be rented, " + DISK_GB + " unless told")
                .option("--up", "SIZE", "sent per hour, to be in the price")
                .option("--down", "SIZE", "received per hour, to be in the price")
                .option("--reliability", "SHARE", "at least: 0.95, which is 95%, or 95")
                .option("--region", "WHERE", "countries, or parts of the world: US,SE,europe")
                .flag("--bid,--interruptible", "at the lowest bid that wins, and taken away by a higher one")
                .flag("--no-default", "also machines that are not verified, or not to be rented now")
                .option("--order", "FIELDS", "dph,num_gpus- and so on; a - is for descending; dph unless told"));
    }

    static OfferQuery query(Args args) throws Failure {
        try {
            OfferQuery query = args.flag("--no-default") ? OfferQuery.DEFAULT.withoutDefaults() : OfferQuery.DEFAULT;
            Deal deal = deal(args);
            query = query.on(deal).atLeast(OfferField.DISK, Integer.toString(deal.diskGb()));
            if (args.text("--min-gpus").isPresent())
                query = query.atLeast(OfferField.GPUS, Long.toString(atLeast(args, "--min-gpus", 0)));
            if (args.text("--min-vram").isPresent())
                query = query.and(OfferField.VRAM + ">="
                        + gigabytes("--min-vram", args.text("--min-vram").get()));
            if (args.text("--max-price").isPresent())
                query = query.atMost(
                        price("--max-price", args.text("--max-price").get()));
            if (args.text("--reliability").isPresent())
                query = query.atLeast(
                        OfferField.RELIABILITY, share(args.text("--reliability").get()));
            if (args.text("--region").isPresent())
                query = query.and(Condition.in(
                        OfferField.REGION,
                        Region.countries(args.text("--region").get())));
            if (args.text("--limit").isPresent())
                query = query.first((int) Math.min(LIMIT_MAX, atLeast(args, "--limit", 1)));
            return query.by(Sort.parse(args.text("--order").orElse("dph"))).and(String.join(" ", args.words()));
        } catch (BadQuery e) {
            throw bad(e);
        } catch (IllegalArgumentException e) {
            throw Failure.usage(e.getMessage(), "`muster help offer search` explains");
        }
    }

    private static long atLeast(Args args, String option, long least) throws Failure {
        long number = args.number(option, least);
        if (number >= least) return number;
        throw Failure.usage("expected " + option + " to be " + least + " or more, but found " + number, "");
    }

    /// An amount above nothing.
    static Money price(String option, String written) throws Failure {
        try {
            Money price = Money.parse(written);
            if (price.compareTo(Money.ZERO) > 0) return price;
            throw Failure.usage("expected " + option + " to be above $0, but found " + price, "");
        } catch (IllegalArgumentException e) {
            throw Failure.usage(option + ": " + e.getMessage(), "");
        }
    }

    static Deal deal(Args args) throws Failure {
        Optional<String> disk = args.text("--disk");
        return new Deal(
                args.flag("--bid") ? Market.BID : Market.ON_DEMAND,
                disk.isPresent() ? (int) Math.ceil(Double.parseDouble(gigabytes("--disk", disk.get()))) : DISK_GB,
                new Usage(bytes(args, "--up"), bytes(args, "--down")));
    }

    private static Bytes bytes(Args args, String option) {
        return args.text(option).map(Bytes::parse).orElse(Bytes.ZERO);
    }

    /// `24`, `24GB`, `24GiB`: cards and disks are sold by a gigabyte that is one or the other.
    private static String gigabytes(String option, String written) throws Failure {
        String number = written.strip().replaceAll("(?i)\\s*Gi?B?$", "");
        if (!number.matches("\\d{1,6}(\\.\\d+)?"))
            throw Failure.usage("expected " + option + " in GB, as in 24, but found \"" + written + "\"", "");
        return number;
    }

    private static String share(String written) throws Failure {
        boolean percent = written.strip().endsWith("%");
        String number = written.strip().replace("%", "");
        if (!number.matches("\\d{1,3}(\\.\\d+)?|\\.\\d+") || Double.parseDouble(number) > 100)
            throw Failure.usage("expected --reliability from 0 to 1, as in 0.95, but found \"" + written + "\"", "");
        double share = Double.parseDouble(number);
        if (!percent && share > 1 && share < PERCENT_MIN)
            throw Failure.usage(
                    "expected --reliability as a share (0.95) or in percent (95), but found \"" + written + "\"",
                    "if you mean " + number + " percent, write " + number + "%");
        return percent || share > 1 ? Double.toString(share / 100) : number;
    }

    static Failure bad(BadQuery e) {
        String near = Nearest.of(e.word(), e.known())
                .map(word -> "; did you mean " + word + "?")
                .orElse("");
        return Failure.usage(
                e.getMessage() + near,
                e.known().isEmpty()
                        ? ""
                        : "there are "
                                + String.join(" ", e.known().stream().sorted().toList()));
    }

    /// With the GPUs that the options name, by names that the provider knows.
    static OfferQuery withGpus(Args args, OfferQuery query, Provider provider) throws Failure, ProviderFailure {
        List<String> names = new ArrayList<>();
        for (String written : args.all("--gpu")) {
            for (String one : written.split(",")) names.addAll(gpus(one.strip(), provider));
        }
        for (Condition condition : query.conditions()) {
            if (condition.field().equals(OfferField.GPU)) {
                for (String named : named(condition)) gpus(named, provider);
            }
        }
        return names.isEmpty() ? query : query.andGpus(names.stream().distinct().toList());
    }

    static List<String> named(Condition condition) {
        return switch (condition.value()) {
            case Condition.Literal.Text(String text) -> List.of(text);
            case Condition.Literal.Many(List<String> texts) -> texts;
            case Condition.Literal.Number number -> List.of();
            case Condition.Literal.Flag flag -> List.of();
            case Condition.Literal.Nothing nothing -> List.of();
        };
    }

    /// A card that we do not know may be new: its provider is asked then.
    static List<String> gpus(String written, Provider provider) throws Failure, ProviderFailure {
        List<String> found = GpuName.find(written, List.of());
        if (!found.isEmpty()) return found;
        List<String> more = provider.gpuNames();
        found = GpuName.find(written, more);
        if (!found.isEmpty()) return found;
        List<String> near = near(written, more);
        throw Failure.usage(
                "unknown GPU \"" + written + "\""
                        + (near.isEmpty() ? "" : "; did you mean " + String.join(" or ", near) + "?"),
                "-g takes a name as in \"RTX 3070\", RTX_3070 or A100");
    }

    static List<String> near(String written, List<String> more) {
        List<String> left = new ArrayList<>(GpuName.known());
        left.addAll(more);
        List<String> near = new ArrayList<>();
        for (int count = 0; count < NEAR_MAX; count++) {
            Optional<String> key = Nearest.of(
                    GpuName.key(written), left.stream().map(GpuName::key).toList());
            if (key.isEmpty()) return near.isEmpty() ? least(written, left) : near;
            near.add(left.stream()
                    .filter(name -> GpuName.key(name).equals(key.get()))
                    .findFirst()
                    .orElseThrow());
            left.removeIf(name -> GpuName.key(name).equals(key.get()));
        }
        return near;
    }

    /// Of a name that is like none, those that take the fewest changes.
    private static List<String> least(String written, List<String> known) {
        String key = GpuName.key(written);
        return known.stream()
                .distinct()
                .sorted(Comparator.comparingInt((String name) -> Nearest.distance(key, GpuName.key(name)))
                        .thenComparing(Comparator.naturalOrder()))
                .limit(NEAR_MAX)
                .toList();
    }

    /// `VAST_MAX_PRICE` holds where no price is asked for.
    static OfferQuery capped(Args args, OfferQuery query, Provider provider, Providers providers) throws Failure {
        boolean asked = args.text("--max-price").isPresent()
                || query.conditions().stream().anyMatch(one -> one.field().equals(OfferField.PRICE));
        if (asked || !provider.name().equals("vast")) return query;
        Optional<Money> most = providers.preferences().priceMax();
        boolean tells = args.output() != Output.JSON && args.output() != Output.YAML;
        most.filter(money -> tells)
                .ifPresent(
                        money -> args.shell().err().println("muster: at most " + money + " per hour (VAST_MAX_PRICE)"));
        return most.map(query::atMost).orElse(query);
    }
}
