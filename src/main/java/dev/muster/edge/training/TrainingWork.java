package dev.muster.edge.training;

import dev.muster.core.run.Work;
import java.util.Optional;
import java.util.OptionalDouble;

/// What a config of a latent operator has to do, for an estimate.
///
/// @param dim the latent dimension
public record TrainingWork(long dim, Work work) {
    /// An evaluation counts unless the config says that there is none: too high is better than too low.
    ///
    /// @throws TrainingConfig.Unreadable when what the formula needs is missing, or no such number
    public static TrainingWork of(TrainingConfig config) throws TrainingConfig.Unreadable {
        Setting.Group settings = config.settings();
        long dim = whole(settings, "latent.dim")
                .orElseThrow(() -> new TrainingConfig.Unreadable(settings.at().file()
                        + ": latent.dim: expected the latent dimension, by which the formula goes, but found nothing"));
        if (settings.find("stages.operator.epochs").isEmpty())
            throw new TrainingConfig.Unreadable(
                    settings.at().file() + ": stages.operator.epochs: expected a number, but found nothing");
        Work.Epochs epochs = new Work.Epochs(
                epochs(settings, "operator"),
                epochs(settings, "diff_residual"),
                epochs(settings, "consistency_distill"),
                epochs(settings, "steady_prior"));
        try {
            Work work = Work.latentOperator(
                    dim, epochs, flag(settings, "evaluation.enabled", true), flag(settings, "ttc.enabled", false));
            return new TrainingWork(dim, work);
        } catch (IllegalArgumentException e) {
            throw new TrainingConfig.Unreadable(settings.at().file() + ": " + e.getMessage());
        }
    }

    private static long epochs(Setting.Group settings, String stage) throws TrainingConfig.Unreadable {
        return whole(settings, "stages." + stage + ".epochs").orElse(0L);
    }

    private static Optional<Long> whole(Setting.Group settings, String key) throws TrainingConfig.Unreadable {
        Setting setting = settings.find(key).orElse(null);
        if (setting == null || setting.isNothing()) return Optional.empty();
        OptionalDouble number = setting instanceof Setting.Single single ? single.number() : OptionalDouble.empty();
        if (number.isEmpty() || number.getAsDouble() != Math.rint(number.getAsDouble()))
            throw new TrainingConfig.Unreadable(
                    setting.at() + ": " + key + ": expected a whole number, but found " + setting.brief());
        return Optional.of((long) number.getAsDouble());
    }

    private static boolean flag(Setting.Group settings, String key, boolean absent) {
        return settings.find(key)
                .filter(setting -> setting instanceof Setting.Single)
                .flatMap(setting -> ((Setting.Single) setting).flag())
                .orElse(absent);
    }
}
