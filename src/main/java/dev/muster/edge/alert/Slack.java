package dev.muster.edge.alert;

import dev.muster.edge.config.ChannelSpec;
import dev.muster.edge.view.Doc;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/// Slack's incoming webhooks. A hook takes one message in a second, and answers with the text `ok`.
final class Slack implements Channel {
    /// Slack folds what is longer than some 700 letters, and cuts at 40,000.
    private static final int TEXT_MAX = 7_000;

    private static final Map<String, String> MISTAKES = Map.of(
            "no_service", "the webhook is gone or switched off; make a new one",
            "invalid_token", "the webhook's address is not right",
            "channel_not_found", "its channel is gone",
            "channel_is_archived", "its channel is archived",
            "action_prohibited", "an administrator does not allow it");

    private final ChannelSpec.Way.Slack way;
    private final Duration timeout;
    private final Sender sender;

    Slack(ChannelSpec.Way.Slack way, Duration timeout, Sender sender) {
        this.way = way;
        this.timeout = timeout;
        this.sender = sender;
    }

    @Override
    public void tell(Notice notice) throws NotTold, InterruptedException {
        Sender.Answer answer = sender.send(Sender.Call.post(Sender.address(way.url()), payload(notice), timeout));
        if (answer.status() == 200) {
            if (answer.text().strip().equals("ok")) return;
            throw NotTold.now("expected the answer ok, but " + answer.told());
        }
        String advice = MISTAKES.get(answer.text().strip());
        if (advice != null && answer.status() < 500) throw NotTold.lasting(answer.told() + ": " + advice);
        sender.check(answer);
        throw NotTold.now("expected 200 and ok, but " + answer.told());
    }

    /// Nothing in it is a mark of Slack's or a mention: `mrkdwn` is off, and letters are escaped.
    static Doc payload(Notice notice) {
        String title = escaped(NoticeText.title(notice));
        String text = String.join("\n", NoticeText.lines(notice, Slack::escaped));
        Doc attachment = Doc.object()
                .with("color", Colours.hex(notice))
                .with("fallback", title)
                .with("text", NoticeText.cut(text, TEXT_MAX))
                .with("mrkdwn_in", Doc.of(List.of()))
                .with("fields", Doc.all(fields(notice)))
                .with("footer", escaped(NoticeText.clean(notice.key())))
                .with("ts", notice.at().getEpochSecond());
        return Doc.object()
                .with("text", title)
                .with("mrkdwn", false)
                .with("parse", "none")
                .with("link_names", false)
                .with("attachments", Doc.all(List.of(attachment)));
    }

    private static List<Doc> fields(Notice notice) {
        Doc level = field("Level", NoticeText.word(notice.level()), true);
        Doc alert = field("Alert", NoticeText.clean(notice.alert()), true);
        return notice.runbook().isBlank()
                ? List.of(level, alert)
                : List.of(level, alert, field("What to do", NoticeText.clean(notice.runbook()), false));
    }

    private static Doc field(String title, String value, boolean isShort) {
        return Doc.object().with("title", title).with("value", escaped(value)).with("short", isShort);
    }

    /// All that Slack asks for; without `<` nothing is a mention or a link. The words that call everybody are broken besides, for
    /// workspaces that look for them.
    private static String escaped(String text) {
        return text.replace("&", "&amp;")
                .replace("<", "&lt;")
                .replace(">", "&gt;")
                .replaceAll("@(?=everyone|channel|here)", "@\u200b");
    }
}
