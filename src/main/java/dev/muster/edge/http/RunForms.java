package dev.muster.edge.http;

import dev.muster.core.state.Gate;
import dev.muster.core.state.Group;
import dev.muster.core.state.JobSpec;
import dev.muster.core.state.Market;
import dev.muster.core.state.Money;
import dev.muster.core.state.Role;
import dev.muster.core.state.RunId;
import dev.muster.core.state.RunSpec;
import dev.muster.core.state.Sha256;
import dev.muster.core.state.Table;
import dev.muster.edge.wire.Wire;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// A training run as it is asked for, and the order that it becomes.
final class RunForms {
    private static final int DISK_GB = 64;

    private RunForms() {}

    /// Amounts are dollars.
    ///
    /// @param series      runs with the same name are compared with one another
    /// @param stages      one after the other
    /// @param machines    rented for it alone; absent: it runs on nodes that are there
    /// @param totalMax    in all
    /// @param durationMax since its launch
    /// @param launchesMax machines that may fail one after the other, 3 unless told
    /// @param after       `stop` unless told, `end`, or `keep`: what becomes of its machines
    /// @param config      the training config
    /// @param anyway      though the last runs of the series failed alike
    record NewRun(
            String series,
            List<NewStage> stages,
            Optional<Machines> machines,
            Optional<Double> totalMax,
            Optional<Duration> durationMax,
            Optional<Integer> launchesMax,
            Optional<String> after,
            Optional<Estimate> estimate,
            Optional<Config> config,
            Map<String, String> tags,
            Optional<Boolean> anyway,
            Optional<String> why) {}

    /// @param job   as in `POST /v1/jobs`, of one task
    /// @param reuse what an earlier run made of the same is taken
    record NewStage(String name, JsonNode job, Optional<Limits> gate, Optional<Boolean> reuse) {}

    /// @param metric   by which it is compared with the series' best run
    /// @param higher   more is better
    /// @param deltaMin by how much it must be better
    /// @param ratios   at most so many times what it is there
    /// @param most     at most that
    record Limits(
            Optional<String> metric,
            Optional<Boolean> higher,
            Optional<Double> deltaMin,
            Map<String, Double> ratios,
            Map<String, Double> most) {}

    /// @param provider `vast` unless told
    /// @param gpus     names of cards that will do
    /// @param gpuCount cards of each machine
    /// @param query    what else an offer must be, in the words of an offer's search
    /// @param count    machines, 1 unless told
    /// @param priceMax per hour of one, with disk and traffic
    /// @param bid      they are rented at a bid
    record Machines(
            Optional<String> provider,
            List<String> gpus,
            int gpuCount,
            Optional<String> query,
            Optional<Integer> count,
            double priceMax,
            Optional<Boolean> bid,
            Optional<Integer> diskGb,
            Optional<String> image) {}

    /// @param low     of the range that it is thought to be in
    /// @param formula before it was corrected by what earlier runs took
    /// @param gpu     for which
    /// @param cost    of the whole run
    /// @param costWritten of the time that a person wrote
    record Estimate(
            Duration time,
            Duration low,
            Duration high,
            Duration formula,
            String gpu,
            double cost,
            String basis,
            Optional<Double> costWritten) {}

    record Config(String path, String sha) {}

    /// @throws tools.jackson.core.JacksonException when a key is unknown or has the wrong type
    /// @throws IllegalArgumentException            when a value is missing or out of range
    static NewRun read(ObjectNode written) {
        NewRun run = Wire.STRICT.treeToValue(written, NewRun.class);
        if (run.series() == null) throw new IllegalArgumentException("series: expected a name, but found none");
        if (run.stages() == null) throw new IllegalArgumentException("stages: expected a list, but found none");
        return run;
    }

    static RunSpec spec(RunId id, NewRun run) {
        return new RunSpec(
                run.series(),
                run.stages().stream().map(RunForms::stage).toList(),
                run.machines().map(machines -> machines(id, machines)),
                run.totalMax().map(RunForms::money),
                run.durationMax(),
                run.launchesMax().orElse(RunSpec.LAUNCHES_DEFAULT),
                run.after().map(RunForms::after).orElse(RunSpec.After.STOP),
                run.estimate()
                        .map(one -> new RunSpec.Estimated(
                                one.time(),
                                one.low(),
                                one.high(),
                                one.formula(),
                                one.gpu(),
                                money(one.cost()),
                                one.basis(),
                                one.costWritten().map(RunForms::money))),
                run.config().map(one -> new RunSpec.Config(one.path(), new Sha256(one.sha()))),
                table(run.tags()));
    }

    private static RunSpec.Stage stage(NewStage stage) {
        if (stage.name() == null)
            throw new IllegalArgumentException("stages: expected a name for each, but found none");
        if (stage.job() == null || !stage.job().isObject())
            throw new IllegalArgumentException(stage.name() + ": expected a job, but found none");
        ObjectNode job = (ObjectNode) stage.job().deepCopy();
        if (!job.has("name")) job.put("name", stage.name());
        JobSpec spec = Forms.job(job);
        return new RunSpec.Stage(
                stage.name(),
                spec,
                stage.gate().map(RunForms::gate),
                stage.reuse().orElse(false));
    }

    private static Gate gate(Limits limits) {
        return new Gate(
                limits.metric(),
                limits.higher().orElse(false),
                limits.deltaMin().orElse(0.0),
                table(limits.ratios()),
                table(limits.most()));
    }

    static Group machines(RunId id, Machines machines) {
        int count = machines.count().orElse(1);
        return new Group(
                id.name(),
                machines.provider().orElse("vast"),
                machines.gpus() == null ? List.of() : machines.gpus(),
                machines.gpuCount(),
                machines.query().orElse(""),
                count,
                count,
                count,
                money(machines.priceMax()),
                machines.bid().orElse(false) ? Market.BID : Market.ON_DEMAND,
                Role.MIXED,
                machines.diskGb().orElse(DISK_GB),
                machines.image().orElse(""));
    }

    static RunSpec.After after(String text) {
        try {
            return RunSpec.After.valueOf(text.toUpperCase(Locale.ROOT));
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("after: expected stop, end or keep, but found \"" + text + "\"", e);
        }
    }

    static Money money(double dollars) {
        if (!Double.isFinite(dollars) || Math.abs(dollars) > 1e9)
            throw new IllegalArgumentException("expected dollars, but found " + dollars);
        return new Money(BigDecimal.valueOf(dollars)
                .movePointRight(6)
                .setScale(0, RoundingMode.HALF_UP)
                .longValueExact());
    }

    private static <V> Table<String, V> table(Map<String, V> map) {
        return map == null ? Table.empty() : Table.copyOf(map);
    }
}
