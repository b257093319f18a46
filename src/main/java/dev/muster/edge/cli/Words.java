package dev.muster.edge.cli;

import dev.muster.core.state.ConfigKey;
import dev.muster.edge.view.Doc;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;

/// What a person wrote, on its way into a URL or a body.
final class Words {
    private Words() {}

    /// One segment of a path, or a parameter's value.
    static String segment(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
    }

    /// A config key as a segment of a path.
    ///
    /// @throws Failure usage, when it is none
    static String config(String text) throws Failure {
        try {
            return segment(new ConfigKey(text).name());
        } catch (IllegalArgumentException e) {
            throw Failure.usage(e.getMessage(), "a config key is like hex8_2p");
        }
    }

    /// `name=value` of a query, or nothing.
    static String parameter(String name, String value) {
        return value.isEmpty() ? "" : "&" + name + "=" + segment(value);
    }

    /// A path with parameters made by [#parameter].
    static String query(String path, String... parameters) {
        String all = String.join("", parameters);
        return all.isEmpty() ? path : path + "?" + all.substring(1);
    }

    /// An order's body with its reason.
    static Doc why(Args args) {
        return args.text("--why").map(why -> Doc.object().with("why", why)).orElse(Doc.object());
    }
}
