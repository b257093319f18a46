package dev.muster.edge.cli;

import dev.muster.core.state.Durations;
import dev.muster.edge.config.RunFile;
import dev.muster.edge.view.Doc;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// What a launch will do, for people before they are asked, and for programs.
///
/// @param told     what is to be known besides, a line each
/// @param warnings what a person may not have meant, likewise
record RunPlan(
        RunDraft draft,
        Optional<RunConfig> config,
        Optional<RunPrice.Estimated> estimate,
        RunMarket market,
        RunShipment shipment,
        List<String> told,
        List<String> warnings) {
    /// @param bare the run as it is asked for, without what is shipped
    static List<String> warnings(RunDraft draft, Doc bare, Client client) throws Failure {
        return draft.rented() ? unlimited(draft, client) : unplaceable(bare, client);
    }

    /// What waits for ever, unless such a node joins.
    private static List<String> unplaceable(Doc bare, Client client) throws Failure {
        List<String> warnings = new ArrayList<>();
        for (Doc stage : bare.list("stages")) {
            Doc checked = client.check("/v1/jobs/check", stage.get("job")).doc();
            if (!checked.flag("placeable"))
                warnings.add("warning: no node can ever run " + stage.text("name") + " as it is: "
                        + checked.text("why_not"));
        }
        return warnings;
    }

    /// Between limits and a budget lies whatever a machine costs until somebody looks.
    private static List<String> unlimited(RunDraft draft, Client client) throws Failure {
        boolean limited = draft.totalMax().isPresent() || draft.durationMax().isPresent();
        if (limited) return List.of();
        boolean capped = client.get("/v1/budget").doc().list("caps").stream()
                .anyMatch(cap -> !cap.has("scope") || cap.text("scope").isEmpty());
        return capped
                ? List.of()
                : List.of("warning: nothing limits what it may cost: neither max_total nor max_duration nor a budget;"
                        + " --max-total 10 stops it, `muster budget set` caps all machines");
    }

    String text() {
        StringBuilder plan = new StringBuilder("Launch " + draft.id() + " of " + draft.series() + ":");
        line(
                plan,
                "stages",
                String.join(
                        ", ",
                        draft.file().stages().stream()
                                .map(stage -> stage.name()
                                        + (draft.skip().contains(stage.name()) ? " (taken from an earlier run)" : ""))
                                .toList()));
        config.ifPresent(
                found -> line(plan, "config", found.path() + ", " + found.sha().substring(0, 12)));
        line(plan, "where", where());
        line(
                plan,
                "thought to take",
                estimate.map(RunPrice.Estimated::told).orElse("unknown: no `estimate` in the file"));
        List<String> limits = new ArrayList<>();
        draft.totalMax().ifPresent(cap -> limits.add(cap + " in all"));
        draft.durationMax().ifPresent(time -> limits.add(Durations.brief(time)));
        if (!limits.isEmpty()) line(plan, "stopped at", String.join(", ", limits));
        for (List<String> lines : List.of(market.told(), shipment.told(), told, warnings))
            for (String more : lines) plan.append("\n  ").append(more);
        return plan.toString();
    }

    private String where() {
        String gpus = draft.gpu().count() == 0
                ? "no GPU"
                : draft.gpu().count() + "x " + draft.gpu().name().orElse("any GPU");
        if (!draft.rented()) return "nodes that are there, with " + gpus;
        return "a machine of its own with " + gpus + ", for up to "
                + draft.priceMax().orElseThrow()
                + " per hour" + (draft.spot() ? ", at a bid" : "") + "; afterwards "
                + switch (draft.after()) {
                    case "end" -> "it is destroyed";
                    case "keep" -> "it goes on, and is billed";
                    default -> "it is stopped, and its disk billed until it is destroyed";
                };
    }

    private static void line(StringBuilder plan, String what, String text) {
        plan.append("\n  ").append(what).append(": ").append(text);
    }

    /// Amounts are dollars.
    Doc doc() {
        Doc doc = Doc.object()
                .with("run", draft.id())
                .with("series", draft.series())
                .with("rented", draft.rented())
                .with("after", draft.after());
        for (RunFile.Stage stage : draft.file().stages())
            doc = doc.with(
                    "stages",
                    doc.get("stages")
                            .plus(Doc.object()
                                    .with("name", stage.name())
                                    .with("reused", draft.skip().contains(stage.name()))));
        if (config.isPresent())
            doc = doc.with(
                    "config",
                    Doc.object()
                            .with("path", config.get().inside())
                            .with("sha", config.get().sha()));
        if (estimate.isPresent()) doc = doc.with("estimate", estimate.get().doc());
        if (draft.priceMax().isPresent() && draft.rented())
            doc = doc.with("price_max", draft.priceMax().get().dollars());
        if (draft.totalMax().isPresent())
            doc = doc.with("total_max", draft.totalMax().get().dollars());
        if (draft.durationMax().isPresent())
            doc = doc.with(
                    "duration_max",
                    dev.muster.edge.wire.Durations.text(draft.durationMax().get()));
        List<String> notes = new ArrayList<>(market.told());
        notes.addAll(told);
        return doc.with("offers", market.doc())
                .with("ships", shipment.doc())
                .with("notes", Doc.of(notes))
                .with("warnings", Doc.of(warnings))
                .with("plan", text());
    }
}
