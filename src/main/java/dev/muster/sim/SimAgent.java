package dev.muster.sim;

import dev.muster.core.agent.AgentAction;
import dev.muster.core.agent.AgentPlanner;
import dev.muster.core.agent.Deltas;
import dev.muster.core.agent.LocalAttempt;
import dev.muster.core.agent.LocalAttempt.Phase;
import dev.muster.core.agent.LocalView;
import dev.muster.core.agent.Repairs;
import dev.muster.core.plan.Soft;
import dev.muster.core.state.Artifact;
import dev.muster.core.state.Attempt;
import dev.muster.core.state.AttemptId;
import dev.muster.core.state.ClusterState;
import dev.muster.core.state.Command;
import dev.muster.core.state.ConfigKey;
import dev.muster.core.state.DeltaOf;
import dev.muster.core.state.JobSpec;
import dev.muster.core.state.MadeDelta;
import dev.muster.core.state.NodeId;
import dev.muster.core.state.Replicas;
import dev.muster.core.state.Saved;
import dev.muster.core.state.Sha256;
import dev.muster.core.state.Table;
import dev.muster.core.state.Transfer;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeMap;

/// The hands of one node: carries out what [AgentPlanner] and [Repairs] decide, with made-up processes and files.
final class SimAgent {
    /// Inputs that cannot be had for this long end the attempt.
    private static final Duration INPUTS_MAX = Duration.ofMinutes(10);

    /// What was saved and cannot be had for this long is left out.
    private static final Duration SAVED_MAX = Duration.ofSeconds(30);

    private static final String FULL = "disk full: expected more bytes free in the artifact store, but found 0";

    /// Copies on their way at once, beside what cannot wait.
    private static final int FETCHES_MAX = 1;

    private static final long DELTA_BYTES_PER_MS = 80_000;

    private final World world;
    private final SimNode node;

    // ---- disk
    private Table<AttemptId, LocalAttempt> journal = Table.empty();
    private Table<ConfigKey, Sha256> pointers = Table.empty();
    private final Map<Sha256, StoredFile> store = new TreeMap<>();
    private final Map<AttemptId, SimProcess> processes = new TreeMap<>();
    private final Set<Sha256> ever = new HashSet<>();
    private boolean full;

    // ---- memory
    private final Set<Sha256> fetching = new HashSet<>();
    private final Set<Sha256> wholeOnly = new HashSet<>();
    private final Map<Sha256, Long> askedAtMs = new TreeMap<>();
    private boolean coding;
    private Table<Sha256, Transfer> came = Table.empty();
    private Table<Sha256, String> troubles = Table.empty();
    private long pids = 1_000;
    private long decidedAtMs;
    /// The last state by which no copy was to be fetched or reported; an empty one where the store has lost files since.
    private ClusterState inOrder = ClusterState.EMPTY;

    /// A file in the store.
    ///
    /// @param whole false when its bytes are no longer what its name says, which a read will find out
    record StoredFile(long size, boolean whole) {}

    SimAgent(World world, SimNode node) {
        this.world = world;
        this.node = node;
    }

    Table<AttemptId, LocalAttempt> journal() {
        return journal;
    }

    Table<ConfigKey, Sha256> pointers() {
        return pointers;
    }

    /// Was it ever on this disk, whole? A machine lost since cannot be blamed on whoever relied on it.
    boolean everHeld(Sha256 sha) {
        return ever.contains(sha);
    }

    boolean holdsWhole(Sha256 sha) {
        StoredFile file = store.get(sha);
        return file != null && file.whole();
    }

    Set<Sha256> held() {
        return store.keySet();
    }

    long aliveCount() {
        return processes.values().stream().filter(process -> process.alive).count();
    }

    Soft.Telemetry telemetry() {
        return new Soft.Telemetry(0.5, 0.5, 0.5, 1L << 40, Double.NaN, Double.NaN, (int) aliveCount());
    }

    /// As [Soft.Heard#awaited].
    Table<Sha256, String> awaited() {
        Table<Sha256, String> awaited = troubles;
        for (Sha256 sha : fetching) awaited = awaited.with(sha, troubles.getOrDefault(sha, ""));
        return awaited;
    }

    // ---- life

    void forget() {
        fetching.clear();
        wholeOnly.clear();
        askedAtMs.clear();
        coding = false;
        came = Table.empty();
        troubles = Table.empty();
    }

    void powerLost() {
        for (SimProcess process : processes.values()) {
            if (process.alive) died(process, "its machine lost power");
        }
    }

    private void died(SimProcess process, String why) {
        process.alive = false;
        world.checks().processEnded(process.attempt);
        world.tell("process " + process.attempt + " on " + node.id + " ended", why);
    }

    void wipe() {
        for (SimProcess process : processes.values()) {
            if (process.alive) died(process, "its machine was set up anew");
        }
        processes.clear();
        store.clear();
        inOrder = ClusterState.EMPTY;
        journal = Table.empty();
        pointers = Table.empty();
    }

    /// A new agent finds the processes of the one before by their supervisors' files.
    void recover() {
        for (LocalAttempt local : journal.values()) {
            SimProcess process = processes.get(local.id());
            if (local.phase() == Phase.ENDED) continue;
            if (process == null) later(() -> prepare(local.id()));
            else if (process.alive) found(local, process);
            else later(() -> collect(local.id()));
        }
    }

    private void found(LocalAttempt local, SimProcess process) {
        if (world.makes(Mutation.AGENT_CLEANS_UP)) stop(local.id(), "left over");
        if (local.phase() == Phase.PREPARING) started(local, process);
        if (local.phase() == Phase.STOPPING) terminate(process, local.spec());
        if (local.phase() != Phase.PREPARING) saveLater(local.id());
    }

    private void later(Runnable what) {
        later(world.chance().between(20, 500), what);
    }

    private void later(long delayMs, Runnable what) {
        int life = node.life();
        world.agenda().in(delayMs, () -> {
            if (node.running() && node.life() == life) what.run();
        });
    }

    // ---- decisions

    /// Every heartbeat, unless news has already made it decide since the last one.
    void decideUnlessJustDone() {
        long heartbeat = world.policy().heartbeat().toMillis();
        if (world.agenda().nowMs() - decidedAtMs >= heartbeat) decide();
    }

    /// With every heartbeat, however much news there is. Where nothing was to be done for the same files, nodes, models
    /// and loops, nothing is now: most of a simulation's beats.
    void repair() {
        if (!node.member()) return;
        ClusterState seen = node.seen();
        if (seen.files() == inOrder.files()
                && seen.fleet() == inOrder.fleet()
                && seen.models() == inOrder.models()
                && seen.loops() == inOrder.loops()) return;
        List<AgentAction> actions = Repairs.decide(seen, view(), FETCHES_MAX - fetching.size(), Set.of());
        Deltas.Chores chores = Deltas.decide(seen, view());
        inOrder = actions.isEmpty() && chores.isEmpty() && fetching.isEmpty() ? seen : ClusterState.EMPTY;
        for (AgentAction action : actions) perform(action);
        chores.make().ifPresent(this::makeDelta);
        store.keySet().removeAll(chores.spent());
        store.keySet().removeAll(Repairs.spent(seen, view()));
    }

    private LocalView view() {
        return new LocalView(node.id, journal, store.keySet(), fetching, pointers, came);
    }

    void decide() {
        if (!node.member()) return;
        decidedAtMs = world.agenda().nowMs();
        int max = node.known().orElseThrow().maxParallelJobs();
        List<AgentAction> actions = AgentPlanner.decide(node.seen(), view(), max, clock());
        for (AgentAction action : actions) perform(action);
    }

    private Instant clock() {
        return world.clockOf(node.id);
    }

    private void perform(AgentAction action) {
        switch (action) {
            case AgentAction.Begin(AttemptId attempt, long token, JobSpec spec, Saved saved) ->
                begin(attempt, token, spec, saved);
            case AgentAction.Stop(AttemptId attempt, String why) -> stop(attempt, why);
            case AgentAction.Report(var command) -> node.report(command);
            case AgentAction.Discard(AttemptId attempt) -> discard(attempt);
            case AgentAction.Fetch(Sha256 artifact, long size, List<NodeId> holders) -> fetch(artifact, size, holders);
            case AgentAction.Point(ConfigKey config, Sha256 artifact) -> point(config, artifact);
            case AgentAction.ForgetSecrets forget -> {}
        }
    }

    /// Reads the file once more before anything plays with it.
    private void point(ConfigKey config, Sha256 artifact) {
        if (quarantine(artifact)) return;
        world.checks().pointed(node.id, artifact, holdsWhole(artifact));
        pointers = pointers.with(config, artifact);
    }

    // ---- attempts

    private void begin(AttemptId attempt, long token, JobSpec spec, Saved saved) {
        if (journal.has(attempt)) return;
        write(new LocalAttempt(
                attempt,
                token,
                spec,
                Phase.PREPARING,
                clock(),
                OptionalLong.empty(),
                Optional.empty(),
                Optional.empty(),
                saved));
        later(() -> prepare(attempt));
    }

    private void prepare(AttemptId attempt) {
        LocalAttempt local = journal.find(attempt).orElse(null);
        if (local == null || local.phase() != Phase.PREPARING || processes.containsKey(attempt)) return;
        List<JobSpec.Input> missing = local.spec().inputs().stream()
                .filter(input -> !store.containsKey(input.artifact()))
                .toList();
        if (missing.isEmpty()) {
            resume(local);
        } else if (Duration.between(local.since(), clock()).compareTo(INPUTS_MAX) > 0) {
            end(
                    local,
                    ending(
                            Attempt.Status.FAILED,
                            OptionalInt.empty(),
                            "input " + missing.getFirst().path() + " is not to be had"));
        } else {
            for (JobSpec.Input input : missing) fetchInput(input.artifact());
            later(1_000, () -> prepare(attempt));
        }
    }

    /// Begins with what earlier attempts have saved; what cannot be had for so long is left out.
    private void resume(LocalAttempt local) {
        List<Attempt.Stored> missing = local.saved().files().values().stream()
                .filter(file -> !store.containsKey(file.sha()))
                .filter(file -> node.seen().files().held(file.sha()))
                .toList();
        boolean waits = Duration.between(local.since(), clock()).compareTo(SAVED_MAX) <= 0;
        if (missing.isEmpty() || !waits) {
            launch(local);
            return;
        }
        for (Attempt.Stored file : missing) fetchInput(file.sha());
        later(1_000, () -> prepare(local.id()));
    }

    /// A real node asks one holder after the other; here a fenced one is asked only where nobody else has the file.
    private void fetchInput(Sha256 sha) {
        ClusterState seen = node.seen();
        Artifact artifact = seen.files().artifacts().find(sha).orElse(null);
        if (artifact == null) return;
        List<NodeId> givers = Replicas.givers(seen, artifact);
        List<NodeId> holders =
                givers.isEmpty() ? List.copyOf(artifact.receipts().keys()) : givers;
        fetch(
                sha,
                artifact.size(),
                holders.stream().filter(holder -> !holder.equals(node.id)).toList());
    }

    private void launch(LocalAttempt local) {
        Works.Fate fate = world.works().fateOf(local.id(), local.spec());
        SimProcess process = new SimProcess(local.id(), pids++);
        world.checks().processStarted(local.id(), node.id);
        processes.put(local.id(), process);
        List<String> resumed = local.saved().files().values().stream()
                .filter(file -> store.containsKey(file.sha()))
                .map(file -> file.path() + " " + file.sha().brief())
                .toList();
        world.tell(
                "process " + local.id() + " on " + node.id + " started",
                resumed.isEmpty() ? "" : "goes on with " + String.join(", ", resumed));
        world.agenda().in(fate.runMs(), () -> exited(process, fate.exit()));
        if (world.chance().of(world.crashAtLaunch())) {
            node.crash();
            world.agenda().in(5_000, node::start);
            return;
        }
        started(local, process);
    }

    private void started(LocalAttempt local, SimProcess process) {
        write(new LocalAttempt(
                local.id(),
                local.token(),
                local.spec(),
                Phase.RUNNING,
                clock(),
                OptionalLong.of(process.pid),
                local.stopWhy(),
                Optional.empty(),
                local.saved()));
        later(0, this::decide);
        saveLater(local.id());
    }

    private void saveLater(AttemptId attempt) {
        LocalAttempt local = journal.find(attempt).orElse(null);
        if (local == null || local.spec().sync().isEmpty()) return;
        later(local.spec().sync().get().every().toMillis(), () -> {
            SimProcess process = processes.get(attempt);
            if (process == null || !process.alive) return;
            save(attempt);
            saveLater(attempt);
        });
    }

    /// What its files hold now.
    private void save(AttemptId attempt) {
        LocalAttempt local = journal.find(attempt).orElse(null);
        if (local == null || local.spec().sync().isEmpty() || full) return;
        Table<String, Attempt.Stored> files = Table.empty();
        for (Attempt.Stored file : Works.savedOf(local)) {
            keep(file.sha(), file.size());
            files = files.with(file.path(), file);
        }
        write(local.with(local.saved().next(files, clock())));
        later(0, this::decide);
    }

    private void exited(SimProcess process, int exit) {
        if (!process.alive) return;
        process.exit = OptionalInt.of(exit);
        died(process, "exit " + exit);
        if (node.running()) later(() -> collect(process.attempt));
    }

    /// Stores what a process left, and writes down how it ended.
    private void collect(AttemptId attempt) {
        LocalAttempt local = journal.find(attempt).orElse(null);
        SimProcess process = processes.get(attempt);
        if (local == null || local.phase() == Phase.ENDED || process == null || process.alive) return;
        save(attempt);
        local = journal.require(attempt);
        if (process.exit.isEmpty()) {
            end(local, ending(Attempt.Status.LOST, OptionalInt.empty(), "its process is gone and left no exit status"));
        } else if (process.exit.getAsInt() == 0) {
            end(local, succeeded(local));
        } else if (local.phase() == Phase.STOPPING) {
            end(
                    local,
                    ending(
                            LocalAttempt.status(local.stopWhy().orElse("")),
                            process.exit,
                            local.stopWhy().orElse("stopped")));
        } else {
            end(local, ending(Attempt.Status.FAILED, process.exit, "exit " + process.exit.getAsInt()));
        }
    }

    private Attempt.Ending succeeded(LocalAttempt local) {
        List<Attempt.Stored> outputs = world.works().outputsOf(local.id(), local.spec());
        for (Attempt.Stored stored : outputs) keep(stored.sha(), stored.size());
        return new Attempt.Ending(
                Attempt.Status.SUCCEEDED,
                OptionalInt.of(0),
                outputs,
                world.works().matchesOf(local.id(), local.spec()),
                "exit 0",
                false,
                Works.resultsOf(local.spec()),
                "");
    }

    private static Attempt.Ending ending(Attempt.Status status, OptionalInt exit, String note) {
        return new Attempt.Ending(status, exit, List.of(), List.of(), note);
    }

    private void end(LocalAttempt local, Attempt.Ending ending) {
        write(new LocalAttempt(
                local.id(),
                local.token(),
                local.spec(),
                Phase.ENDED,
                clock(),
                local.pid(),
                local.stopWhy(),
                Optional.of(ending),
                local.saved()));
        later(0, this::decide);
    }

    private void stop(AttemptId attempt, String why) {
        LocalAttempt local = journal.find(attempt).orElse(null);
        if (local == null || local.phase() == Phase.STOPPING || local.phase() == Phase.ENDED) return;
        Duration ran = Duration.between(local.since(), clock());
        world.checks().stopped(attempt, why, local.spec(), ran, world.state());
        world.tell("stop " + attempt + " on " + node.id, why);
        SimProcess process = processes.get(attempt);
        if (process == null) {
            end(local, ending(LocalAttempt.status(why), OptionalInt.empty(), why));
            return;
        }
        write(new LocalAttempt(
                attempt,
                local.token(),
                local.spec(),
                Phase.STOPPING,
                clock(),
                local.pid(),
                Optional.of(why),
                Optional.empty(),
                local.saved()));
        terminate(process, local.spec());
    }

    /// SIGTERM now, SIGKILL after the grace period.
    private void terminate(SimProcess process, JobSpec spec) {
        long grace = spec.grace().toMillis();
        long takes = world.chance().between(100, 3_000);
        world.agenda().in(Math.min(takes, grace), () -> exited(process, takes <= grace ? 143 : 137));
    }

    private void discard(AttemptId attempt) {
        if (!journal.has(attempt)) return;
        world.checks().discarded(attempt, world.state());
        journal = journal.without(attempt);
        processes.remove(attempt);
    }

    private void write(LocalAttempt local) {
        journal = journal.with(local.id(), local);
    }

    // ---- files

    private void fetch(Sha256 sha, long size, List<NodeId> holders) {
        if (store.containsKey(sha) || fetching.contains(sha) || holders.isEmpty() || awaitsDelta(sha)) return;
        if (full) {
            troubles = troubles.with(sha, FULL);
            return;
        }
        Optional<Deltas.Way> less = Deltas.way(node.seen(), node.id, store.keySet(), sha);
        if (less.isPresent() && !wholeOnly.contains(sha)) {
            fetching.add(sha);
            long takesMs = world.network()
                    .transferMs(less.get().maker(), node.id, less.get().size());
            later(takesMs, () -> undone(sha, size, less.get(), holders, takesMs));
            return;
        }
        NodeId from = world.chance().pick(holders);
        fetching.add(sha);
        long takesMs = world.network().transferMs(from, node.id, size);
        later(takesMs, () -> fetched(sha, size, from, takesMs));
    }

    private void fetched(Sha256 sha, long size, NodeId from, long tookMs) {
        fetching.remove(sha);
        SimNode source = world.node(from);
        boolean there = source.running()
                && world.network().mutual(node.id, from)
                && source.agent().holdsWhole(sha);
        boolean damaged = world.chance().of(world.transferLoss());
        if (!there || damaged && !world.makes(Mutation.NO_READ_BACK)) return;
        if (damaged) store.put(sha, new StoredFile(size, false));
        else keep(sha, size);
        came = came.with(sha, new Transfer(size, tookMs, "http", 1));
        troubles = troubles.without(sha);
        later(0, this::decide);
    }

    private boolean awaitsDelta(Sha256 sha) {
        long patienceMs =
                Deltas.patience(node.seen(), node.id, store.keySet(), sha).toMillis();
        if (patienceMs == 0) return false;
        long now = world.agenda().nowMs();
        return now - askedAtMs.computeIfAbsent(sha, first -> now) < patienceMs;
    }

    /// A delta has come, or not; where it does not do, the whole file is fetched at once.
    private void undone(Sha256 sha, long size, Deltas.Way way, List<NodeId> holders, long tookMs) {
        fetching.remove(sha);
        SimNode maker = world.node(way.maker());
        boolean there = holdsWhole(way.delta())
                || maker.running()
                        && world.network().mutual(node.id, way.maker())
                        && maker.agent().holdsWhole(way.delta());
        if (there && holdsWhole(way.base())) {
            world.tell("file " + sha.brief() + " on " + node.id + " made by a delta", "from " + way.maker());
            keep(way.delta(), way.size());
            keep(sha, size);
            came = came.with(sha, new Transfer(way.size(), tookMs, "delta", 1));
            troubles = troubles.without(sha);
            later(0, this::decide);
        } else {
            world.tell("no delta of " + sha.brief() + " on " + node.id, "fetches the whole file");
            quarantine(way.base());
            wholeOnly.add(sha);
            fetch(sha, size, holders);
        }
    }

    private void makeDelta(DeltaOf of) {
        if (coding) return;
        coding = true;
        StoredFile file = store.get(of.artifact());
        later(file.size() / DELTA_BYTES_PER_MS, () -> {
            coding = false;
            if (!holdsWhole(of.artifact()) || !holdsWhole(of.base())) return;
            MadeDelta made = Works.deltaOf(of, file.size(), node.id);
            keep(made.sha().orElseThrow(), made.size());
            node.report(new Command.RecordDelta(of, made));
        });
    }

    boolean full() {
        return full;
    }

    /// Nothing more fits on its disk, or things do again.
    void fill(boolean whole) {
        full = whole;
        if (!full) troubles = Table.empty();
    }

    /// As a person's `artifact put`.
    void keep(Sha256 sha, long size) {
        store.put(sha, new StoredFile(size, true));
        ever.add(sha);
    }

    /// A file on disk is no longer what it was; the next read of the whole file finds out, and out it goes.
    void rot(Sha256 sha) {
        store.computeIfPresent(sha, (name, file) -> new StoredFile(file.size(), false));
        world.agenda().in(60_000, () -> quarantine(sha));
    }

    private boolean quarantine(Sha256 sha) {
        if (!store.containsKey(sha) || holdsWhole(sha) || world.makes(Mutation.NO_READ_BACK)) return false;
        store.remove(sha);
        inOrder = ClusterState.EMPTY;
        world.tell("damaged file " + sha.brief() + " on " + node.id + " found", "");
        return true;
    }
}
