package dev.muster.core;

import dev.muster.core.state.Alert;
import dev.muster.core.state.Alerts;
import dev.muster.core.state.Bulletin;
import dev.muster.core.state.ClusterState;
import dev.muster.core.state.Event;
import dev.muster.core.state.Transition;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// What must be true of alerts.
final class AlertInvariants {
    private AlertInvariants() {}

    static List<String> check(ClusterState state) {
        List<String> broken = new ArrayList<>();
        Alerts alerts = state.alerts();
        for (Alert alert : alerts.alerts().values()) {
            if (alert.members().isEmpty()) broken.add("expected subjects of " + alert.id() + ", but found none");
            for (Map.Entry<String, Alert.Member> member : alert.members())
                if (member.getValue().over() && member.getValue().told().isEmpty())
                    broken.add("expected nothing of what is over and was never told, but found " + member.getKey()
                            + " of " + alert.id());
        }
        for (Bulletin bulletin : alerts.outbox().values()) {
            if (bulletin.number() >= alerts.next())
                broken.add("expected notices before " + alerts.next() + ", but found " + bulletin.number());
            if (bulletin.channels().isEmpty())
                broken.add("expected notice " + bulletin.number() + " to be owed to somebody, but found nobody");
        }
        return broken;
    }

    /// What was told is what was not known, and what was owed is owed until it is given.
    static List<String> check(ClusterState before, Transition step, ClusterState after) {
        List<String> broken = new ArrayList<>();
        for (Event event : step.events()) {
            if (event instanceof Event.AlertTold(Bulletin told)) told(before.alerts(), told, broken);
        }
        for (Bulletin owed : before.alerts().outbox().values())
            for (String way : owed.channels()) {
                boolean still = after.alerts()
                        .outbox()
                        .find(owed.number())
                        .filter(rest -> rest.channels().contains(way))
                        .isPresent();
                if (!still
                        && !settled(step, owed.number(), way)
                        && after.alerts().outbox().size() < Alerts.OUTBOX_MAX)
                    broken.add("expected notice " + owed.number() + " to be owed to " + way + ", but it is forgotten");
            }
        return broken;
    }

    private static void told(Alerts before, Bulletin told, List<String> broken) {
        if (told.number() != before.next())
            broken.add("expected notice " + before.next() + " next, but found " + told.number());
        for (String subject : told.subjects()) {
            Optional<Alert.Member> member = before.member(told.alert(), subject);
            if (member.filter(Alert.Member::news).isEmpty())
                broken.add("expected news of " + told.alert() + ", but " + subject + " is known");
        }
    }

    private static boolean settled(Transition step, long number, String way) {
        return step.events().stream().anyMatch(event -> switch (event) {
            case Event.AlertDelivered(long one, String alert, String by) -> one == number && by.equals(way);
            case Event.AlertUndelivered(long one, String alert, String by, String why) ->
                one == number && by.equals(way);
            default -> false;
        });
    }
}
