package dev.muster.edge.cli;

import dev.muster.core.fleet.Sight;
import dev.muster.core.fleet.UpPlan;
import dev.muster.core.hosts.Host;
import dev.muster.core.hosts.HostFile;
import dev.muster.edge.fleet.Bundle;
import dev.muster.edge.fleet.Bundles;
import dev.muster.edge.fleet.Fleet;
import dev.muster.edge.fleet.FleetText;
import dev.muster.edge.fleet.HostResult;
import dev.muster.edge.fleet.HostResult.Kind;
import dev.muster.edge.fleet.HostScript;
import dev.muster.edge.fleet.RollingRestart;
import dev.muster.edge.fleet.ScriptStation;
import dev.muster.edge.fleet.Station;
import dev.muster.edge.ssh.HostShell;
import dev.muster.edge.ssh.Ssh;
import dev.muster.edge.ssh.SshSettings;
import dev.muster.edge.ssh.SshTarget;
import dev.muster.edge.view.Doc;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;

/// `muster up`, `restart` and `down` of the hosts of a file, over SSH.
final class FleetCommands {
    /// Where the runbooks keep it.
    static final Path FILE_DEFAULT = Path.of("config", "distributed_hosts.yaml");

    private static final String CLUSTER_DEFAULT = "muster";
    private static final int TOKEN_BYTES = 24;

    private FleetCommands() {}

    /// The options of all three.
    static Verb options(Verb verb) {
        return reach(verb)
                .option("--root", "FOLDER", "where everything lies on each host, ~/.muster unless told")
                .option("--init", "WORD", "what starts agents there: auto, systemd, user or none (our own supervisor)")
                .option("--patience", "TIME", "longest wait for an agent's answer after its start, 60s unless told");
    }

    /// The options of whatever goes over SSH to the hosts of a file.
    static Verb reach(Verb verb) {
        return verb.option("--file,-f", "FILE", "the hosts, " + FILE_DEFAULT + " where there is one (MUSTER_HOSTS)")
                .options("--node,-n", "HOST", "only this host of the file")
                .option("--parallel", "COUNT", "hosts at once, " + SshSettings.PARALLEL + " unless told")
                .option("--connect-timeout", "TIME", "longest wait for a host to answer, 10s unless told")
                .option("--ssh-config", "FILE", "in place of ~/.ssh/config")
                .option("--known-hosts", "FILE", "in place of ~/.ssh/known_hosts");
    }

    /// The file of hosts, where the command is about one.
    ///
    /// @param local the command is about this machine's own node
    static Optional<String> file(Args args, boolean local) {
        Optional<String> told = args.text("--file");
        if (told.isPresent() || local) return told;
        String variable = args.shell().env().getOrDefault("MUSTER_HOSTS", "");
        if (!variable.isBlank()) return Optional.of(variable);
        return Files.isRegularFile(FILE_DEFAULT) ? Optional.of(FILE_DEFAULT.toString()) : Optional.empty();
    }

    /// What all three work with.
    record Work(Args args, HostFile file, Set<String> only, Ssh ssh, HostScript.Place place) implements AutoCloseable {
        HostShell shell(Host host) {
            return ssh.shell(target(host));
        }

        private SshTarget target(Host host) {
            return SshTarget.of(file, host, Path.of(args.shell().env().getOrDefault("HOME", "/")));
        }

        Fleet fleet(Fleet.Told told) {
            Function<Host, Station> stations = host -> new ScriptStation(new HostScript(shell(host), place));
            return new Fleet(file, only, stations, host -> ssh.address(target(host)), told);
        }

        @Override
        public void close() throws IOException {
            ssh.close();
        }
    }

    interface Task {
        int with(Work work) throws Failure, IOException, InterruptedException;
    }

    static int working(Args args, String file, Task task) throws Failure {
        args.output();
        HostFile hosts = HostCommands.usable(args, file);
        Set<String> only = new TreeSet<>(args.all("--node"));
        for (String name : only) {
            if (hosts.host(name).isEmpty())
                throw new Failure(
                        Exit.NOT_FOUND,
                        "NOT_FOUND",
                        "expected a host of " + file + ", but found --node " + name,
                        "`muster node list --file " + file + "` lists them");
        }
        try (Work work = new Work(args, hosts, only, Ssh.open(settings(args)), place(args))) {
            return task.with(work);
        } catch (IOException e) {
            throw new Failure(Exit.ERROR, "IO", Client.reason(e), "");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new Failure(Exit.ERROR, "INTERRUPTED", "broken off", "every step may be repeated");
        }
    }

    private static SshSettings settings(Args args) throws Failure {
        try {
            SshSettings settings = SshSettings.defaults()
                    .withConnectMax(args.duration("--connect-timeout", Duration.ofSeconds(10)))
                    .withParallel((int) args.number("--parallel", SshSettings.PARALLEL));
            if (args.text("--ssh-config").isPresent())
                settings = settings.withConfig(Path.of(args.text("--ssh-config").get()));
            if (args.text("--known-hosts").isPresent())
                settings = settings.withKnown(Path.of(args.text("--known-hosts").get()));
            return settings;
        } catch (IllegalArgumentException e) {
            throw Failure.usage(e.getMessage(), "");
        }
    }

    private static HostScript.Place place(Args args) throws Failure {
        String root = args.text("--root").orElse("");
        if (!root.isEmpty() && !root.startsWith("/"))
            throw Failure.usage("expected --root to be absolute, but found " + root, "");
        String init = args.text("--init").orElse("auto");
        if (!List.of("auto", "systemd", "user", "none").contains(init))
            throw Failure.usage("expected --init auto, systemd, user or none, but found " + init, "");
        return new HostScript.Place(root, init, args.duration("--patience", HostScript.Place.DEFAULT.patience()));
    }

    /// The file of a command that is about nothing else.
    static String named(Args args) throws Failure {
        return file(args, false)
                .orElseThrow(() ->
                        Failure.usage("expected --file with the hosts, but found neither it nor " + FILE_DEFAULT, ""));
    }

    static int up(Args args, String file) throws Failure {
        return working(args, file, work -> args.flag("--check") ? check(work) : up(work));
    }

    private static int check(Work work) throws Failure, InterruptedException {
        Telling telling = new Telling(work.args(), "looking only");
        Fleet fleet = work.fleet(telling);
        List<HostResult> results = fleet.check(fleet.look());
        return telling.end(results);
    }

    private static int up(Work work) throws Failure, IOException, InterruptedException {
        Args args = work.args();
        Telling telling = new Telling(args, "starting agents");
        Fleet fleet = work.fleet(telling);
        Map<String, Sight> sights = fleet.look();
        Map<String, Bundle> bundles = bundles(args, sights);
        Map<String, String> releases = new TreeMap<>();
        bundles.forEach((arch, bundle) -> releases.put(arch, bundle.release()));
        UpPlan plan = UpPlan.of(work.file(), work.only(), sights, releases, false);
        if (plan.refusal().isPresent()) {
            fleet.check(sights);
            throw new Failure(Exit.REFUSED, "REFUSED", plan.refusal().get(), "nothing was done");
        }
        if (args.dryRun() || !plan.founded().isEmpty()) {
            if (!Confirm.goesOn(
                    args,
                    FleetText.plan(
                            plan,
                            bundles.values().stream()
                                    .mapToLong(Bundle::size)
                                    .max()
                                    .orElse(0)))) return Exit.DONE;
        }
        String cluster = args.text("--cluster-id").orElse(CLUSTER_DEFAULT);
        Map<String, Bundle> byRelease = new TreeMap<>();
        for (Bundle bundle : bundles.values()) byRelease.put(bundle.release(), bundle);
        List<HostResult> results =
                fleet.up(plan, sights, byRelease, cluster, plan.founded().isEmpty() ? "" : token());
        return telling.end(results);
    }

    /// One for each sort of machine on which nothing is installed yet, by processor.
    private static Map<String, Bundle> bundles(Args args, Map<String, Sight> sights)
            throws IOException, InterruptedException {
        Map<String, Bundle> bundles = new TreeMap<>();
        for (Sight sight : sights.values()) {
            boolean bare = sight instanceof Sight.Reached reached
                    && reached.release().isEmpty()
                    && reached.unfit().isEmpty()
                    && !(reached.agent() instanceof Sight.Agent.Running);
            if (!bare || !(sight instanceof Sight.Reached reached) || bundles.containsKey(reached.arch())) continue;
            try {
                bundles.put(reached.arch(), bundle(args, reached.arch()));
            } catch (IOException e) {
                args.shell().err().println("muster: " + Client.reason(e));
            }
        }
        return bundles;
    }

    private static Bundle bundle(Args args, String arch) throws IOException, InterruptedException {
        for (String file : args.all("--bundle")) {
            Bundle bundle = Bundle.of(Path.of(file));
            if (bundle.arch().equals(arch)) return bundle;
        }
        return Bundles.of(args.shell().env(), line -> args.shell().err().println("muster: " + line))
                .find(arch);
    }

    private static String token() {
        byte[] random = new byte[TOKEN_BYTES];
        new SecureRandom().nextBytes(random);
        return HexFormat.of().formatHex(random);
    }

    static int restart(Args args) throws Failure {
        String file = file(args, false)
                .orElseThrow(() -> Failure.usage(
                        "expected --file with the hosts to restart, but found neither it nor " + FILE_DEFAULT,
                        "this machine's own agent: `muster down`, then `muster up`"));
        if (args.flag("--upgrade") && args.flag("--rollback"))
            throw Failure.usage("expected --upgrade or --rollback, but found both", "");
        return working(args, file, FleetCommands::restart);
    }

    private static int restart(Work work) throws Failure, IOException, InterruptedException {
        Args args = work.args();
        RollingRestart.Change change = args.flag("--rollback")
                ? new RollingRestart.Change.Back()
                : args.flag("--upgrade")
                        ? new RollingRestart.Change.Upgrade(bundle(args, Bundles.ownArch()))
                        : new RollingRestart.Change.Again();
        Telling telling = new Telling(args, "restarting agents");
        Fleet fleet = work.fleet(telling);
        Map<String, Sight> sights = fleet.look();
        RollingRestart rolling = new RollingRestart(fleet, sights, change);
        RollingRestart.Outlook outlook = rolling.outlook();
        if (outlook.refusal().isPresent())
            throw new Failure(Exit.REFUSED, "REFUSED", outlook.refusal().get(), "nothing was done");
        String plan = FleetText.rolling(
                outlook.nodes(), outlook.voters(), told(change), fleet.without(outlook.nodes(), sights));
        if (!Confirm.goesOn(args, plan)) return Exit.DONE;
        return telling.end(rolling.run());
    }

    private static String told(RollingRestart.Change change) {
        return switch (change) {
            case RollingRestart.Change.Again again -> "Restart";
            case RollingRestart.Change.Upgrade(Bundle bundle) -> "Install " + bundle.release() + " on, and restart,";
            case RollingRestart.Change.Back back -> "Go back to the release before on";
        };
    }

    static int down(Args args, String file) throws Failure {
        return working(args, file, work -> {
            Telling telling = new Telling(args, "stopping agents");
            Fleet fleet = work.fleet(telling);
            Map<String, Sight> sights = fleet.look();
            String hosts = work.only().isEmpty() ? "all hosts of " + file : String.join(", ", work.only());
            String plan = "Stop the agents on " + hosts
                    + ": their jobs go on, and nothing new is placed or learned there until `muster up`."
                    + fleet.quorumLost(sights).map(why -> "\n" + why).orElse("");
            if (!Confirm.goesOn(args, plan)) return Exit.DONE;
            return telling.end(fleet.down(sights));
        });
    }

    /// Results as they come, and the summary.
    private static final class Telling implements Fleet.Told {
        private final Args args;
        private final boolean table;
        private final String doing;
        private boolean begun;

        Telling(Args args, String doing) throws Failure {
            this.args = args;
            this.doing = doing;
            this.table = args.output() == Output.TABLE || args.output() == Output.WIDE;
        }

        @Override
        public void result(HostResult result) {
            if (!table) return;
            begin();
            args.shell().out().print(FleetText.line(result));
            args.shell().out().flush();
        }

        private void begin() {
            if (!begun) args.shell().out().print(FleetText.head(doing));
            begun = true;
        }

        @Override
        public void remark(String line) {
            args.shell().err().println("muster: " + line);
        }

        int end(List<HostResult> results) throws Failure {
            Doc doc = FleetText.doc(results);
            if (table) {
                begin();
                args.shell().out().print(FleetText.summary(results));
            } else {
                args.shell().out().print(args.output().render(doc, wide -> "", Show.names("hosts", "host")));
            }
            boolean well = results.stream()
                    .noneMatch(result -> result.kind() == Kind.FAILED
                            || result.kind() == Kind.DOWN
                            || result.why().startsWith("not done"));
            return well ? Exit.DONE : Exit.NOT_HEALTHY;
        }
    }
}
