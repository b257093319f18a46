package dev.muster.edge.vastsim;

import java.util.List;
import java.util.Optional;

/// One endpoint.
///
/// @param path     without `/api/v0` and without slashes at the ends; `{id}` is a number
/// @param version  0 or 1; -1 is outside of `/api`
/// @param interval seconds that the real service wants between two calls; 0 when it is not known
/// @param burst    so many calls may come at once, when there were none for a while
/// @param open     asks for no key
record Route(String method, int version, String path, double interval, int burst, boolean open, Handler handler) {
    Route(String method, int version, String path, double interval, boolean open, Handler handler) {
        this(method, version, path, interval, 1, open, handler);
    }

    interface Handler {
        Reply answer(Call call);
    }

    /// The numbers in the path.
    record Match(long id, long second) {}

    /// As faults name it.
    String name() {
        return method + " " + (version < 0 ? "/" : "/api/v" + version + "/") + path;
    }

    Optional<Match> match(int version, List<String> segments) {
        List<String> own = List.of(path.split("/"));
        if (version != this.version || own.size() != segments.size()) return Optional.empty();
        long[] ids = new long[2];
        int found = 0;
        for (int i = 0; i < own.size(); i++) {
            String segment = segments.get(i);
            if (own.get(i).equals("{id}") && segment.matches("\\d{1,15}")) ids[found++] = Long.parseLong(segment);
            else if (!own.get(i).equals(segment)) return Optional.empty();
        }
        return Optional.of(new Match(ids[0], ids[1]));
    }
}
