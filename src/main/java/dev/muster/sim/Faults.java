package dev.muster.sim;

import dev.muster.core.state.Attempt;
import dev.muster.core.state.Command;
import dev.muster.core.state.ConfigKey;
import dev.muster.core.state.Generation;
import dev.muster.core.state.Job;
import dev.muster.core.state.Model;
import dev.muster.core.state.Node;
import dev.muster.core.state.NodeId;
import dev.muster.core.state.Outcome;
import dev.muster.core.state.Sha256;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;

/// Bad luck and busy people, drawn from the seed, until they are told to stop.
final class Faults {
    private static final List<ConfigKey> CONFIGS = List.of(new ConfigKey("hex8_2p"), new ConfigKey("square19_4p"));
    /// Of all workers, how many may be lost for good.
    private static final double LOST_SHARE = 0.1;

    private final World world;
    private final Chance chance;
    private final People people;
    private boolean stopped;

    Faults(World world) {
        this.world = world;
        this.chance = world.chance();
        this.people = new People(world);
    }

    /// Rates are for clusters of tens of nodes: something happens every few seconds, something grave every few minutes.
    void start() {
        world.spoil(0.002, 0.05);
        every(minutes(3), this::crashAgent);
        every(minutes(6), this::reboot);
        every(minutes(40), this::lose);
        every(minutes(40), this::wipe);
        every(minutes(8), this::partition);
        every(minutes(10), this::cut);
        every(minutes(5), this::isolate);
        every(minutes(15), this::loss);
        every(minutes(10), this::slow);
        every(minutes(10), this::lag);
        every(minutes(12), this::killLeader);
        every(minutes(45), this::voterDisk);
        every(minutes(90), this::allVotersDown);
        every(minutes(10), this::rot);
        every(minutes(4), () -> world.desk().loseAnswers(1));
        every(minutes(4), this::gossip);
        world.people().spoil(chance.pick(List.of(0.0, 0.1, 0.4)), 0.01);
        every(minutes(20), this::muteChannel);
        people.start(this);
    }

    private static long minutes(int count) {
        return Duration.ofMinutes(count).toMillis();
    }

    /// Again and again, on average so far apart.
    void every(long meanMs, Runnable what) {
        world.agenda().in(chance.between(meanMs / 10, meanMs * 19 / 10), () -> {
            if (stopped) return;
            what.run();
            every(meanMs, what);
        });
    }

    /// No more faults, and everything that can be mended is.
    void stopAndHeal() {
        stopped = true;
        world.network().heal();
        world.spoil(0, 0);
        world.people().up();
        for (SimNode node : world.nodes()) {
            world.gossip(node.id, false);
            world.consensus().voter(node.id).ifPresent(voter -> voter.lagMs = 0);
            node.powerOn();
            node.start();
        }
        people.tidyUp();
    }

    private void muteChannel() {
        world.people()
                .down(
                        chance.pick(List.of(SimPeople.CHAT, SimPeople.PAGER)),
                        Duration.ofSeconds(chance.between(30, 3_000)));
    }

    // ---- machines

    private Optional<SimNode> any(Predicate<SimNode> which) {
        List<SimNode> found = world.nodes().stream().filter(which).toList();
        return found.isEmpty() ? Optional.empty() : Optional.of(chance.pick(found));
    }

    private boolean isWorker(SimNode node) {
        return !world.state().fleet().votes(node.id)
                && !world.consensus().configured().contains(node.id);
    }

    private void after(long lowMs, long highMs, Runnable what) {
        world.agenda().in(chance.between(lowMs, highMs), what);
    }

    private void crashAgent() {
        any(SimNode::running).ifPresent(node -> {
            world.tell("fault: agent of " + node.id + " killed", "");
            node.crash();
            after(500, 120_000, node::start);
        });
    }

    /// Gossip is wrong about somebody, or right: it knows nothing of the other faults.
    private void gossip() {
        any(node -> true).ifPresent(node -> {
            world.tell("fault: gossip holds " + node.id + " gone", "");
            world.gossip(node.id, true);
            after(1_000, 300_000, () -> world.gossip(node.id, false));
        });
    }

    private void reboot() {
        any(SimNode::power).ifPresent(node -> {
            world.tell("fault: " + node.id + " reboots", "");
            node.powerOff();
            after(15_000, 600_000, node::powerOn);
        });
    }

    private void lose() {
        long lost = world.nodes().stream().filter(SimNode::gone).count();
        if (lost + 1 > world.nodes().size() * LOST_SHARE) return;
        any(node -> !node.gone() && isWorker(node)).ifPresent(node -> {
            world.tell("fault: " + node.id + " is lost for good", "");
            node.lose();
        });
    }

    /// Somebody sets a machine up anew under its old name, and somebody else removes the old one from the cluster.
    private void wipe() {
        any(node -> node.power() && isWorker(node)).ifPresent(node -> {
            world.tell("fault: " + node.id + " is set up anew", "");
            node.wipe();
            after(30_000, 600_000, () -> people.remove(node.id));
        });
    }

    private void rot() {
        any(node -> !node.agent().held().isEmpty()).ifPresent(node -> {
            Sha256 sha = chance.pick(List.copyOf(node.agent().held()));
            world.tell("fault: a bit of " + sha.brief() + " on " + node.id + " flips", "");
            node.agent().rot(sha);
        });
    }

    // ---- network

    private void partition() {
        List<List<NodeId>> groups = new ArrayList<>();
        int count = (int) chance.between(2, 3);
        for (int each = 0; each < count; each++) groups.add(new ArrayList<>());
        for (SimNode node : world.nodes()) chance.pick(groups).add(node.id);
        world.tell("fault: partition " + groups, "");
        after(5_000, 180_000, world.network().partition(groups));
    }

    private void cut() {
        NodeId from = chance.pick(world.nodes()).id;
        NodeId to = chance.pick(world.consensus().configured());
        world.tell("fault: nothing gets from " + from + " to " + to, "");
        after(5_000, 300_000, world.network().cut(from, to));
    }

    private void isolate() {
        NodeId alone = chance.pick(world.nodes()).id;
        world.tell("fault: " + alone + " is cut off", "");
        List<NodeId> others = world.nodes().stream()
                .map(node -> node.id)
                .filter(id -> !id.equals(alone))
                .toList();
        after(5_000, 600_000, world.network().partition(List.of(List.of(alone), others)));
    }

    private void loss() {
        world.network().lose(chance.between(1, 10) / 100.0);
        after(30_000, 300_000, () -> world.network().lose(0));
    }

    private void slow() {
        NodeId node = chance.pick(world.nodes()).id;
        world.network().slow(node, (int) chance.between(200, 3_000));
        after(30_000, 300_000, () -> world.network().slow(node, 0));
    }

    // ---- voters

    private void lag() {
        NodeId id = chance.pick(world.consensus().configured());
        world.consensus().voter(id).ifPresent(voter -> {
            world.tell("fault: voter " + id + " applies late", "");
            voter.lagMs = chance.between(500, 20_000);
            after(30_000, 300_000, () -> voter.lagMs = 0);
        });
    }

    private void killLeader() {
        world.consensus().reigns().stream().findFirst().ifPresent(reign -> {
            SimNode node = world.node(reign.voter.id);
            world.tell("fault: leader " + node.id + " killed", "");
            node.crash();
            after(500, 60_000, node::start);
        });
    }

    /// One at a time: a second lost disk could be the last one with a committed order, which no consensus survives.
    private void voterDisk() {
        boolean mending = world.consensus().configured().stream()
                .anyMatch(id -> world.consensus()
                        .voter(id)
                        .filter(voter -> voter.recovering)
                        .isPresent());
        if (mending || world.consensus().configured().size() < 3) return;
        SimNode node = world.node(chance.pick(world.consensus().configured()));
        world.tell("fault: voter " + node.id + " lost its log", "");
        node.crash();
        world.consensus().lostDisk(node.id);
        after(1_000, 60_000, node::start);
    }

    private void allVotersDown() {
        world.tell("fault: all voters down", "");
        for (NodeId id : world.consensus().configured()) {
            SimNode node = world.node(id);
            node.crash();
            after(30_000, 600_000, node::start);
        }
    }

    /// People's work: jobs, drains, promotions, voters. They ask again until they are answered.
    static final class People {
        private final World world;
        private final Chance chance;
        private final Trainers trainers;

        People(World world) {
            this.world = world;
            this.chance = world.chance();
            this.trainers = new Trainers(world, false);
        }

        void start(Faults faults) {
            for (ConfigKey config : CONFIGS) world.agenda().in(60_000, () -> startLoop(config));
            faults.every(45_000, this::submit);
            faults.every(100_000, this::submitGang);
            faults.every(minutes(6), this::stop);
            faults.every(minutes(12), this::drain);
            faults.every(minutes(9), this::undrain);
            faults.every(minutes(40), this::retire);
            faults.every(minutes(30), this::promote);
            faults.every(minutes(30), this::rollback);
            faults.every(minutes(20), this::voters);
            faults.every(minutes(60), this::loops);
            faults.every(minutes(15), this::silence);
            faults.every(100_000, trainers::launch);
            faults.every(minutes(4), trainers::stop);
            faults.every(minutes(3), trainers::resume);
        }

        private void ask(String why, Command command) {
            world.ask(chance.of(0.5) ? "ann" : "bob", why, command);
        }

        private void startLoop(ConfigKey config) {
            ask("", new Command.StartLoop(Orders.loop(config, "10000-40000", 3, Map.of(), Map.of(), Optional.empty())));
        }

        private void submit() {
            String text = "submit work tasks=%d gpus=%d cpus=%d run=%ds priority=%d exits=%s"
                    .formatted(
                            chance.between(1, 4),
                            chance.below(3),
                            chance.between(1, 4),
                            chance.between(5, 200),
                            10 * chance.between(3, 7),
                            chance.pick(List.of("0", "0", "0", "1,0", "1")));
            if (chance.of(0.1)) text += " timeout=150s";
            if (chance.of(0.1)) text += " node=" + chance.pick(world.nodes()).id;
            if (chance.of(0.3)) text += " output=result.bin";
            if (chance.of(0.2)) text += " sync=games.jsonl,ratings.db every=%ds".formatted(chance.between(10, 60));
            ask("", Orders.of(Script.Words.of(text)).orElseThrow());
        }

        private void submitGang() {
            String text = "submit together nodes=%d tasks=%d gpus=%d cpus=1 run=%ds grace=%ds exits=%s"
                    .formatted(
                            chance.between(2, 4),
                            chance.between(1, 2),
                            chance.below(2),
                            chance.between(20, 300),
                            chance.between(1, 20),
                            chance.pick(List.of("0", "0", "0", "1,0", "1")));
            if (chance.of(0.2)) text += " timeout=250s";
            if (chance.of(0.5)) text += " output=model.pt";
            if (chance.of(0.5)) text += " sync=checkpoint.pt every=%ds".formatted(chance.between(10, 60));
            ask("", Orders.of(Script.Words.of(text)).orElseThrow());
        }

        private void stop() {
            List<Job> open = world.state().work().jobs().values().stream()
                    .filter(job -> job.status() == Job.Status.OPEN)
                    .toList();
            if (!open.isEmpty())
                ask("no longer needed", new Command.StopJob(chance.pick(open).id()));
        }

        private void drain() {
            ask("maintenance", new Command.DrainNode(chance.pick(world.nodes()).id));
        }

        private void undrain() {
            for (Node node : world.state().fleet().nodes().values()) {
                switch (node.desired()) {
                    case READY -> {}
                    case DRAINING -> ask("maintenance is over", new Command.UndrainNode(node.id()));
                    case RETIRED -> ask("needed again", new Command.UnretireNode(node.id()));
                }
            }
        }

        private void retire() {
            ask("too old", new Command.RetireNode(chance.pick(world.nodes()).id));
        }

        /// Until it is gone from the cluster: the machine that now has its name is waiting.
        void remove(NodeId id) {
            boolean stale =
                    world.state().fleet().nodes().has(id) && !world.node(id).member();
            if (stale) {
                world.ask("ann", "set up anew", new Command.RemoveNode(id), outcome -> {
                    if (outcome instanceof Outcome.Refused) world.agenda().in(60_000, () -> remove(id));
                });
            }
        }

        private void promote() {
            ConfigKey config = chance.pick(CONFIGS);
            List<Sha256> candidates = world.state().loops().of(config).values().stream()
                    .map(Generation::candidate)
                    .flatMap(Optional::stream)
                    .map(Attempt.Stored::sha)
                    .toList();
            if (candidates.isEmpty()) return;
            Optional<Sha256> current = world.state()
                    .models()
                    .models()
                    .find(config)
                    .map(model -> model.current().sha());
            ask("by hand", new Command.PromoteModel(config, chance.pick(candidates), current, 0));
        }

        private void rollback() {
            ask("plays badly", new Command.RollbackModel(chance.pick(CONFIGS), Optional.empty()));
        }

        private void voters() {
            List<NodeId> wanted = world.state().fleet().wanted();
            if (wanted.size() > 3 && chance.of(0.5)) {
                ask("", new Command.RemoveVoter(chance.pick(wanted)));
            } else if (wanted.size() < 5) {
                List<SimNode> fit = world.nodes().stream()
                        .filter(node -> node.running() && node.member() && !wanted.contains(node.id))
                        .toList();
                if (!fit.isEmpty()) ask("", new Command.AddVoter(chance.pick(fit).id));
            }
        }

        private void silence() {
            String pattern = chance.pick(List.of("node-lost", "*/n1*", "quorum", "loop-*"));
            ask("", new Command.SilenceAlerts(pattern, Duration.ofSeconds(chance.between(10, 1_200))));
        }

        private void loops() {
            ConfigKey config = chance.pick(CONFIGS);
            ask("pause", new Command.StopLoop(config));
            world.agenda().in(chance.between(10_000, 300_000), () -> startLoop(config));
        }

        /// What only a person decides: a model whose last copy is lost is taken back to one that is held.
        private void takeBackLostModels() {
            for (Model model : world.state().models().models().values()) {
                if (world.state().files().held(model.current().sha())) continue;
                model.history().reversed().stream()
                        .map(Model.Version::sha)
                        .filter(world.state().files()::held)
                        .findFirst()
                        .ifPresent(held ->
                                ask("its file is lost", new Command.RollbackModel(model.config(), Optional.of(held))));
            }
        }

        void tidyUp() {
            for (int after = 0; after <= 10; after += 2) world.agenda().in(minutes(after), this::takeBackLostModels);
            undrain();
            for (ConfigKey config : CONFIGS) startLoop(config);
            for (SimNode node : world.nodes()) {
                if (node.gone()) ask("gone for good", new Command.RemoveNode(node.id));
                else remove(node.id);
            }
        }
    }
}
