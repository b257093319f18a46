package dev.muster.edge.cli;

import dev.muster.core.state.AlertPolicy.Limits;
import dev.muster.core.state.QuietHours;
import dev.muster.edge.config.AlertFile;
import dev.muster.edge.config.AlertNumbers;
import dev.muster.edge.config.AlertPolicyFile;
import dev.muster.edge.config.AlertWish;
import dev.muster.edge.config.ConfigException;
import dev.muster.edge.view.Doc;
import dev.muster.edge.wire.Durations;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/// `muster alert policy --file` and `--preset`: what stands there is changed, and shown first.
final class AlertPolicyChange {
    private static final int BYTES_MAX = 256 << 10;
    private static final List<String> PRESETS = List.of("runbook");

    private final Doc known;
    private final List<String> lines = new ArrayList<>();
    private Doc body = Doc.object();

    private AlertPolicyChange(Doc known) {
        this.known = known;
    }

    static int run(Args args) throws Failure {
        AlertWish wish = wish(args);
        Client client = Settings.client(args);
        AlertPolicyChange change =
                new AlertPolicyChange(client.get(AlertCommands.POLICY).doc());
        change.find(wish);
        return change.apply(args, client);
    }

    /// A policy without what is empty, so that it can be fed back.
    static Doc plain(Doc policy) {
        Doc plain = policy;
        Doc limits = Doc.object();
        for (Map.Entry<String, Doc> rule : policy.get("limits").entries().entrySet())
            limits = limits.with(rule.getKey(), present(rule.getValue()));
        return plain.with("limits", limits);
    }

    private static Doc present(Doc limits) {
        Doc present = Doc.object();
        for (Map.Entry<String, Doc> limit : limits.entries().entrySet())
            if (limit.getValue().isSomething()) present = present.with(limit.getKey(), limit.getValue());
        return present;
    }

    // ---- what is wanted

    private static AlertWish wish(Args args) throws Failure {
        String name = args.text("--file").orElseGet(() -> args.text("--preset").orElse(""));
        byte[] yaml = args.text("--file").isPresent() ? Written.bytes(name, args.shell(), BYTES_MAX) : preset(name);
        Path path = Path.of(name.equals("-") ? "stdin" : name);
        try {
            Optional<AlertWish> old = prior(path, yaml);
            return old.isPresent() ? old.get() : AlertPolicyFile.read(path, yaml);
        } catch (ConfigException e) {
            throw Failure.usage(e.getMessage(), "docs/ALERTS.md lists the keys; `muster alert rules` the rules");
        }
    }

    /// Of a file as the prior system has it; its channels are for the agents to read.
    private static Optional<AlertWish> prior(Path path, byte[] yaml) {
        try {
            AlertNumbers numbers =
                    AlertFile.read(path, yaml, Map.of(), List.of()).numbers();
            return Optional.of(numbers)
                    .filter(some -> !some.equals(AlertNumbers.NONE))
                    .map(AlertWish::of);
        } catch (ConfigException e) {
            return Optional.empty(); // told by whoever reads our own keys
        }
    }

    private static byte[] preset(String name) throws Failure {
        if (!PRESETS.contains(name))
            throw Failure.usage(
                    "expected --preset " + String.join(" or ", PRESETS) + ", but found \"" + name + "\"", "");
        String resource = "/presets/alerts-" + name + ".yaml";
        try (InputStream in = AlertPolicyChange.class.getResourceAsStream(resource)) {
            if (in == null) throw new IOException(resource + " is missing from the jar");
            return in.readAllBytes();
        } catch (IOException e) {
            throw new Failure(Exit.ERROR, "IO", "cannot read the preset " + name + ": " + e.getMessage(), "");
        }
    }

    // ---- what would change

    private void find(AlertWish wish) {
        time("gather", wish.gather());
        time("again", wish.again());
        time("cooldown", wish.cooldown());
        time("clear", wish.clear());
        wish.hourMax()
                .ifPresent(most ->
                        change("hour_max", Doc.object().with("it", (long) most).get("it")));
        wish.zone()
                .ifPresent(zone -> change("zone", Doc.object().with("it", zone).get("it")));
        wish.quiet()
                .ifPresent(hours -> change(
                        "quiet", Doc.of(hours.stream().map(QuietHours::toString).toList())));
        wish.off().ifPresent(rules -> change("off", Doc.of(rules)));
        limits(wish);
    }

    private void time(String key, Optional<Duration> wanted) {
        wanted.ifPresent(time ->
                change(key, Doc.object().with("it", Durations.text(time)).get("it")));
    }

    private void change(String key, Doc wanted) {
        if (shown(known.get(key)).equals(shown(wanted))) return;
        body = body.with(key, wanted);
        lines.add(key + ": " + shown(known.get(key)) + " -> " + shown(wanted));
    }

    private void limits(AlertWish wish) {
        Doc changed = Doc.object();
        for (Map.Entry<String, Optional<Limits>> wanted : wish.limits()) {
            String rule = wanted.getKey();
            Doc before = present(known.get("limits").get(rule));
            Doc after = wanted.getValue().map(AlertPolicyChange::doc).orElse(Doc.object());
            if (figures(before).equals(figures(after))) continue;
            lines.add("limits." + rule + ": " + figures(before) + " -> " + figures(after));
            changed = changed.with(
                    rule, after.isSomething() ? after : Doc.object().get("nothing"));
        }
        if (changed.isSomething()) body = body.with("limits", changed);
    }

    private static Doc doc(Limits limits) {
        Doc doc = Doc.object();
        if (limits.warning().isPresent())
            doc = doc.with("warning", limits.warning().get());
        return limits.critical().isPresent()
                ? doc.with("critical", limits.critical().get())
                : doc;
    }

    private static String figures(Doc limits) {
        if (!limits.isSomething()) return "the rule's own";
        return limits.entries().entrySet().stream()
                .map(limit -> limit.getKey() + " " + limit.getValue().text())
                .collect(Collectors.joining(", "));
    }

    private static String shown(Doc value) {
        if (value.list().isEmpty()) return value.isSomething() ? value.text() : "none";
        return value.list().stream().map(Doc::text).collect(Collectors.joining(", "));
    }

    // ---- the change

    private int apply(Args args, Client client) throws Failure {
        if (lines.isEmpty()) lines.add("nothing changes");
        else {
            client.order("PUT", AlertCommands.POLICY + "?dry_run=true", body);
            if (!Confirm.goesOn(args, String.join("\n", lines))) return Exit.DONE;
            Doc order = args.text("--why").map(why -> body.with("why", why)).orElse(body);
            client.another(1).order("PUT", AlertCommands.POLICY, order);
        }
        Doc doc = Doc.object().with("changes", Doc.of(lines));
        args.shell().out().print(args.output().render(doc, wide -> String.join("\n", lines) + "\n", none -> List.of()));
        return Exit.DONE;
    }
}
