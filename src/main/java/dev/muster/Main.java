package dev.muster;

import dev.muster.edge.cli.Cli;
import dev.muster.edge.cli.Training;
import dev.muster.edge.config.Release;
import dev.muster.edge.program.AgentTraining;
import dev.muster.edge.program.MusterPrograms;

/// The program: wiring by constructors.
public final class Main {
    private Main() {}

    public static void main(String[] words) {
        boolean trains = words.length == 2 && words[0].equals("--aot-training");
        if (trains) System.exit(train(words[1]));
        int exit = new Cli(Main::version).run(words, Cli.shell(MusterPrograms.all()));
        // System.exit looks for a logger to tell of it, which costs a command 10 ms; only what runs a node has to be
        // closed.
        if (Cli.onlyAsks(words)) Runtime.getRuntime().halt(exit);
        System.exit(exit);
    }

    /// Makes the JVM load what a kind of process needs, for its start-up cache.
    private static int train(String kind) {
        return switch (kind) {
            case "cli" -> Training.run(Main::version);
            case "agent" -> AgentTraining.run();
            default -> {
                System.err.println("muster: expected --aot-training cli or agent, but found " + kind);
                yield 2;
            }
        };
    }

    static String version() {
        return Release.own();
    }
}
