package dev.muster.edge.cli;

import dev.muster.core.state.Durations;
import dev.muster.core.state.Group;
import dev.muster.core.state.RunSpec;
import dev.muster.edge.config.Nearest;
import dev.muster.edge.view.Doc;
import dev.muster.edge.view.DocText;
import dev.muster.edge.view.RunText;
import dev.muster.edge.wire.Wire;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import picocli.CommandLine.Model.CommandSpec;

/// `muster run resume`: says what is done anew, where and for how much, and has the cluster go on.
final class RunResume {
    private RunResume() {}

    static CommandSpec spec() {
        return Verb.of(
                        "resume",
                        "Go on with a run that is over: what is done stays, what failed begins with what it had saved.",
                        TrainingCommands.refusing(RunResume::run))
                .word("RUN", "its id")
                .option("--from", "STAGE", "do this stage anew, and all after it")
                .flag("--force-train", "the same as --from with the first stage")
                .flag("--redo-small-eval", "the same as --from small_eval")
                .flag("--redo-full-eval", "the same as --from full_eval")
                .option("--max-price", "DOLLARS", "per hour of a machine, from now on")
                .option("--max-total", "DOLLARS", "of the whole run, with what it has cost so far")
                .option("--max-duration", "TIME", "from now")
                .option("--after", "WHAT", "stop, end or keep its machine afterwards")
                .flag("--watch,-w", "stay, and show it until it is over")
                .asking()
                .order()
                .build();
    }

    private static int run(Args args) throws Failure {
        String id = args.word();
        Client client = Settings.client(args);
        Doc known = client.get(RunShow.path(id)).doc();
        String from = from(args, known);
        expectStage(known, from);
        Doc body = body(args, from);
        // A refusal shows before anybody is asked.
        Doc checked = client.check(RunShow.path(id) + "/resume/check", body).doc();
        RunSpec spec = Wire.read(DocText.compact(checked.get("spec")), RunSpec.class);
        Doc facts = Doc.object().with("run", id).with("stages", stages(known, from));
        StringBuilder plan =
                new StringBuilder("Resume " + id + " of " + known.get("run").text("series") + ":");
        line(plan, "stages", String.join(", ", told(facts)));
        if (spec.machines().isPresent()) facts = priced(args, client, known, checked, spec, plan, facts);
        else line(plan, "where", "nodes that are there");
        List<String> limits = limits(spec);
        if (!limits.isEmpty()) line(plan, "stopped at", String.join(", ", limits));
        else if (spec.machines().isPresent())
            plan.append("\n  warning: neither max_total nor max_duration limits what it may cost");
        if (!Confirm.goesOn(args, plan.toString(), facts)) return Exit.DONE;
        Confirm.tellsUnread(args, plan.toString());
        Client.Answer done = client.order("POST", RunShow.path(id) + "/resume", body);
        Show.done(args, done, id + " goes on; `muster run show " + id + "` shows how far it is");
        args.shell().out().flush();
        return args.flag("--watch") ? RunShow.watch(args, client, id, RunShow.POLL) : Exit.DONE;
    }

    private static String from(Args args, Doc known) {
        if (args.flag("--force-train")) return known.list("stages").getFirst().text("name");
        if (args.flag("--redo-small-eval")) return "small_eval";
        if (args.flag("--redo-full-eval")) return "full_eval";
        return args.text("--from").orElse("");
    }

    private static void expectStage(Doc known, String from) throws Failure {
        List<String> names =
                known.list("stages").stream().map(stage -> stage.text("name")).toList();
        if (from.isEmpty() || names.contains(from)) return;
        throw new Failure(
                Exit.NOT_FOUND,
                "NOT_FOUND",
                "no stage " + from + " in " + known.get("run").text("id") + "; it has " + String.join(", ", names),
                Nearest.of(from, names)
                        .map(near -> "did you mean " + near + "?")
                        .orElse(""));
    }

    private static Doc body(Args args, String from) throws Failure {
        Doc body = Words.why(args);
        if (!from.isEmpty()) body = body.with("from", from);
        for (String option : List.of("--max-price", "--max-total"))
            if (args.text(option).isPresent())
                body = body.with(
                        option.equals("--max-price") ? "price_max" : "total_max",
                        OfferWords.price(option, args.text(option).get()).dollars());
        if (args.text("--max-duration").isPresent())
            body = body.with("duration_max", args.text("--max-duration").get());
        if (args.text("--after").isPresent())
            body = body.with("after", args.text("--after").get());
        return body;
    }

    /// What becomes of each stage.
    private static Doc stages(Doc known, String from) {
        Doc stages = Doc.of(List.of());
        boolean anew = false;
        for (Doc stage : known.list("stages")) {
            anew |= stage.text("name").equals(from);
            boolean made =
                    stage.text("phase").equals("DONE") || stage.text("phase").equals("REUSED");
            String does = anew
                    ? "done anew"
                    : made ? "kept" : stage.list("saved").isEmpty() ? "done" : "goes on with what it had saved";
            Doc row = Doc.object().with("name", stage.text("name")).with("does", does);
            if (anew && (made || !stage.list("saved").isEmpty())) row = row.with("drops", files(stage));
            stages = stages.plus(row);
        }
        return stages;
    }

    /// What it has left, in the end or on its way.
    private static long files(Doc stage) {
        return Stream.of("outputs", "saved")
                .flatMap(kind -> stage.list(kind).stream())
                .map(file -> file.text("path"))
                .distinct()
                .count();
    }

    private static List<String> told(Doc facts) {
        return facts.list("stages").stream()
                .map(stage -> stage.text("name") + " (" + stage.text("does") + dropped(stage) + ")")
                .toList();
    }

    private static String dropped(Doc stage) {
        if (!stage.has("drops")) return "";
        long files = stage.number("drops");
        return ": what it made (" + files + (files == 1 ? " file" : " files") + ") is dropped";
    }

    /// Of a machine of its own. One that was stopped with it is started; else one is rented as offers are now.
    private static Doc priced(
            Args args, Client client, Doc known, Doc checked, RunSpec spec, StringBuilder plan, Doc facts)
            throws Failure {
        Group terms = spec.machines().orElseThrow();
        Optional<Doc> stopped = known.list("instances").stream()
                .filter(one -> one.text("id").equals(checked.text("starts")))
                .findFirst();
        RunMarket market = stopped.isPresent() ? RunMarket.NONE : RunMarket.of(args, terms, client);
        String gpus = terms.gpuCount() == 0
                ? "no GPU"
                : terms.gpuCount() + "x " + (terms.gpus().isEmpty() ? "any GPU" : String.join(" or ", terms.gpus()));
        line(
                plan,
                "where",
                stopped.map(one -> one.text("id") + ", which is started again, for "
                                + RunText.money(one.decimal("per_hour_running")) + " per hour")
                        .orElse("a machine of its own with " + gpus + ", for up to " + terms.priceMax() + " per hour"));
        checked.get("dear")
                .entries()
                .forEach((machine, why) -> line(plan, "destroyed", machine + ", since " + why.text()));
        Doc run = known.get("run");
        line(
                plan,
                "cost so far",
                RunText.money(run.decimal("spent"))
                        + (run.decimal("estimated_cost").orElse(0) > 0
                                ? " of " + RunText.money(run.decimal("estimated_cost")) + " estimated at its launch"
                                : ""));
        for (String more : market.told()) plan.append("\n  ").append(more);
        if (checked.has("secrets"))
            plan.append("\n  ")
                    .append(stopped.map(one -> one.text("id") + " will not be started")
                            .orElse("no machine will be rented"))
                    .append(" before the leader has its secrets: ")
                    .append(checked.text("secrets"));
        return facts.with("price_max", terms.priceMax().dollars())
                .with("spent", run.decimal("spent").orElse(0))
                .with("offers", market.doc());
    }

    private static List<String> limits(RunSpec spec) {
        List<String> limits = new ArrayList<>();
        spec.totalMax().ifPresent(cap -> limits.add(cap + " in all"));
        spec.durationMax().ifPresent(time -> limits.add(Durations.brief(time) + " from now"));
        return limits;
    }

    private static void line(StringBuilder plan, String what, String text) {
        plan.append("\n  ").append(what).append(": ").append(text);
    }
}
