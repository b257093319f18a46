package dev.muster.sim;

import dev.muster.core.plan.Policy;
import dev.muster.core.state.Bytes;
import dev.muster.core.state.Hardware;
import dev.muster.core.state.NodeId;
import dev.muster.core.state.Role;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/// One seed: a cluster is drawn, lives with faults for a while, and is then left in peace until all that was asked for
/// has happened.
public final class Trial {
    public static final int NODES_DEFAULT = 20;
    public static final int VOTERS_DEFAULT = 5;
    public static final Duration UNTIL_DEFAULT = Duration.ofHours(2);

    /// In every so many seeds nothing is pushed and no change wakes the leader.
    private static final int DEAF_EVERY = 5;

    private final Plan plan;
    private final World world;

    /// What is tried.
    ///
    /// @param nodes of which `voters` vote
    /// @param until when the faults stop
    /// @param pace  by which the default policy's times are multiplied: a larger one makes long runs cheaper
    public record Plan(long seed, int nodes, int voters, Duration until, int pace) {
        public static Plan of(long seed) {
            return new Plan(seed, NODES_DEFAULT, VOTERS_DEFAULT, UNTIL_DEFAULT, 1);
        }

        /// @throws IllegalArgumentException when the counts do not make a cluster
        public Plan {
            if (voters < 1 || voters > nodes || pace < 1) {
                throw new IllegalArgumentException("expected 1 to " + nodes
                        + " voters and a pace of 1 or more, but found " + voters + " and " + pace);
            }
        }

        private Policy policy() {
            Policy usual = Policy.DEFAULT;
            return new Policy(
                    usual.heartbeat().multipliedBy(pace),
                    usual.suspectAfter().multipliedBy(pace),
                    usual.fenceAfter().multipliedBy(pace),
                    usual.fenceShare(),
                    usual.fenceWindow().multipliedBy(pace),
                    usual.placementsMax(),
                    usual.diskFreeMin(),
                    usual.distributionPatience().multipliedBy(pace),
                    usual.forgetAfter());
        }

        /// The one line that does it again.
        String command(Duration at) {
            StringBuilder line = new StringBuilder("./dev sim --seed " + seed);
            line.append(" --until ")
                    .append(Story.time(
                            at.compareTo(until) < 0 ? at.plusSeconds(1).truncatedTo(ChronoUnit.SECONDS) : until));
            if (nodes != NODES_DEFAULT) line.append(" --nodes ").append(nodes);
            if (voters != VOTERS_DEFAULT) line.append(" --voters ").append(voters);
            if (pace != 1) line.append(" --pace ").append(pace);
            return line.toString();
        }
    }

    /// What came of it.
    ///
    /// @param broken   the promise that was broken, if one was
    /// @param at       virtual time of the end
    /// @param entries  of the log
    /// @param revision events
    /// @param jobs     submitted
    /// @param hash     of all that happened; the same seed has the same
    public record Result(
            Plan plan, Optional<String> broken, Duration at, int entries, long revision, long jobs, String hash) {
        /// The line that does it again.
        public String command() {
            return plan.command(at);
        }
    }

    private Trial(Plan plan) {
        this.plan = plan;
        this.world = World.seeded(plan.seed(), plan.policy());
    }

    public static Result run(Plan plan) {
        return run(plan, line -> {});
    }

    /// @param trace gets every line of what happens
    public static Result run(Plan plan, Consumer<String> trace) {
        return of(plan, trace).result();
    }

    /// All that the seed's cluster committed, to be kept as an old log.
    public static List<Logged> log(Plan plan) {
        Trial trial = of(plan, line -> {});
        Result result = trial.result();
        if (result.broken().isPresent())
            throw new IllegalStateException(result.broken().get());
        return trial.world.log();
    }

    static Trial of(Plan plan, Consumer<String> trace) {
        Trial trial = new Trial(plan);
        trial.world.story().listen(trace);
        return trial;
    }

    World world() {
        return world;
    }

    Result result() {
        Optional<String> broken = Optional.empty();
        try {
            live();
        } catch (Violation e) {
            broken = Optional.of(e.getMessage());
        } catch (RuntimeException e) {
            broken = Optional.of("no exception: " + e + " at "
                    + List.of(e.getStackTrace()).subList(0, Math.min(12, e.getStackTrace().length)));
        }
        return new Result(
                plan,
                broken,
                world.elapsed(),
                world.consensus().committed().size(),
                world.state().revision(),
                world.state().work().nextJob() - 1,
                world.story().hash());
    }

    private void live() {
        build();
        if (plan.seed() % DEAF_EVERY == 0) world.deaf();
        world.begin();
        Faults faults = new Faults(world);
        faults.start();
        world.run(plan.until());
        faults.stopAndHeal();
        world.tell("faults stop", "");
        new Liveness(world).await(Duration.ofMinutes(60).multipliedBy(plan.pace()));
    }

    private void build() {
        Chance chance = world.chance();
        for (int index = 1; index <= plan.nodes(); index++) {
            boolean votes = index <= plan.voters();
            String region = votes && chance.of(0.7) ? "eu" : chance.pick(Network.REGION_NAMES);
            int gpus = chance.pick(List.of(0, 1, 2, 4, 8));
            Role role = votes && chance.of(0.5) ? Role.COORDINATOR : chance.of(0.8) ? Role.MIXED : Role.SELFPLAY;
            Hardware hardware = new Hardware(
                    (int) chance.between(4, 32) * 1000,
                    Bytes.gib(chance.between(16, 128)),
                    gpus,
                    gpus > 0 ? Bytes.gib(24) : Bytes.ZERO,
                    gpus > 0 ? "simulated" : "");
            world.add(
                    new NodeId("n" + index),
                    new SimNode.Profile(
                            role, hardware, (int) chance.between(2, 8), region, chance.between(-2_000, 2_000)),
                    votes);
        }
    }
}
