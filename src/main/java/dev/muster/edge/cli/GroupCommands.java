package dev.muster.edge.cli;

import dev.muster.core.rent.BadQuery;
import dev.muster.core.rent.GpuName;
import dev.muster.core.rent.OfferQuery;
import dev.muster.core.rent.RentOrder;
import dev.muster.core.state.Money;
import dev.muster.edge.view.Doc;
import dev.muster.edge.view.InstanceText;
import dev.muster.edge.view.ScaleText;
import dev.muster.edge.wire.Durations;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import picocli.CommandLine.Model.CommandSpec;

/// `muster group …`: rented machines of one kind that are scaled together.
final class GroupCommands {
    /// Orders so close to each other are one step, as the autoscaler has it.
    private static final Duration STEP = Duration.ofMinutes(1);

    private static final List<String> MARKETS = List.of("on-demand", "bid");
    private static final List<String> ROLES = List.of("selfplay", "training", "mixed");

    private GroupCommands() {}

    static CommandSpec spec() {
        return Catalog.group(
                "group",
                "Rented machines of one kind that are scaled together.",
                wanted(Verb.of(
                                "create",
                                "Make a group; the autoscaler rents its machines once `scale apply` has switched it on.",
                                GroupCommands::create))
                        .build(),
                Verb.of(
                                "list",
                                "List groups with the limits that hold now.",
                                args -> Show.answer(
                                        args,
                                        "/v1/groups",
                                        (doc, wide, now) -> ScaleText.groups(doc, wide, now),
                                        Show.names("groups", "name")))
                        .watchable()
                        .build(),
                wanted(Verb.of("set", "Change a group; what is not named stays as it is.", GroupCommands::set))
                        .build(),
                Verb.of("delete", "Forget a group that has no machines.", GroupCommands::delete)
                        .word("GROUP", "as in selfplay-rtx3070")
                        .asking()
                        .order()
                        .build());
    }

    private static Verb wanted(Verb verb) {
        return Rentals.options(verb.word("GROUP", "as in selfplay-rtx3070")
                        .options("--gpu,-g", "NAME", "\"RTX 3070\", RTX_3070, or all of a kind: A100; any unless told")
                        .option("--gpus", "COUNT", "in one machine; 1 unless told, or any number where any GPU will do")
                        .option("--min", "COUNT", "machines at any time, 0 unless told")
                        .option("--target", "COUNT", "machines while there is as much to do as usual")
                        .option("--max", "COUNT", "machines at any time, twice the target unless told")
                        .option("--max-price", "DOLLARS", "per hour of one machine, with its disk")
                        .option("--query", "WORDS", "what else an offer must be: 'reliability>0.95 inet_up>=100'")
                        .option(
                                "--market",
                                "MARKET",
                                "on-demand, or bid, which others may take away; on-demand unless told")
                        .option("--role", "ROLE", "selfplay, training or mixed; selfplay unless told")
                        .option("--disk", "GB", "of each machine, 20 unless told")
                        .option("--image", "IMAGE", "of the container"))
                .asking()
                .order();
    }

    private static int create(Args args) throws Failure {
        Mistakes mistakes = new Mistakes();
        for (String option : List.of("--target", "--max-price")) {
            if (args.text(option).isEmpty())
                mistakes.add(Failure.usage(
                        "expected " + option + ", but found none",
                        "`muster group create selfplay-rtx3070 --gpu \"RTX 3070\" --target 5 --max-price 0.08`"));
        }
        Doc body = body(args, mistakes);
        sizes(body, mistakes);
        mistakes.check();
        Client client = Settings.client(args);
        if (known(client, args.word()).isPresent())
            throw new Failure(
                    Exit.ERROR,
                    "CONFLICT",
                    "there is a group " + args.word() + " already",
                    "`muster group set " + args.word() + "` changes it");
        long target = body.number("target");
        long max = body.has("max") ? body.number("max") : 2 * target;
        double most = max * body.decimal("price_max").orElse(0);
        boolean on = client.get("/v1/scaling").doc().flag("enabled");
        String plan = "Make the group " + args.word() + ": " + target + " machines, " + body.number("min") + " to "
                + max + ", for " + InstanceText.amount(most) + " per hour at most in all.\n"
                + (on
                        ? "The autoscaler is on, and rents them."
                        : "The autoscaler is off: nothing is rented before `muster scale apply`.");
        String done = on
                ? "; `muster scale plan` shows what comes of it"
                : "; nothing is rented yet: `muster scale plan` shows what would be, `muster scale apply` begins";
        return give(args, client, body, plan, args.word() + " is made" + done);
    }

    private static int set(Args args) throws Failure {
        Mistakes mistakes = new Mistakes();
        Doc body = body(args, mistakes);
        mistakes.check();
        if (body.entries().isEmpty())
            throw Failure.usage("expected something to change, as in --target 7", "`muster help group set` lists it");
        Client client = Settings.client(args);
        Doc before = client.get(path(args)).doc();
        List<String> changes = new ArrayList<>();
        body.entries().forEach((key, value) -> {
            String was = shown(before.get(key));
            if (!was.equalsIgnoreCase(shown(value).replace('-', '_')))
                changes.add("  " + key + ": " + (was.isEmpty() ? "nothing" : was) + " -> " + shown(value));
        });
        String plan = changes.isEmpty()
                ? "Nothing changes in the group " + args.word() + "."
                : "Change the group " + args.word() + ":\n" + String.join("\n", changes);
        return give(args, client, body, plan, args.word() + " is changed" + cooldown(args, client, before, body));
    }

    /// Where it is to have more machines than it has, and grew too lately for that.
    private static String cooldown(Args args, Client client, Doc before, Doc body) throws Failure {
        long target = body.has("target") ? body.number("target") : before.number("target");
        long least = body.has("min") ? body.number("min") : before.number("min");
        if (target <= before.number("machines") || least > before.number("machines")) return "";
        Duration cooldown = Durations.parse(client.get("/v1/scaling").doc().text("up_cooldown"));
        Instant now = args.shell().clock().instant();
        Optional<Instant> grew = client.get("/v1/instances").doc().list("instances").stream()
                .filter(one -> one.text("group").equals(args.word()))
                .flatMap(one -> one.time("ordered_at").stream())
                .filter(at -> now.isAfter(at.plus(STEP)))
                .max(Instant::compareTo);
        return grew.map(at -> Duration.between(now, at.plus(cooldown)))
                .filter(Duration::isPositive)
                .map(left -> "; it grew lately, and grows again in "
                        + Durations.text(left.truncatedTo(ChronoUnit.SECONDS)) + " at the earliest (up_cooldown)")
                .orElse("");
    }

    private static String shown(Doc value) {
        List<Doc> list = value.list();
        return list.isEmpty()
                ? value.text()
                : String.join(", ", list.stream().map(Doc::text).toList());
    }

    /// A refusal shows before anybody is asked.
    private static int give(Args args, Client client, Doc body, String plan, String done) throws Failure {
        Doc order = args.text("--why").map(why -> body.with("why", why)).orElse(body);
        client.order("PUT", path(args) + "?dry_run=true", order);
        if (!Confirm.goesOn(args, plan)) return Exit.DONE;
        return Show.done(args, client.order("PUT", path(args), order), done);
    }

    private static Optional<Doc> known(Client client, String name) throws Failure {
        return client.get("/v1/groups").doc().list("groups").stream()
                .filter(group -> group.text("name").equals(name))
                .findFirst();
    }

    /// What is wrong in one option keeps nobody from looking at the others.
    private static Doc body(Args args, Mistakes mistakes) throws Failure {
        Doc body = Doc.object();
        if (!args.all("--gpu").isEmpty())
            body = body.with("gpus", Doc.of(mistakes.take(() -> gpus(args)).orElse(List.of())));
        body = count(args, body, "--gpus", "gpu_count", mistakes);
        body = count(args, body, "--min", "min", mistakes);
        body = count(args, body, "--target", "target", mistakes);
        body = count(args, body, "--max", "max", mistakes);
        body = count(args, body, "--disk", "disk_gb", mistakes);
        Optional<String> price = args.text("--max-price");
        if (price.isPresent()) {
            Optional<Money> most = mistakes.take(() -> OfferWords.price("--max-price", price.get()));
            body = body.with("price_max", most.map(Money::dollars).orElse(1.0));
        }
        body = word(args, body, "--query", mistakes, GroupCommands::query);
        body = word(args, body, "--market", mistakes, text -> oneOf("--market", MARKETS, text));
        body = word(args, body, "--role", mistakes, text -> oneOf("--role", ROLES, text));
        body = word(args, body, "--image", mistakes, GroupCommands::image);
        return word(args, body, "--provider", mistakes, text -> text);
    }

    private static Doc count(Args args, Doc body, String option, String key, Mistakes mistakes) throws Failure {
        if (args.text(option).isEmpty()) return body;
        Optional<Long> count = mistakes.take(() -> {
            long number = args.number(option, 0);
            if (number >= 0) return number;
            throw Failure.usage("expected " + option + " to be 0 or more, but found " + number, "");
        });
        return count.isPresent() ? body.with(key, count.get()) : body;
    }

    /// How an option is read.
    private interface Reader {
        String read(String text) throws Failure;
    }

    private static Doc word(Args args, Doc body, String option, Mistakes mistakes, Reader reader) throws Failure {
        Optional<String> written = args.text(option);
        if (written.isEmpty()) return body;
        Optional<String> read = mistakes.take(() -> reader.read(written.get()));
        return body.with(option.substring(2), read.orElse(""));
    }

    private static String oneOf(String option, List<String> words, String written) throws Failure {
        if (words.contains(written.toLowerCase(Locale.ROOT).replace('_', '-'))) return written;
        throw Failure.usage(
                "expected " + option + " to be " + String.join(" or ", words) + ", but found \"" + written + "\"", "");
    }

    private static String image(String written) throws Failure {
        if (written.isEmpty() || RentOrder.isImage(written)) return written;
        throw Failure.usage("--image: " + RentOrder.noImage(written), "");
    }

    /// Of a new group.
    private static void sizes(Doc body, Mistakes mistakes) {
        if (!body.has("target")) return;
        long min = body.number("min");
        long target = body.number("target");
        long max = body.has("max") ? body.number("max") : 2 * target;
        if (min > target || target > max)
            mistakes.add(Failure.usage(
                    "expected --min, --target and --max to be one not below the other, but found " + min + ", " + target
                            + " and " + max,
                    ""));
    }

    private static String query(String words) throws Failure {
        try {
            OfferQuery.DEFAULT.and(words);
            return words;
        } catch (BadQuery e) {
            throw OfferWords.bad(e);
        } catch (IllegalArgumentException e) {
            throw Failure.usage("--query: " + e.getMessage(), "");
        }
    }

    /// By the names that their provider knows; it is only asked where we do not.
    private static List<String> gpus(Args args) throws Failure {
        List<String> names = new ArrayList<>();
        for (String written : args.all("--gpu")) {
            for (String one : written.split(",")) {
                List<String> found = GpuName.find(one.strip(), List.of());
                if (found.isEmpty())
                    Rentals.with(args, (provider, providers) -> {
                        names.addAll(OfferWords.gpus(one.strip(), provider));
                        return Exit.DONE;
                    });
                names.addAll(found);
            }
        }
        return names.stream().distinct().toList();
    }

    private static int delete(Args args) throws Failure {
        Client client = Settings.client(args);
        Doc group = client.get(path(args)).doc();
        String ending = ending(client, args.word());
        String plan = "Forget the group " + args.word() + " (" + ScaleText.gear(group) + ", " + group.number("machines")
                + " machines) and its caps; what it spent stays in `muster budget show`." + ending;
        if (!Confirm.goesOn(args, plan)) return Exit.DONE;
        return Show.done(
                args, client.order("DELETE", path(args), Words.why(args)), args.word() + " is forgotten." + ending);
    }

    /// Its machines that are not gone yet; their end does not need the group.
    private static String ending(Client client, String group) throws Failure {
        List<String> ids = client.get("/v1/instances").doc().list("instances").stream()
                .filter(one -> one.text("group").equals(group) && !one.has("ended_at"))
                .map(one -> one.text("id"))
                .toList();
        return ids.isEmpty()
                ? ""
                : " " + String.join(", ", ids) + (ids.size() == 1 ? " still ends" : " still end")
                        + "; `muster instance list` shows when "
                        + (ids.size() == 1 ? "it is gone." : "they are gone.");
    }

    private static String path(Args args) {
        return "/v1/groups/" + Words.segment(args.word());
    }
}
