package dev.muster.edge.http;

import static dev.muster.edge.http.Route.get;
import static dev.muster.edge.http.Route.order;

import dev.muster.core.alert.AlertRule;
import dev.muster.core.plan.Alerting;
import dev.muster.core.plan.Wait;
import dev.muster.core.state.AlertPolicy;
import dev.muster.core.state.Command;
import dev.muster.core.state.NodeId;
import dev.muster.core.state.Silence;
import dev.muster.edge.config.AlertPolicyFile;
import dev.muster.edge.config.AlertWish;
import dev.muster.edge.config.ConfigException;
import dev.muster.edge.config.Nearest;
import dev.muster.edge.http.Routes.Ordered;
import dev.muster.edge.node.Member;
import dev.muster.edge.node.Telling;
import dev.muster.edge.view.AlertPolicyRow;
import dev.muster.edge.view.AlertRow;
import dev.muster.edge.view.AlertRuleRow;
import dev.muster.edge.view.AlertsView;
import dev.muster.edge.wire.Durations;
import java.io.IOException;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// Alerts: what is wrong, who is told, and what nobody wants to hear.
final class AlertRoutes {
    private static final Map<String, String> TRIED =
            Map.of("dry_run", "true: only say whether it would be accepted", "why", "the reason, for the audit");

    private AlertRoutes() {}

    /// @param rules in the order of docs/ALERTS.md
    record Rules(List<AlertRuleRow> rules) {}

    /// @param pattern a rule, or RULE/SUBJECT, with * for any text: `node-lost/gpu-*`
    /// @param time    as `2h`, up to 30 days
    record Wanted(String pattern, String time, Optional<String> why) {}

    /// @param covers rules that it can be about
    record Silenced(String id, String pattern, Instant until, List<String> covers, long revision) {}

    /// @param channel absent: all
    record Test(Optional<String> channel) {}

    /// What came of a test.
    ///
    /// @param node   whose channels they are
    /// @param leads  it gives the cluster's notices
    /// @param leader whoever does
    record Tests(NodeId node, boolean leads, Optional<NodeId> leader, List<Telling.Tested> channels) {}

    static List<Route> of(Api api) {
        return List.of(
                get(
                                "/v1/alerts",
                                "What is wrong, what is owed to channels, and silences.",
                                AlertsView.class,
                                call -> Reply.ok(AlertsView.of(
                                        api.picture(),
                                        waits(api),
                                        call.query("all", Boolean::parseBoolean).orElse(false))))
                        .asking(Map.of("all", "true: also what is over")),
                get(
                        "/v1/alerts/rules",
                        "What is watched, by which limits.",
                        Rules.class,
                        call -> Reply.ok(
                                new Rules(AlertRuleRow.all(api.picture().state())))),
                get(
                        "/v1/alerts/policy",
                        "When people are told of what.",
                        AlertPolicyRow.class,
                        call -> Reply.ok(AlertPolicyRow.of(policy(api)))),
                order(
                                "PUT",
                                "/v1/alerts/policy",
                                "Change it; what is not written stays.",
                                Ordered.class,
                                call -> change(api, call))
                        .asking(TRIED)
                        .taking(AlertPolicyRow.class),
                order(
                                "POST",
                                "/v1/alerts/silences",
                                "Tell nobody of some alerts for a time.",
                                Silenced.class,
                                call -> silence(api, call))
                        .taking(Wanted.class),
                order(
                        "DELETE",
                        "/v1/alerts/silences/{id}",
                        "End a silence.",
                        Ordered.class,
                        call -> Reply.ok(new Ordered(api.orders()
                                .give(call, new Command.EndSilence(call.path("id", String::strip)))
                                .revision()))),
                order(
                                "POST",
                                "/v1/alerts/test",
                                "This node gives a test by each of its channels, and waits for what comes of it.",
                                Tests.class,
                                call -> test(api, call))
                        .asking(Map.of())
                        .taking(Test.class),
                get(
                        "/v1/alerts/{rule}",
                        "One alert.",
                        AlertRow.class,
                        call -> Reply.ok(show(api, call.path("rule", String::strip)))),
                get(
                        "/v1/alerts/{rule}/{subject}",
                        "One alert of a rule whose subjects have an alert each.",
                        AlertRow.class,
                        call -> Reply.ok(show(
                                api, call.path("rule", String::strip) + "/" + call.path("subject", String::strip)))));
    }

    private static List<Wait> waits(Api api) {
        return api.member().waits().orElse(List.of());
    }

    private static AlertPolicy policy(Api api) {
        return api.picture().state().alerts().policy();
    }

    private static AlertRow show(Api api, String id) {
        return api.picture()
                .state()
                .alerts()
                .alerts()
                .find(id)
                .map(alert -> AlertRow.of(api.picture(), alert, waits(api)))
                .orElseThrow(() ->
                        Problem.notFound("no alert " + id + " is open", "`muster alert list` shows those that are"));
    }

    // ---- the policy

    private static Reply change(Api api, Call call) throws IOException {
        ObjectNode body = (ObjectNode) call.object(Call.ORDER_MAX);
        Command order;
        try {
            AlertWish wish = AlertPolicyFile.read(RentRoutes.without(body, "why"));
            order = new Command.SetAlertPolicy(wish.on(policy(api)));
        } catch (ConfigException | IllegalArgumentException e) {
            throw Problem.invalid(String.valueOf(e.getMessage()), "docs/ALERTS.md lists the keys");
        }
        if (call.query("dry_run", Boolean::parseBoolean).orElse(false)) {
            api.orders().tryOut(call, body, order);
            return Reply.ok(new Ordered(api.picture().state().revision()));
        }
        return Reply.ok(new Ordered(api.orders().give(call, body, order).revision()));
    }

    // ---- silences

    private static Reply silence(Api api, Call call) throws IOException {
        JsonNode body = call.object(Call.ORDER_MAX);
        for (String key : body.propertyNames())
            if (!List.of("pattern", "time", "why").contains(key))
                throw Problem.invalid("unknown key \"" + key + "\"", "known keys are pattern, time, why");
        String pattern = body.path("pattern").asString("");
        Command.SilenceAlerts order = silence(pattern, body.path("time").asString(""));
        Orders.Done done = api.orders().give(call, body, order);
        Instant until = api.member()
                .state()
                .alerts()
                .silences()
                .find(done.created())
                .map(Silence::until)
                .orElse(api.picture().now().plus(order.time()));
        return Reply.ok(new Silenced(done.created(), pattern, until, covers(pattern), done.revision()));
    }

    /// @param time as people write it
    /// @throws Problem 400 when it is no pattern, covers no rule, or for no time
    static Command.SilenceAlerts silence(String pattern, String time) {
        try {
            Command.SilenceAlerts order = new Command.SilenceAlerts(pattern, Durations.parse(time));
            if (covers(pattern).isEmpty())
                // Its message names the nearest.
                AlertWish.rule(rule(pattern));
            return order;
        } catch (IllegalArgumentException e) {
            throw Problem.invalid(String.valueOf(e.getMessage()), "`muster alert rules` shows all rules");
        }
    }

    private static String rule(String pattern) {
        int slash = pattern.indexOf('/');
        return slash < 0 ? pattern : pattern.substring(0, slash);
    }

    private static List<String> covers(String pattern) {
        Silence any = new Silence("", rule(pattern), Instant.EPOCH, "", "", Instant.EPOCH);
        return AlertRule.words().stream().filter(rule -> any.covers(rule, "")).toList();
    }

    // ---- a test

    private static Reply test(Api api, Call call) throws IOException {
        JsonNode body = call.object(Call.ORDER_MAX);
        Optional<String> channel =
                Optional.of(body.path("channel").asString("")).filter(name -> !name.isBlank());
        Telling telling = api.member().telling();
        List<String> known = telling.ways().stream().map(Alerting.Way::name).toList();
        if (channel.filter(name -> !known.contains(name)).isPresent() && !known.isEmpty())
            throw Problem.notFound(
                    "no channel " + channel.get() + " on " + api.member().self(),
                    Nearest.of(channel.get(), known)
                            .map(near -> "did you mean " + near + "?")
                            .orElse("there are " + String.join(", ", known)));
        Member.Standing standing = api.member().standing();
        return Reply.ok(new Tests(
                api.member().self(), standing.leading(), standing.leader(), telling.test(channel, Orders.actor(call))));
    }
}
