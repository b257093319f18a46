package dev.muster.edge.web;

import dev.muster.edge.view.Doc;
import dev.muster.edge.view.EventRow;
import dev.muster.edge.view.EventText;
import dev.muster.edge.view.Picture;
import dev.muster.edge.wire.Wire;
import java.util.List;

/// What happened, and who did it.
public final class EventPage {
    private EventPage() {}

    /// @param rows    oldest first
    /// @param trouble what is wrong with the filter; may be empty
    public static Page of(Picture picture, List<EventRow> rows, Query query, String trouble) {
        Page.Maker page = Page.of(Section.EVENTS, "Events")
                .still(new Filters("/events", query)
                        .field("since", "Since", "2h")
                        .field("within", "About", "node/n1")
                        .field("by", "By", "ann")
                        .field("type", "Names", "MODEL_*,NODE_FENCED")
                        .html());
        if (!trouble.isEmpty())
            return page.still(new Html().leaf("p", "note bad", trouble)).page();
        return page.live("list", "Events, the newest first", list(picture, rows))
                .page();
    }

    private static Html list(Picture picture, List<EventRow> rows) {
        Grid grid = new Grid("Events, the newest first", "When", "Event", "What", "Why", "By", ">Revision");
        for (EventRow row : rows.reversed())
            grid.row("e-" + row.revision())
                    .cell(new Html()
                            .tag("time")
                            .with("datetime", row.at().toString())
                            .text(row.at().toString().substring(0, 19).replace('T', ' '))
                            .end())
                    .cell(new Html().leaf("code", row.name()))
                    .cell(EventText.facts(Doc.json(Wire.bytes(row.event()))))
                    .cell(row.why())
                    .cell(row.actor().toString())
                    .cell(Long.toString(row.revision()));
        return new Html()
                .put(grid.html(
                        "Nothing like that happened as far back as this node remembers. Ask with fewer filters."))
                .leaf("p", "faint", "Times are UTC. `muster events` prints the same, and follows with --follow.");
    }
}
