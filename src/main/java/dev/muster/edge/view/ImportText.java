package dev.muster.edge.view;

import java.util.ArrayList;
import java.util.List;

/// What an import would do, or did, for a terminal.
public final class ImportText {
    private ImportText() {}

    /// @param view  as `POST /v1/nodes/import/check` answers
    /// @param notes what else is to be told, a line each
    public static String plan(Doc view, List<String> notes) {
        StringBuilder text = new StringBuilder();
        List<Doc> changes = view.list("changes");
        if (!changes.isEmpty()) text.append(changes(changes)).append('\n');
        for (Doc left : view.list("left")) {
            text.append(TextTable.oneLine("left alone: " + left.text("name") + ": " + left.text("reason")))
                    .append('\n');
        }
        for (String note : notes) text.append(note).append('\n');
        text.append(sum(view)).append('\n');
        Doc brake = view.get("brake");
        if (brake.flag("stops"))
            text.append("brake: ").append(brake.text("why")).append('\n');
        return text.toString();
    }

    private static String changes(List<Doc> changes) {
        TextTable table = new TextTable("NODE", "CHANGE", "FROM", "TO", "WHY");
        for (Doc change : changes) {
            table.row(
                    change.text("node"),
                    NodeText.lower(change.text("kind")),
                    NodeText.lower(change.text("from")),
                    NodeText.lower(change.text("to")),
                    change.text("reason"));
        }
        return table.render();
    }

    /// `3 added, 1 retired`, or that nothing changes.
    public static String sum(Doc view) {
        List<String> parts = new ArrayList<>();
        for (String kind : List.of("ADDED", "UPDATED", "RETURNED", "DRAINED", "RETIRED")) {
            long count = view.list("changes").stream()
                    .filter(change -> change.text("kind").equals(kind))
                    .count();
            if (count > 0) parts.add(count + " " + NodeText.lower(kind));
        }
        if (parts.isEmpty()) return "nothing changes";
        Doc brake = view.get("brake");
        long leaving = brake.number("leaving");
        String out = leaving == 0
                ? "nobody goes out of service"
                : leaving + " of " + brake.number("in_service") + " in service go out of it";
        return String.join(", ", parts) + "; " + out;
    }
}
