package dev.muster.edge.http;

import static dev.muster.edge.http.Route.order;

import dev.muster.core.hosts.HostStatus;
import dev.muster.core.hosts.ImportPlan;
import dev.muster.core.hosts.Wish;
import dev.muster.core.state.ClusterState;
import dev.muster.core.state.Command;
import dev.muster.core.state.Declared;
import dev.muster.core.state.Desired;
import dev.muster.core.state.NodeId;
import dev.muster.core.state.Role;
import dev.muster.edge.http.Routes.Ordered;
import dev.muster.edge.view.ImportView;
import dev.muster.edge.view.Picture;
import dev.muster.edge.wire.Wire;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeSet;
import tools.jackson.databind.JsonNode;

/// Machines that are declared: one, or all that a file names.
final class HostRoutes {
    /// Digits of a plan's name: two plans are not the same by chance.
    private static final int PLAN_DIGITS = 16;

    private HostRoutes() {}

    /// @param desired  ready unless told
    /// @param role     coordinator, selfplay, training or mixed
    /// @param instance what its provider calls it, `vast:29129529`
    record Host(
            String name,
            Optional<String> desired,
            Optional<String> role,
            Optional<String> instance,
            Optional<Boolean> ephemeral,
            Optional<String> why) {}

    /// @param status the file's word
    record Listed(
            String name,
            Optional<String> status,
            Optional<String> role,
            Optional<String> instance,
            Optional<Boolean> ephemeral) {}

    /// @param plan          as the check named it: refused when it would be another one now
    /// @param overrideBrake nodes that go out of service, as a person typed it, when the brake stops the plan
    record Import(List<Listed> hosts, Optional<String> plan, OptionalInt overrideBrake, Optional<String> why) {}

    static List<Route> of(Api api) {
        return List.of(
                order("POST", "/v1/nodes", "Declare a machine before it joins.", Ordered.class, call -> add(api, call))
                        .taking(Host.class),
                order(
                                "POST",
                                "/v1/nodes/import",
                                "Declare what a file says of machines, and what is wanted of them; braked when much of the fleet would go"
                                        + " out of service.",
                                ImportView.class,
                                call -> importAll(api, call))
                        .taking(Import.class),
                order(
                                "POST",
                                "/v1/nodes/import/check",
                                "What this import would do, by the state this node knows; nothing is changed.",
                                ImportView.class,
                                call -> check(api, call))
                        .taking(Import.class));
    }

    private static Reply add(Api api, Call call) throws IOException {
        JsonNode body = call.object(Call.ORDER_MAX);
        Declared host;
        try {
            host = new Declared(
                    new NodeId(body.path("name").asString("")),
                    word(Desired.class, body, "desired").orElse(Desired.READY),
                    word(Role.class, body, "role"),
                    body.path("instance").asString(""),
                    body.path("ephemeral").asBoolean(false));
        } catch (IllegalArgumentException e) {
            throw Problem.invalid(e.getMessage(), "");
        }
        return Reply.ok(new Ordered(
                api.orders().give(call, body, new Command.AddNode(host)).revision()));
    }

    private static Reply check(Api api, Call call) throws IOException {
        ImportPlan plan = plan(api, call.object(Call.ORDER_MAX));
        return Reply.ok(ImportView.of(api.picture().state().revision(), name(plan), plan));
    }

    private static Reply importAll(Api api, Call call) throws IOException {
        JsonNode body = call.object(Call.ORDER_MAX);
        OptionalInt overridden = overridden(body);
        ImportPlan plan = plan(api, body);
        String expected = body.path("plan").asString("");
        // What was applied before is answered as it was then, though there is nothing left to plan.
        boolean again = api.orders().answered(call);
        if (!again && !expected.isEmpty() && !expected.equals(name(plan))) {
            throw Problem.of(
                    409,
                    "STALE",
                    "expected the cluster to be as the plan found it, but the import would do something else now",
                    "look at the plan again, with --dry-run");
        }
        long revision = plan.steps().isEmpty() && !again
                ? api.picture().state().revision()
                : api.orders().give(call, body, plan.order(overridden)).revision();
        return Reply.ok(ImportView.of(revision, name(plan), plan));
    }

    private static OptionalInt overridden(JsonNode body) {
        JsonNode number = body.path("override_brake");
        if (number.isMissingNode() || number.isNull()) return OptionalInt.empty();
        if (number.isInt() && number.asInt() >= 0) return OptionalInt.of(number.asInt());
        throw Problem.invalid(
                "override_brake: expected the number of nodes that go out of service, but found "
                        + Malformed.describe(number),
                "");
    }

    private static ImportPlan plan(Api api, JsonNode body) {
        JsonNode hosts = body.path("hosts");
        if (!hosts.isArray())
            throw Problem.invalid("hosts: expected a list of machines, but found " + Malformed.describe(hosts), "");
        List<Wish> wishes = new ArrayList<>();
        for (JsonNode host : hosts) wishes.add(wish(host, wishes.size()));
        Picture picture = api.picture();
        ClusterState state = picture.state();
        Set<NodeId> heard = new TreeSet<>();
        state.fleet().nodes().values().stream()
                .filter(node -> picture.life(node) == Picture.Life.ALIVE)
                .forEach(node -> heard.add(node.id()));
        return ImportPlan.of(wishes, state, heard, api.settings().changes(), picture.now());
    }

    private static Wish wish(JsonNode host, int index) {
        try {
            return new Wish(
                    host.path("name").asString(""),
                    HostStatus.of(host.path("status").asString("")),
                    word(Role.class, host, "role"),
                    host.path("instance").asString(""),
                    host.path("ephemeral").asBoolean(false));
        } catch (IllegalArgumentException e) {
            throw Problem.invalid("hosts[" + index + "]." + e.getMessage(), "");
        }
    }

    private static <E extends Enum<E>> Optional<E> word(Class<E> type, JsonNode body, String key) {
        String text = body.path(key).asString("");
        if (text.isEmpty()) return Optional.empty();
        for (E word : type.getEnumConstants()) if (word.name().equalsIgnoreCase(text)) return Optional.of(word);
        String known = String.join(
                ", ",
                Arrays.stream(type.getEnumConstants()).map(HostRoutes::lower).toList());
        throw new IllegalArgumentException(key + ": expected one of " + known + ", but found \"" + text + "\"");
    }

    private static String lower(Enum<?> word) {
        return word.name().toLowerCase(Locale.ROOT);
    }

    private static String name(ImportPlan plan) {
        try {
            byte[] changes =
                    Wire.text(plan.order(OptionalInt.empty()).changes()).getBytes(StandardCharsets.UTF_8);
            return HexFormat.of()
                    .formatHex(MessageDigest.getInstance("SHA-256").digest(changes))
                    .substring(0, PLAN_DIGITS);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("expected the JDK to have SHA-256", e);
        }
    }
}
