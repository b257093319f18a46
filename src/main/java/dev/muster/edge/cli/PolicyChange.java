package dev.muster.edge.cli;

import dev.muster.core.scale.ScalePolicy;
import dev.muster.core.state.Caps;
import dev.muster.core.state.Group;
import dev.muster.core.state.Money;
import dev.muster.core.state.Rentals;
import dev.muster.core.state.Scaling;
import dev.muster.edge.config.ConfigException;
import dev.muster.edge.config.PolicyFile;
import dev.muster.edge.view.Doc;
import dev.muster.edge.view.ScalingRow;
import dev.muster.edge.wire.Wire;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// `muster scale policy --file`: what a file wants becomes what the cluster wants. What would change is shown first.
///
/// Each change is an order of its own, and nothing is decided between them: where there are several, the autoscaler is off
/// until the last one. Giving the same file again does what is left.
final class PolicyChange {
    private static final int BYTES_MAX = 1 << 20;
    private static final String SCALING = "/v1/scaling";
    private static final List<String> SPANS = List.of("hour", "day", "month");

    /// @param method of the order
    /// @param dry    whether it can be tried without being given, and without the others
    private record Step(String method, String path, Doc body, boolean dry) {}

    private final ScalePolicy policy;
    /// In which something is written.
    private final List<String> sections;
    private final Client client;
    private final List<Step> steps = new ArrayList<>();
    private final List<String> lines = new ArrayList<>();

    private PolicyChange(ScalePolicy policy, List<String> sections, Client client) {
        this.policy = policy;
        this.sections = sections;
        this.client = client;
    }

    static int run(Args args, String file) throws Failure {
        byte[] yaml = Written.bytes(file, args.shell(), BYTES_MAX);
        try {
            ScalePolicy policy = PolicyFile.read(Path.of(file), yaml);
            List<String> sections = PolicyFile.sections(Path.of(file), yaml);
            PolicyChange change = new PolicyChange(policy, sections, Settings.client(args));
            change.find(args);
            return change.apply(args);
        } catch (ConfigException e) {
            throw Failure.usage(e.getMessage(), "");
        }
    }

    // ---- what would change

    private void find(Args args) throws Failure {
        Doc budget = client.get("/v1/budget").doc();
        Doc known = client.get("/v1/groups").doc();
        Doc scaling = client.get("/v1/scaling").doc();
        String goesOn = goesOn(scaling);
        caps(budget, Rentals.ALL, goesOn);
        Doc numbers = scaling(scaling);
        for (Group group : policy.groups()) group(group, row(known, group.name()));
        for (Group group : policy.groups()) caps(budget, group.name(), goesOn);
        for (Doc group : known.list("groups")) {
            String name = group.text("name");
            if (policy.groups().stream().noneMatch(one -> one.name().equals(name))) other(args, name);
        }
        left(budget, scaling);
        atLast(numbers, scaling.flag("enabled"));
    }

    /// A section that is not written takes nothing back that somebody has set.
    private void left(Doc budget, Doc scaling) {
        if (!sections.contains("budget")
                && budget.list("caps").stream()
                        .anyMatch(cap -> cap.text("scope").isEmpty())) left("budget");
        if (!sections.contains("scaling") && !changed(scaling, usual()).isEmpty()) left("scaling");
        if (!sections.contains("windows") && !scaling.list("windows").isEmpty()) left("windows");
    }

    private void left(String section) {
        lines.add(section + ": not in the file, and left as it is");
    }

    /// @param numbers the scaling's that are others than before
    private void atLast(Doc numbers, boolean on) {
        boolean several = steps.size() + (numbers.isSomething() ? 1 : 0) > 1;
        boolean pauses = several && on;
        Doc last = pauses ? numbers.with("enabled", policy.scaling().enabled()) : numbers;
        if (pauses) steps.addFirst(new Step("PUT", SCALING, Doc.object().with("enabled", false), false));
        if (last.isSomething()) steps.add(new Step("PUT", SCALING, last, true));
    }

    private static Optional<Doc> row(Doc known, String name) {
        return known.list("groups").stream()
                .filter(group -> group.text("name").equals(name))
                .findFirst();
    }

    private void caps(Doc budget, String scope, String goesOn) {
        Optional<Caps> wanted = policy.caps().find(scope);
        if (wanted.isEmpty()) return;
        Doc body = Doc.object();
        for (String span : SPANS) {
            String now = word(cap(wanted.get(), span));
            String before = budget.list("caps").stream()
                    .filter(cap ->
                            cap.text("scope").equals(scope) && cap.text("span").equals(span))
                    .findFirst()
                    .map(cap -> new Money(Math.round(cap.decimal("cap").orElse(0) * 1e6)).toString())
                    .orElse("none");
            if (now.equals(before)) continue;
            body = body.with(span, now);
            lines.add((scope.isEmpty() ? "all machines" : scope) + " per " + span + ": " + before + " -> " + now
                    + BudgetCommands.over(budget, now, span, scope, goesOn, notice(budget)));
        }
        String path = scope.isEmpty() ? "/v1/budget" : "/v1/budget/" + Words.segment(scope);
        if (body.isSomething()) steps.add(new Step("PUT", path, body, false));
    }

    /// Of the policy that is to be.
    private String goesOn(Doc scaling) {
        if (!policy.scaling().enabled()) return "the autoscaler is off";
        boolean drains = sections.contains("scaling")
                ? policy.scaling().onCap() == Scaling.OnCap.DRAIN
                : scaling.text("on_cap").equalsIgnoreCase("drain");
        return drains ? "" : "on_cap: refuse";
    }

    private Duration notice(Doc budget) {
        return sections.contains("scaling") ? policy.scaling().notice() : BudgetCommands.notice(budget);
    }

    private static Optional<Money> cap(Caps caps, String span) {
        return switch (span) {
            case "hour" -> caps.hour();
            case "day" -> caps.day();
            default -> caps.month();
        };
    }

    private static String word(Optional<Money> cap) {
        return cap.map(Money::toString).orElse("none");
    }

    private Doc scaling(Doc known) {
        Doc wanted = Doc.object();
        for (Map.Entry<String, Doc> entry : doc(policy.scaling()).entries().entrySet())
            if (written(entry.getKey())) wanted = wanted.with(entry.getKey(), entry.getValue());
        return changed("scaling", known, wanted);
    }

    /// A file that is given switches the autoscaler on, unless it says otherwise.
    private boolean written(String key) {
        return key.equals("enabled") || sections.contains(key.equals("windows") ? key : "scaling");
    }

    /// @return without windows, and without whether it is on
    private static Doc usual() {
        Doc usual = Doc.object();
        for (Map.Entry<String, Doc> entry : doc(Scaling.DEFAULT).entries().entrySet())
            if (!List.of("enabled", "windows").contains(entry.getKey()))
                usual = usual.with(entry.getKey(), entry.getValue());
        return usual;
    }

    private static Doc doc(Scaling scaling) {
        // Which windows are open is not compared.
        return Doc.json(Wire.bytes(ScalingRow.of(scaling, Instant.EPOCH)));
    }

    private void group(Group group, Optional<Doc> known) {
        Doc body = known.isPresent() ? changed(group.name(), known.get(), doc(group)) : doc(group);
        if (known.isEmpty())
            lines.add(group.name() + ": new, " + group.min() + " to " + group.max() + " machines at up to "
                    + group.priceMax() + " per hour");
        if (body.isSomething()) steps.add(new Step("PUT", "/v1/groups/" + Words.segment(group.name()), body, true));
    }

    private static Doc doc(Group group) {
        return Doc.object()
                .with("provider", group.provider())
                .with("gpus", Doc.of(group.gpus()))
                .with("gpu_count", (long) group.gpuCount())
                .with("query", group.query())
                .with("min", (long) group.min())
                .with("target", (long) group.target())
                .with("max", (long) group.max())
                .with("price_max", group.priceMax().dollars())
                .with("market", group.market().name())
                .with("role", group.role().name())
                .with("disk_gb", (long) group.diskGb())
                .with("image", group.image());
    }

    /// The keys that are others than before, with what they are to be.
    private Doc changed(String what, Doc known, Doc wanted) {
        Doc body = Doc.object();
        for (String key : changed(known, wanted)) {
            body = body.with(key, wanted.get(key));
            lines.add(what + "." + key + ": " + shown(known.get(key)) + " -> " + shown(wanted.get(key)));
        }
        return body;
    }

    private static List<String> changed(Doc known, Doc wanted) {
        return wanted.entries().keySet().stream()
                .filter(key -> !shown(known.get(key)).equals(shown(wanted.get(key))))
                .toList();
    }

    private static String shown(Doc value) {
        if (value.isObject()) return value.toString();
        if (value.list().isEmpty()) return value.isSomething() ? value.text() : "none";
        return String.join(", ", value.list().stream().map(PolicyChange::named).toList());
    }

    /// A window, without whether it is open.
    private static String named(Doc value) {
        if (!value.isObject()) return value.text();
        StringBuilder text = new StringBuilder(value.text("name")).append(" (");
        String comma = "";
        for (Map.Entry<String, Doc> entry : value.entries().entrySet()) {
            if (List.of("name", "open").contains(entry.getKey())
                    || !entry.getValue().isSomething()) continue;
            text.append(comma).append(entry.getKey()).append(' ').append(shown(entry.getValue()));
            comma = "; ";
        }
        return text.append(')').toString();
    }

    private void other(Args args, String name) {
        if (args.flag("--prune")) {
            lines.add(name + ": goes");
            steps.add(new Step("DELETE", "/v1/groups/" + Words.segment(name), Doc.object(), false));
        } else {
            lines.add(name + ": not in the file, and left as it is");
        }
    }

    // ---- the change

    private int apply(Args args) throws Failure {
        if (steps.isEmpty()) {
            lines.addFirst("nothing changes");
            return told(args);
        }
        for (Step step : steps)
            if (step.dry()) client.order(step.method(), step.path() + "?dry_run=true" + part("&", step), step.body());
        if (!Confirm.goesOn(args, String.join("\n", lines))) return Exit.DONE;
        for (int number = 0; number < steps.size(); number++) {
            Step step = steps.get(number);
            Doc body = args.text("--why").isPresent()
                    ? step.body().with("why", args.text("--why").get())
                    : step.body();
            boolean last = number == steps.size() - 1;
            give(number, last ? step.path() : step.path() + part("?", step), step, body);
        }
        return told(args);
    }

    /// Where groups and windows change, those of before and after may contradict each other; the file was looked at as a
    /// whole.
    private String part(String mark, Step step) {
        boolean both = sections.containsAll(List.of("groups", "windows"));
        boolean looked = step.dry() || step.path().equals(SCALING);
        return both && looked ? mark + "part=true" : "";
    }

    private void give(int number, String path, Step step, Doc body) throws Failure {
        try {
            client.another(number + 1).order(step.method(), path, body);
        } catch (Failure e) {
            if (number == 0 || !steps.getFirst().path().equals(SCALING)) throw e;
            throw new Failure(
                    e.exit(),
                    e.code(),
                    e.getMessage() + "; the autoscaler is off until the file has been given again",
                    e.hint());
        }
    }

    private int told(Args args) throws Failure {
        Doc doc = Doc.object().with("changes", Doc.of(lines));
        args.shell().out().print(args.output().render(doc, wide -> String.join("\n", lines) + "\n", none -> List.of()));
        return Exit.DONE;
    }
}
