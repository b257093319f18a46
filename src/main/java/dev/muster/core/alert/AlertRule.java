package dev.muster.core.alert;

import dev.muster.core.state.AlertPolicy.Limits;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/// All that is watched. A new rule is one constant here, where it is seen ([Signs]), and one line in docs/ALERTS.md.
public enum AlertRule {
    QUORUM("voters", Duration.ofSeconds(10)),
    /// Told by a voter itself ([LastWatch]): there is no leader to do it.
    NO_LEADER("clusters have no leader", LastWatch.PATIENCE),
    NODE_LOST("nodes are not heard", Duration.ofSeconds(30)),
    /// Share of the nodes in service that are heard. No alert of its own: it makes [#NODE_LOST] critical, so that a fault that takes many
    /// nodes is one alert.
    HEALTHY_SHARE(Side.LEAST, new Limits(Optional.empty(), Optional.of(0.8)), Duration.ZERO),
    /// Likewise.
    NODES_OFFLINE(Side.MOST, Duration.ZERO),
    /// Nodes that the leader hears, without itself.
    PEERS(Side.LEAST, Duration.ofMinutes(1)),
    NODE_CHECK("checks of nodes fail", Duration.ofMinutes(2)),
    /// Fixes of one node in an hour.
    RECOVERIES(Side.MOST, Duration.ZERO),

    INSTANCES_FEW(Side.LEAST, Duration.ofMinutes(5)),
    INSTANCES_MANY(Side.MOST, Duration.ofMinutes(5)),
    INSTANCES_IDLE(Side.MOST, Duration.ofMinutes(10)),
    /// Machines that are to run and do not, or are not heard.
    INSTANCE_UNHEALTHY("rented machines do not run as they should", Duration.ofMinutes(3)),
    DESTROY_FAILED("rented machines cannot be ended", Duration.ZERO),
    INSTANCE_HELD("rented machines wait to be ended", Duration.ZERO),
    STRAY_FOUND("machines at providers belong to nobody", Duration.ZERO),
    KEY_REFUSED("providers refuse the key", Duration.ZERO),
    NO_CREDIT("accounts have no credit", Duration.ZERO),
    PROVIDER_SILENT("providers do not answer", Duration.ofMinutes(5)),
    PRICE_RISE("machines cost more than was agreed", Duration.ofMinutes(1)),

    /// Share of a cap that is used; in dollars per hour, and since midnight.
    BUDGET(Side.MOST, Limits.of(0.8, 1.0), Duration.ZERO),
    HOURLY_COST(Side.MOST, Duration.ofMinutes(1)),
    DAILY_COST(Side.MOST, Duration.ZERO),

    DATA_AT_RISK("nodes hold what nobody else has", Duration.ofMinutes(5)),
    DISTRIBUTION("models have not reached every node", Duration.ZERO),

    SELFPLAY_JOBS(Side.LEAST, Duration.ofMinutes(5)),
    LOOP_STALLED("loops stand still", Duration.ZERO),
    LOOP_FAILING("stages of loops fail", Duration.ZERO),
    RATING_REGRESSION("models play worse than those before them", Duration.ZERO),
    ROLLBACK("models were rolled back", Duration.ZERO),

    RUN_FAILED(Duration.ZERO),
    RUN_WARNING("rules of training runs are broken", Duration.ZERO),

    /// A channel does not take what people are to be told.
    ALERT_DELIVERY("channels do not take notices", Duration.ofMinutes(5));

    /// On which side of its limits a figure is worse.
    public enum Side {
        LEAST,
        MOST
    }

    private static final String FIGURES = "figures are not as they should be";

    private final Optional<Side> side;
    private final Optional<Limits> limits;
    private final Duration hold;
    private final String many;
    private final boolean apart;

    AlertRule(Side side, Limits limits, Duration hold) {
        this(Optional.of(side), Optional.of(limits), hold, FIGURES, false);
    }

    AlertRule(Side side, Duration hold) {
        this(Optional.of(side), Optional.empty(), hold, FIGURES, false);
    }

    AlertRule(String many, Duration hold) {
        this(Optional.empty(), Optional.empty(), hold, many, false);
    }

    AlertRule(Duration hold) {
        this(Optional.empty(), Optional.empty(), hold, "", true);
    }

    AlertRule(Optional<Side> side, Optional<Limits> limits, Duration hold, String many, boolean apart) {
        this.side = side;
        this.limits = limits;
        this.hold = hold;
        this.many = many;
        this.apart = apart;
    }

    /// `node-lost`.
    public String word() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    public static Optional<AlertRule> find(String word) {
        return Arrays.stream(values()).filter(rule -> rule.word().equals(word)).findFirst();
    }

    public static List<String> words() {
        return Arrays.stream(values()).map(AlertRule::word).toList();
    }

    /// Of a rule that watches a figure.
    public Optional<Side> side() {
        return side;
    }

    /// Its own; empty of a figure that only a team can judge, which is not watched unless the policy gives limits.
    public Optional<Limits> limits() {
        return limits;
    }

    /// For so long it has to be so before anybody is told.
    public Duration hold() {
        return hold;
    }

    /// What is said of several subjects, after their number.
    public String many() {
        return many;
    }

    /// Is each subject an alert of its own?
    public boolean apart() {
        return apart;
    }

    /// Where it is written what to do.
    public String runbook() {
        return "docs/ALERTS.md#" + word();
    }
}
