package dev.muster.edge.fleet;

import dev.muster.core.fleet.Sight;
import dev.muster.core.fleet.Step;
import dev.muster.core.fleet.UpPlan;
import dev.muster.core.hosts.Host;
import dev.muster.core.hosts.HostFile;
import dev.muster.edge.fleet.HostResult.Kind;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Function;

/// The hosts of a file, worked on together: each in its own thread, its result told as soon as it is known.
public final class Fleet {
    private static final Duration JOINING = Duration.ofSeconds(3);

    private final HostFile file;
    private final Set<String> only;
    private final Function<Host, Station> stations;
    private final Function<Host, String> addresses;
    private final Told told;

    /// Takes results and remarks as they come, one at a time.
    public interface Told {
        void result(HostResult result);

        void remark(String line);
    }

    /// @param only      the hosts that were asked for; empty for all
    /// @param stations  the way to each
    /// @param addresses what each one's `ssh_host` stands for
    public Fleet(
            HostFile file,
            Set<String> only,
            Function<Host, Station> stations,
            Function<Host, String> addresses,
            Told told) {
        this.file = file;
        this.only = only;
        this.stations = stations;
        this.addresses = addresses;
        this.told = told;
    }

    /// Looks at all hosts on which something is to run.
    public Map<String, Sight> look() throws InterruptedException {
        Map<String, Sight> sights = Collections.synchronizedMap(new TreeMap<>());
        each(UpPlan.wanted(file, only), host -> sights.put(host.name(), sight(host)));
        Map<String, Sight> found = new TreeMap<>(sights);
        Map<String, Sight> strangers = strangers(found);
        if (strangers.isEmpty()) return found;
        // One that has just begun is let in within a moment.
        Thread.sleep(JOINING);
        strangers.keySet().retainAll(strangers(found).keySet());
        found.putAll(strangers);
        return found;
    }

    /// Hosts whose agents answer and whose nodes the cluster does not know; none where it cannot be asked.
    private Map<String, Sight> strangers(Map<String, Sight> sights) throws InterruptedException {
        Map<String, Sight> strangers = new TreeMap<>();
        Optional<Set<String>> members = eye(sights).members();
        if (members.isEmpty()) return strangers;
        sights.forEach((host, sight) -> {
            if (sight instanceof Sight.Reached reached
                    && reached.agent() instanceof Sight.Agent.Running running
                    && running.node().equals(host)
                    && !members.get().contains(host)) {
                strangers.put(
                        host,
                        new Sight.Reached(
                                reached.arch(),
                                reached.release(),
                                reached.node(),
                                new Sight.Agent.Stranger(running.pid()),
                                reached.unfit()));
            }
        });
        return strangers;
    }

    private Sight sight(Host host) throws InterruptedException {
        try {
            return stations.apply(host).look();
        } catch (IOException e) {
            return new Sight.Unreached(reason(host.name(), e));
        }
    }

    /// Tells what was seen and does nothing.
    public List<HostResult> check(Map<String, Sight> sights) {
        List<HostResult> results = new ArrayList<>();
        for (UpPlan.Entry entry :
                UpPlan.of(file, only, sights, archs(sights), true).hosts()) {
            results.add(entry.verdict() == UpPlan.Verdict.START ? down(entry.host(), sights) : known(entry, sights));
        }
        results.forEach(told::result);
        return results;
    }

    /// Whatever they are: nothing is to be installed.
    private static Map<String, String> archs(Map<String, Sight> sights) {
        Map<String, String> archs = new TreeMap<>();
        for (Sight sight : sights.values()) if (sight instanceof Sight.Reached reached) archs.put(reached.arch(), "");
        return archs;
    }

    private static HostResult down(String host, Map<String, Sight> sights) {
        if (!(sights.get(host) instanceof Sight.Reached reached))
            return HostResult.of(host, Kind.FAILED, "not looked at");
        return HostResult.of(
                host,
                Kind.DOWN,
                switch (reached.agent()) {
                    case Sight.Agent.Silent(long pid) -> "its agent, process " + pid + ", does not answer";
                    case Sight.Agent.Stranger(long pid) ->
                        "its agent, process " + pid + ", runs, but the cluster does not know the node; `muster up`"
                                + " starts it anew, so that it joins again";
                    case Sight.Agent.Running running -> "node " + running.node() + " answers there";
                    case Sight.Agent.Stopped stopped ->
                        reached.release().isEmpty()
                                ? "not installed"
                                : reached.node().isEmpty() ? "installed, but no node yet" : "its agent does not run";
                });
    }

    private HostResult known(UpPlan.Entry entry, Map<String, Sight> sights) {
        return switch (entry.verdict()) {
            case LEFT -> HostResult.of(entry.host(), Kind.LEFT, entry.why());
            case RUNNING -> running(entry.host(), sights);
            case FAILED, START -> HostResult.of(entry.host(), Kind.FAILED, entry.why());
        };
    }

    private HostResult running(String host, Map<String, Sight> sights) {
        return sights.get(host) instanceof Sight.Reached reached && reached.agent() instanceof Sight.Agent.Running agent
                ? new HostResult(host, Kind.RUNNING, agent.pid(), advertise(host), agent.version(), "")
                : HostResult.of(host, Kind.RUNNING, "");
    }

    /// Carries a plan out: founders first, the rest once somebody leads.
    ///
    /// @param bundles by release
    /// @param cluster its id, for what is made anew
    /// @param token   of a new cluster
    public List<HostResult> up(
            UpPlan plan, Map<String, Sight> sights, Map<String, Bundle> bundles, String cluster, String token)
            throws InterruptedException {
        List<HostResult> results = Collections.synchronizedList(new ArrayList<>());
        List<UpPlan.Entry> founders = new ArrayList<>();
        List<UpPlan.Entry> others = new ArrayList<>();
        for (UpPlan.Entry entry : plan.hosts()) {
            if (entry.verdict() != UpPlan.Verdict.START) tell(results, known(entry, sights));
            else if (enrols(entry)) others.add(entry);
            else founders.add(entry);
        }
        Making founding = new Making(cluster, token, bundles, List.of(), eye(List.of()));
        // Those that hold a node already need nobody; they may be the very voters that the others wait for.
        each(founders, entry -> tell(results, start(entry, founding)));
        if (others.isEmpty()) return List.copyOf(results);
        ClusterEye eye = eye(running(sights, results));
        Optional<String> trouble = eye.awaitLeader();
        if (trouble.isPresent()) {
            for (UpPlan.Entry entry : others) tell(results, HostResult.of(entry.host(), Kind.FAILED, trouble.get()));
            return List.copyOf(results);
        }
        Making joining = new Making(cluster, token, bundles, seeds(eye), eye);
        each(others, entry -> tell(results, start(entry, joining)));
        return List.copyOf(results);
    }

    /// What making a node takes.
    private record Making(
            String cluster, String token, Map<String, Bundle> bundles, List<String> seeds, ClusterEye eye) {
        Bundle bundle(String release) throws IOException {
            Bundle bundle = bundles.get(release);
            if (bundle == null) throw new IOException("expected a bundle of " + release + ", but there is none");
            return bundle;
        }
    }

    private static boolean enrols(UpPlan.Entry entry) {
        return entry.steps().stream().anyMatch(step -> step instanceof Step.Enrol);
    }

    private HostResult start(UpPlan.Entry entry, Making making) throws InterruptedException {
        Host host = file.host(entry.host()).orElseThrow();
        Station station = stations.apply(host);
        Kind kind = Kind.STARTED;
        Station.Answering answering = new Station.Answering(0, "");
        try {
            for (Step step : entry.steps()) {
                switch (step) {
                    case Step.Install(String release) -> station.install(making.bundle(release));
                    case Step.Found found ->
                        station.found(
                                host.name(),
                                making.token(),
                                Profile.founder(
                                        host, advertise(host.name()), addresses(found.voters()), making.cluster()));
                    case Step.Enrol enrol ->
                        station.enrol(
                                host.name(),
                                making.eye().oneTimeToken(host.name()),
                                Profile.joiner(host, advertise(host.name()), making.seeds(), making.cluster()));
                    case Step.Start start -> answering = station.start();
                    case Step.Restart restart -> {
                        answering = station.restart();
                        kind = Kind.RESTARTED;
                    }
                }
            }
        } catch (IOException e) {
            return HostResult.of(host.name(), Kind.FAILED, reason(host.name(), e));
        }
        return new HostResult(host.name(), kind, answering.pid(), advertise(host.name()), answering.release(), "");
    }

    /// Ends agents; jobs go on.
    public List<HostResult> down(Map<String, Sight> sights) throws InterruptedException {
        List<HostResult> results = Collections.synchronizedList(new ArrayList<>());
        each(
                UpPlan.wanted(file, only),
                host -> tell(
                        results,
                        stop(host, sights.getOrDefault(host.name(), new Sight.Unreached("nobody looked at it")))));
        return List.copyOf(results);
    }

    private HostResult stop(Host host, Sight sight) throws InterruptedException {
        if (sight instanceof Sight.Unreached(String why)) return HostResult.of(host.name(), Kind.FAILED, why);
        if (sight instanceof Sight.Reached reached) {
            if (reached.agent() instanceof Sight.Agent.Stopped)
                return HostResult.of(host.name(), Kind.LEFT, "no agent runs there");
            if (reached.agent() instanceof Sight.Agent.Running running
                    && !running.node().equals(host.name()))
                return HostResult.of(host.name(), Kind.FAILED, "node " + running.node() + " answers there");
        }
        try {
            stations.apply(host).stop();
            return HostResult.of(host.name(), Kind.STOPPED, "");
        } catch (IOException e) {
            return HostResult.of(host.name(), Kind.FAILED, reason(host.name(), e));
        }
    }

    /// Hosts whose agents answer, voters first: through them the cluster is asked.
    private List<Host> running(Map<String, Sight> sights, List<HostResult> results) {
        Set<String> up = new TreeSet<>();
        for (HostResult result : List.copyOf(results)) {
            if (result.kind() == Kind.STARTED || result.kind() == Kind.RUNNING || result.kind() == Kind.RESTARTED)
                up.add(result.host());
        }
        sights.forEach((host, sight) -> {
            if (sight instanceof Sight.Reached reached && reached.agent() instanceof Sight.Agent.Running) up.add(host);
        });
        return file.hosts().stream()
                .filter(host -> up.contains(host.name()))
                .sorted(Comparator.comparing((Host host) -> !file.votes(host.name())))
                .toList();
    }

    /// @param sights of all hosts that are to be restarted, and of others by which the cluster may be asked
    ClusterEye eye(Map<String, Sight> sights) {
        return eye(running(sights, List.of()));
    }

    private ClusterEye eye(List<Host> hosts) {
        return new ClusterEye(hosts.stream()
                .map(host -> new ClusterEye.By(host.name(), stations.apply(host)))
                .toList());
    }

    /// Voters of the file that the cluster knows, or else whoever answered.
    private List<String> seeds(ClusterEye eye) {
        return eye.names().stream()
                .map(name -> Profile.api(advertise(name)))
                .limit(5)
                .toList();
    }

    /// Hosts that were asked for and on which none of these nodes lies, with why.
    public Map<String, String> without(Set<String> nodes, Map<String, Sight> sights) {
        Map<String, String> left = new LinkedHashMap<>();
        for (Host host : wanted()) {
            if (nodes.contains(host.name())) continue;
            left.put(
                    host.name(),
                    sights.get(host.name()) instanceof Sight.Unreached(String why)
                            ? why
                            : "no node of that name there");
        }
        return left;
    }

    /// What it means that those agents end which run: a sentence, when no majority of the voters is left.
    public Optional<String> quorumLost(Map<String, Sight> sights) throws InterruptedException {
        Set<String> ending = new TreeSet<>();
        sights.forEach((host, sight) -> {
            if (sight instanceof Sight.Reached reached && !(reached.agent() instanceof Sight.Agent.Stopped))
                ending.add(host);
        });
        if (ending.isEmpty()) return Optional.empty();
        try {
            return eye(sights).cluster(Set.of(), Set.of(), Map.of()).lostWithout(ending);
        } catch (IOException e) {
            return Optional.empty(); // who cannot be asked has no quorum to lose
        }
    }

    private String advertise(String host) {
        return Profile.advertise(file.host(host).orElseThrow(), addresses);
    }

    private Map<String, String> addresses(List<String> hosts) {
        Map<String, String> found = new LinkedHashMap<>();
        for (String host : hosts) found.put(host, advertise(host));
        return found;
    }

    Station station(String host) {
        return stations.apply(file.host(host).orElseThrow());
    }

    List<Host> wanted() {
        return UpPlan.wanted(file, only);
    }

    void tell(List<HostResult> results, HostResult result) {
        results.add(result);
        synchronized (told) {
            told.result(result);
        }
    }

    void remark(String line) {
        synchronized (told) {
            told.remark(line);
        }
    }

    /// What is done to one of many.
    public interface Work<T> {
        void on(T one) throws InterruptedException;
    }

    /// In as many threads as there are; the way to the hosts has its own limit.
    public static <T> void each(List<T> all, Work<T> work) throws InterruptedException {
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<?>> running = new ArrayList<>();
            for (T one : all) {
                running.add(threads.submit(() -> {
                    work.on(one);
                    return null;
                }));
            }
            try {
                for (Future<?> future : running) future.get();
            } catch (ExecutionException e) {
                throw new IllegalStateException(e.getCause());
            } catch (InterruptedException e) {
                threads.shutdownNow();
                throw e;
            }
        }
    }

    /// Whose line it is need not be said again.
    public static String reason(String host, IOException e) {
        String why = reason(e);
        return why.startsWith(host + " (") ? why.substring(host.length() + 1) : why;
    }

    static String reason(IOException e) {
        return e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
    }
}
