package dev.muster.edge.provider;

import dev.muster.edge.support.Redaction;
import dev.muster.edge.view.Doc;
import dev.muster.edge.view.DocText;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/// Shows what is asked of a provider (`--explain`), without secrets; and keeps what would change something from being
/// sent.
///
/// @param out takes a line
/// @param on  whether anything is shown
/// @param dry what changes something is shown, and not sent
public record Wiretap(Consumer<String> out, boolean on, boolean dry) {
    public static final Wiretap OFF = new Wiretap(line -> {}, false, false);

    /// Scripts of an order: they may hold anything, and are long.
    private static final List<String> SCRIPTS = List.of("onstart", "user_data");

    void request(String method, String url, Doc body, ApiKey key) {
        if (!on) return;
        out.accept("> " + method + " " + clean(url, key));
        out.accept("> Authorization: Bearer " + Redaction.REMOVED);
        if (body.isObject()) out.accept("> " + clean(DocText.compact(shown(body)), key));
    }

    void answer(int status, int bytes, Duration took) {
        if (on) out.accept("< " + status + ", " + bytes + " bytes in " + took.toMillis() + " ms");
    }

    void said(String line) {
        if (on) out.accept("  " + line);
    }

    /// Whatever is shown of a text that holds the key, or looks as if it held another.
    static String clean(String text, ApiKey key) {
        return Redaction.of(List.of()).apply(key.hiddenIn(text));
    }

    private static Doc shown(Doc body) {
        Doc shown = body;
        for (String script : SCRIPTS) {
            if (body.has(script))
                shown = shown.with(script, "[" + body.text(script).length() + " characters]");
        }
        Doc env = Doc.object();
        for (Map.Entry<String, Doc> one : body.get("env").entries().entrySet()) {
            boolean option = one.getKey().startsWith("-");
            env = env.with(one.getKey(), option ? one.getValue().text() : Redaction.REMOVED);
        }
        return body.has("env") ? shown.with("env", env) : shown;
    }
}
