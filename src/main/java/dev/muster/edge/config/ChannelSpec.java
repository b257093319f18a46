package dev.muster.edge.config;

import dev.muster.core.state.AlertLevel;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// One way to tell people, as a file or the environment has it.
///
/// @param name    the same for as long as it stands in the file: what was told is kept by it
/// @param levels  that it takes
/// @param rules   that it takes; all where there are none
/// @param except  rules that it does not take, whatever else is said
/// @param always  rules that it takes at any level, because the file says how bad they are
/// @param timeout for one answer
public record ChannelSpec(
        String name,
        Way way,
        List<AlertLevel> levels,
        List<String> rules,
        List<String> except,
        List<String> always,
        Duration timeout) {
    static final String NAME = "[A-Za-z0-9][A-Za-z0-9._-]{0,62}";

    public ChannelSpec {
        if (!name.matches(NAME))
            throw new IllegalArgumentException(
                    "expected a name of letters, digits and ._-, at most 63, but found \"" + name + "\"");
        levels = List.copyOf(levels);
        rules = List.copyOf(rules);
        except = List.copyOf(except);
        always = List.copyOf(always);
    }

    /// Where it goes.
    public sealed interface Way {
        /// A webhook's address is its secret.
        record Slack(Secret url) implements Way {}

        record Discord(Secret url) implements Way {}

        /// @param url        of the events
        /// @param severities PagerDuty's word by rule or by level in small letters
        record PagerDuty(URI url, Secret key, Map<String, String> severities) implements Way {}

        /// @param url        of the API, before `/v2`
        /// @param priorities `P1` to `P5` by rule or by level in small letters
        record Opsgenie(URI url, Secret key, Map<String, String> priorities) implements Way {}

        record Webhook(Secret url, Map<String, Secret> headers) implements Way {}

        /// @param url of Alertmanager, before `/api/v2`
        record Alertmanager(Secret url, Map<String, Secret> headers) implements Way {}

        /// @param user nobody where it is empty
        record Mail(
                String host,
                int port,
                Security security,
                String user,
                Optional<Secret> password,
                String from,
                List<String> to)
                implements Way {}
    }

    /// How a mail goes to its server.
    public enum Security {
        /// Encrypted after a word in the open; without it, nothing is sent.
        STARTTLS,
        /// Encrypted from the beginning.
        TLS,
        /// In the open, and never with a password to another machine.
        NONE
    }

    public boolean takes(String rule, AlertLevel level) {
        if (except.contains(rule) || !rules.isEmpty() && !rules.contains(rule)) return false;
        return always.contains(rule) || levels.contains(level);
    }

    public String type() {
        return switch (way) {
            case Way.Slack slack -> "slack";
            case Way.Discord discord -> "discord";
            case Way.PagerDuty pager -> "pagerduty";
            case Way.Opsgenie opsgenie -> "opsgenie";
            case Way.Webhook webhook -> "webhook";
            case Way.Alertmanager prometheus -> "alertmanager";
            case Way.Mail mail -> "email";
        };
    }

    /// Where it goes, without what is secret of it.
    public String masked() {
        return switch (way) {
            case Way.Slack slack -> masked(slack.url);
            case Way.Discord discord -> masked(discord.url);
            case Way.PagerDuty pager -> host(pager.url) + from(pager.key);
            case Way.Opsgenie opsgenie -> host(opsgenie.url) + from(opsgenie.key);
            case Way.Webhook webhook -> masked(webhook.url);
            case Way.Alertmanager prometheus -> masked(prometheus.url);
            case Way.Mail mail -> String.join(", ", mail.to) + " by " + mail.host + ":" + mail.port;
        };
    }

    /// Two that go to the same place tell the same people twice.
    boolean goesWhere(ChannelSpec other) {
        return type().equals(other.type()) && target(way).equals(target(other.way));
    }

    private static List<Object> target(Way way) {
        return switch (way) {
            case Way.Slack slack -> target(slack.url);
            case Way.Discord discord -> target(discord.url);
            case Way.PagerDuty pager -> target(pager.key);
            case Way.Opsgenie opsgenie -> target(opsgenie.key);
            case Way.Webhook webhook -> target(webhook.url);
            case Way.Alertmanager prometheus -> target(prometheus.url);
            case Way.Mail mail -> List.of(mail.host, mail.to);
        };
    }

    private static List<Object> target(Secret secret) {
        return List.of(secret.text(), secret.file());
    }

    static String masked(Secret url) {
        if (url.file().isPresent()) return "address" + from(url);
        return host(URI.create(url.text())) + "/…" + from(url);
    }

    private static String from(Secret secret) {
        return secret.origin().isEmpty() ? "" : " (" + secret.origin() + ")";
    }

    /// Without who asks: some write a password there.
    private static String host(URI url) {
        return url.getPort() < 0 ? url.getHost() : url.getHost() + ":" + url.getPort();
    }
}
