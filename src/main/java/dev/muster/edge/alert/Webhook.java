package dev.muster.edge.alert;

import dev.muster.edge.config.ChannelSpec;
import dev.muster.edge.view.Doc;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/// A service of anybody's: all that a notice says, as JSON. docs/ALERTS.md describes it.
final class Webhook implements Channel {
    /// Grows when a field changes its meaning or goes; new fields may come at any time.
    private static final long SCHEMA = 1;

    private final ChannelSpec.Way.Webhook way;
    private final Duration timeout;
    private final Sender sender;

    Webhook(ChannelSpec.Way.Webhook way, Duration timeout, Sender sender) {
        this.way = way;
        this.timeout = timeout;
        this.sender = sender;
    }

    @Override
    public void tell(Notice notice) throws NotTold, InterruptedException {
        sender.check(sender.send(Sender.Call.post(Sender.address(way.url()), payload(notice), timeout)
                .with(Sender.headers(way.headers()))));
    }

    static Doc payload(Notice notice) {
        List<Doc> lines = new ArrayList<>();
        for (Notice.Line line : notice.lines())
            lines.add(Doc.object()
                    .with("subject", line.subject())
                    .with("level", NoticeText.word(line.level()))
                    .with("text", line.text())
                    .with("since", line.since().toString())
                    .with("over", line.over()));
        return Doc.object()
                .with("schema_version", SCHEMA)
                .with("key", notice.key())
                .with("cluster", notice.cluster())
                .with("alert", notice.alert())
                .with("rule", notice.rule())
                .with("number", notice.number())
                .with("kind", NoticeText.word(notice.kind()))
                .with("level", NoticeText.word(notice.level()))
                .with("title", notice.title())
                .with("lines", Doc.all(lines))
                .with("more", (long) notice.more())
                .with("runbook", notice.runbook())
                .with("at", notice.at().toString())
                .with("text", NoticeText.title(notice) + "\n" + NoticeText.body(notice));
    }
}
