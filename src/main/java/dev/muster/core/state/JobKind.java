package dev.muster.core.state;

/// What a job does for the loop; decides which roles take it, and is counted in `/status`.
public enum JobKind {
    SELFPLAY,
    TRAINING,
    EVALUATION,
    OTHER
}
