package dev.muster.core.alert;

import dev.muster.core.state.Alert;
import dev.muster.core.state.AlertLevel;

/// Something is not well, or nobody knows whether it is.
///
/// @param subject in it, as a node's name
/// @param text    for people, with the figures: `gpu-3 has been silent for 2m10s`
public record Sign(AlertRule rule, String subject, AlertLevel level, String text) {
    public Sign {
        if (subject.length() > Alert.SUBJECT_MAX) subject = subject.substring(0, Alert.SUBJECT_MAX);
    }

    public String alert() {
        return Alert.id(rule.word(), subject, rule.apart());
    }
}
