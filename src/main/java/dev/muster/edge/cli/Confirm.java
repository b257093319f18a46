package dev.muster.edge.cli;

import dev.muster.edge.view.Doc;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.Charset;
import java.util.List;
import java.util.Locale;

/// Asks before something is destroyed.
final class Confirm {
    private Confirm() {}

    /// @param plan what will be done, in a line or more
    /// @return false with `--dry-run`: the plan was printed, with `-o json` as the text `plan`, and that is all
    /// @throws Failure when nobody can be asked, or the answer is no
    static boolean goesOn(Args args, String plan) throws Failure {
        return goesOn(args, plan, Doc.object());
    }

    /// @param facts of the plan, for programs
    static boolean goesOn(Args args, String plan, Doc facts) throws Failure {
        Shell shell = args.shell();
        if (args.dryRun()) {
            Doc doc = facts.with("dry_run", true).with("plan", plan);
            shell.out().print(args.output().render(doc, wide -> plan + "\n", none -> List.of()));
            return false;
        }
        if (args.flag("--yes")) return true;
        if (!shell.terminal().getAsBoolean()) {
            throw Failure.usage(
                    plan + "\nexpected --yes, because there is no terminal to ask at",
                    "--dry-run only says what would be done");
        }
        shell.err().print(plan + "\nGo on? [y/N] ");
        shell.err().flush();
        if (answer(shell).matches("y|yes")) return true;
        throw new Failure(Exit.ERROR, "NOT_DONE", "nothing was done", "");
    }

    /// With `--yes` nobody has read the plan: people see it before the answer.
    ///
    /// @return false where it was read, or a program is to have the answer alone
    static boolean tellsUnread(Args args, String plan) throws Failure {
        boolean people = args.output() == Output.TABLE || args.output() == Output.WIDE;
        if (!people || !args.flag("--yes")) return false;
        args.shell().out().println(plan);
        args.shell().out().flush();
        return true;
    }

    /// A line, in small letters; empty when there is none.
    static String answer(Shell shell) throws Failure {
        try {
            String line = new BufferedReader(new InputStreamReader(shell.in(), Charset.defaultCharset())).readLine();
            return line == null ? "" : line.strip().toLowerCase(Locale.ROOT);
        } catch (IOException e) {
            throw new Failure(Exit.ERROR, "NOT_DONE", "nothing was done: cannot read the answer: " + e, "");
        }
    }
}
