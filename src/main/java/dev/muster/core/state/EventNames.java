package dev.muster.core.state;

import java.util.List;

/// The one spelling of an event's name: the record's name in capitals, `ModelPromoted` as `MODEL_PROMOTED`; a stage's
/// events carry the stage's own word, as the runbooks have it (`TRAINING_STARTED`, `EVALUATION_FAILED`),
/// and what befell a rented machine its own (`INSTANCE_OUTBID`).
public final class EventNames {
    /// What [Event.InstanceSeen] is called besides its own name.
    public static final List<String> SEEN = List.of("INSTANCE_OUTBID", "INSTANCE_LOST", "INSTANCE_FAILED");

    /// What the end of a [Trouble] is called, after its name.
    public static final String OVER = "_OVER";

    private EventNames() {}

    public static String of(Event event) {
        return switch (event) {
            case Event.StageStarted started -> started.stage() + "_STARTED";
            case Event.StageFailed failed -> failed.stage() + "_FAILED";
            case Event.InstanceSeen(var id, Sighting seen, var node) -> seen(seen.observed());
            case Event.TroubleTold told -> told.kind().name();
            case Event.TroubleEnded ended -> ended.kind().name() + OVER;
            default -> ofType(event.getClass());
        };
    }

    /// What people wait for to hear has a word of its own.
    private static String seen(Observed observed) {
        return switch (observed) {
            case PREEMPTED -> "INSTANCE_OUTBID";
            case HOST_LOST -> "INSTANCE_LOST";
            case FAILED -> "INSTANCE_FAILED";
            case PROVISIONING, PULLING, RUNNING, STOPPING, STOPPED, QUEUED, GONE, UNKNOWN -> "INSTANCE_SEEN";
        };
    }

    /// `PlaceTask` as `PLACE_TASK`.
    public static String ofType(Class<?> type) {
        StringBuilder name = new StringBuilder();
        for (char letter : type.getSimpleName().toCharArray()) {
            if (Character.isUpperCase(letter) && !name.isEmpty()) name.append('_');
            name.append(Character.toUpperCase(letter));
        }
        return name.toString();
    }
}
