package dev.muster.core.state;

/// What a node is for; set by a person, never by what is observed.
public enum Role {
    /// Control plane only; no work is placed here.
    COORDINATOR,
    SELFPLAY,
    TRAINING,
    MIXED;

    /// May a job of this kind be placed on a node of this role? Evaluation and other work goes wherever work goes.
    public boolean accepts(JobKind kind) {
        return switch (this) {
            case COORDINATOR -> false;
            case SELFPLAY -> kind != JobKind.TRAINING;
            case TRAINING -> kind != JobKind.SELFPLAY;
            case MIXED -> true;
        };
    }
}
