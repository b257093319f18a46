package dev.muster.core.state;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/// The way of a config key's file to every node. The current one, and those before it.
///
/// @param completedAt  every node that counted held it for the first time; others may lack it since
/// @param supersededAt the journal says that another file took its place before it was complete
/// @param told         what the journal last said of its standing still, so that no leader says it twice
/// @param way          absent of those that earlier builds began: nobody wrote down how they went
public record Distribution(
        ConfigKey config,
        Sha256 sha,
        Instant startedAt,
        Optional<Instant> completedAt,
        Optional<Instant> supersededAt,
        Optional<Told> told,
        Optional<Way> way) {
    /// Nodes whose transfers are kept one by one; the totals count all. 256 of 60 bytes are 15 KB in each snapshot.
    public static final int ARRIVALS_MAX = 256;

    /// What the journal says of a distribution that stands still.
    public enum Standstill {
        /// Some node does not get it.
        INCOMPLETE,
        /// Nobody is there to give it.
        FAILED,
        /// It was complete, and a node that came or came back does not get it; [Told] says `INCOMPLETE` of that.
        LACKING
    }

    /// @param lacking as [Event.DistributionIncomplete] named them
    /// @param missing so many nodes lacked it
    public record Told(Standstill what, Instant at, List<NodeId> lacking, int missing) {
        public Told {
            lacking = List.copyOf(lacking);
        }
    }

    /// How it goes, or went until it was complete.
    ///
    /// @param nodes      that held it in the end; 0 until then
    /// @param fetched    receipts that told how the file came
    /// @param bytes      those took over the network together
    /// @param transports those by their word
    /// @param arrivals   those by node, at most [#ARRIVALS_MAX]; of the newest distributions only
    public record Way(
            int nodes, int fetched, long bytes, Table<String, Integer> transports, Table<NodeId, Transfer> arrivals) {
        static final Way NONE = new Way(0, 0, 0, Table.empty(), Table.empty());

        Way with(NodeId node, Transfer how) {
            boolean kept = arrivals.size() < ARRIVALS_MAX || arrivals.has(node);
            return new Way(
                    nodes,
                    fetched + 1,
                    bytes + how.bytes(),
                    transports.with(how.transport(), transports.getOrDefault(how.transport(), 0) + 1),
                    kept ? arrivals.with(node, how) : arrivals);
        }
    }

    static Distribution begun(ConfigKey config, Sha256 sha, Instant at) {
        return new Distribution(
                config, sha, at, Optional.empty(), Optional.empty(), Optional.empty(), Optional.of(Way.NONE));
    }

    /// Neither complete nor followed by another.
    public boolean open() {
        return completedAt.isEmpty() && supersededAt.isEmpty();
    }

    /// Has the journal said that it stands still, and is it not complete?
    public boolean standsStill() {
        return open() && told.isPresent();
    }

    /// Was it complete, and has the journal said since that some node lacks it?
    public boolean lacking() {
        return completedAt.isPresent()
                && told.filter(last -> last.at().isAfter(completedAt.get())).isPresent();
    }

    /// Until it was complete; empty while it is not.
    public Optional<Duration> took() {
        return completedAt.map(at -> Duration.between(startedAt, at));
    }

    /// For the first time, or again: then what was told since is over.
    Distribution completed(Instant at, int nodes) {
        return new Distribution(
                config,
                sha,
                startedAt,
                Optional.of(completedAt.orElse(at)),
                supersededAt,
                completedAt.isPresent() ? Optional.empty() : told,
                ended(nodes));
    }

    Distribution superseded(Instant at, int nodes) {
        return new Distribution(config, sha, startedAt, completedAt, Optional.of(at), told, ended(nodes));
    }

    private Optional<Way> ended(int nodes) {
        return way.map(found -> new Way(nodes, found.fetched(), found.bytes(), found.transports(), found.arrivals()));
    }

    Distribution arrived(NodeId node, Transfer how) {
        return new Distribution(
                config, sha, startedAt, completedAt, supersededAt, told, way.map(found -> found.with(node, how)));
    }

    Distribution told(Told what) {
        return new Distribution(config, sha, startedAt, completedAt, supersededAt, Optional.of(what), way);
    }

    Distribution withoutArrivals() {
        return new Distribution(
                config,
                sha,
                startedAt,
                completedAt,
                supersededAt,
                told,
                way.map(found ->
                        new Way(found.nodes(), found.fetched(), found.bytes(), found.transports(), Table.empty())));
    }
}
