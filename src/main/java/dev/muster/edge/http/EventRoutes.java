package dev.muster.edge.http;

import static dev.muster.edge.http.Route.get;

import dev.muster.edge.view.EventRow;
import java.util.List;
import java.util.Map;

/// What happened, and what happens.
final class EventRoutes {
    private static final long LIST_DEFAULT = 100;
    private static final long LIST_MAX = 1_000;

    private EventRoutes() {}

    /// @param revision up to which events were looked at; ask again with `after` it
    record Events(List<EventRow> events, long revision) {}

    static List<Route> of(Api api) {
        return List.of(get(
                        "/v1/events",
                        "Recent events, oldest first; with `Accept: text/event-stream` a stream of what"
                                + " follows: id is the revision, event the name, data the same JSON.",
                        Events.class,
                        call -> events(api, call))
                .asking(Map.of(
                        "after", "only later than this revision; a stream may say it as Last-Event-ID",
                        "limit", "the newest so many, " + LIST_DEFAULT + " unless told; a stream has no limit",
                        "type", "event names, comma-separated; TASK_* takes all that begin so")));
    }

    private static Reply events(Api api, Call call) {
        EventRow.Filter filter = call.query(
                        "type", names -> EventRow.Filter.parse(names).known())
                .orElse(EventRow.Filter.parse(""));
        if (call.accepts("text/event-stream")) return api.streams().open(resume(api, call), filter);
        long after = call.number("after", 0, 0, Long.MAX_VALUE - 1);
        int limit = (int) call.number("limit", LIST_DEFAULT, 1, LIST_MAX);
        var state = api.picture().state();
        return Reply.ok(new Events(EventRow.recent(state, after, limit, filter), state.revision()));
    }

    /// A browser that reconnects says where it was; a new reader begins now.
    private static long resume(Api api, Call call) {
        String last = call.header("Last-Event-ID").orElse("");
        if (!last.isEmpty()) {
            try {
                return Long.parseLong(last);
            } catch (NumberFormatException e) {
                throw Problem.invalid("expected a revision as Last-Event-ID, but found \"" + last + "\"", "");
            }
        }
        return call.number("after", api.picture().state().revision(), 0, Long.MAX_VALUE - 1);
    }
}
