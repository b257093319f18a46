package dev.muster.edge.cli;

import picocli.CommandLine.Model.CommandSpec;

/// `muster run …`: training runs.
final class TrainingCommands {
    private TrainingCommands() {}

    static CommandSpec spec() {
        return Catalog.group(
                "run",
                "Training runs.",
                RunValidate.spec(),
                RunCheckData.spec(),
                RunEstimate.spec(),
                RunLaunch.spec(),
                RunShow.list(),
                RunShow.show(),
                RunShow.stop(),
                RunShow.resume(),
                RunResults.spec(),
                RunAnalyze.spec(),
                RunArchive.spec(),
                RunReport.spec());
    }
}
