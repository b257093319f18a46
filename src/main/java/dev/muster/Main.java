package dev.muster;

import dev.muster.edge.cli.Cli;
import dev.muster.edge.program.MusterPrograms;
import java.util.Optional;

/// The program: wiring by constructors.
public final class Main {
    private Main() {}

    public static void main(String[] words) {
        Cli cli = new Cli(version());
        System.exit(cli.run(words, Cli.shell(MusterPrograms.all())));
    }

    /// From the jar's manifest; a build that was not packaged has none.
    static String version() {
        return Optional.ofNullable(Main.class.getPackage().getImplementationVersion()).orElse("dev");
    }
}
