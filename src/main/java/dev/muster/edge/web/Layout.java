package dev.muster.edge.web;

import dev.muster.core.state.NodeId;
import dev.muster.edge.view.AlertSum;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;

/// The frame of all pages: head, navigation, who is signed in, whether it is live.
public final class Layout {
    /// Nothing but our own files, no inline script or style, framed by nobody.
    public static final String POLICY = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self';"
            + " connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";
    /// Addresses tell what a team trains; a form's origin must still come with it, so not `no-referrer`.
    private static final String REFERRER = "same-origin";

    /// By which the browser knows the number of open alerts beside their page's name.
    static final String OPEN = "alerts-open";

    private final Assets assets;

    public Layout(Assets assets) {
        this.assets = assets;
    }

    /// What stands around a page.
    ///
    /// @param person   who is signed in
    /// @param signOut  the hidden word of the form that ends that
    /// @param node     that answers
    /// @param readOnly why orders cannot be given now
    /// @param alerts   that are open
    /// @param path     of the page, with its query
    /// @param note     that something was done; may be empty
    public record Frame(
            String person,
            String signOut,
            NodeId node,
            Optional<NodeId> leader,
            Optional<String> readOnly,
            AlertSum alerts,
            Instant now,
            String path,
            String note) {}

    /// Of every answer with markup.
    public static Map<String, String> headers() {
        return Map.of(
                "Content-Security-Policy", POLICY,
                "Referrer-Policy", REFERRER,
                "X-Frame-Options", "DENY",
                "Cross-Origin-Opener-Policy", "same-origin",
                "Cross-Origin-Resource-Policy", "same-origin",
                "Cache-Control", "no-store");
    }

    public String render(Page page, Frame frame) {
        Html html = head(page.title());
        html.tag("body");
        if (page.parts().stream().anyMatch(part -> !part.id().isEmpty()))
            html.with("data-live", "/live" + (frame.path().equals("/") ? "" : frame.path()));
        page.log().ifPresent(log -> html.with("data-log", log.attempt()));
        html.tag("a", "skip").with("href", "#main").text("Skip to the page").end();
        html.tag("div", "frame").put(side(page, frame));
        html.tag("main").with("id", "main").with("tabindex", "-1");
        html.leaf("h1", page.title());
        if (!frame.note().isEmpty())
            html.tag("p", "note good").with("role", "status").text(frame.note()).end();
        for (Page.Part part : page.parts()) html.put(part(part));
        html.end().end();
        return written(html);
    }

    /// Without anybody signed in, or where nothing can be shown.
    public String bare(String title, Html content) {
        Html html = head(title);
        html.tag("body", "bare").tag("main").with("id", "main");
        html.tag("p", "brand")
                .text("Muster")
                .end()
                .leaf("h1", title)
                .put(content)
                .end();
        return written(html);
    }

    private static String written(Html html) {
        html.end().end();
        return "<!doctype html>\n" + html + "\n";
    }

    private Html head(String title) {
        Html html = new Html().tag("html").with("lang", "en").tag("head");
        html.tag("meta").with("charset", "utf-8").end();
        html.tag("meta")
                .with("name", "viewport")
                .with("content", "width=device-width, initial-scale=1")
                .end();
        html.tag("meta")
                .with("name", "color-scheme")
                .with("content", "light dark")
                .end();
        html.leaf("title", title.equals("Muster") ? title : title + " · Muster");
        html.tag("link").with("rel", "icon").with("href", assets.icon()).end();
        html.tag("link").with("rel", "stylesheet").with("href", assets.style()).end();
        html.tag("script").with("src", assets.script()).flag("defer").end();
        return html.end();
    }

    private static Html part(Page.Part part) {
        if (part.id().isEmpty()) return part.html();
        return new Html()
                .tag("section")
                .with("id", part.id())
                .with("aria-label", part.label())
                .put(part.html())
                .end();
    }

    private static Html side(Page page, Frame frame) {
        Html html = new Html().tag("header", "side");
        html.tag("p", "brand").link("/", "Muster").end();
        html.tag("nav").with("aria-label", "Pages").tag("ul");
        for (Section section : Section.values()) {
            html.tag("li").tag("a").with("href", section.path());
            if (section == page.section()) html.with("aria-current", "page");
            html.text(section.words());
            if (section == Section.ALERTS)
                html.text(" ")
                        .tag("span")
                        .with("id", OPEN)
                        .put(open(frame.alerts()))
                        .end();
            html.end().end();
        }
        html.end().end();
        return html.put(standing(frame)).end();
    }

    /// Nothing where nothing is wrong.
    static Html open(AlertSum alerts) {
        return alerts.level()
                .map(level -> Tones.level(level, alerts.open() + " open"))
                .orElseGet(Html::new);
    }

    private static Html standing(Frame frame) {
        Html html = new Html().tag("div", "standing");
        html.tag("p").with("id", "live").with("role", "status").tag("span").text("As of ");
        html.tag("time")
                .with("datetime", frame.now().toString())
                .text(clock(frame.now()))
                .end()
                .end()
                .end();
        html.tag("p", "faint").text("Asked: ").put(Places.link(frame.node())).end();
        html.tag("form").with("method", "post").with("action", "/sign-out");
        html.put(hidden("form", frame.signOut()));
        html.tag("p").text("Signed in as ").leaf("strong", frame.person()).end();
        html.tag("button", "plain").with("type", "submit").text("Sign out").end();
        return html.end().end();
    }

    static Html hidden(String name, String value) {
        return new Html()
                .tag("input")
                .with("type", "hidden")
                .with("name", name)
                .with("value", value)
                .end();
    }

    /// `2026-03-01 12:00 UTC`.
    static String minute(Instant at) {
        return at.toString().substring(0, 16).replace('T', ' ') + " UTC";
    }

    /// `12:00:03 UTC`.
    static String clock(Instant at) {
        return at.toString().substring(11, 19) + " UTC";
    }
}
