package dev.muster.edge.local;

import dev.muster.core.state.Money;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import tools.jackson.databind.JsonNode;

/// The demo's workers, rented by the cluster from a market in the demo's own process: what the cluster is told of groups and
/// budgets, what goes wrong in the middle, and what it all has cost.
final class RentedMachines implements AutoCloseable {
    /// Two at a bid, so that one goes on while the other is outbid.
    private static final Map<String, Integer> GROUPS = Map.of("spot", 2, "steady", 1);

    private static final double PRICE_MAX = 0.60;
    /// All three at their price cap, and one more while it replaces another.
    private static final double CAP_HOUR = 2.40;
    /// The market's time runs faster than the cluster's, and so do its bills.
    private static final double CAP_DAY = 80;

    /// Two lines for each of some ten machines; a hundredth of a cent is more than all of it.
    private static final long ROUNDING_MICROS = 100;

    /// Without a promotion the trouble begins after this.
    private static final long CALM_NANOS = TimeUnit.SECONDS.toNanos(45);
    /// A moment in which nothing is only on the machine comes within this, or is not waited for.
    private static final long SAFE_NANOS = TimeUnit.SECONDS.toNanos(20);
    /// After which what only a dead machine holds is fetched from it.
    private static final long HELD_NANOS = TimeUnit.SECONDS.toNanos(45);

    private final RentalMarket market;
    private final Consumer<String> say;
    private Stage stage = Stage.FILLING;
    private long sinceNanos = System.nanoTime();
    private String outbid = "";
    private String lost = "";
    private long lostNanos;
    private boolean returned;
    private int stepsWhenReplaced;

    /// Each follows from what is seen of the one before.
    private enum Stage {
        FILLING,
        WORKING,
        OUTBID,
        LOST,
        REPLACED,
        /// The loops went on with the new ones.
        DONE
    }

    private RentedMachines(RentalMarket market, Consumer<String> say) {
        this.market = market;
        this.say = say;
    }

    /// Opens the market, and gives the cluster's agents, before they start, what it takes to rent there.
    static RentedMachines open(LocalCluster cluster, RentalMarket.Opener opener, long seed, Consumer<String> say)
            throws IOException, InterruptedException {
        Path folder = Files.createTempDirectory(cluster.dir(), "market-");
        Path home = OwnBundle.make(folder.resolve("program"));
        Path key = folder.resolve("key");
        SshFleet.key(key);
        String apiKey = secret();
        RentalMarket market = opener.open(folder.resolve("instances"), apiKey, seed);
        cluster.program(home.resolve("muster"), environment -> {
            // A key of a real account is none of the demo's business.
            environment.keySet().removeIf(name -> name.startsWith("VAST_") || name.startsWith("LAMBDA_"));
            environment.put("VAST_URL", market.url());
            environment.put("VAST_API_KEY", apiKey);
            environment.put("VAST_SSH_KEY", key.toString());
            environment.put("VAST_SSH_USER", System.getProperty("user.name"));
        });
        say.accept("a market listens on " + market.url() + "; its machines are processes of this one, and get this very"
                + " program, which takes no time to pack");
        return new RentedMachines(market, say);
    }

    private static String secret() {
        byte[] random = new byte[24];
        new SecureRandom().nextBytes(random);
        return HexFormat.of().formatHex(random);
    }

    /// Groups, caps, and a policy with times of seconds: a demo is not a day.
    void order(Api api) throws IOException, InterruptedException {
        api.put(
                "/v1/scaling",
                Map.ofEntries(
                        Map.entry("enabled", true),
                        Map.entry("windows", List.of()),
                        Map.entry("up_cooldown", "10s"),
                        Map.entry("down_cooldown", "10s"),
                        Map.entry("step_max", 4),
                        Map.entry("idle_after", "30s"),
                        Map.entry("age_min", "30s"),
                        Map.entry("boot_max", "2m"),
                        Map.entry("join_max", "2m"),
                        Map.entry("lost_max", "10s"),
                        Map.entry("outbid_max", "10s"),
                        Map.entry("drain_max", "10s"),
                        // What is outbid is to be replaced: no higher bid wins it back.
                        Map.entry("rebid", 0)));
        api.put("/v1/budget", Map.of("hour", CAP_HOUR, "day", CAP_DAY));
        for (String name : GROUPS.keySet().stream().sorted().toList()) {
            int size = GROUPS.get(name);
            String terms = name.equals("spot") ? "bid" : "on-demand";
            api.put(
                    "/v1/groups/" + name,
                    Map.of(
                            "min", size,
                            "target", size,
                            "max", size,
                            "price_max", PRICE_MAX,
                            "market", terms,
                            "role", "mixed"));
            say.accept("group " + name + ": " + count(size, "machine") + ", " + terms + ", at most "
                    + dollars(PRICE_MAX) + " per hour each");
        }
        say.accept("caps: " + dollars(CAP_HOUR) + " per hour, " + dollars(CAP_DAY) + " per day");
    }

    /// One look, and the next trouble when it is time for it.
    void look(Api api, Watch watch) throws IOException, InterruptedException {
        List<JsonNode> machines = all(api);
        returnHeld(machines);
        switch (stage) {
            case FILLING -> {
                if (full(machines)) next(Stage.WORKING, "all groups have their machines");
            }
            case WORKING -> {
                boolean promoted = watch.promotionsByConfig().values().stream().anyMatch(count -> count > 0);
                if (promoted || late(CALM_NANOS)) outbid(api, machines);
            }
            case OUTBID -> {
                if (of(machines, outbid).filter(RentedMachines::away).isPresent()) lose(api, machines);
            }
            case LOST -> {
                boolean given = List.of(outbid, lost).stream()
                        .allMatch(id ->
                                of(machines, id).filter(RentedMachines::given).isPresent());
                if (given && full(machines)) {
                    stepsWhenReplaced = watch.steps();
                    next(Stage.REPLACED, "both are replaced: all groups have their machines again");
                }
            }
            case REPLACED -> {
                if (watch.steps() > stepsWhenReplaced) next(Stage.DONE, "the loops go on");
            }
            case DONE -> {}
        }
    }

    boolean done() {
        return stage == Stage.DONE;
    }

    /// What has not happened yet; empty when all has.
    Optional<String> missing() {
        return switch (stage) {
            case FILLING -> Optional.of("the groups never had all their machines");
            case WORKING -> Optional.of("no machine at a bid was at work, to be outbid");
            case OUTBID -> Optional.of("the cluster never saw that " + outbid + " was outbid, or no other was at work");
            case LOST -> Optional.of("not both of " + outbid + " and " + lost + " were replaced");
            case REPLACED -> Optional.of("the loops did not go on after " + outbid + " and " + lost + " were replaced");
            case DONE -> Optional.empty();
        };
    }

    private void outbid(Api api, List<JsonNode> machines) throws IOException, InterruptedException {
        for (JsonNode machine : machines) {
            if (!running(machine) || !group(machine).equals("spot")) continue;
            JsonNode risk = risk(api, machine);
            if (risk.path("attempts").isEmpty()) continue;
            outbid = id(machine);
            market.outbid(rented(machine));
            next(
                    Stage.OUTBID,
                    "MARKET: somebody bids more for " + outbid + ", which runs " + first(risk) + "; it is taken");
            return;
        }
    }

    /// Of another group. What a machine's sudden death costs is what nobody has copied yet: mostly there is nothing.
    private void lose(Api api, List<JsonNode> machines) throws IOException, InterruptedException {
        for (JsonNode machine : machines) {
            if (!running(machine) || !group(machine).equals("steady")) continue;
            JsonNode risk = risk(api, machine);
            int files = risk.path("files").asInt();
            if ((files > 0 || risk.path("attempts").isEmpty()) && !late(SAFE_NANOS)) continue;
            lost = id(machine);
            lostNanos = System.nanoTime();
            market.hostDies(rented(machine));
            next(
                    Stage.LOST,
                    "MARKET: the host of " + lost + " loses power"
                            + (first(risk).isEmpty() ? "" : " during " + first(risk)) + "; what only it holds: "
                            + count(files, "file"));
            return;
        }
    }

    private void next(Stage to, String what) {
        stage = to;
        sinceNanos = System.nanoTime();
        say.accept(what);
    }

    private boolean late(long nanos) {
        return System.nanoTime() - sinceNanos > nanos;
    }

    // ---- the end

    /// All groups are to have no machine: the cluster empties and ends them as it always does.
    void dismiss(Api api) throws IOException, InterruptedException {
        for (String name : GROUPS.keySet()) api.put("/v1/groups/" + name, Map.of("min", 0, "target", 0, "max", 0));
        sinceNanos = System.nanoTime();
        say.accept("all groups are set to no machine; what they hold is copied to the voters first");
    }

    /// What only a dead machine holds is not given up, and a loop may wait for it: its host returns.
    private void returnHeld(List<JsonNode> machines) throws IOException, InterruptedException {
        if (returned || lost.isEmpty() || System.nanoTime() - lostNanos < HELD_NANOS) return;
        Optional<JsonNode> held = of(machines, lost).filter(RentedMachines::draining);
        if (held.isEmpty()) return;
        returned = true;
        market.hostReturns(rented(held.orElseThrow()));
        say.accept("MARKET: the host of " + lost + " is back; it is not ended before what only it holds is elsewhere");
    }

    /// Has the cluster ended all, and does the market have none?
    boolean gone(Api api) throws IOException, InterruptedException {
        List<JsonNode> machines = all(api);
        returnHeld(machines);
        return machines.stream().allMatch(RentedMachines::ended)
                && market.rented().isEmpty();
    }

    /// Has the cluster taken over all that the market has charged?
    boolean settled(Api api) throws IOException, InterruptedException {
        for (JsonNode machine : all(api)) {
            if (rented(machine).isEmpty()) continue;
            String upTo = detail(api, machine).path("charged").asString("");
            boolean whole = !upTo.isEmpty()
                    && ended(machine)
                    && !Instant.parse(upTo)
                            .isBefore(Instant.parse(machine.path("ended_at").asString()));
            if (!whole) return false;
        }
        return true;
    }

    DemoReport.Rented report(Api api, List<String> problems) throws IOException, InterruptedException {
        missing().ifPresent(problems::add);
        Map<String, Money> charged = new TreeMap<>(market.charged());
        List<DemoReport.Machine> machines = new ArrayList<>();
        for (JsonNode machine : all(api)) {
            // What never came to be costs nothing.
            if (rented(machine).isEmpty()) continue;
            Money bill = money(machine.path("spent"));
            Money market = Optional.ofNullable(charged.remove(rented(machine))).orElse(Money.ZERO);
            if (!same(bill, market))
                problems.add("expected the bill of " + id(machine) + " to be " + market + " as the market's, but found "
                        + bill);
            if (!ended(machine))
                problems.add("expected " + id(machine) + " to be ended, but it is "
                        + machine.path("phase").asString());
            machines.add(new DemoReport.Machine(
                    id(machine),
                    group(machine),
                    rented(machine),
                    machine.path("gpu").asString(),
                    fate(machine),
                    bill.dollars(),
                    market.dollars()));
        }
        charged.forEach((rented, amount) ->
                problems.add("the market charged " + amount + " for " + rented + ", which the cluster does not know"));
        List<String> left = market.rented();
        if (!left.isEmpty()) problems.add("expected no machine to be left at the market, but found " + left);
        Money ledger = money(api.get("/v1/budget").path("month").path("spent"));
        if (!same(ledger, market.spent()))
            problems.add("expected the ledger to hold " + market.spent() + ", which the market charged, but found "
                    + ledger);
        int usual = GROUPS.values().stream().mapToInt(size -> size).sum();
        return new DemoReport.Rented(
                machines,
                outbid.isEmpty() ? 0 : 1,
                lost.isEmpty() ? 0 : 1,
                Math.max(0, machines.size() - usual),
                left.size(),
                ledger.dollars(),
                market.spent().dollars());
    }

    private String fate(JsonNode machine) {
        if (id(machine).equals(outbid)) return "outbid";
        return id(machine).equals(lost) ? "its host died" : "worked to the end";
    }

    /// The market counts in trillionths of a dollar; the ledger in millionths, to which each line of a bill is rounded.
    private static boolean same(Money one, Money other) {
        return Math.abs(one.minus(other).micros()) <= ROUNDING_MICROS;
    }

    // ---- rows

    private static List<JsonNode> all(Api api) throws IOException, InterruptedException {
        List<JsonNode> rows = new ArrayList<>();
        api.get("/v1/instances?all=true").path("instances").forEach(rows::add);
        return rows;
    }

    /// Names of nodes that are to hold what all hold.
    static List<String> nodes(Api api) throws IOException, InterruptedException {
        return all(api).stream()
                .filter(RentedMachines::running)
                .map(machine -> machine.path("node").asString())
                .toList();
    }

    private static boolean full(List<JsonNode> machines) {
        return GROUPS.entrySet().stream()
                .allMatch(wanted -> machines.stream()
                                .filter(machine ->
                                        running(machine) && group(machine).equals(wanted.getKey()))
                                .count()
                        == wanted.getValue());
    }

    private static JsonNode detail(Api api, JsonNode machine) throws IOException, InterruptedException {
        return api.get("/v1/instances/" + id(machine));
    }

    private static JsonNode risk(Api api, JsonNode machine) throws IOException, InterruptedException {
        return detail(api, machine).path("at_risk");
    }

    private static String first(JsonNode risk) {
        return risk.path("attempts").path(0).asString("");
    }

    private static Optional<JsonNode> of(List<JsonNode> machines, String id) {
        return machines.stream().filter(machine -> id(machine).equals(id)).findFirst();
    }

    private static String id(JsonNode machine) {
        return machine.path("id").asString();
    }

    private static String group(JsonNode machine) {
        return machine.path("group").asString("");
    }

    private static String rented(JsonNode machine) {
        return machine.path("rented").asString("");
    }

    private static boolean is(JsonNode machine, String... phases) {
        return List.of(phases).contains(machine.path("phase").asString());
    }

    private static boolean running(JsonNode machine) {
        return is(machine, "RUNNING");
    }

    private static boolean ended(JsonNode machine) {
        return is(machine, "ENDED", "ABANDONED");
    }

    private static boolean draining(JsonNode machine) {
        return is(machine, "DRAINING");
    }

    private static boolean away(JsonNode machine) {
        return is(machine, "OUTBID") || given(machine);
    }

    /// It is not to run any more.
    private static boolean given(JsonNode machine) {
        return is(machine, "DRAINING", "ENDING", "ENDED");
    }

    private static Money money(JsonNode dollars) {
        return Money.parse(dollars.asString());
    }

    private static String dollars(double amount) {
        return Money.parse(Double.toString(amount)).toString();
    }

    private static String count(int number, String what) {
        return number + " " + what + (number == 1 ? "" : "s");
    }

    @Override
    public void close() {
        market.close();
    }
}
