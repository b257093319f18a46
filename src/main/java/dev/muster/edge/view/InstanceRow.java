package dev.muster.edge.view;

import dev.muster.core.drain.Drainer;
import dev.muster.core.plan.RentReport;
import dev.muster.core.plan.Wait;
import dev.muster.core.rent.Rented;
import dev.muster.core.state.Again;
import dev.muster.core.state.Artifact;
import dev.muster.core.state.AttemptId;
import dev.muster.core.state.ClusterState;
import dev.muster.core.state.Custody;
import dev.muster.core.state.Instance;
import dev.muster.core.state.InstanceId;
import dev.muster.core.state.Market;
import dev.muster.core.state.Money;
import dev.muster.core.state.NodeId;
import dev.muster.core.state.Observed;
import dev.muster.core.state.Sighting;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/// A rented machine. Amounts are dollars.
///
/// @param rented         the provider's id of it
/// @param observed       as its provider last listed it
/// @param perHourNow     charged now; nothing as long as nobody has seen it
/// @param perHourRunning charged while it runs
/// @param spent          since it was ordered
/// @param endedWhy       what brought it to its end
/// @param insteadOf      it was rented in the place of that one, which had failed
/// @param awaitsAnother  another is looked for in its place
/// @param successor      that one was rented in its place
/// @param adopted        somebody else rented it: only a person ends it
/// @param message        what it waits for, what its provider says, or how it ended; may be empty
public record InstanceRow(
        InstanceId id,
        Optional<NodeId> node,
        Instance.Phase phase,
        Instance.Will will,
        String provider,
        Optional<String> rented,
        String label,
        Optional<String> group,
        String gpu,
        int gpus,
        Market market,
        double perHourNow,
        double perHourRunning,
        double spent,
        Instant orderedAt,
        Optional<Instant> endedAt,
        Optional<Observed> observed,
        Optional<String> endedWhy,
        Optional<InstanceId> insteadOf,
        boolean awaitsAnother,
        Optional<InstanceId> successor,
        boolean adopted,
        String message) {
    /// @param report what the leader knows besides; empty where nobody leads
    public static InstanceRow of(Picture picture, Instance instance, Optional<RentReport> report) {
        Money running = instance.seen()
                .map(Sighting::perHourRunning)
                .orElse(instance.rent().perHour());
        Optional<InstanceId> successor = instance.wantsAnother()
                ? picture.state().rentals().insteadOf(instance.id()).map(Instance::id)
                : Optional.empty();
        Money charged = instance.seen().map(Sighting::perHourNow).orElse(Money.ZERO);
        return new InstanceRow(
                instance.id(),
                instance.node(),
                instance.phase(joined(picture.state(), instance)),
                instance.will(),
                instance.rent().provider(),
                instance.rented(),
                instance.label(),
                instance.group(),
                instance.rent().gpu(),
                instance.rent().gpus(),
                instance.rent().bid().isPresent() ? Market.BID : Market.ON_DEMAND,
                instance.open() ? charged.dollars() : 0,
                running.dollars(),
                instance.bill().total(picture.now()).dollars(),
                instance.orderedAt(),
                instance.ended().map(Instance.Ended::at),
                instance.observed(),
                instance.cause(),
                instance.again().flatMap(Again::insteadOf),
                successor.isEmpty() && instance.awaitsAnother(picture.now()).isPresent(),
                successor,
                instance.foreign(picture.state().rentals().ours(instance.label())),
                instance.open() ? message(instance, report) : end(instance, successor, report, picture.now()));
    }

    private static boolean joined(ClusterState state, Instance instance) {
        return instance.node().filter(state.fleet().nodes()::has).isPresent();
    }

    private static String message(Instance instance, Optional<RentReport> report) {
        List<String> waits = waits(instance, report);
        if (!waits.isEmpty()) return waits.getFirst();
        return instance.words().orElse("");
    }

    /// Why it ended, and what came of that.
    private static String end(
            Instance instance, Optional<InstanceId> successor, Optional<RentReport> report, Instant now) {
        String cause = instance.cause().orElse("");
        if (!instance.wantsAnother()) return cause;
        if (successor.isPresent()) return cause + "; " + successor.get() + " takes its place";
        if (instance.awaitsAnother(now).isEmpty()) return cause + "; no other was found in its place";
        String waits = String.join(", ", waits(instance, report));
        return cause + "; another is looked for" + (waits.isEmpty() ? "" : ": " + waits);
    }

    private static List<String> waits(Instance instance, Optional<RentReport> report) {
        return report.stream()
                .flatMap(known -> known.waits().stream())
                .filter(wait -> wait.subject().equals(instance.id().toString()))
                .map(Wait::message)
                .toList();
    }

    /// What would be lost with the machine now.
    ///
    /// @param attempts that run there
    /// @param files    of which no other node in service verifiably holds a copy
    /// @param bytes    of those
    /// @param named    the first of them
    public record AtRisk(List<AttemptId> attempts, int files, long bytes, List<String> named) {
        private static final int NAMED_MAX = 10;
        static final AtRisk NOTHING = new AtRisk(List.of(), 0, 0, List.of());

        static AtRisk of(ClusterState state, NodeId node) {
            List<Artifact> sole = Custody.sole(state, node);
            return new AtRisk(
                    state.work().activeOn(node),
                    sole.size(),
                    sole.stream().mapToLong(Artifact::size).sum(),
                    sole.stream().limit(NAMED_MAX).map(Custody::named).toList());
        }
    }

    /// How a person gets there.
    ///
    /// @param direct `host:port`, without anybody between; only while it runs
    /// @param proxy  `host:port`, over its provider
    /// @param ports  of the machine, and where each is outside
    public record Reach(String user, Optional<String> direct, Optional<String> proxy, Map<String, String> ports) {
        static Reach of(Rented.Reach reach) {
            Map<String, String> ports = new TreeMap<>();
            reach.ports().forEach((port, outside) -> ports.put(port, outside.toString()));
            return new Reach(
                    reach.user(),
                    reach.direct().map(Rented.Endpoint::toString),
                    reach.proxy().map(Rented.Endpoint::toString),
                    ports);
        }
    }

    /// @param from the bid before, per hour
    public record Raised(Instant at, double from, String why) {}

    /// Everything about one.
    ///
    /// @param why          it is wanted so, and since `willAt`
    /// @param abandon      a person said that it may go with whatever it holds
    /// @param released     since when it is certain that nothing required is only there
    /// @param bid          per hour
    /// @param raised       when its bid was last raised
    /// @param seenAt       since when it is seen so
    /// @param contractEnds at the latest
    /// @param charged      up to when the provider's own charges are in what was spent
    /// @param hindrance    why what is only there does not get to any other node; absent as long as it may
    /// @param waits        for what
    /// @param troubles     what was asked for it and does not do
    /// @param reach        empty where nobody leads, and where it is not listed
    public record Detail(
            InstanceRow instance,
            String offer,
            String machine,
            int diskGb,
            String image,
            String role,
            Optional<Double> bid,
            Optional<Raised> raised,
            double perHourStopped,
            double committedPerHour,
            Instant willAt,
            String why,
            boolean abandon,
            Optional<Instant> released,
            Instant seenAt,
            Optional<Instant> contractEnds,
            Optional<Instant> charged,
            AtRisk atRisk,
            Optional<String> hindrance,
            List<String> waits,
            List<String> troubles,
            Optional<Reach> reach) {
        public static Detail of(Picture picture, Instance instance, Optional<RentReport> report) {
            boolean there = instance.open() && joined(picture.state(), instance);
            return new Detail(
                    InstanceRow.of(picture, instance, report),
                    instance.rent().offer(),
                    instance.rent().machine(),
                    instance.rent().diskGb(),
                    instance.rent().image(),
                    instance.rent().role().name(),
                    instance.rent().bid().map(Money::dollars),
                    instance.raised()
                            .map(raise -> new Raised(raise.at(), raise.from().dollars(), raise.why())),
                    instance.rent().perHourStopped().dollars(),
                    instance.committed().dollars(),
                    instance.willAt(),
                    instance.why(),
                    instance.abandon(),
                    instance.released(),
                    instance.seenAt(),
                    instance.seen().flatMap(Sighting::contractEnds),
                    instance.bill().charged(),
                    there ? AtRisk.of(picture.state(), instance.node().orElseThrow()) : AtRisk.NOTHING,
                    there
                            ? Drainer.hindrance(
                                    picture.state(),
                                    picture.soft(),
                                    instance.node().orElseThrow())
                            : Optional.empty(),
                    InstanceRow.waits(instance, report),
                    troubles(instance, report),
                    report.flatMap(known -> known.reaches().find(instance.id())).map(Reach::of));
        }

        private static List<String> troubles(Instance instance, Optional<RentReport> report) {
            return report.stream()
                    .flatMap(known -> known.troubles().stream())
                    .filter(trouble -> trouble.errand().endsWith(" " + instance.id()))
                    .map(trouble -> trouble.errand() + " failed " + Words.count(trouble.failures(), "time") + ": "
                            + trouble.note())
                    .toList();
        }
    }
}
