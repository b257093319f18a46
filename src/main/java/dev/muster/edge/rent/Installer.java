package dev.muster.edge.rent;

import dev.muster.core.fleet.Sight;
import dev.muster.core.rent.Rented;
import dev.muster.core.state.ClusterState;
import dev.muster.core.state.Command;
import dev.muster.core.state.Endpoints;
import dev.muster.core.state.Enrolment;
import dev.muster.core.state.Fleet;
import dev.muster.core.state.Instance;
import dev.muster.core.state.Node;
import dev.muster.core.state.NodeId;
import dev.muster.core.state.Role;
import dev.muster.core.state.SecretBlanks;
import dev.muster.core.state.Sha256;
import dev.muster.edge.fleet.Bundle;
import dev.muster.edge.fleet.Bundles;
import dev.muster.edge.fleet.HostScript;
import dev.muster.edge.fleet.ScriptStation;
import dev.muster.edge.fleet.Station;
import dev.muster.edge.node.Errands;
import dev.muster.edge.node.Member;
import dev.muster.edge.node.SecretFiles;
import dev.muster.edge.provider.Provider;
import dev.muster.edge.provider.ProviderFailure;
import dev.muster.edge.provider.Providers;
import dev.muster.edge.ssh.Ssh;
import dev.muster.edge.ssh.SshSettings;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Puts the agent on a rented machine over SSH, as `muster up` does on hosts: bundle, data directory by a one-time token,
/// start. Each step finds out what is done already, so that it may be repeated at any time.
///
/// The machine dials out and nobody dials it: what a provider maps its ports to changes, and may be somebody else's soon.
/// So its agent listens on loopback only, on free ports.
public final class Installer implements Installing {
    /// An agent that was just started joins within some seconds; on a slow machine it takes longer.
    private static final Duration JOIN_MAX = Duration.ofSeconds(60);
    /// One that runs already is heard within two heartbeats, unless the cluster does not know it.
    private static final Duration HEARD_MAX = Duration.ofSeconds(15);
    private static final Duration LOOK = Duration.ofMillis(200);
    private static final int TOKEN_BYTES = 32;
    private static final int SEEDS_MAX = 5;
    private static final String LOOPBACK = "127.0.0.1";

    private static final Logger LOG = LoggerFactory.getLogger(Installer.class);

    private final Setup setup;
    private final ReentrantLock packing = new ReentrantLock();

    /// What the leader's own machine gives.
    ///
    /// @param clusterId of the cluster
    /// @param user      to log in as; empty for the one that the provider names
    /// @param ssh       of all connections
    /// @param known     keys of machines that are rented now
    /// @param bundles   what machines get
    /// @param secrets   of this machine; a run's machine gets those that its stages name
    public record Setup(
            String clusterId,
            Optional<String> user,
            Supplier<Providers.Preferences> preferences,
            SshSettings ssh,
            KnownMachines known,
            Source bundles,
            SecretFiles secrets) {}

    /// Where bundles come from; making one takes minutes.
    public interface Source {
        /// @param arch as `uname -m` says it
        Bundle find(String arch) throws IOException, InterruptedException;
    }

    public Installer(Setup setup) {
        this.setup = setup;
    }

    /// Which kind of machine comes is not known yet; mostly it is this one's.
    @Override
    public void prepare() throws IOException, InterruptedException {
        packed(Bundles.ownArch());
    }

    @Override
    public void secrets(Set<String> names) throws IOException {
        setup.secrets().read(names);
    }

    private Bundle packed(String arch) throws IOException, InterruptedException {
        packing.lockInterruptibly();
        try {
            return setup.bundles().find(arch);
        } finally {
            packing.unlock();
        }
    }

    @Override
    public boolean install(Instance instance, Rented machine, Provider provider, Errands.Lead lead)
            throws ProviderFailure, IOException, InterruptedException {
        NodeId node = instance.node()
                .orElseThrow(() -> new IOException("expected " + instance.id() + " to have a node's name"));
        Instant begun = Instant.now();
        if (heardSince(node, begun.minus(HEARD_MAX), lead)) return false;
        Providers.Preferences preferred = setup.preferences().get();
        if (provider.can().keys()) provider.attachKey(machine.id(), Ordering.publicKey(preferred));
        setup.known().forgetOthers(lead.state().rentals());
        try (Ssh ssh = Ssh.open(setup.ssh().withKnown(setup.known().file(instance)))) {
            Door door = Door.find(ssh, node.name(), machine.reach(), setup.user(), preferred.sshKey());
            String init = provider.can().containers() ? "none" : "auto";
            HostScript.Place place = new HostScript.Place("", init, HostScript.Place.DEFAULT.patience());
            Station station = new ScriptStation(new HostScript(door.shell(), place));
            return bring(station, instance, node, door, lead);
        }
    }

    private boolean bring(Station station, Instance instance, NodeId node, Door door, Errands.Lead lead)
            throws IOException, InterruptedException {
        Sight.Reached found = station.look();
        Optional<String> other = found.node().filter(name -> !name.equals(node.name()));
        if (other.isPresent())
            throw new IOException("expected no node on " + door + ", but it holds the data of " + other.get());
        Instant begun = Instant.now();
        if (!(found.agent() instanceof Sight.Agent.Running)) start(station, found, instance, node, door, lead);
        else if (heardBy(HEARD_MAX, node, begun, lead)) return false;
        else station.restart();
        if (heardBy(JOIN_MAX, node, begun, lead)) return true;
        throw new IOException("expected " + node + " to be heard within " + JOIN_MAX.toSeconds()
                + " s of its agent's start, but it is not; its log is in ~/.muster/data/logs on " + door);
    }

    /// From the release of this program, where one can be had; a machine that was stopped has an older one.
    private void start(
            Station station, Sight.Reached found, Instance instance, NodeId node, Door door, Errands.Lead lead)
            throws IOException, InterruptedException {
        if (found.release().isEmpty() && found.unfit().isPresent())
            throw new IOException(found.unfit().get());
        Optional<Bundle> bundle = bundle(found);
        boolean other = bundle.isPresent()
                && !found.release().equals(Optional.of(bundle.get().release()));
        if (other) station.install(bundle.get());
        if (found.node().isEmpty()) enrol(station, node, instance.rent().role(), door, lead);
        for (String name : secretsOf(instance, lead.state())) secret(station, instance, name);
        if (other && found.release().isPresent()) station.change(bundle.get().release());
        else if (found.agent() instanceof Sight.Agent.Silent) station.restart();
        else station.start();
    }

    /// Those that the stages of its run name; of a machine that is nobody's alone, none.
    static SortedSet<String> secretsOf(Instance instance, ClusterState state) {
        return instance.group()
                .flatMap(state.runs()::named)
                .map(run -> SecretBlanks.names(run.spec()))
                .orElseGet(TreeSet::new);
    }

    /// A stage that lacks one does not start there and says so, so a machine is brought up without all the same.
    private void secret(Station station, Instance instance, String name) throws IOException, InterruptedException {
        String value;
        try {
            value = setup.secrets().read(name);
        } catch (IOException e) {
            LOG.warn("rent.without-secret instance={} secret={} reason=\"{}\"", instance.id(), name, e.getMessage());
            return;
        }
        station.secret(name, value);
    }

    /// Empty when there is none, and the machine can do without.
    private Optional<Bundle> bundle(Sight.Reached found) throws IOException, InterruptedException {
        try {
            return Optional.of(packed(found.arch()));
        } catch (IOException e) {
            if (found.release().isPresent()) return Optional.empty();
            throw new IOException("the leader has no bundle to put on it: " + e.getMessage(), e);
        }
    }

    private void enrol(Station station, NodeId node, Role role, Door door, Errands.Lead lead)
            throws IOException, InterruptedException {
        List<String> arguments = new ArrayList<>(seeds(lead.state().fleet(), door));
        arguments.addAll(List.of(
                "--cluster-id",
                setup.clusterId(),
                "--listen",
                LOOPBACK,
                "--advertise",
                LOOPBACK,
                "--dialable",
                "false",
                "--role",
                role.name().toLowerCase(Locale.ROOT)));
        for (String port : List.of("--api-port", "--artifact-port", "--raft-port", "--gossip-port"))
            arguments.addAll(List.of(port, "0"));
        station.enrol(node.name(), oneTimeToken(node, role, lead), arguments);
    }

    private static List<String> seeds(Fleet fleet, Door door) throws IOException {
        List<Endpoints> voters = fleet.voters().stream()
                .flatMap(voter -> fleet.nodes().find(voter).stream())
                .map(Node::endpoints)
                .toList();
        if (voters.stream().allMatch(at -> isLoopback(at.host())) && !isLoopback(door.host()))
            throw new IOException("expected a voter that machines elsewhere can reach, but all advertise an address of"
                    + " their own machine; set `advertise` in node.yaml of the voters to one that can be dialled");
        return voters.stream()
                .map(at -> at.host() + ":" + at.apiPort())
                .limit(SEEDS_MAX)
                .toList();
    }

    private static boolean isLoopback(String host) {
        return host.startsWith("127.") || host.equals("localhost") || host.equals("::1");
    }

    private static String oneTimeToken(NodeId node, Role role, Errands.Lead lead)
            throws IOException, InterruptedException {
        byte[] random = new byte[TOKEN_BYTES];
        new SecureRandom().nextBytes(random);
        String token = HexFormat.of().formatHex(random);
        Command mint = new Command.MintToken(node, sha(token), Optional.of(role), false, Enrolment.TTL_DEFAULT);
        return switch (lead.order(mint, "its machine is rented")) {
            case Member.Answer.Done done -> token;
            case Member.Answer.Refused(String code, String message) -> throw new IOException(message);
            case Member.Answer.Unavailable(String message, boolean maybe) -> throw new IOException(message);
        };
    }

    private static Sha256 sha(String text) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.US_ASCII));
            return new Sha256(HexFormat.of().formatHex(digest));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }

    private static boolean heardBy(Duration max, NodeId node, Instant since, Errands.Lead lead)
            throws IOException, InterruptedException {
        long end = System.nanoTime() + max.toNanos();
        while (!heardSince(node, since, lead)) {
            if (!lead.leads()) throw new IOException("this node no longer leads");
            if (System.nanoTime() > end) return false;
            Thread.sleep(LOOK);
        }
        return true;
    }

    private static boolean heardSince(NodeId node, Instant since, Errands.Lead lead) {
        return lead.state().fleet().nodes().has(node)
                && lead.soft()
                        .heard()
                        .find(node)
                        .filter(heard -> heard.at().isAfter(since))
                        .isPresent();
    }
}
