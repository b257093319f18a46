package dev.muster.edge.cli;

import dev.muster.edge.training.Check;
import dev.muster.edge.training.CheckPack;
import dev.muster.edge.training.TrainingConfig;
import dev.muster.edge.training.Verdict;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// A run's training config.
///
/// @param path   as it can be read here
/// @param inside as the run's file calls it, and so the stages
/// @param sha    of what it says with all that it includes, whatever its comments and its order
record RunConfig(Path path, String inside, TrainingConfig config, String sha) {
    static Optional<RunConfig> of(RunDraft draft) throws Failure {
        if (draft.config().isEmpty()) return Optional.empty();
        String inside = draft.config().get();
        Path path = draft.folder().resolve(inside);
        try {
            TrainingConfig config = TrainingConfig.read(path);
            return Optional.of(new RunConfig(path, inside, config, config.sha().hex()));
        } catch (TrainingConfig.Unreadable e) {
            throw Failure.usage(e.getMessage(), "");
        }
    }

    /// @throws Failure with what is wrong
    void validate(RunDraft draft) throws Failure {
        List<CheckPack> packs = new ArrayList<>();
        try {
            for (String name : draft.file().checks()) {
                Path file = draft.folder().resolve(name);
                packs.add(Files.exists(file) ? CheckPack.read(file) : CheckPack.builtIn(name));
            }
        } catch (TrainingConfig.Unreadable e) {
            throw Failure.usage(e.getMessage(), "docs/RUNS.md tells how checks are written");
        }
        if (packs.isEmpty()) return;
        Verdict verdict = CheckPack.verdict(path.toString(), packs, draft.folder());
        if (verdict.valid()) return;
        List<String> failed = verdict.checks().stream()
                .filter(check -> check.state() == Check.State.FAILED)
                .map(check -> check.name() + ": expected " + check.expected() + ", but found " + check.found())
                .toList();
        throw new Failure(
                Exit.ERROR,
                "INVALID_CONFIG",
                path + " is not valid: " + (verdict.error().isEmpty() ? String.join("; ", failed) : verdict.error()),
                "`muster run validate " + path + "` shows all; --skip-validation launches it all the same");
    }
}
