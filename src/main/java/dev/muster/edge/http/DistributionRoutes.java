package dev.muster.edge.http;

import static dev.muster.edge.http.Route.get;

import dev.muster.core.state.ConfigKey;
import dev.muster.core.state.Distribution;
import dev.muster.core.state.Model;
import dev.muster.core.state.NodeId;
import dev.muster.core.state.Replicas;
import dev.muster.core.state.Sha256;
import dev.muster.edge.node.Shelf;
import dev.muster.edge.swarm.Underway;
import dev.muster.edge.view.ModelRow;
import dev.muster.edge.view.Picture;
import dev.muster.edge.view.ProgressRow;
import dev.muster.edge.view.ProgressRow.Receiver;
import dev.muster.edge.wire.Wire;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Function;

/// How far promoted models have come.
final class DistributionRoutes {
    private static final Duration EVERY = Duration.ofSeconds(1);
    /// Proxies cut silent connections after 30 to 60 s.
    private static final int QUIET_MAX = 15;
    /// A reader that stays longer comes again.
    private static final int TIMES_MAX = 3_600;

    private DistributionRoutes() {}

    static List<Route> of(Api api) {
        return List.of(get(
                "/v1/models/{config}/distribution",
                "How far a config key's current file has come, node by node; with `Accept: text/event-stream` an event"
                        + " `progress` with the same JSON for each change, until every node has it.",
                ProgressRow.class,
                call -> progress(api, call)));
    }

    private static Reply progress(Api api, Call call) {
        ConfigKey config = call.path("config", ConfigKey::new);
        ProgressRow now = progress(api, config);
        return call.accepts("text/event-stream") ? api.streams().open(out -> stream(api, config, out)) : Reply.ok(now);
    }

    private static void stream(Api api, ConfigKey config, OutputStream out) throws IOException, InterruptedException {
        String before = "";
        int quiet = 0;
        for (int times = 0; times < TIMES_MAX; times++) {
            ProgressRow now = progress(api, config);
            String text = Wire.text(now);
            boolean news = !text.equals(before);
            if (news) out.write(("event: progress\ndata: " + text + "\n\n").getBytes(StandardCharsets.UTF_8));
            else if (++quiet % QUIET_MAX == 0) out.write(":\n\n".getBytes(StandardCharsets.UTF_8));
            out.flush();
            before = text;
            if (now.nodes().stream().allMatch(node -> node.state() == Shelf.State.HELD)) return;
            Thread.sleep(EVERY);
        }
    }

    static ProgressRow progress(Api api, ConfigKey config) {
        return progress(api, config, unknown -> Ask.each(unknown, node -> asked(api, node, config)));
    }

    /// By what this node and the leader know, at once.
    static ProgressRow known(Api api, ConfigKey config) {
        return progress(
                api,
                config,
                unknown -> unknown.stream()
                        .map(node -> Receiver.lacking(node, Shelf.State.MISSING, ""))
                        .toList());
    }

    private static Receiver asked(Api api, NodeId node, ConfigKey config) {
        Model.Version current =
                api.member().state().models().models().require(config).current();
        return asked(api, node, current.sha(), current.size());
    }

    private static ProgressRow progress(Api api, ConfigKey config, Function<List<NodeId>, List<Receiver>> unknown) {
        Picture picture = api.picture();
        Model model = picture.state()
                .models()
                .models()
                .find(config)
                .orElseThrow(
                        () -> Problem.notFound("no model for " + config, "`muster model list` shows those there are"));
        Sha256 sha = model.current().sha();
        boolean complete = picture.state()
                .models()
                .distributions()
                .find(config)
                .filter(way -> way.sha().equals(sha))
                .flatMap(Distribution::completedAt)
                .isPresent();
        return ProgressRow.of(
                config,
                sha,
                model.current().size(),
                complete,
                ModelRow.ways(picture.state(), model).getLast(),
                nodes(api, picture, sha, model.current().size(), unknown));
    }

    /// In name order, with holders first. A node of which the leader knows nothing is asked.
    private static List<Receiver> nodes(
            Api api, Picture picture, Sha256 sha, long size, Function<List<NodeId>, List<Receiver>> ask) {
        Replicas replicas = Replicas.of(picture.state(), sha);
        List<Receiver> nodes = new ArrayList<>();
        for (NodeId node : replicas.holders()) {
            // One that cannot put it in place has the file, and not the model.
            Optional<String> why = picture.soft().flatMap(soft -> soft.trouble(node, sha));
            nodes.add(
                    why.isPresent()
                            ? Receiver.lacking(node, Shelf.State.FAILING, why.get())
                            : Receiver.held(node, size));
        }
        if (replicas.others().isEmpty()) return nodes;
        Underway file = api.member().underway(sha);
        Map<NodeId, Receiver> others = new TreeMap<>();
        List<NodeId> unknown = new ArrayList<>();
        for (NodeId node : replicas.others()) {
            Optional<Receiver> known = known(picture, file, node, sha, size);
            if (known.isPresent()) others.put(node, known.get());
            else unknown.add(node);
        }
        for (Receiver asked : ask.apply(unknown)) others.put(asked.node(), asked);
        nodes.addAll(others.values());
        return nodes;
    }

    private static Optional<Receiver> known(Picture picture, Underway file, NodeId node, Sha256 sha, long size) {
        Optional<String> trouble = picture.soft().flatMap(soft -> soft.trouble(node, sha));
        Optional<Underway.Receiver> moving =
                file.receivers().find(node).filter(seen -> seen.rate() > 0 || trouble.isEmpty());
        if (moving.isPresent())
            return Optional.of(Receiver.fetching(
                    node, size, moving.get().bytes(), moving.get().rate()));
        if (trouble.isPresent()) return Optional.of(Receiver.lacking(node, Shelf.State.FAILING, trouble.get()));
        boolean fetching =
                picture.soft().filter(soft -> soft.fetching(node, sha)).isPresent();
        return fetching ? Optional.of(Receiver.fetching(node, size, 0, 0)) : Optional.empty();
    }

    private static Receiver asked(Api api, NodeId node, Sha256 sha, long size) {
        Shelf.Copy copy = api.member().shelf().look(node, sha, Shelf.Look.STAT);
        return switch (copy.state()) {
            case HELD -> Receiver.held(node, size);
            case FETCHING -> Receiver.fetching(node, size, 0, 0);
            default -> Receiver.lacking(node, copy.state(), copy.why());
        };
    }
}
