package dev.muster.edge.training;

import java.util.Locale;
import java.util.Map;

/// One spelling for what programs call differently: `STAGE/WORD`, with the stage where there is one.
public final class MetricName {
    public static final String STEP = "step";
    public static final String EPOCH = "epoch";
    public static final String TIME = "time";

    private static final Map<String, String> WHOLE = Map.ofEntries(
            Map.entry("_step", STEP),
            Map.entry("global_step", STEP),
            Map.entry("iteration", STEP),
            Map.entry("iter", STEP),
            Map.entry("trainer/global_step", STEP),
            Map.entry("train/epoch", EPOCH),
            Map.entry("_timestamp", TIME),
            Map.entry("timestamp", TIME),
            Map.entry("train/loss", "loss"),
            Map.entry("train_loss", "loss"),
            Map.entry("training/loss", "loss"),
            Map.entry("training_loss", "loss"));

    private static final Map<String, String> STAGES = Map.of(
            "diff_residual", "diffusion",
            "diffusion_residual", "diffusion",
            "diff", "diffusion",
            "consistency_distill", "distill",
            "steady_prior", "steady",
            "op", "operator");

    private static final Map<String, String> LASTS = Map.of(
            "gradient_norm", "grad_norm",
            "grad-norm", "grad_norm",
            "gradnorm", "grad_norm",
            "grad_norm_total", "grad_norm",
            "train_loss", "loss",
            "training_loss", "loss",
            "learning_rate", "lr");

    private MetricName() {}

    public static String canonical(String written) {
        String name = written.strip().toLowerCase(Locale.ROOT).replace('.', '/');
        String whole = WHOLE.get(name);
        if (whole != null) return whole;
        if (name.startsWith("train/")) name = name.substring("train/".length());
        int slash = name.indexOf('/');
        if (slash < 0) return LASTS.getOrDefault(name, name);
        String stage = name.substring(0, slash);
        String last = name.substring(slash + 1);
        return STAGES.getOrDefault(stage, stage) + "/" + LASTS.getOrDefault(last, last);
    }
}
