package dev.muster.edge.web;

import java.util.List;
import java.util.Optional;

/// Pages with a form that changes something, and those that say no.
public final class Forms {
    private Forms() {}

    /// What a person is asked before it is done.
    ///
    /// @param words  what it does, a paragraph each
    /// @param fields what else the person says; may be empty markup
    /// @param button `Drain n2`
    /// @param danger it takes something away
    /// @param back   where nothing is done
    public record Question(
            Section section,
            String title,
            List<String> words,
            Html fields,
            String button,
            boolean danger,
            String back) {}

    /// @param path   to which the answer goes
    /// @param form   its hidden word
    /// @param order  the order's id: given twice it is done once
    /// @param why    as it was written before
    /// @param refusal why it was not done
    public static Page ask(
            Question question, String path, String form, String order, String why, Optional<String> refusal) {
        Html html = new Html();
        refusal.ifPresent(no -> html.tag("p", "note bad")
                .with("role", "alert")
                .text("Not done: " + no)
                .end());
        for (String line : question.words()) html.leaf("p", line);
        html.tag("form", "ask").with("method", "post").with("action", path);
        html.put(Layout.hidden("form", form)).put(Layout.hidden("order", order)).put(question.fields());
        html.tag("label").text("Reason, for the record (optional) ");
        html.tag("input")
                .with("name", "why")
                .with("value", why)
                .with("maxlength", "200")
                .with("autocomplete", "off")
                .end()
                .end();
        html.tag("p", "buttons");
        html.tag("button", question.danger() ? "danger" : "go")
                .with("type", "submit")
                .text(question.button())
                .end();
        html.tag("a").with("href", question.back()).text("Cancel").end().end().end();
        return Page.of(question.section(), question.title()).still(html).page();
    }

    /// @param next  where to go then
    /// @param name  as it was written before
    /// @param wrong why nobody is signed in; empty at first
    /// @param plain the connection can be read by others
    public static Html signIn(String next, String name, String wrong, boolean plain) {
        Html html = new Html();
        if (!wrong.isEmpty())
            html.tag("p", "note bad").with("role", "alert").text(wrong).end();
        html.tag("form", "ask")
                .with("method", "post")
                .with("action", "/sign-in")
                .put(Layout.hidden("next", next));
        html.tag("label").text("Your name, for the record ");
        html.tag("input")
                .with("name", "name")
                .with("value", name)
                .with("autocomplete", "username")
                .with("maxlength", "60");
        html.flag("required")
                .with("pattern", "[A-Za-z0-9][A-Za-z0-9._@+\\-]*")
                .end()
                .end();
        html.tag("label").text("The cluster's token ");
        html.tag("input").with("name", "token").with("type", "password").with("autocomplete", "current-password");
        html.flag("required").end().end();
        html.tag("p", "buttons")
                .tag("button", "go")
                .with("type", "submit")
                .text("Sign in")
                .end()
                .end()
                .end();
        html.tag("p", "faint")
                .text("On a node of the cluster, ")
                .leaf("code", "muster cluster token")
                .text(" prints the token.")
                .end();
        if (plain)
            html.leaf(
                    "p",
                    "faint",
                    "This connection is not encrypted: on a network that others share, come by SSH (ssh -L) instead.");
        return html;
    }

    /// @param hint an example
    public static Html field(String name, String label, String value, String hint) {
        Html html = new Html().tag("label").text(label + " ");
        html.tag("input").with("name", name).with("value", value).with("placeholder", hint);
        html.with("maxlength", "200").with("autocomplete", "off").with("spellcheck", "false");
        return html.end().end();
    }

    public static Html choice(String name, String label, String value, List<String> words) {
        Html html = new Html().tag("label").text(label + " ").tag("select").with("name", name);
        for (String word : words)
            html.tag("option")
                    .with("value", word)
                    .flag("selected", word.equals(value))
                    .text(word)
                    .end();
        return html.end().end();
    }

    public static Html hidden(String name, String value) {
        return Layout.hidden(name, value);
    }

    /// @param hint what to do; may be empty
    public static Html trouble(String message, String hint) {
        Html html = new Html()
                .tag("p", "note bad")
                .with("role", "alert")
                .text(message)
                .end();
        if (!hint.isEmpty()) html.leaf("p", hint);
        return html.tag("p").link("/", "To the overview").end();
    }
}
