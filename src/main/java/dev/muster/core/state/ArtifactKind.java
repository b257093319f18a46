package dev.muster.core.state;

import java.util.Locale;

/// What a file is for, which says on how many nodes it is to lie.
public enum ArtifactKind {
    /// A model of a config key, current or not; the current one is on every node besides.
    MODEL(3),
    /// Games to learn from: many, and each replaceable.
    GAMES(2),
    /// A training's saved step.
    CHECKPOINT(2),
    OTHER(3),
    /// What a running job has made so far; its next save replaces it. Nobody puts such a file.
    PROGRESS(2);

    private final int copies;

    ArtifactKind(int copies) {
        this.copies = copies;
    }

    /// Nodes that are to hold such a file, where there are as many.
    public int copies() {
        return copies;
    }

    /// What was said when it was put, what its job was for, or what its name tells, in this order.
    public static ArtifactKind of(ClusterState state, Artifact artifact) {
        return artifact.kind().orElseGet(() -> named(artifact.name(), jobKind(state, artifact)));
    }

    private static JobKind jobKind(ClusterState state, Artifact artifact) {
        return artifact.producer()
                .flatMap(id -> state.work().jobs().find(id.task().job()))
                .map(job -> job.spec().kind())
                .orElse(JobKind.OTHER);
    }

    private static ArtifactKind named(String name, JobKind made) {
        String lower = name.toLowerCase(Locale.ROOT);
        if (lower.contains("checkpoint") || lower.endsWith(".ckpt")) return CHECKPOINT;
        if (lower.endsWith(".pth") || lower.endsWith(".pt") || lower.endsWith(".safetensors")) return MODEL;
        return switch (made) {
            case TRAINING -> MODEL;
            case SELFPLAY -> GAMES;
            default -> OTHER;
        };
    }

    /// @throws IllegalArgumentException when it is none of them
    public static ArtifactKind parse(String text) {
        for (ArtifactKind kind : values()) if (kind != PROGRESS && kind.name().equalsIgnoreCase(text)) return kind;
        throw new IllegalArgumentException("expected model, games, checkpoint or other, but found \"" + text + "\"");
    }
}
