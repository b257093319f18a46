package dev.muster.edge.support;

import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Takes secrets out of a text: those that are known, and what looks like one.
///
/// Rather too much than too little is removed. What stays: numbers (an attempt's token is one), paths (`token_file`), and
/// names of variables (`${VAST_API_KEY}`).
public final class Redaction {
    public static final String REMOVED = "[removed]";
    /// Shorter ones would take ordinary words with them.
    private static final int KNOWN_MIN = 6;

    /// A name that speaks of a secret, and what it is set to: `api_key: x`, `"token" : "x"`, `VAST_API_KEY=x`, `--token x`.
    private static final Pattern NAMED = Pattern.compile(
            "(?i)([\\w.-]*(?:token|secret|passw(?:or)?d|passphrase|api[_-]?key"
                    + "|access[_-]?key|private[_-]?key|credentials?|authorization|webhook(?:_url)?|routing[_-]?key|account[_-]?key)"
                    + "[\\w.-]*)(\"?'?\\s*[:=]\\s*|\"?'?\\s+(?=[\"']?[A-Za-z0-9+/_-]{16,}))(\"(?:[^\"\\\\\\n]|\\\\.)*\"|'[^'\\n]*'|[^\\s,;}\\]\\)&\"']+)");

    /// The same as words of a command line, `--password x`, and as items of a list of them, `"--password", "x"`.
    private static final Pattern OPTION = Pattern.compile(
            "(?i)(--?[\\w-]*(?:token|secret|passw(?:or)?d|passphrase|api-?key|access-?key|private-?key|credentials?)[\\w-]*)"
                    + "(\\s+|\"\\s*,\\s*\")(\\\\?[\"'](?:[^\"'\\\\\\n])*\\\\?[\"']|[^\\s\"'\\\\,;&|-][^\\s\"'\\\\,;&|]*)");
    /// What a job's processes find in their environment: anything may be in there.
    private static final Pattern ENVIRONMENT = Pattern.compile(
            "(\"env\"\\s*:\\s*\\{)((?:\\s*\"(?:[^\"\\\\]|\\\\.)*\"\\s*:\\s*\"(?:[^\"\\\\]|\\\\.)*\"\\s*,?)+)");
    private static final Pattern VALUE = Pattern.compile("(:\\s*)\"(?:[^\"\\\\]|\\\\.)*\"");

    private static final Pattern KEPT =
            Pattern.compile("[\"']?(?:-?\\d{1,9}|\\$\\{?\\w+}?|true|false|null|none)?[\"']?");
    private static final Pattern KEPT_NAME =
            Pattern.compile("(?i).*(?:[_-]file|[_-]path|_minutes|_seconds|_count|tokens)");
    private static final Pattern BEARER = Pattern.compile("(?i)\\b(bearer|basic)\\s+[A-Za-z0-9+/=._~-]{6,}");
    private static final Pattern USER_INFO = Pattern.compile("(?<=://)[^/\\s@\"']+:[^/\\s@\"']+(?=@)");
    private static final Pattern HOOK = Pattern.compile(
            "https?://(?:hooks\\.slack\\.com|(?:\\w+\\.)?discord(?:app)?\\.com/api/webhooks|[\\w.-]+\\.webhook\\.office\\.com)[^\\s\"']*");
    private static final Pattern PEM =
            Pattern.compile("-----BEGIN ([A-Z ]*PRIVATE KEY)-----.*?(?:-----END \\1-----|\\z)", Pattern.DOTALL);
    /// Keys whose own look gives them away: of AWS, GitHub, Slack, OpenAI and the like.
    private static final Pattern FAMILIAR = Pattern.compile(
            "\\b(?:AKIA[0-9A-Z]{16}|gh[pousr]_[A-Za-z0-9]{20,}|github_pat_\\w{20,}|xox[abposr]-[A-Za-z0-9-]{10,}|sk-[A-Za-z0-9_-]{20,}|hf_[A-Za-z0-9]{20,})");

    private final List<String> known;

    private Redaction(List<String> known) {
        this.known = known;
    }

    /// @param secrets that are known; short ones are not looked for
    public static Redaction of(Collection<String> secrets) {
        return new Redaction(secrets.stream()
                .map(String::strip)
                .filter(secret -> secret.length() >= KNOWN_MIN)
                .distinct()
                .sorted(Comparator.comparing(String::length).reversed())
                .toList());
    }

    public String apply(String text) {
        String clean = text;
        for (String secret : known) clean = clean.replace(secret, REMOVED);
        clean = PEM.matcher(clean).replaceAll(Matcher.quoteReplacement(REMOVED));
        clean = HOOK.matcher(clean).replaceAll(Matcher.quoteReplacement(REMOVED));
        clean = USER_INFO.matcher(clean).replaceAll(Matcher.quoteReplacement(REMOVED));
        clean = BEARER.matcher(clean).replaceAll(match -> Matcher.quoteReplacement(match.group(1) + " " + REMOVED));
        clean = ENVIRONMENT.matcher(clean).replaceAll(Redaction::environment);
        clean = OPTION.matcher(clean).replaceAll(Redaction::named);
        clean = NAMED.matcher(clean).replaceAll(Redaction::named);
        return FAMILIAR.matcher(clean).replaceAll(Matcher.quoteReplacement(REMOVED));
    }

    private static String environment(MatchResult match) {
        String values = VALUE.matcher(match.group(2)).replaceAll("$1\"" + Matcher.quoteReplacement(REMOVED) + "\"");
        return Matcher.quoteReplacement(match.group(1) + values);
    }

    private static String named(MatchResult match) {
        String value = match.group(3);
        boolean kept = KEPT.matcher(value).matches()
                || KEPT_NAME.matcher(match.group(1)).matches()
                || value.contains(REMOVED);
        if (kept) return Matcher.quoteReplacement(match.group());
        String quote = value.startsWith("\"") || value.startsWith("'") ? value.substring(0, 1) : "";
        return Matcher.quoteReplacement(match.group(1) + match.group(2) + quote + REMOVED + quote);
    }
}
