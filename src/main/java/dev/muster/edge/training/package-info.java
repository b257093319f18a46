/// Training runs: what is known of one before it costs anything.
///
/// [TrainingConfig] reads a config with all that it includes; [CheckPack] holds the checks of one kind of config, as data
/// that a project can add to; [Verdict] is what came of them. [TrainingWork] is what a config has to do; [MetricsFile] reads
/// what a run writes of itself, as it grows: JSON lines, CSV, W&B's offline files. Asks no node. May use `core`, `edge.config` and
/// `edge.support`. Start reading at [CheckPack].
package dev.muster.edge.training;
