package dev.muster.edge.cli;

import java.util.List;
import java.util.Set;
import picocli.CommandLine.Help.Visibility;
import picocli.CommandLine.IFactory;
import picocli.CommandLine.IParameterPreprocessor;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;

/// One command, built in code: picocli's annotations cost 200 ms at the start.
final class Verb {
    /// What a command does; its exit code is one of [Exit].
    interface Action {
        int run(Args args) throws Failure;
    }

    /// What a command's spec carries.
    ///
    /// @param own options that mean something else here than everywhere
    record Command(Action action, Set<String> own) {}

    /// Everything is built here; picocli's own factory looks for Groovy in every jar of the class path, which takes
    /// 20 ms.
    static final IFactory FACTORY = new Nothing();

    private static final class Nothing implements IFactory {
        @Override
        public <K> K create(Class<K> type) throws NoSuchMethodException {
            throw new NoSuchMethodException("nothing is made from " + type);
        }
    }

    /// A command that does nothing by itself.
    static CommandSpec plain(String name, String summary) {
        CommandSpec spec =
                CommandSpec.wrapWithoutInspection(new Object(), FACTORY).name(name);
        spec.usageMessage().description(written(summary));
        spec.parser().overwrittenOptionsAllowed(true);
        return spec;
    }

    /// picocli takes every description for a format.
    private static String written(String text) {
        return text.replace("%", "%%");
    }

    private final CommandSpec spec;
    private final Set<String> own;

    private Verb(String name, String summary, Set<String> own, Action action) {
        this.own = own;
        this.spec = CommandSpec.wrapWithoutInspection(new Command(action, own), FACTORY)
                .name(name);
        spec.usageMessage().description(written(summary));
        spec.parser().overwrittenOptionsAllowed(true);
    }

    static Verb of(String name, String summary, Action action) {
        return new Verb(name, summary, Set.of(), action);
    }

    static Verb of(String name, String summary, Set<String> own, Action action) {
        return new Verb(name, summary, own, action);
    }

    static void global(CommandSpec spec, Set<String> own) {
        add(
                spec,
                own.contains("--node") ? List.of("--api") : List.of("--node", "--api"),
                "URL",
                "a node's API (MUSTER_NODE, the context file)");
        add(spec, List.of("--context"), "FILE", "where nodes and token stand (MUSTER_CONTEXT)");
        add(spec, List.of("--token"), "TOKEN", "the cluster's token (better: MUSTER_TOKEN, MUSTER_TOKEN_FILE)");
        add(spec, List.of("-o"), "FORMAT", "table, wide, json, yaml or name");
        if (!own.contains("--timeout")) {
            add(spec, List.of("--timeout"), "TIME", "longest wait for an answer, 30s unless told");
        }
        flag(spec, List.of("--json"), "the same as -o json");
        help(spec);
    }

    private static void help(CommandSpec spec) {
        spec.addOption(OptionSpec.builder("-h", "--help")
                .usageHelp(true)
                .arity("0")
                .type(boolean.class)
                .description("show this help")
                .build());
    }

    private static void add(CommandSpec spec, List<String> names, String label, String description) {
        spec.addOption(OptionSpec.builder(names.toArray(String[]::new))
                .type(String.class)
                .arity("1")
                .paramLabel(label)
                .description(written(description))
                .showDefaultValue(Visibility.NEVER)
                .build());
    }

    private static void flag(CommandSpec spec, List<String> names, String description) {
        spec.addOption(OptionSpec.builder(names.toArray(String[]::new))
                .type(boolean.class)
                .arity("0")
                .description(written(description))
                .build());
    }

    Verb option(String name, String label, String description) {
        add(spec, List.of(name.split(",")), label, description);
        return this;
    }

    /// May be given several times.
    Verb options(String name, String label, String description) {
        spec.addOption(OptionSpec.builder(name.split(","))
                .type(String[].class)
                .arity("1")
                .paramLabel(label)
                .description(written(description) + "; may be repeated")
                .build());
        return this;
    }

    /// As [#options]; what follows it may look like an option.
    Verb words(String name, String label, String description, IParameterPreprocessor as) {
        spec.addOption(OptionSpec.builder(name.split(","))
                .type(String[].class)
                .arity("1")
                .paramLabel(label)
                .preprocessor(as)
                .description(written(description) + "; may be repeated")
                .build());
        return this;
    }

    Verb flag(String name, String description) {
        flag(spec, List.of(name.split(",")), description);
        return this;
    }

    Verb watchable() {
        spec.addOption(OptionSpec.builder("--watch", "-w")
                .type(String.class)
                .arity("0..1")
                .fallbackValue("2s")
                .paramLabel("SECONDS")
                .preprocessor(new WatchTime("2s"))
                .description("show it again and again, every 2s unless told; --watch=5 is every 5s")
                .build());
        return this;
    }

    /// Stays until it is done, for so long at most.
    Verb waiting(String until) {
        spec.addOption(OptionSpec.builder("--wait")
                .type(String.class)
                .arity("0..1")
                .fallbackValue("30m")
                .paramLabel("TIME")
                .preprocessor(new WatchTime("30m"))
                .description("stay until " + written(until) + ", for 30m at most unless told; --wait=1h is longer")
                .build());
        return this;
    }

    /// Asks before it destroys.
    Verb asking() {
        return flag("--yes,-y", "do not ask").flag("--dry-run", "say what would be done, and do nothing");
    }

    /// What every order takes.
    Verb order() {
        return option("--why", "TEXT", "the reason, for the audit")
                .option("--request-id", "ID", "the same for every retry of one order, which is then applied once");
    }

    /// Nothing is asked here; a script may say --yes to every order all the same.
    Verb unasked() {
        return flag("--yes,-y", "accepted, although nothing is asked here");
    }

    Verb word(String label, String description) {
        return words(label, "1", description);
    }

    /// @param arity as picocli writes it: `1`, `0..1`, `0..*`
    Verb words(String label, String arity, String description) {
        spec.addPositional(PositionalParamSpec.builder()
                .type(arity.endsWith("*") ? String[].class : String.class)
                .arity(arity)
                .required(!arity.startsWith("0"))
                .paramLabel(label)
                .description(written(description))
                .build());
        return this;
    }

    /// What follows the first positional argument is not looked at: it is another program's.
    Verb stopsAtFirstWord() {
        spec.parser().stopAtPositional(true);
        return this;
    }

    /// A program of its own, which asks no node for anything.
    CommandSpec buildAlone() {
        help(spec);
        return spec;
    }

    CommandSpec build() {
        global(spec, own);
        return spec;
    }
}
