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
                RunResume.spec(),
                RunResults.spec(),
                RunAnalyze.spec(),
                RunArchive.spec(),
                RunReport.spec(),
                RunCleanup.spec());
    }

    /// What stands in the way of an order on a run, as one of that id, is a refusal: another try would end the same way.
    static Verb.Action refusing(Verb.Action action) {
        return args -> {
            try {
                return action.run(args);
            } catch (Failure failure) {
                throw failure.code().equals("CONFLICT") && failure.exit() == Exit.ERROR
                        ? new Failure(Exit.REFUSED, failure.code(), failure.getMessage(), failure.hint())
                        : failure;
            }
        };
    }
}
