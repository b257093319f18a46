package dev.muster.edge.cli;

import picocli.CommandLine;
import picocli.CommandLine.Help.Ansi;
import picocli.CommandLine.Model.CommandSpec;

/// Help texts.
final class Usage {
    private static final int WIDTH = 100;

    private Usage() {}

    static String of(CommandSpec spec) {
        spec.usageMessage().width(WIDTH).sortOptions(false);
        String text = new CommandLine(spec, Verb.FACTORY).getUsageMessage(Ansi.OFF);
        return spec.parent() == null ? text + EXITS : text;
    }

    private static final String EXITS = """

            Exit codes: 0 done, 1 error, 2 usage, 3 accepted but not placeable, or not healthy, 4 not allowed, 5 refused,
            6 unknown whether the order was applied (the same command with --request-id finds out),
            100 job failed, 101 not finished, 102 not found, 103 cancelled.
            Environment: MUSTER_NODE, MUSTER_CONTEXT, MUSTER_TOKEN, MUSTER_TOKEN_FILE, MUSTER_ACTOR, NO_COLOR.
            """;
}
