package dev.muster.edge.http;

import dev.muster.core.state.Actor;
import dev.muster.core.state.Command;
import dev.muster.core.state.ConfigKey;
import dev.muster.core.state.Envelope;
import dev.muster.core.state.Job;
import dev.muster.core.state.Model;
import dev.muster.core.state.Node;
import dev.muster.core.state.Sha256;
import dev.muster.edge.view.JobRow;
import dev.muster.edge.view.NodeRow;
import dev.muster.edge.view.Words;
import dev.muster.edge.web.Forms;
import dev.muster.edge.web.Forms.Question;
import dev.muster.edge.web.Html;
import dev.muster.edge.web.Places;
import dev.muster.edge.web.Section;
import dev.muster.edge.web.Sessions;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// What can be ordered from a page. Each is asked about first, on a page of its own that needs no script; the answer carries
/// the form's hidden word and an order's id, so that it comes from whom we asked, and sent twice is done once.
final class PageActions {
    private PageActions() {}

    /// @param name `drain`, by which it is told of afterwards
    /// @param ask  what a person is asked
    /// @param make the order, from the answer
    record Action(String name, String path, Asking ask, Making make) {}

    interface Asking {
        /// @param said what was written in its fields before; empty at first
        Question of(Call call, Map<String, String> said) throws IOException;
    }

    interface Making {
        Command of(Call call, Map<String, String> form) throws IOException;
    }

    /// An action more is a line more, and its words below.
    static List<Action> all(Api api) {
        return List.of(
                new Action(
                        "drain",
                        "/nodes/{id}/drain",
                        (call, said) -> drain(api, call),
                        (call, form) ->
                                new Command.DrainNode(NodeRoutes.node(api, call).id())),
                new Action(
                        "resume",
                        "/nodes/{id}/resume",
                        (call, said) -> resume(api, call),
                        (call, form) -> new Command.UndrainNode(
                                NodeRoutes.node(api, call).id())),
                new Action(
                        "stop",
                        "/jobs/{id}/stop",
                        (call, said) -> stop(api, call),
                        (call, form) ->
                                new Command.StopJob(JobRoutes.job(api, call).id())),
                new Action(
                        "promote",
                        "/models/{config}/promote",
                        (call, said) -> promote(api, call),
                        (call, form) -> ModelMoves.promotion(
                                api, config(call), form.getOrDefault("sha", ""), form.getOrDefault("expected", ""))),
                new Action(
                        "rollback",
                        "/models/{config}/rollback",
                        (call, said) -> rollback(api, call),
                        (call, form) -> ModelMoves.rollback(
                                api, config(call), form.getOrDefault("to", ""), form.getOrDefault("expected", ""))),
                new Action(
                        "silence",
                        "/alerts/silence",
                        (call, said) -> PageSilences.silence(api, call, said),
                        (call, form) -> PageSilences.silenced(form)),
                new Action(
                        "unsilence",
                        "/alerts/silences/{id}/end",
                        (call, said) -> PageSilences.end(api, call),
                        (call, form) -> PageSilences.ended(call)));
    }

    /// Said once it was done; empty for what is none of ours.
    static String done(String name) {
        return switch (name) {
            case "drain" -> "It takes no new work from now on.";
            case "resume" -> "It takes work again.";
            case "stop" -> "It is being stopped.";
            case "promote" -> "It is promoted, and on its way to every node.";
            case "rollback" -> "The earlier file is current again.";
            case "silence" -> "Nobody is told of it for that time.";
            case "unsilence" -> "The silence has ended: what goes on is told.";
            default -> "";
        };
    }

    static Reply ask(Pages pages, Api api, Call call, Action action) {
        return pages.guarded(
                call,
                session -> asked(
                        pages,
                        api,
                        call,
                        session,
                        action.ask().of(call, Map.of()),
                        "page-" + pages.sessions().random(),
                        "",
                        Optional.empty()));
    }

    static Reply act(Pages pages, Api api, Call call, Action action) {
        return pages.guarded(call, session -> {
            PageCall.ours(call);
            Map<String, String> form = call.form();
            String order = form.getOrDefault("order", "");
            if (!session.isWord(call.path() + " " + order, form.getOrDefault("form", ""))) throw Pages.staleForm();
            String why = form.getOrDefault("why", "").strip();
            Question question = action.ask().of(call, form);
            try {
                Command command = action.make().of(call, form);
                api.orders().give(new Envelope(Optional.of(order), Actor.person(session.person()), why, command));
            } catch (Problem refusal) {
                String again =
                        maybe(refusal) ? order : "page-" + pages.sessions().random();
                return asked(pages, api, call, session, question, again, why, Optional.of(refusal));
            }
            return Pages.goTo(question.back() + "?done=" + action.name());
        });
    }

    /// It may have been done all the same: the same order again finds out.
    private static boolean maybe(Problem refusal) {
        return Boolean.TRUE.equals(refusal.body().maybe());
    }

    private static Reply asked(
            Pages pages,
            Api api,
            Call call,
            Sessions.Session session,
            Question question,
            String order,
            String why,
            Optional<Problem> refusal) {
        String word = session.word(call.path() + " " + order);
        int status = refusal.map(Problem::status).orElse(200);
        return pages.page(
                status,
                Forms.ask(
                        question,
                        call.address(),
                        word,
                        order,
                        why,
                        refusal.map(no -> no.body().message())),
                call,
                session,
                api.picture());
    }

    private static Question drain(Api api, Call call) {
        Node node = NodeRoutes.node(api, call);
        NodeRow row = NodeRow.of(api.picture(), node);
        List<String> words = new ArrayList<>();
        words.add(node.id() + " takes no new work; "
                + (row.jobs() == 0
                        ? "nothing runs there now."
                        : "the " + Words.count(row.jobs(), "task") + " it holds will finish there."));
        if (row.atRisk().files() > 0)
            words.add(Words.count(row.atRisk().files(), "file") + " of "
                    + Words.bytes(row.atRisk().bytes()) + " are only there; they stay until another node has them.");
        return new Question(
                Section.NODES,
                "Drain " + node.id() + "?",
                words,
                new Html(),
                "Drain " + node.id(),
                true,
                Places.node(node.id()));
    }

    private static Question resume(Api api, Call call) {
        Node node = NodeRoutes.node(api, call);
        return new Question(
                Section.NODES,
                "Resume " + node.id() + "?",
                List.of(node.id() + " takes work again."),
                new Html(),
                "Resume " + node.id(),
                false,
                Places.node(node.id()));
    }

    private static Question stop(Api api, Call call) {
        Job job = JobRoutes.job(api, call);
        JobRow row = JobRow.Detail.of(api.picture(), job).job();
        return new Question(
                Section.JOBS,
                "Stop " + job.id() + "?",
                List.of(
                        job.spec().name() + ": " + row.waiting() + " waiting tasks are cancelled, " + row.running()
                                + " running ones are stopped. What they saved stays.",
                        "It cannot be taken back: the job would have to be submitted again."),
                new Html(),
                "Stop " + job.id(),
                true,
                Places.job(job.id()));
    }

    private static ConfigKey config(Call call) {
        return call.path("config", ConfigKey::new);
    }

    private static Question promote(Api api, Call call) {
        ConfigKey config = config(call);
        Sha256 sha = ModelRoutes.file(api, call.query("sha").orElse(""));
        Optional<Sha256> now = current(api, config);
        return new Question(
                Section.MODELS,
                "Promote " + sha.brief() + " for " + config + "?",
                List.of(
                        now.map(file -> "Now " + file.brief() + " is current.").orElse("No model is current yet."),
                        "Every node fetches the file, and switches to it when it has it whole."),
                moved("sha", sha.hex(), now),
                "Promote " + sha.brief(),
                false,
                Places.model(config));
    }

    private static Question rollback(Api api, Call call) {
        ConfigKey config = config(call);
        Model model = ModelRoutes.find(api, config).orElseThrow(() -> Problem.notFound("no model for " + config, ""));
        Optional<Sha256> asked = call.query("to").map(to -> ModelRoutes.file(api, to));
        Sha256 to = asked.or(() -> model.before().map(Model.Version::sha))
                .orElseThrow(() -> Problem.of(409, "CONFLICT", config + " has no earlier model to go back to", ""));
        return new Question(
                Section.MODELS,
                "Roll " + config + " back?",
                List.of(
                        "From " + model.current().sha().brief() + ", which is current now, to " + to.brief() + ".",
                        "Nodes that still hold the earlier file switch at once; the others fetch it."),
                moved("to", to.hex(), Optional.of(model.current().sha())),
                "Roll back to " + to.brief(),
                true,
                Places.model(config));
    }

    private static Optional<Sha256> current(Api api, ConfigKey config) {
        return ModelRoutes.find(api, config).map(model -> model.current().sha());
    }

    /// The pointer must still be where the person saw it.
    private static Html moved(String name, String file, Optional<Sha256> now) {
        Html html = new Html().put(Forms.hidden(name, file));
        return now.map(sha -> html.put(Forms.hidden("expected", sha.hex()))).orElse(html);
    }
}
