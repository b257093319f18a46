package dev.muster.edge.http;

import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// One line of the route table: everything the dispatcher and the OpenAPI document need to know.
///
/// @param method  `GET`, `POST`, `PUT` or `DELETE`
/// @param path    with `{blanks}` for whole segments
/// @param access  who may ask
/// @param summary one sentence
/// @param query   parameters by name, with what they mean
/// @param request the body's type, or empty
/// @param answer  the JSON's type; [Void] for what is no JSON
record Route(
        String method,
        String path,
        Access access,
        String summary,
        Map<String, String> query,
        Optional<Class<?>> request,
        Class<?> answer,
        Handler handler) {
    enum Access {
        OPEN,
        TOKEN
    }

    interface Handler {
        Reply answer(Call call) throws IOException;
    }

    static Route open(String path, String summary, Class<?> answer, Handler handler) {
        return new Route("GET", path, Access.OPEN, summary, Map.of(), Optional.empty(), answer, handler);
    }

    /// An order by somebody who has not the cluster's token yet.
    static Route openOrder(String path, String summary, Class<?> answer, Handler handler) {
        return new Route("POST", path, Access.OPEN, summary, Map.of(), Optional.empty(), answer, handler);
    }

    static Route get(String path, String summary, Class<?> answer, Handler handler) {
        return new Route("GET", path, Access.TOKEN, summary, Map.of(), Optional.empty(), answer, handler);
    }

    static Route order(String method, String path, String summary, Class<?> answer, Handler handler) {
        return new Route(
                method,
                path,
                Access.TOKEN,
                summary,
                Map.of("why", "the reason, for the audit; may also stand in the body"),
                Optional.empty(),
                answer,
                handler);
    }

    /// For browsers, which show by a session who they are; no part of the API.
    static Route page(String method, String path, Handler handler) {
        return new Route(method, path, Access.OPEN, "", Map.of(), Optional.empty(), Void.class, handler);
    }

    Route asking(Map<String, String> parameters) {
        return new Route(method, path, access, summary, parameters, request, answer, handler);
    }

    Route taking(Class<?> body) {
        return new Route(method, path, access, summary, query, Optional.of(body), answer, handler);
    }

    /// The blanks' values when the path fits.
    Optional<Map<String, String>> match(List<String> segments) {
        String[] wanted = path.substring(1).split("/");
        if (wanted.length != segments.size()) return Optional.empty();
        Map<String, String> blanks = new HashMap<>();
        for (int index = 0; index < wanted.length; index++) {
            String part = wanted[index];
            if (part.startsWith("{")) blanks.put(part.substring(1, part.length() - 1), segments.get(index));
            else if (!part.equals(segments.get(index))) return Optional.empty();
        }
        return Optional.of(blanks);
    }
}
