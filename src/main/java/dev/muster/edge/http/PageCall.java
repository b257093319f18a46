package dev.muster.edge.http;

import dev.muster.edge.web.Query;
import dev.muster.edge.web.Sessions;
import java.time.Instant;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;

/// What a browser says besides the address it asks for: who it is, and from where it comes.
final class PageCall {
    /// Longer ones are no addresses of ours.
    private static final int NEXT_MAX = 400;

    private PageCall() {}

    /// One per port: several nodes of one machine share a browser's cookies.
    static String cookieName(Call call) {
        String host = call.header("Host").orElse("");
        String port = host.substring(host.lastIndexOf(':') + 1);
        return "muster-" + (port.matches("[0-9]{1,5}") ? port : "80");
    }

    static Optional<String> sessionId(Call call) {
        String prefix = cookieName(call) + "=";
        return call.header("Cookie").stream()
                .flatMap(cookies -> Arrays.stream(cookies.split(";")))
                .map(String::strip)
                .filter(cookie -> cookie.startsWith(prefix))
                .map(cookie -> cookie.substring(prefix.length()))
                .findFirst();
    }

    static Optional<Sessions.Session> session(Call call, Sessions sessions, Instant now) {
        return sessionId(call).flatMap(id -> sessions.find(id, now));
    }

    /// @param id empty takes it away
    static String cookie(Call call, String id) {
        return cookieName(call) + "=" + id + "; Path=/; HttpOnly; SameSite=Strict"
                + (id.isEmpty() ? "; Max-Age=0" : "");
    }

    /// A form that changes something comes from a page of ours. Every browser of these years tells the origin of a form;
    /// on loopback and under TLS also how it relates to us.
    ///
    /// @throws Problem 403 otherwise
    static void ours(Call call) {
        String host = call.header("Host").orElse("");
        String origin = call.header("Origin").orElse("");
        boolean same = origin.equalsIgnoreCase("http://" + host) || origin.equalsIgnoreCase("https://" + host);
        boolean site = call.header("Sec-Fetch-Site").map("same-origin"::equals).orElse(true);
        if (!host.isEmpty() && same && site) return;
        throw Problem.of(
                403,
                "CROSS_SITE",
                "expected a form of this very page, but found one that comes from elsewhere; nothing was done",
                "open the page anew and use its own form");
    }

    static boolean fromElsewhere(Call call) {
        return call.header("Sec-Fetch-Site").filter("cross-site"::equals).isPresent();
    }

    /// A page of ours, or the overview.
    static String next(String asked) {
        boolean fits =
                asked.length() <= NEXT_MAX && asked.matches("/[A-Za-z0-9._~%#?&=@:,+*!-][A-Za-z0-9/._~%#?&=@:,+*!-]*");
        return fits ? asked : "/";
    }

    static Query query(Call call) {
        Map<String, String> asked = call.queries();
        return new Query(asked);
    }
}
