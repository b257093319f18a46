package dev.muster.edge.web;

import dev.muster.core.plan.Wait;
import dev.muster.core.state.Artifact;
import dev.muster.core.state.ArtifactKind;
import dev.muster.core.state.ConfigKey;
import dev.muster.core.state.Loop;
import dev.muster.core.state.Model;
import dev.muster.edge.node.Shelf;
import dev.muster.edge.view.LoopRow;
import dev.muster.edge.view.ModelRow;
import dev.muster.edge.view.Picture;
import dev.muster.edge.view.ProgressRow;
import dev.muster.edge.view.WayRow;
import dev.muster.edge.view.Words;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.stream.Collectors;

/// The models that config keys play with, and one of them: how far its file has come, what it was before, its loop.
public final class ModelPages {
    private static final int HISTORY_MAX = 50;
    private static final int CANDIDATES_MAX = 10;
    private static final int TURNS_MAX = 30;

    private ModelPages() {}

    public static Page list(Picture picture, Query query) {
        List<ModelRow> models = ModelRow.all(picture);
        Grid grid = new Grid(
                "Models", "Config", "File", ">Size", ">Generation", "Since", "Nodes that have it", "By", "Reason");
        for (ModelRow model : query.cut(models))
            grid.row("m-" + model.config())
                    .link(Places.model(model.config()), model.config().name())
                    .cell(new Html().leaf("code", model.sha().brief()))
                    .cell(Words.bytes(model.size()))
                    .cell(model.generation() == 0 ? "by hand" : Integer.toString(model.generation()))
                    .cell(new Html().ago(model.at(), picture.now()).text(model.rollback() ? ", rolled back" : ""))
                    .cell(Bar.progress(model.holders(), model.targets(), model.holders() + " of " + model.targets()))
                    .cell(model.by())
                    .cell(model.reason());
        Html html = grid.html(
                "No model is promoted yet. A loop promotes what wins; `muster model promote` does it by hand.");
        if (models.size() > Query.ROWS) html = new Html().put(html).put(query.pager("/models", models.size()));
        return Page.of(Section.MODELS, "Models").live("list", "Models", html).page();
    }

    /// @param progress of the current file; absent as long as there is none
    public static Page one(
            Picture picture,
            ConfigKey config,
            Optional<Model> model,
            Optional<ProgressRow> progress,
            List<Wait> waits) {
        Page.Maker page = Page.of(Section.MODELS, "Model " + config);
        Optional<ModelRow.Detail> detail = model.map(found -> ModelRow.Detail.of(picture, found));
        page.live(
                "model",
                "The current model",
                detail.map(known -> current(picture, known))
                        .orElseGet(() -> new Html().leaf("p", "empty", "No model of it is promoted yet.")));
        progress.ifPresent(known -> page.live("distribution", "Distribution", distribution(known)));
        page.live(
                "history",
                "History",
                detail.map(known -> history(picture, known)).orElseGet(Html::new));
        page.live("candidates", "Candidates", candidates(picture, config, model));
        picture.state()
                .loops()
                .loops()
                .find(config)
                .ifPresent(loop -> page.live("loop", "Loop", loop(picture, loop, waits)));
        return page.page();
    }

    private static Html current(Picture picture, ModelRow.Detail detail) {
        ModelRow model = detail.model();
        Html html = new Html().tag("p", "actions");
        if (detail.history().size() > 1) html.link(Places.model(model.config()) + "/rollback", "Roll back…");
        html.link("/ratings?config=" + Query.encoded(model.config().name()), "Ratings");
        html.link(Places.events("model/" + model.config()), "Events").end();
        return html.put(new FactList()
                .fact("File", new Html().leaf("code", model.sha().hex()))
                .fact("Size", Words.bytes(model.size()))
                .fact("Generation", model.generation() == 0 ? "promoted by hand" : Integer.toString(model.generation()))
                .fact(
                        model.rollback() ? "Rolled back" : "Promoted",
                        new Html().ago(model.at(), picture.now()).text(" ago by " + model.by()))
                .fact("Reason", model.reason())
                .fact(
                        "Nodes",
                        Bar.progress(model.holders(), model.targets(), model.holders() + " of " + model.targets()))
                .html());
    }

    private static Html distribution(ProgressRow progress) {
        Html html = new Html().leaf("h2", "Distribution").leaf("p", progress.line());
        List<ProgressRow.Receiver> coming = progress.nodes().stream()
                .filter(node -> node.state() != Shelf.State.HELD)
                .sorted(Comparator.comparing(node -> node.state() == Shelf.State.MISSING))
                .limit(Query.ROWS)
                .toList();
        if (coming.isEmpty()) return html;
        String left = progress.secondsLeft()
                .map(seconds -> ", " + Words.seconds(OptionalDouble.of(seconds)) + " left")
                .orElse("");
        html.tag("p")
                .put(Bar.progress(
                        progress.bytes(),
                        progress.bytesTotal(),
                        Words.bytes(progress.bytes()) + " of " + Words.bytes(progress.bytesTotal())
                                + (progress.rate() > 0 ? ", " + Words.bytes(progress.rate()) + "/s" : "") + left))
                .end();
        Grid grid = new Grid("Nodes that do not have it yet", "Node", "State", "Has", ">Per second", ">Left", "Why");
        for (ProgressRow.Receiver node : coming)
            grid.row("p-" + node.node())
                    .cell(Places.link(node.node()))
                    .cell(chip(node.state()))
                    .cell(Bar.progress(node.bytes(), progress.size(), Words.bytes(node.bytes())))
                    .cell(node.rate() > 0 ? Words.bytes(node.rate()) : "–")
                    .cell(node.secondsLeft()
                            .map(left2 -> Words.seconds(OptionalDouble.of(left2)))
                            .orElse("–"))
                    .cell(node.why());
        html.put(grid.html(""));
        long hidden = progress.nodes().stream()
                        .filter(node -> node.state() != Shelf.State.HELD)
                        .count()
                - coming.size();
        return hidden <= 0 ? html : html.leaf("p", "faint", Figures.whole(hidden) + " more nodes do not have it yet.");
    }

    private static Html chip(Shelf.State state) {
        return switch (state) {
            case HELD, SOUND, VERIFIED -> Tone.GOOD.chip(Tones.lower(state));
            case FETCHING -> Tone.BUSY.chip("fetching");
            case MISSING -> Tone.QUIET.chip("not yet");
            case FAILING, CORRUPT, BROKEN -> Tone.BAD.chip(Tones.lower(state));
            case UNREACHABLE -> Tone.WARN.chip("unreachable");
        };
    }

    private static Html history(Picture picture, ModelRow.Detail detail) {
        Grid grid = new Grid("History", "File", "Move", ">Generation", "When", "Took", "How", "By", "Reason", "");
        boolean first = true;
        for (ModelRow.Move move : detail.history()
                .subList(0, Math.min(HISTORY_MAX, detail.history().size()))) {
            boolean now = move.sha().equals(detail.model().sha());
            grid.row()
                    .cell(new Html().leaf("code", move.sha().brief()))
                    .cell(
                            first
                                    ? Tone.GOOD.chip("current")
                                    : new Html().text(move.rollback() ? "rollback" : "promotion"))
                    .cell(move.generation() == 0 ? "by hand" : Integer.toString(move.generation()))
                    .cell(new Html().ago(move.at(), picture.now()).text(" ago"))
                    .cell(move.distribution().map(ModelPages::took).orElse("–"))
                    .cell(move.distribution().map(ModelPages::how).orElse(""))
                    .cell(move.by())
                    .cell(move.reason())
                    .cell(now ? new Html() : back(detail, move));
            first = false;
        }
        return new Html().leaf("h2", "History").put(grid.html(""));
    }

    private static Html back(ModelRow.Detail detail, ModelRow.Move move) {
        return new Html()
                .tag("a")
                .with(
                        "href",
                        Places.model(detail.model().config()) + "/rollback?to="
                                + move.sha().hex())
                .with("aria-label", "Roll back to " + move.sha().brief())
                .text("Roll back…")
                .end();
    }

    private static String took(WayRow way) {
        return switch (way.state()) {
            case UNDERWAY -> "on its way";
            case COMPLETE ->
                way.seconds()
                        .map(seconds -> Words.seconds(OptionalDouble.of(seconds)))
                        .orElse("–");
            case SUPERSEDED -> "superseded";
        };
    }

    private static String how(WayRow way) {
        return way.transports().entrySet().stream()
                .sorted(Map.Entry.comparingByKey())
                .map(one -> one.getKey() + " " + one.getValue())
                .collect(Collectors.joining(", "));
    }

    /// Models of the config key that are not current, the newest first.
    private static Html candidates(Picture picture, ConfigKey config, Optional<Model> model) {
        List<Artifact> files = picture.state().files().artifacts().values().stream()
                .filter(file -> file.config().equals(Optional.of(config)))
                .filter(file -> ArtifactKind.of(picture.state(), file) == ArtifactKind.MODEL)
                .filter(file -> model.filter(now -> now.current().sha().equals(file.sha()))
                        .isEmpty())
                .sorted(Comparator.comparing(Artifact::storedAt).reversed())
                .limit(CANDIDATES_MAX)
                .toList();
        if (files.isEmpty()) return new Html();
        Grid grid = new Grid("Other models of it", "File", "Name", ">Size", "Stored", ">Copies", "");
        for (Artifact file : files)
            grid.row()
                    .cell(new Html().leaf("code", file.sha().brief()))
                    .cell(file.name())
                    .cell(Words.bytes(file.size()))
                    .cell(new Html().ago(file.storedAt(), picture.now()).text(" ago"))
                    .cell(file.receipts().size())
                    .cell(new Html()
                            .tag("a")
                            .with(
                                    "href",
                                    Places.model(config) + "/promote?sha="
                                            + file.sha().hex())
                            .with("aria-label", "Promote " + file.sha().brief())
                            .text("Promote…")
                            .end());
        return new Html().leaf("h2", "Other models of it").put(grid.html(""));
    }

    private static Html loop(Picture picture, Loop loop, List<Wait> waits) {
        LoopRow.Detail detail = LoopRow.Detail.of(picture, loop, waits);
        Grid grid = new Grid("Generations", "Generation", "Verdict", ">Game files", "Candidate", ">Took", "Note");
        for (LoopRow.Turn turn : detail.generations()
                .subList(0, Math.min(TURNS_MAX, detail.generations().size())))
            grid.row("g-" + turn.id())
                    .cell(turn.id().toString())
                    .cell(verdict(turn))
                    .cell(turn.games())
                    .cell(new Html()
                            .leaf(
                                    "code",
                                    turn.candidate().map(sha -> sha.brief()).orElse("–")))
                    .cell(turn.endedAt()
                            .map(end -> Words.span(Duration.between(turn.startedAt(), end)))
                            .orElse("goes on"))
                    .cell(turn.note());
        String now =
                detail.loop().running() ? "runs " + Tones.lower(detail.loop().stage()) : "is stopped";
        return new Html()
                .leaf("h2", "Loop")
                .leaf(
                        "p",
                        "It " + now
                                + detail.loop()
                                        .waitsFor()
                                        .map(why -> ": " + why)
                                        .orElse("") + ".")
                .put(grid.html("No generation has begun."));
    }

    private static Html verdict(LoopRow.Turn turn) {
        return switch (turn.verdict()) {
            case PENDING -> Tone.BUSY.chip("pending");
            case PROMOTED -> Tone.GOOD.chip("promoted");
            case REJECTED -> Tone.QUIET.chip("rejected");
        };
    }
}
