package dev.muster.edge.cli;

import dev.muster.edge.swarm.Transport;
import dev.muster.edge.view.Doc;
import dev.muster.edge.view.ProgressText;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import picocli.CommandLine.Model.CommandSpec;

/// `muster model distribute`: stays until nodes hold the current models, and shows how far they are. The cluster brings
/// them there whether anybody looks or not.
final class ModelDistribute {
    private static final Duration WAIT = Duration.ofMinutes(10);
    private static final Duration POLL = Duration.ofSeconds(1);
    /// Between two lines that only say how far it is, where nothing is drawn.
    private static final Duration FIGURES = Duration.ofSeconds(10);
    /// Of a terminal that does not say.
    private static final int COLUMNS = 80;

    private final Args args;
    private final Client client;
    private final Set<String> only;
    private final Instant end;
    private final boolean table;
    /// The last picture of each, where nothing is drawn.
    private final List<Doc> pictures = new ArrayList<>();

    private ModelDistribute(Args args, Client client, Set<String> only, Instant end) throws Failure {
        this.args = args;
        this.client = client;
        this.only = only;
        this.end = end;
        this.table = args.output() == Output.TABLE || args.output() == Output.WIDE;
    }

    static CommandSpec spec() {
        return Verb.of(
                        "distribute",
                        "Wait until nodes hold the current model, and show how far it is.",
                        ModelDistribute::run)
                .option("--model", "CONFIG", "a config key")
                .flag("--all", "all config keys")
                .option("--nodes", "NODES", "wait only for these, comma-separated")
                .flag("--force", "first have all copies read again, so that damaged ones are fetched again")
                .option(ByTransport.OPTION, "WAY", "have nodes that lack it get it now " + ByTransport.WAYS)
                .option("--wait", "TIME", "longest wait, 10m unless told")
                .build();
    }

    static String way(String config) throws Failure {
        return "/v1/models/" + Words.config(config) + "/distribution";
    }

    @SuppressWarnings("try") // the note only has to be taken back
    private static int run(Args args) throws Failure {
        if (args.text("--model").isPresent() == args.flag("--all"))
            throw Failure.usage("expected either --model CONFIG or --all", "");
        Optional<Transport> by = ByTransport.of(args);
        Client client = Settings.client(args);
        Instant end = args.shell().clock().instant().plus(args.duration("--wait", WAIT));
        ModelDistribute wait = new ModelDistribute(args, client, nodes(args, client), end);
        boolean done = true;
        try (Shell.Interruption note = args.shell()
                .onInterrupt("\nmuster: detached; the distribution goes on. `muster model list` shows how far it is")) {
            for (Doc model : ModelFiles.models(client, args.text("--model"))) {
                if (args.flag("--force"))
                    new ArtifactCommands.Verified(client, Optional.empty()).of(List.of(model.text("sha")));
                if (by.isPresent()) wait.fetch(model.text("sha"), by.get());
                done &= wait.forOne(model.text("config"));
            }
        }
        wait.print();
        return done ? Exit.DONE : Exit.NOT_FINISHED;
    }

    /// @throws Failure when there is no such node
    private static Set<String> nodes(Args args, Client client) throws Failure {
        Set<String> only = new TreeSet<>();
        for (String name : args.text("--nodes").orElse("").split(",")) if (!name.isBlank()) only.add(name.strip());
        for (String name : only) client.get("/v1/nodes/" + Words.segment(name));
        return only;
    }

    private void fetch(String sha, Transport by) throws Failure {
        for (String node : only.isEmpty() ? Set.of("all") : only) {
            String lines = ByTransport.lines(ByTransport.fetch(client, sha, node, by));
            if (table) args.shell().out().print(lines);
        }
    }

    /// In JSON and its like only the last pictures: of one model as it is, of all as a list.
    private void print() throws Failure {
        if (table) return;
        Doc all = Doc.of(List.of());
        for (Doc picture : pictures) all = all.plus(picture);
        Doc shown = args.flag("--all") ? Doc.object().with("models", all) : pictures.getFirst();
        args.shell()
                .out()
                .print(args.output()
                        .render(
                                shown,
                                wide -> "",
                                doc -> pictures.stream()
                                        .flatMap(picture -> picture.list("nodes").stream())
                                        .map(node -> node.text("node"))
                                        .distinct()
                                        .toList()));
    }

    private boolean forOne(String config) throws Failure {
        Screen screen = !table ? progress -> {} : args.shell().colours() ? new Drawn() : new Lines();
        while (true) {
            Doc progress = client.get(way(config)).doc();
            screen.show(progress);
            boolean done = progress.list("nodes").stream()
                    .filter(node -> only.isEmpty() || only.contains(node.text("node")))
                    .allMatch(node -> node.text("state").equals("HELD"));
            Doc shown = done ? settled(config, progress) : progress;
            boolean late = !args.shell().clock().instant().isBefore(end);
            if (!done && !late && !args.shell().deaf() && args.shell().pause().of(POLL)) continue;
            if (done && table) summary(config, shown);
            pictures.add(shown);
            return done;
        }
    }

    /// The receipts are there; the leader's word that it is complete follows at once.
    private Doc settled(String config, Doc progress) throws Failure {
        if (progress.flag("complete")
                || !only.isEmpty()
                || !args.shell().pause().of(POLL)) return progress;
        return client.get(way(config)).doc();
    }

    private void summary(String config, Doc progress) {
        Doc way = progress.get("distribution");
        if (only.isEmpty() && progress.flag("complete") && way.isSomething())
            args.shell().out().println(config + ": distributed to " + ProgressText.summary(way));
    }

    private interface Screen {
        void show(Doc progress);
    }

    /// One line per change; every few seconds how far it is.
    private final class Lines implements Screen {
        private String before = "";
        private Instant told = Instant.MIN;

        @Override
        public void show(Doc progress) {
            Instant now = args.shell().clock().instant();
            String lines = ProgressText.lines(progress);
            if (!lines.equals(before)) {
                args.shell().out().print(lines);
                told = now;
            } else if (progress.number("rate") > 0 && !now.isBefore(told.plus(FIGURES))) {
                args.shell().out().print(ProgressText.figures(progress));
                told = now;
            }
            before = lines;
        }
    }

    /// Bars over those drawn before.
    private final class Drawn implements Screen {
        private final int width = width();
        private List<String> before = List.of();

        private int width() {
            String columns = args.shell().env().getOrDefault("COLUMNS", "");
            return columns.matches("[1-9][0-9]{1,3}") ? Integer.parseInt(columns) : COLUMNS;
        }

        /// A line that wraps would be two, and the next picture would be drawn in the wrong place.
        private String cut(String line) {
            return line.length() < width ? line : line.substring(0, width - 2) + "…";
        }

        @Override
        public void show(Doc progress) {
            List<String> lines = ProgressText.picture(progress);
            StringBuilder text = new StringBuilder();
            if (!before.isEmpty()) text.append("\u001b[").append(before.size()).append('A');
            for (String line : lines) text.append("\u001b[2K").append(cut(line)).append('\n');
            text.append("\u001b[J");
            before = lines;
            args.shell().out().print(text);
            args.shell().out().flush();
        }
    }
}
