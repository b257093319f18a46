package dev.muster.edge.alert;

import dev.muster.edge.config.ChannelSpec;
import dev.muster.edge.view.Doc;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/// Discord's webhooks: one embed for each notice, and nobody is mentioned. The answer is 204 without a word.
final class Discord implements Channel {
    /// Discord's own, in letters.
    private static final int TITLE_MAX = 256;
    private static final int DESCRIPTION_MAX = 4096;
    private static final int FIELD_MAX = 1024;
    private static final int FOOTER_MAX = 200;
    private static final int TOTAL_MAX = 6000;

    private final ChannelSpec.Way.Discord way;
    private final Duration timeout;
    private final Sender sender;

    Discord(ChannelSpec.Way.Discord way, Duration timeout, Sender sender) {
        this.way = way;
        this.timeout = timeout;
        this.sender = sender;
    }

    @Override
    public void tell(Notice notice) throws NotTold, InterruptedException {
        Sender.Answer answer = sender.send(Sender.Call.post(Sender.address(way.url()), payload(notice), timeout));
        sender.check(answer);
        if (answer.isPage()) throw NotTold.now("expected 204, but " + answer.told());
    }

    static Doc payload(Notice notice) {
        String title = NoticeText.cut(escaped(NoticeText.title(notice)), TITLE_MAX);
        String footer = NoticeText.cut(NoticeText.clean(notice.key()), FOOTER_MAX);
        List<Doc> fields = fields(notice);
        int used = title.length() + footer.length();
        for (Doc field : fields)
            used += field.text("name").length() + field.text("value").length();
        int room = Math.min(DESCRIPTION_MAX, TOTAL_MAX - used);
        Doc embed = Doc.object()
                .with("title", title)
                .with("description", description(notice, room))
                .with("color", (long) Colours.of(notice))
                .with("fields", Doc.all(fields))
                .with("footer", Doc.object().with("text", footer))
                .with("timestamp", NoticeText.iso(notice.at()));
        return Doc.object()
                .with("embeds", Doc.all(List.of(embed)))
                .with("allowed_mentions", Doc.object().with("parse", Doc.of(List.of())));
    }

    /// Whole lines, as many as fit.
    private static String description(Notice notice, int room) {
        StringBuilder text = new StringBuilder();
        List<String> lines = NoticeText.lines(notice, Discord::escaped);
        for (int index = 0; index < lines.size(); index++) {
            String rest = "… " + (lines.size() - index) + " more lines";
            boolean fits = text.length() + lines.get(index).length() + 1 + rest.length() <= room;
            text.append(text.isEmpty() ? "" : "\n").append(fits ? lines.get(index) : rest);
            if (!fits) break;
        }
        return text.toString();
    }

    private static List<Doc> fields(Notice notice) {
        List<Doc> fields = new ArrayList<>();
        fields.add(field("Level", NoticeText.word(notice.level()), true));
        fields.add(field("Alert", NoticeText.clean(notice.alert()), true));
        if (!notice.runbook().isBlank()) fields.add(field("What to do", NoticeText.clean(notice.runbook()), false));
        return fields;
    }

    private static Doc field(String name, String value, boolean inline) {
        return Doc.object()
                .with("name", name)
                .with("value", NoticeText.cut(escaped(value), FIELD_MAX))
                .with("inline", inline);
    }

    /// What Discord takes for marks; a mention is broken besides, for those who read it elsewhere.
    static String escaped(String text) {
        return text.replaceAll("([\\\\*_~`|<>#\\[\\]])", "\\\\$1").replace("@", "@\u200b");
    }
}
