package dev.muster.edge.http;

import dev.muster.edge.view.AlertSum;
import dev.muster.edge.view.Picture;
import dev.muster.edge.web.Assets;
import dev.muster.edge.web.Door;
import dev.muster.edge.web.Forms;
import dev.muster.edge.web.Html;
import dev.muster.edge.web.Layout;
import dev.muster.edge.web.Page;
import dev.muster.edge.web.Query;
import dev.muster.edge.web.Sessions;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/// Answers browsers: who is signed in sees a page, others the form to sign in; what goes wrong is a page, too.
final class Pages {
    private static final String HTML = "text/html; charset=utf-8";

    private final Api api;
    private final Token token;
    private final Sessions sessions = new Sessions();
    private final Door door = new Door();
    private final Assets assets = new Assets();
    private final Layout layout = new Layout(assets);

    Pages(Api api, Token token) {
        this.api = api;
        this.token = token;
    }

    /// What a page shows of one moment.
    interface View {
        Page show(Picture picture, Call call, Query query) throws IOException;
    }

    Sessions sessions() {
        return sessions;
    }

    Instant now() {
        return api.settings().clock().instant();
    }

    Reply show(Call call, View view) {
        return guarded(call, session -> {
            Picture picture = api.picture();
            return page(200, view.show(picture, call, PageCall.query(call)), call, session, picture);
        });
    }

    interface Signed {
        Reply answer(Sessions.Session session) throws IOException;
    }

    /// Of an address that nothing has: a page for a person, a word for a program.
    Reply unknown(Call call) {
        Problem problem = Problem.notFound("no route " + call.path(), "/openapi.json lists the routes");
        if (call.path().startsWith("/v1/") || !call.accepts("text/html")) throw problem;
        return trouble(Problem.notFound("expected a page, but there is none at " + call.path(), ""));
    }

    /// For those who are signed in.
    Reply guarded(Call call, Signed signed) {
        Optional<Sessions.Session> session = PageCall.session(call, sessions, now());
        if (session.isEmpty()) return goTo("/sign-in?next=" + Query.encoded(call.address()));
        return told(() -> signed.answer(session.get()));
    }

    interface Step {
        Reply answer() throws IOException;
    }

    /// What goes wrong is told to a person.
    Reply told(Step step) {
        try {
            return step.answer();
        } catch (Problem problem) {
            return trouble(problem);
        } catch (IOException e) {
            String message = e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
            return trouble(Problem.of(503, "UNAVAILABLE", message, "try again, or ask another node"));
        }
    }

    private Reply trouble(Problem problem) {
        String title =
                problem.status() == 404 ? "Not here" : problem.status() == 403 ? "Refused" : "That does not work";
        Html html = Forms.trouble(problem.body().message(), problem.body().hint());
        return html(problem.status(), layout.bare(title, html), Map.of());
    }

    Reply page(int status, Page page, Call call, Sessions.Session session, Picture picture) {
        Layout.Frame frame = new Layout.Frame(
                session.person(),
                session.word("/sign-out"),
                picture.self(),
                picture.standing().leader(),
                picture.standing().readOnly(),
                AlertSum.of(picture.state().alerts()),
                picture.now(),
                call.address(),
                PageActions.done(call.query("done").orElse("")));
        return html(status, layout.render(page, frame), Map.of());
    }

    /// The form, or the way on for whoever comes by a link from elsewhere and is signed in: a browser does not show us that.
    Reply signIn(Call call) {
        String next = PageCall.next(call.query("next").orElse("/"));
        Html html = new Html();
        if (PageCall.fromElsewhere(call))
            html.tag("p").link(next, "Signed in already? Go on.").end();
        return html(200, layout.bare("Sign in", html.put(Forms.signIn(next, "", "", plain(call)))), Map.of());
    }

    Reply signedIn(Call call) {
        return told(() -> {
            PageCall.ours(call);
            Map<String, String> form = call.form();
            String next = PageCall.next(form.getOrDefault("next", "/"));
            String name = form.getOrDefault("name", "").strip();
            if (!Orders.isActor(name))
                return refused(
                        call, 400, next, name, "Give a name of letters, digits, and . _ @ + - for the record.", 0);
            Door.Answer answer = door.enter(call.source(), now(), () -> token.is(form.getOrDefault("token", "")));
            if (answer.in()) return welcome(call, name, next);
            long wait = Math.ceilDiv(answer.later().toMillis(), 1_000);
            return wait > 0
                    ? refused(
                            call,
                            429,
                            next,
                            name,
                            "That was not the cluster's token, or came too soon: wait " + wait + " s.",
                            wait)
                    : refused(call, 401, next, name, "That is not the cluster's token.", 0);
        });
    }

    /// A new name each time, so that nobody's old one is taken over.
    private Reply welcome(Call call, String name, String next) {
        PageCall.sessionId(call).ifPresent(sessions::close);
        String id = sessions.open(name, now());
        return goTo(next, Map.of("Set-Cookie", PageCall.cookie(call, id)));
    }

    private Reply refused(Call call, int status, String next, String name, String why, long wait) {
        String text = layout.bare("Sign in", Forms.signIn(next, name, why, plain(call)));
        return html(status, text, wait > 0 ? Map.of("Retry-After", Long.toString(wait)) : Map.of());
    }

    private static boolean plain(Call call) {
        return !call.source().equals("127.0.0.1") && !call.source().equals("0:0:0:0:0:0:0:1");
    }

    Reply signOut(Call call) {
        return guarded(call, session -> {
            PageCall.ours(call);
            if (!session.isWord("/sign-out", call.form().getOrDefault("form", ""))) throw staleForm();
            PageCall.sessionId(call).ifPresent(sessions::close);
            return goTo("/sign-in", Map.of("Set-Cookie", PageCall.cookie(call, "")));
        });
    }

    static Problem staleForm() {
        return Problem.of(
                403,
                "STALE_FORM",
                "expected a form of your session, but this one is of another, or was changed; nothing was done",
                "open the page anew and try again");
    }

    /// For good: its name has its hash.
    Reply asset(Call call) {
        Assets.Asset asset = call.path(
                "name",
                name -> assets.find(name)
                        .orElseThrow(() -> new IllegalArgumentException("no such file; reload the page")));
        return new Reply.Raw(
                200,
                asset.type(),
                asset.bytes(),
                Map.of(
                        "Cache-Control", "public, max-age=31536000, immutable",
                        "Cross-Origin-Resource-Policy", "same-origin"));
    }

    static Reply goTo(String path) {
        return goTo(path, Map.of());
    }

    private static Reply goTo(String path, Map<String, String> headers) {
        Map<String, String> all = new HashMap<>(headers);
        all.put("Location", path);
        all.put("Cache-Control", "no-store");
        return new Reply.Raw(303, "text/plain", new byte[0], all);
    }

    private static Reply html(int status, String text, Map<String, String> headers) {
        Map<String, String> all = new HashMap<>(Layout.headers());
        all.putAll(headers);
        return new Reply.Raw(status, HTML, text.getBytes(StandardCharsets.UTF_8), all);
    }
}
