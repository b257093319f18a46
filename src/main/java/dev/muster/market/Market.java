package dev.muster.market;

import dev.muster.market.Answer.Reason;
import dev.muster.market.Charge.Kind;
import dev.muster.market.Happening.Cause;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import java.util.function.Function;

/// The market and one account on it. Not thread-safe.
///
/// Time stands still between calls of [#advance]: orders are at [#now]. What an order brings about at once is told by
/// the next `advance`, also by one to the same moment; [#nextAt] says when there is something to be told. The same
/// seed, settings, orders and times give the same answers.
public final class Market {
    static final long SECOND = 1_000_000;
    static final long DAY = 86_400 * SECOND;
    /// As in what was recorded of the real service's ids, to tell kinds apart at a glance.
    private static final long FIRST_ASK = 10_009_000;
    private static final long FIRST_INSTANCE = 20_000_001;
    private static final long FIRST_KEY = 501;
    private static final int FIRST_MACHINE = 9000;
    /// A contract that has ended is kept, stopped, for so long.
    private static final long KEPT_AFTER_END = 2 * DAY;
    private static final double BID_MIN = 0.001;
    private static final double BID_MAX = 128;
    private static final double BID_PER_GPU_MAX = 32;
    private static final int LABEL_MAX = 1024;
    private static final double MONTH_HOURS = 720;

    private final long seed;
    private final MarketSettings settings;
    private final Desk desk;
    private final Life life;
    private final Neighbours neighbours;
    private final Funds funds;
    private final Rises rises;
    private final TreeMap<Integer, Machine> machines = new TreeMap<>();
    private final Map<Long, Machine> byAsk = new HashMap<>();
    private final TreeMap<Long, Contract> contracts = new TreeMap<>();
    private final TreeMap<Long, String> keys = new TreeMap<>();
    private long nextInstance = FIRST_INSTANCE;
    private long nextKey = FIRST_KEY;
    private Optional<Contract.Fate> nextFate = Optional.empty();
    private boolean nextIsBusy;

    private Market(long seed, MarketSettings settings) {
        this.seed = seed;
        this.settings = settings;
        this.desk = new Desk(settings.startMicros());
        this.life = new Life(desk, this::remove);
        this.neighbours = new Neighbours(desk, life, settings);
        this.funds = new Funds(desk, life, settings, contracts);
        this.rises = new Rises(desk, life, contracts);
    }

    /// A market at the beginning of its time, with other renters already there.
    public static Market of(long seed, MarketSettings settings) {
        Market market = new Market(seed, settings);
        market.desk.ledger.pay(settings.credit().pico(), "Initial credit", market.desk.second());
        long ask = FIRST_ASK;
        for (int number = FIRST_MACHINE; number < FIRST_MACHINE + settings.machines(); number++) {
            Machine machine = Factory.machine(number, market.dice(number), settings);
            ask = machine.list(ask);
            market.machines.put(number, machine);
            machine.parts.forEach(part -> market.byAsk.put(part.ask(), machine));
        }
        market.machines.values().forEach(market.neighbours::settle);
        market.funds.look();
        return market;
    }

    private SplittableRandom dice(long stream) {
        return new SplittableRandom(seed * 0x9E37_79B9_7F4A_7C15L + stream);
    }

    static long micros(Instant instant) {
        return Math.addExact(
                Math.multiplyExact(instant.getEpochSecond(), SECOND), TimeUnit.NANOSECONDS.toMicros(instant.getNano()));
    }

    static Instant instant(long micros) {
        return Instant.ofEpochSecond(Math.floorDiv(micros, SECOND), Math.floorMod(micros, SECOND) * 1000);
    }

    static long second(long micros) {
        return Math.floorDiv(micros, SECOND);
    }

    public Instant now() {
        return instant(desk.now());
    }

    /// When something happens next, whether it concerns an instance of ours or not; now, when something waits to be
    /// told. Empty when nothing will happen by itself.
    public Optional<Instant> nextAt() {
        if (desk.hasNews()) return Optional.of(now());
        long next = desk.agenda.next();
        return next == Agenda.NEVER ? Optional.empty() : Optional.of(instant(Math.max(next, desk.now())));
    }

    /// Lets time pass.
    ///
    /// @param to microseconds count, what is finer is cut off
    /// @return what happened to our instances, in order
    /// @throws IllegalArgumentException when time would go back
    public List<Happening> advance(Instant to) {
        desk.runUntil(micros(to), funds::look);
        return desk.news();
    }

    /// All parts of all machines, rentable or not.
    public List<Offer> offers() {
        List<Offer> offers = new ArrayList<>(byAsk.size());
        for (Machine machine : machines.values())
            for (Machine.Part part : machine.parts) offers.add(machine.offer(part, desk.now(), machine.prices));
        return offers;
    }

    /// Those with a name that is offered anywhere.
    public List<String> gpuNames() {
        return machines.values().stream()
                .map(machine -> machine.hardware.gpuName())
                .distinct()
                .sorted()
                .toList();
    }

    /// Rents. A bid that does not win is refused, and leaves a stopped instance, as the real market does.
    ///
    /// @return done or queued with the instance's id, or refused
    public Answer create(Order order) {
        Machine machine = byAsk.get(order.ask());
        if (machine == null)
            return Answer.refused(
                    Reason.NO_SUCH_ASK,
                    "error 404/3603: no_such_ask Instance type by id " + order.ask() + " is not available.");
        Machine.Part part = machine.parts.stream()
                .filter(one -> one.ask() == order.ask())
                .findFirst()
                .orElseThrow();
        Optional<Answer> no = refusal(order, machine, part);
        if (no.isPresent()) return no.get();
        boolean busy = nextIsBusy;
        nextIsBusy = false;
        if (busy && order.failUnlessUp()) return gone(order);
        Contract contract = contract(order, machine, part);
        if (order.stopped()) return settle(contract, Phase.STOPPED);
        if (busy) return settle(contract, Phase.QUEUED);
        if (contract.wins()) {
            life.provision(contract);
            return changed(new Answer.Done(contract.id));
        }
        settle(contract, Phase.OUTBID);
        return new Answer.Refused(
                Reason.INVALID_PRICE,
                "error: bid of $" + order.bid().orElse(0) + "/h is below the lowest that wins, $"
                        + Usd.perHour(machine.leastBid(part, contract)).dollars() + "/h",
                OptionalLong.of(contract.id));
    }

    private Optional<Answer> refusal(Order order, Machine machine, Machine.Part part) {
        Optional<String> fault = order.fault(machine.hardware.diskGb());
        if (fault.isPresent()) return Optional.of(Answer.refused(Reason.INVALID_ARGS, fault.get()));
        if (order.bid().isPresent() && !inRange(order.bid().getAsDouble(), BID_MAX))
            return Optional.of(Answer.refused(
                    Reason.INVALID_PRICE, "price must be " + BID_MIN + " to " + BID_MAX + " $/h for the instance"));
        if (funds.credit() <= 0)
            return Optional.of(
                    Answer.refused(Reason.INSUFFICIENT_CREDIT, "Your account lacks credit; see the billing page."));
        return machine.offer(part, desk.now(), machine.prices).rentable() ? Optional.empty() : Optional.of(gone(order));
    }

    private static Answer gone(Order order) {
        return Answer.refused(
                Reason.ASK_GONE,
                "error 410/3603: no_such_ask Instance type by id " + order.ask() + " is no longer available.");
    }

    private static boolean inRange(double price, double most) {
        return price >= BID_MIN && price <= most;
    }

    private Contract contract(Order order, Machine machine, Machine.Part part) {
        long id = nextInstance++;
        Contract contract = new Contract(id, order, machine, part, desk.ledger.open(id), dice(id), desk.now());
        double fate = contract.dice.nextDouble();
        contract.fate = nextFate.orElse(
                fate < settings.stuckShare()
                        ? Contract.Fate.STUCK
                        : fate < settings.stuckShare() + settings.imageShare()
                                ? Contract.Fate.BAD_IMAGE
                                : Contract.Fate.BOOTS);
        nextFate = Optional.empty();
        contract.keys.putAll(keys);
        contracts.put(id, contract);
        machine.contracts.add(contract);
        desk.tell(new Happening.Created(now(), id));
        endLater(contract);
        if (!contract.isBid() && contract.dice.nextDouble() < settings.extensions()) rises.offerLater(contract);
        return contract;
    }

    private Answer settle(Contract contract, Phase phase) {
        contract.phase = phase;
        contract.queuedAt = desk.now();
        life.bill(contract);
        if (phase != Phase.QUEUED) return changed(new Answer.Done(contract.id));
        desk.tell(new Happening.Queued(now(), contract.id));
        // Whoever was quicker gives up in a while.
        desk.in(60 * SECOND, () -> life.reconsider(contract.machine));
        return changed(new Answer.Queued(contract.id));
    }

    private void endLater(Contract contract) {
        long end = contract.end;
        desk.agenda.enter(end, () -> {
            if (contract.end == end && contracts.get(contract.id) == contract) life.stop(contract, Cause.ENDED);
        });
        desk.agenda.enter(end + KEPT_AFTER_END, () -> {
            if (contract.end == end && contracts.get(contract.id) == contract) life.destroy(contract, Cause.ENDED);
        });
    }

    private void remove(Contract contract) {
        contracts.remove(contract.id);
        contract.machine.contracts.remove(contract);
        long second = desk.second();
        long left = contract.escrowLeft(second);
        if (left > 0) desk.ledger.lump(contract.bill, Kind.FEE, 0, left / 20, second);
        contract.escrow = 0;
    }

    private Answer changed(Answer answer) {
        funds.look();
        return answer;
    }

    private Answer with(long id, Function<Contract, Answer> order) {
        Contract contract = contracts.get(id);
        if (contract == null)
            return Answer.refused(
                    Reason.NO_SUCH_INSTANCE, "error 404/3603: no_such_instance Instance " + id + " not found.");
        return changed(order.apply(contract));
    }

    /// Queued when its GPUs are another's now: it starts, and costs, by itself when they are free.
    public Answer start(long id) {
        return with(id, contract -> {
            if (funds.credit() <= 0)
                return Answer.refused(Reason.INSUFFICIENT_CREDIT, "Your account lacks credit; see the billing page.");
            if (contract.end <= desk.now())
                return Answer.refused(Reason.INVALID_ARGS, "The contract of instance " + id + " has ended.");
            return life.start(contract) ? Answer.done() : new Answer.Queued(id);
        });
    }

    /// Its GPUs are free for others some seconds later; its disk is kept and billed. Also what was queued is no longer.
    public Answer stop(long id) {
        return with(id, contract -> {
            life.stop(contract, Cause.ASKED);
            return Answer.done();
        });
    }

    /// For good, with its disk.
    public Answer destroy(long id) {
        return with(id, contract -> {
            life.destroy(contract, Cause.ASKED);
            return Answer.done();
        });
    }

    /// Nothing happens to one that is not running.
    public Answer reboot(long id) {
        return with(id, contract -> {
            life.reboot(contract);
            return Answer.done();
        });
    }

    /// A new container in the same place; the disk is emptied.
    public Answer recycle(long id) {
        return with(id, contract -> {
            life.recycle(contract);
            return Answer.done();
        });
    }

    public Answer label(long id, String label) {
        if (label.length() > LABEL_MAX)
            return Answer.refused(Reason.LABEL_TOO_LONG, "label is longer than " + LABEL_MAX);
        return with(id, contract -> {
            contract.label = Optional.of(label).filter(text -> !text.isEmpty());
            return Answer.done();
        });
    }

    /// Another bid for an interruptible instance; what was outbid goes on if it wins now.
    ///
    /// @param price $/h for the whole instance; empty is the least that wins
    public Answer bid(long id, OptionalDouble price) {
        return with(id, contract -> {
            if (!contract.isBid())
                return Answer.refused(Reason.INVALID_ARGS, "Instance " + id + " is not a bid contract.");
            double most = BID_PER_GPU_MAX * contract.part.gpus();
            if (price.isPresent() && !inRange(price.getAsDouble(), most))
                return Answer.refused(Reason.INVALID_PRICE, "price must be " + BID_MIN + " to " + most + " $/h");
            contract.gpuPico = price.isPresent()
                    ? Usd.picoPerSecond(price.getAsDouble())
                    : contract.machine.leastBid(contract.part, contract);
            life.reprice(contract);
            return Answer.done();
        });
    }

    /// Sets money aside for one instance, for a lower price of its GPUs: a fifth less from a month on, three tenths
    /// from three months on.
    public Answer prepay(long id, Usd amount) {
        return with(id, contract -> {
            if (amount.pico() <= 0 || amount.pico() > funds.credit())
                return Answer.refused(Reason.INSUFFICIENT_CREDIT, "insufficient credit to prepay $" + amount.dollars());
            long second = desk.second();
            contract.escrow = contract.escrowLeft(second) + amount.pico();
            contract.escrowMark = contract.bill.total(second);
            double months = prepaidMonths(contract.escrow, contract);
            contract.discountPercent = months >= 3 ? 30 : months >= 1 ? 20 : contract.discountPercent;
            life.bill(contract);
            desk.ledger.touch();
            return Answer.done();
        });
    }

    /// How many months of 720 hours what is left of a prepayment lasts, at the price without discount.
    public double monthsPrepaid(long id) {
        Contract contract = contracts.get(id);
        return contract == null ? 0 : prepaidMonths(contract.escrowLeft(desk.second()), contract);
    }

    private static double prepaidMonths(long pico, Contract contract) {
        return new Usd(pico).dollars()
                / (Usd.perHour(contract.gpuPico + contract.diskPico).dollars() * MONTH_HOURS);
    }

    /// A key that opens instances made from now on.
    public Answer addKey(String text) {
        keys.put(nextKey, text);
        return new Answer.Done(nextKey++);
    }

    public Answer changeKey(long key, String text) {
        if (keys.replace(key, text) != null) return new Answer.Done(key);
        return Answer.refused(Reason.NO_SUCH_KEY, "no_such_key SSH key " + key + " not found.");
    }

    /// What it opened already stays open.
    public Answer removeKey(long key) {
        if (keys.remove(key) != null) return Answer.done();
        return Answer.refused(Reason.NO_SUCH_KEY, "no_such_key SSH key " + key + " not found.");
    }

    /// The account's keys by id.
    public Map<Long, String> keys() {
        return new TreeMap<>(keys);
    }

    /// A key that opens this instance, at once.
    public Answer attachKey(long id, String text) {
        return with(id, contract -> {
            long key = keys.entrySet().stream()
                    .filter(entry -> entry.getValue().equals(text))
                    .map(Map.Entry::getKey)
                    .findFirst()
                    .orElseGet(() -> nextKey++);
            contract.keys.put(key, text);
            desk.tell(new Happening.KeysChanged(now(), id));
            return new Answer.Done(key);
        });
    }

    public Answer detachKey(long id, long key) {
        return with(id, contract -> {
            if (contract.keys.remove(key) == null)
                return Answer.refused(Reason.NO_SUCH_KEY, "no_such_key SSH key " + key + " not found.");
            desk.tell(new Happening.KeysChanged(now(), id));
            return Answer.done();
        });
    }

    /// Bytes that went over its wire, billed in any state.
    public Answer usage(long id, long down, long up) {
        if (down < 0 || up < 0)
            throw new IllegalArgumentException("expected bytes of 0 or more, but found " + down + " and " + up);
        return with(id, contract -> {
            bandwidth(contract, Kind.DOWN, contract.bytesDown, down, contract.prices.downNano());
            bandwidth(contract, Kind.UP, contract.bytesUp, up, contract.prices.upNano());
            contract.bytesDown += down;
            contract.bytesUp += up;
            return Answer.done();
        });
    }

    private void bandwidth(Contract contract, Kind kind, long before, long more, long nanoPerGb) {
        long pico = Prices.bytesPico(before + more, nanoPerGb) - Prices.bytesPico(before, nanoPerGb);
        if (more > 0) desk.ledger.lump(contract.bill, kind, more, pico, desk.second());
    }

    public Optional<Instance> instance(long id) {
        return Optional.ofNullable(contracts.get(id)).map(contract -> contract.view(desk.now()));
    }

    /// By id.
    public List<Instance> instances() {
        return contracts.values().stream()
                .map(contract -> contract.view(desk.now()))
                .toList();
    }

    public List<Rise> rises() {
        return rises.pending();
    }

    public Answer acceptRise(long id) {
        Optional<Contract> contract = rises.accept(id);
        contract.ifPresent(this::endLater);
        return contract.isPresent() ? changed(Answer.done()) : noRise(id);
    }

    public Answer rejectRise(long id) {
        return rises.reject(id) ? Answer.done() : noRise(id);
    }

    private static Answer noRise(long id) {
        return Answer.refused(Reason.NO_SUCH_RISE, "no_pending_price_increase " + id + " is not pending.");
    }

    public Account account() {
        long second = desk.second();
        return new Account(
                new Usd(funds.credit()),
                new Usd(funds.escrow()),
                new Usd(desk.ledger.paid()),
                new Usd(desk.ledger.spent(second)),
                Usd.perHour(desk.ledger.burn()));
    }

    /// What was charged after `from` up to `to`, both cut to whole seconds, at most up to now; what went over the wire
    /// in the second that is not over yet comes with it. Windows that follow each other sum up to the whole, exactly.
    public List<Charge> charges(Instant from, Instant to) {
        return desk.ledger.charges(from.getEpochSecond(), Math.min(to.getEpochSecond(), desk.second()));
    }

    public List<Payment> payments() {
        return desk.ledger.payments();
    }

    /// Money comes in, or is taken away by an amount below nothing.
    public void pay(Usd amount, String description) {
        desk.ledger.pay(amount.pico(), description, desk.second());
        funds.look();
    }

    /// What goes wrong because somebody wants to see it go wrong.
    public Faults faults() {
        return new Faults(this);
    }

    Answer onMachine(long instance, BiConsumer<Neighbours, Contract> act) {
        return with(instance, contract -> {
            act.accept(neighbours, contract);
            return Answer.done();
        });
    }

    Answer offerRise(long instance) {
        return with(instance, contract -> {
            rises.offer(contract);
            return Answer.done();
        });
    }

    void next(Contract.Fate fate) {
        nextFate = Optional.of(fate);
    }

    void nextBusy() {
        nextIsBusy = true;
    }

    /// What must hold after every step, for tests.
    void audit() {
        machines.values().forEach(Machine::audit);
        for (Contract contract : contracts.values()) {
            if (contract.up && contract.phase != Phase.RUNNING && contract.phase != Phase.STOPPING)
                throw new IllegalStateException(
                        "expected nothing to run in " + contract.phase + ", but " + contract.id + " does");
            // One that found its machine busy waits a minute, whatever happens.
            boolean waits =
                    contract.phase == Phase.OUTBID || contract.phase == Phase.QUEUED && contract.message.isPresent();
            if (waits && contract.wins())
                throw new IllegalStateException("expected nobody to wait for free GPUs, but " + contract.id + " does");
            if (contract.holds != contract.phase.active())
                throw new IllegalStateException("expected " + contract.id + " to hold its GPUs as " + contract.phase
                        + " says, but found " + contract.holds);
        }
    }
}
