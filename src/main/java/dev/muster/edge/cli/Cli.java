package dev.muster.edge.cli;

import dev.muster.edge.config.Nearest;
import dev.muster.edge.view.Doc;
import dev.muster.edge.view.DocText;
import java.nio.file.InvalidPathException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;
import picocli.AutoComplete;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.UnmatchedArgumentException;

/// The command line as a function: words in, exit code out.
public final class Cli {
    private final Supplier<String> version;

    static {
        // Or picocli looks for a colour library in every jar of the class path.
        System.setProperty("picocli.ansi", "false");
    }

    /// @param version what `--version` prints; asked for only then
    public Cli(Supplier<String> version) {
        this.version = version;
    }

    /// The process's own input, output and environment.
    public static Shell shell(Programs programs) {
        return Shell.system(programs);
    }

    /// Does the command only ask nodes? Then nothing is open when it has ended.
    public static boolean onlyAsks(String[] words) {
        return !Catalog.RUNNING.contains(Catalog.noun(words, new ArrayList<>()));
    }

    /// Runs one command; nothing is thrown but bugs.
    ///
    /// @return one of [Exit]
    public int run(String[] words, Shell shell) {
        try {
            int exit = command(words, shell);
            shell.out().flush();
            return exit;
        } catch (InvalidPathException e) {
            shell.out().flush();
            tell(
                    Failure.usage(
                            "expected a path, but found " + e.getInput() + ": " + e.getReason(),
                            "the locale decides which letters a path has; LC_ALL=C.UTF-8 has all"),
                    shell,
                    wantsJson(words));
            return Exit.USAGE;
        } catch (Failure failure) {
            shell.out().flush();
            tell(failure, shell, wantsJson(words));
            return failure.exit();
        }
    }

    private int command(String[] words, Shell shell) throws Failure {
        List<String> before = new ArrayList<>();
        String noun = Catalog.noun(words, before);
        if (before.contains("--version") || before.contains("-V")) {
            shell.out().println("muster " + version.get());
            return Exit.DONE;
        }
        // What nobody knows is told before any help.
        if (noun.isEmpty()) parse(Catalog.root(noun), words);
        if (noun.isEmpty() || noun.equals("help")) return help(words, noun, shell);
        if (noun.equals("completion")) return completion(shell);
        CommandSpec root = Catalog.root(noun);
        ParseResult parsed = parse(root, words);
        ParseResult verb = parsed;
        while (verb.hasSubcommand()) verb = verb.subcommand();
        if (verb.isUsageHelpRequested()) {
            shell.out().print(Usage.of(verb.commandSpec()));
            return Exit.DONE;
        }
        if (!(verb.commandSpec().userObject() instanceof Verb.Command(Verb.Action action, Set<String> own))) {
            throw Failure.usage(
                    "expected a verb after `" + verb.commandSpec().qualifiedName() + "`: "
                            + String.join(", ", verb.commandSpec().subcommands().keySet()),
                    "");
        }
        return action.run(new Args(parsed, shell));
    }

    private static ParseResult parse(CommandSpec root, String[] words) throws Failure {
        try {
            return new CommandLine(root, Verb.FACTORY).parseArgs(words);
        } catch (UnmatchedArgumentException e) {
            throw unmatched(e);
        } catch (ParameterException e) {
            throw Failure.usage(
                    e.getMessage(), "`" + e.getCommandLine().getCommandSpec().qualifiedName() + " --help` explains");
        }
    }

    private static Failure unmatched(UnmatchedArgumentException e) {
        CommandSpec spec = e.getCommandLine().getCommandSpec();
        String word = e.getUnmatched().getFirst();
        String help = "`" + spec.qualifiedName() + " --help` lists what there is";
        if (word.startsWith("-")) {
            String name = word.contains("=") ? word.substring(0, word.indexOf('=')) : word;
            return Failure.usage(
                    "unknown option " + name
                            + Nearest.of(name, spec.optionsMap().keySet())
                                    .map(near -> "; did you mean " + near + "?")
                                    .orElse(""),
                    help);
        }
        if (spec.subcommands().isEmpty()) return Failure.usage("unexpected argument \"" + word + "\"", help);
        return unknown(word, List.copyOf(spec.subcommands().keySet()), help);
    }

    private static Failure unknown(String word, List<String> known, String hint) {
        return Failure.usage(
                "unknown command " + word
                        + Nearest.of(word, known)
                                .map(near -> "; did you mean " + near + "?")
                                .orElse(""),
                hint);
    }

    private static int help(String[] words, String noun, Shell shell) throws Failure {
        List<String> rest = new ArrayList<>(List.of(words));
        rest.removeIf(word -> word.startsWith("-"));
        if (!noun.isEmpty()) rest.removeFirst();
        CommandSpec spec = Catalog.whole();
        for (String word : rest) {
            CommandLine below = spec.subcommands().get(word);
            if (below == null)
                throw unknown(word, List.copyOf(spec.subcommands().keySet()), "`muster help` lists what there is");
            spec = below.getCommandSpec();
        }
        shell.out().print(Usage.of(spec));
        boolean asked = !noun.isEmpty()
                || List.of(words).contains("--help")
                || List.of(words).contains("-h");
        return asked ? Exit.DONE : Exit.USAGE;
    }

    private static int completion(Shell shell) {
        shell.out().print(AutoComplete.bash("muster", new CommandLine(Catalog.whole(), Verb.FACTORY)));
        return Exit.DONE;
    }

    private static boolean wantsJson(String[] words) {
        for (int index = 0; index < words.length && !words[index].equals("--"); index++) {
            if (words[index].equals("--json") || words[index].equals("-ojson") || words[index].equals("-o=json"))
                return true;
            boolean json = index + 1 < words.length && words[index + 1].equals("json");
            if (json && words[index].equals("-o")) return true;
        }
        return false;
    }

    private static void tell(Failure failure, Shell shell, boolean json) {
        if (json) {
            Doc doc = Doc.object()
                    .with("code", failure.code())
                    .with("message", failure.getMessage())
                    .with("hint", failure.hint());
            shell.err().println(DocText.compact(doc));
            return;
        }
        shell.err().println("muster: " + failure.getMessage());
        if (!failure.hint().isEmpty()) shell.err().println("  " + failure.hint());
        shell.err().flush();
    }
}
