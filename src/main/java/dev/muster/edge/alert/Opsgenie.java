package dev.muster.edge.alert;

import dev.muster.core.state.AlertLevel;
import dev.muster.edge.config.ChannelSpec;
import dev.muster.edge.view.Doc;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/// Opsgenie's alerts: made, changed and closed by an alias. Each answer is 202: taken, and done later.
final class Opsgenie implements Channel {
    /// Opsgenie's own, in letters.
    private static final int MESSAGE_MAX = 130;
    private static final int ALIAS_MAX = 512;
    private static final int DESCRIPTION_MAX = 15_000;
    private static final int ENTITY_MAX = 512;
    private static final int TAG_MAX = 50;

    private final ChannelSpec.Way.Opsgenie way;
    private final Duration timeout;
    private final Sender sender;

    Opsgenie(ChannelSpec.Way.Opsgenie way, Duration timeout, Sender sender) {
        this.way = way;
        this.timeout = timeout;
        this.sender = sender;
    }

    /// What is there already by its alias is only counted when it is made again, so what has changed of it is said one by one.
    @Override
    public void tell(Notice notice) throws NotTold, InterruptedException {
        if (notice.kind() != Notice.Kind.RESOLVED) send("POST", "/v2/alerts", create(notice, way));
        switch (notice.kind()) {
            case FIRED -> {}
            case CHANGED, ESCALATED -> {
                Doc made = create(notice, way);
                for (String field : List.of("priority", "message", "description"))
                    send("PUT", of(notice, field), Doc.object().with(field, made.text(field)));
            }
            case RESOLVED, TEST -> send("POST", of(notice, "close"), close(notice));
        }
    }

    private void send(String method, String path, Doc body) throws NotTold, InterruptedException {
        String key = Sender.key(way.key());
        URI url = URI.create(way.url().toString().replaceFirst("/+$", "") + path);
        Sender.Call call = Sender.Call.post(url, body, timeout, key).with(Map.of("Authorization", "GenieKey " + key));
        Sender.Answer answer =
                sender.send(new Sender.Call(method, url, call.headers(), call.body(), timeout, call.secrets()));
        if (answer.status() == 202 && !answer.isPage()) return;
        if (answer.status() == 401 || answer.status() == 403)
            throw NotTold.lasting(answer.told() + "; is the key that of an API integration of this region?");
        sender.check(answer);
        throw NotTold.now("expected 202, but " + answer.told());
    }

    private static String of(Notice notice, String what) {
        String alias = URLEncoder.encode(NoticeText.key(notice, ALIAS_MAX), StandardCharsets.UTF_8)
                .replace("+", "%20");
        return "/v2/alerts/" + alias + "/" + what + "?identifierType=alias";
    }

    static Doc create(Notice notice, ChannelSpec.Way.Opsgenie way) {
        Doc details = Doc.object()
                .with("cluster", NoticeText.clean(notice.cluster()))
                .with("alert", NoticeText.clean(notice.alert()))
                .with("level", NoticeText.word(notice.level()))
                .with("notice", Long.toString(notice.number()))
                .with("runbook", NoticeText.clean(notice.runbook()));
        return Doc.object()
                .with("message", NoticeText.cut(NoticeText.title(notice), MESSAGE_MAX))
                .with("alias", NoticeText.key(notice, ALIAS_MAX))
                .with("description", NoticeText.cut(NoticeText.body(notice), DESCRIPTION_MAX))
                .with("priority", priority(notice, way))
                .with("entity", NoticeText.cut(NoticeText.clean(notice.cluster()), ENTITY_MAX))
                .with("source", "muster")
                .with("tags", Doc.of(List.of("muster", NoticeText.cut(NoticeText.clean(notice.rule()), TAG_MAX))))
                .with("details", details);
    }

    static Doc close(Notice notice) {
        return Doc.object()
                .with("source", "muster")
                .with("note", NoticeText.cut(NoticeText.body(notice), DESCRIPTION_MAX));
    }

    private static String priority(Notice notice, ChannelSpec.Way.Opsgenie way) {
        String usual = notice.level() == AlertLevel.CRITICAL ? "P1" : "P3";
        String level = way.priorities().getOrDefault(NoticeText.word(notice.level()), usual);
        return way.priorities().getOrDefault(notice.rule(), level);
    }
}
