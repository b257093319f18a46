package dev.muster.core.state;

/// The one spelling of an event's name: the record's name in capitals, `ModelPromoted` as `MODEL_PROMOTED`; a stage's
/// events carry the stage's own word, as the runbooks have it (`TRAINING_STARTED`, `EVALUATION_FAILED`).
public final class EventNames {
    private EventNames() {}

    public static String of(Event event) {
        return switch (event) {
            case Event.StageStarted started -> started.stage() + "_STARTED";
            case Event.StageFailed failed -> failed.stage() + "_FAILED";
            default -> ofType(event.getClass());
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
