package dev.muster.edge.cli;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

/// All commands. Only the one that was asked for is built: building all costs a command some tens of milliseconds.
final class Catalog {
    /// Options before the noun that take a value.
    private static final Set<String> VALUED = Set.of("--node", "--api", "--context", "--token", "-o", "--timeout");

    /// Commands that run something on this machine.
    static final Set<String> RUNNING = Set.of("up", "restart", "down", "demo", "vastsim", "cluster");

    private Catalog() {}

    private static Map<String, Supplier<CommandSpec>> nouns() {
        Map<String, Supplier<CommandSpec>> nouns = new LinkedHashMap<>();
        nouns.put("up", RunCommands::up);
        nouns.put("restart", RunCommands::restart);
        nouns.put("down", RunCommands::down);
        nouns.put("status", StatusCommand::spec);
        nouns.put("demo", RunCommands::demo);
        nouns.put("vastsim", VastSimCommand::spec);
        nouns.put("doctor", Doctor::spec);
        nouns.put("events", EventsCommand::spec);
        nouns.put("bundle", BundleCommand::spec);
        nouns.put("node", NodeCommands::node);
        nouns.put("voter", VoterCommands::spec);
        nouns.put("job", JobCommands::spec);
        nouns.put("artifact", ArtifactCommands::spec);
        nouns.put("model", ModelCommands::model);
        nouns.put("rating", ModelCommands::rating);
        nouns.put("loop", LoopCommands::spec);
        nouns.put("run", TrainingCommands::spec);
        nouns.put("offer", OfferCommands::spec);
        nouns.put("instance", InstanceCommands::spec);
        nouns.put("group", GroupCommands::spec);
        nouns.put("scale", ScaleCommands::spec);
        nouns.put("budget", BudgetCommands::spec);
        nouns.put("alert", AlertCommands::spec);
        nouns.put("code", CodeCommands::spec);
        nouns.put("cluster", RunCommands::cluster);
        return nouns;
    }

    /// The first word that is no option; empty when there is none.
    ///
    /// @param before takes the options that stand before it
    static String noun(String[] words, List<String> before) {
        for (int index = 0; index < words.length; index++) {
            String word = words[index];
            if (!word.startsWith("-")) return word;
            before.add(word);
            if (VALUED.contains(word)) index++;
        }
        return "";
    }

    static CommandSpec root(String noun) {
        CommandSpec root = empty();
        Map<String, Supplier<CommandSpec>> nouns = nouns();
        Supplier<CommandSpec> wanted = nouns.get(noun);
        if (wanted != null) add(root, noun, wanted.get());
        else nouns.keySet().forEach(name -> add(root, name, Verb.plain(name, "")));
        return root;
    }

    static CommandSpec whole() {
        CommandSpec root = empty();
        nouns().forEach((name, spec) -> add(root, name, spec.get()));
        add(root, "help", Verb.plain("help", "Show help for a command."));
        add(root, "completion", Verb.plain("completion", "Print a completion script: `source <(muster completion)`."));
        return root;
    }

    private static void add(CommandSpec to, String name, CommandSpec below) {
        to.addSubcommand(name, new CommandLine(below, Verb.FACTORY));
    }

    private static CommandSpec empty() {
        CommandSpec root = Verb.plain(
                "muster", "Turns machines a team owns and machines it rents by the hour into one training fleet.");
        Verb.global(root, Set.of());
        root.addOption(OptionSpec.builder("-V", "--version")
                .versionHelp(true)
                .arity("0")
                .type(boolean.class)
                .description("print the version")
                .build());
        return root;
    }

    /// A noun and its verbs.
    static CommandSpec group(String name, String summary, CommandSpec... verbs) {
        CommandSpec group = Verb.plain(name, summary);
        Verb.global(group, Set.of());
        for (CommandSpec verb : verbs) add(group, verb.name(), verb);
        return group;
    }
}
