package dev.muster.edge.alert;

import dev.muster.core.state.AlertLevel;
import dev.muster.edge.config.ChannelSpec;
import dev.muster.edge.view.Doc;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/// Prometheus' Alertmanager: one alert for each subject, told apart by its labels. It takes what is not repeated for over.
final class Alertmanager implements Channel {
    /// How long an alert stays open without being told again; it is, every minute. As Alertmanager's own `resolve_timeout`.
    private static final Duration OPEN = Duration.ofMinutes(5);
    private static final Duration TEST = Duration.ofMinutes(1);
    private static final String PATH = "/api/v2/alerts";

    private final ChannelSpec.Way.Alertmanager way;
    private final Duration timeout;
    private final Sender sender;

    Alertmanager(ChannelSpec.Way.Alertmanager way, Duration timeout, Sender sender) {
        this.way = way;
        this.timeout = timeout;
        this.sender = sender;
    }

    @Override
    public boolean keepsOpen() {
        return true;
    }

    @Override
    public void tell(Notice notice) throws NotTold, InterruptedException {
        URI base = Sender.address(way.url());
        String path = base.toString().replaceFirst("/+$", "");
        URI url = URI.create(path.endsWith(PATH) ? path : path + PATH);
        Sender.Answer answer = sender.send(
                Sender.Call.post(url, payload(notice, sender.now()), timeout).with(Sender.headers(way.headers())));
        sender.check(answer);
        if (answer.isPage()) throw NotTold.now("expected 200 and no page, but " + answer.told());
    }

    /// @param now from which on it stays open: the notice may be old when it is told
    static Doc payload(Notice notice, Instant now) {
        List<Doc> alerts = new ArrayList<>();
        for (Notice.Line line : notice.lines()) {
            boolean over = line.over() || notice.kind() == Notice.Kind.RESOLVED;
            alerts.add(alert(notice, line, line.level(), over ? notice.at() : open(notice, now)));
            if (notice.kind() == Notice.Kind.ESCALATED && !over) alerts.addAll(before(notice, line));
        }
        rest(notice)
                .ifPresent(line -> alerts.add(alert(
                        notice,
                        line,
                        line.level(),
                        notice.kind() == Notice.Kind.RESOLVED ? notice.at() : open(notice, now))));
        return Doc.all(alerts);
    }

    private static Instant open(Notice notice, Instant now) {
        return now.plus(notice.kind() == Notice.Kind.TEST ? TEST : OPEN);
    }

    /// With another severity it is another alert: those that it was before are over.
    private static List<Doc> before(Notice notice, Notice.Line line) {
        List<Doc> over = new ArrayList<>();
        for (AlertLevel level : AlertLevel.values())
            if (level.compareTo(line.level()) < 0) over.add(alert(notice, line, level, notice.at()));
        return over;
    }

    /// Subjects without a line are not to be missed; a notice without any is about the cluster.
    private static java.util.Optional<Notice.Line> rest(Notice notice) {
        boolean over = notice.kind() == Notice.Kind.RESOLVED;
        String cluster = notice.cluster();
        if (notice.more() > 0)
            return java.util.Optional.of(
                    new Notice.Line("others", notice.level(), "and " + notice.more() + " more", notice.at(), over));
        return notice.lines().isEmpty()
                ? java.util.Optional.of(new Notice.Line(cluster, notice.level(), notice.title(), notice.at(), over))
                : java.util.Optional.empty();
    }

    private static Doc alert(Notice notice, Notice.Line line, AlertLevel level, Instant end) {
        Instant since = line.since();
        // What ends before it began is refused, and all others with it.
        Instant until = end.isAfter(since) ? end : since.plusSeconds(1);
        Doc labels = Doc.object()
                .with("alertname", NoticeText.clean(notice.rule()))
                .with("cluster", NoticeText.clean(notice.cluster()))
                .with("subject", NoticeText.subject(line))
                .with("severity", NoticeText.word(level));
        Doc annotations = Doc.object()
                .with("summary", NoticeText.cut(NoticeText.clean(notice.title()), NoticeText.TITLE_MAX))
                .with("description", NoticeText.text(line))
                .with("runbook", NoticeText.clean(notice.runbook()))
                .with("alert", NoticeText.clean(notice.alert()));
        return Doc.object()
                .with("labels", labels)
                .with("annotations", annotations)
                .with("startsAt", since.toString())
                .with("endsAt", until.toString());
    }
}
