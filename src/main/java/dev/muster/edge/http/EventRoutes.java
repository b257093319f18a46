package dev.muster.edge.http;

import static dev.muster.edge.http.Route.get;

import dev.muster.core.state.Journal;
import dev.muster.edge.view.EventRow;
import java.io.IOException;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

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
                        "Events, oldest first, as far back as this node has kept them; with `Accept: text/event-stream` a stream of what"
                                + " follows: id is the revision, event the name, data the same JSON.",
                        Events.class,
                        call -> events(api, call))
                .asking(Map.of(
                        "after", "only later than this revision; a stream may say it as Last-Event-ID",
                        "limit", "the newest so many, " + LIST_DEFAULT + " unless told; a stream has no limit",
                        "type", "event names, comma-separated; TASK_* takes all that begin so",
                        "since", "only from then on: a time, or so long ago, as 2h",
                        "within", "what they are about, as run/t3; with its jobs and machines",
                        "by", "who did it")));
    }

    private static Reply events(Api api, Call call) throws IOException {
        EventRow.Filter filter = filter(api, call);
        if (call.accepts("text/event-stream")) return api.streams().open(resume(api, call), filter);
        long after = call.number("after", 0, 0, Long.MAX_VALUE - 1);
        int limit = (int) call.number("limit", LIST_DEFAULT, 1, LIST_MAX);
        return Reply.ok(list(api, filter, after, limit));
    }

    /// The newest so many, also those that the state remembers no more.
    static Events list(Api api, EventRow.Filter filter, long after, int limit) throws IOException {
        var state = api.picture().state();
        List<EventRow> known = EventRow.recent(state, after, limit, filter);
        // Before what is new the state remembers only what lasts; the node's file has all of it.
        long whole = state.journal().recent().first().orElse(0L);
        if (known.size() == limit && known.getFirst().revision() >= whole) return new Events(known, state.revision());
        SortedMap<Long, EventRow> rows = new TreeMap<>();
        for (Journal.Entry entry : api.member().history(after, filter.since(), limit, filter.words(), filter::takes))
            rows.put(entry.revision(), EventRow.of(entry));
        for (EventRow row : known) rows.put(row.revision(), row);
        List<EventRow> all = List.copyOf(rows.values());
        return new Events(all.subList(Math.max(0, all.size() - limit), all.size()), state.revision());
    }

    static EventRow.Filter filter(Api api, Call call) {
        EventRow.Filter filter = call.query(
                        "type", names -> EventRow.Filter.parse(names).known())
                .orElse(EventRow.Filter.parse(""));
        Instant now = api.picture().now();
        EventRow.Filter named = filter;
        EventRow.Filter timed =
                call.query("since", since -> named.since(since, now)).orElse(named);
        EventRow.Filter placed = call.query(
                        "within", within -> timed.within(within, api.picture().state()))
                .orElse(timed);
        return call.query("by").map(placed::by).orElse(placed);
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
