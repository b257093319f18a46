package dev.muster.edge.alert;

import dev.muster.core.state.AlertLevel;
import dev.muster.edge.config.ChannelSpec;
import dev.muster.edge.view.Doc;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/// PagerDuty's Events API, version 2: one incident for each alert, from its first notice to its last, by the same key.
final class PagerDuty implements Channel {
    /// PagerDuty's own, in letters.
    private static final int KEY_MAX = 255;
    private static final int SUMMARY_MAX = 1024;

    private final ChannelSpec.Way.PagerDuty way;
    private final Duration timeout;
    private final Sender sender;

    PagerDuty(ChannelSpec.Way.PagerDuty way, Duration timeout, Sender sender) {
        this.way = way;
        this.timeout = timeout;
        this.sender = sender;
    }

    /// A test is over as soon as it is there: nobody is to be woken twice by it.
    @Override
    public void tell(Notice notice) throws NotTold, InterruptedException {
        String key = Sender.key(way.key());
        if (notice.kind() != Notice.Kind.RESOLVED) send(trigger(notice, key, way), key);
        if (notice.kind() == Notice.Kind.RESOLVED || notice.kind() == Notice.Kind.TEST) send(resolve(notice, key), key);
    }

    private void send(Doc event, String key) throws NotTold, InterruptedException {
        Sender.Answer answer = sender.send(Sender.Call.post(way.url(), event, timeout, key));
        if (answer.status() == 202 && !answer.isPage()) return;
        if (answer.status() == 400)
            throw NotTold.lasting(answer.told() + "; is the routing key that of an Events API v2 integration?");
        sender.check(answer);
        throw NotTold.now("expected 202, but " + answer.told());
    }

    static Doc trigger(Notice notice, String key, ChannelSpec.Way.PagerDuty way) {
        Doc payload = Doc.object()
                .with("summary", NoticeText.cut(NoticeText.title(notice), SUMMARY_MAX))
                .with("source", source(notice))
                .with("severity", severity(notice, way))
                .with("timestamp", NoticeText.iso(notice.at()))
                .with("component", "muster")
                .with("group", NoticeText.clean(notice.cluster()))
                .with("class", NoticeText.clean(notice.rule()))
                .with("custom_details", details(notice));
        return event(notice, key, "trigger").with("client", "Muster").with("payload", payload);
    }

    static Doc resolve(Notice notice, String key) {
        return event(notice, key, "resolve");
    }

    private static Doc event(Notice notice, String key, String action) {
        return Doc.object()
                .with("routing_key", key)
                .with("event_action", action)
                .with("dedup_key", NoticeText.key(notice, KEY_MAX));
    }

    /// The one that it is about, or the cluster.
    private static String source(Notice notice) {
        boolean one = notice.lines().size() == 1 && notice.more() == 0;
        String subject = one ? NoticeText.subject(notice.lines().getFirst()) : "";
        return subject.isEmpty() ? NoticeText.clean(notice.cluster()) : subject;
    }

    private static String severity(Notice notice, ChannelSpec.Way.PagerDuty way) {
        String usual = notice.level() == AlertLevel.CRITICAL ? "critical" : "warning";
        String level = way.severities().getOrDefault(NoticeText.word(notice.level()), usual);
        return way.severities().getOrDefault(notice.rule(), level);
    }

    private static Doc details(Notice notice) {
        List<Doc> lines = new ArrayList<>();
        for (Notice.Line line : notice.lines())
            lines.add(Doc.object()
                    .with("subject", NoticeText.subject(line))
                    .with("level", NoticeText.word(line.level()))
                    .with("text", NoticeText.text(line))
                    .with("since", NoticeText.iso(line.since()))
                    .with("over", line.over()));
        return Doc.object()
                .with("alert", NoticeText.clean(notice.alert()))
                .with("level", NoticeText.word(notice.level()))
                .with("notice", notice.number())
                .with("lines", Doc.all(lines))
                .with("more", (long) notice.more())
                .with("runbook", NoticeText.clean(notice.runbook()));
    }
}
