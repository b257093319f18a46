package dev.muster.edge.http;

import dev.muster.core.state.Actor;
import dev.muster.core.state.Bytes;
import java.lang.reflect.GenericArrayType;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// Describes the route table as OpenAPI 3.1. The document is checked in; a test compares it with this.
final class OpenApi {
    private static final JsonMapper MAPPER = JsonMapper.builder().build();
    private static final Pattern BLANK = Pattern.compile("\\{([a-z]+)}");
    private static final List<String> ERRORS = List.of(
            "400 malformed or contradictory",
            "401 the token is missing or wrong",
            "404 the named thing does not exist",
            "409 the thing is in a state that does not allow it",
            "429 a limit is reached",
            "503 nobody can be asked now: no quorum; `maybe` tells whether an order may have been applied");

    private final Map<String, ObjectNode> schemas = new TreeMap<>();

    private OpenApi() {}

    static String of(List<Route> routes) {
        return new OpenApi().document(routes);
    }

    private String document(List<Route> routes) {
        ObjectNode document = MAPPER.createObjectNode();
        document.put("openapi", "3.1.0");
        ObjectNode info = document.putObject("info");
        info.put("title", "Muster");
        info.put("version", "1");
        info.put(
                "description",
                "The API of every node. Any node answers: reads from what it knows, orders by passing them on to the leader.");
        info.putObject("license").put("name", "Apache-2.0").put("identifier", "Apache-2.0");
        ObjectNode paths = document.putObject("paths");
        for (Route route : routes) {
            ObjectNode path =
                    paths.get(route.path()) instanceof ObjectNode known ? known : paths.putObject(route.path());
            path.set(route.method().toLowerCase(Locale.ROOT), operation(route));
        }
        schemas.put("Problem", schemaOf(Problem.Body.class));
        ObjectNode components = document.putObject("components");
        components
                .putObject("securitySchemes")
                .putObject("token")
                .put("type", "http")
                .put("scheme", "bearer");
        ObjectNode all = components.putObject("schemas");
        schemas.forEach(all::set);
        return MAPPER.writerWithDefaultPrettyPrinter().writeValueAsString(document) + "\n";
    }

    private ObjectNode operation(Route route) {
        ObjectNode operation = MAPPER.createObjectNode();
        operation.put("summary", route.summary());
        ArrayNode parameters = MAPPER.createArrayNode();
        Matcher blank = BLANK.matcher(route.path());
        while (blank.find())
            parameters.add(parameter("path", blank.group(1), "").put("required", true));
        new TreeMap<>(route.query()).forEach((name, meaning) -> parameters.add(parameter("query", name, meaning)));
        boolean orders = route.access() == Route.Access.TOKEN
                && !route.method().equals("GET")
                && !route.path().contains("/peer/")
                && !route.path().endsWith("/check");
        if (orders) {
            parameters.add(parameter(
                    "header", "Muster-Request", "the order's id, the same for every retry: it is applied once"));
            parameters.add(parameter(
                    "header",
                    "Muster-Actor",
                    "who gives the order, as in ann@laptop: a claim for the audit, not checked"));
        }
        if (!parameters.isEmpty()) operation.set("parameters", parameters);
        route.request().ifPresent(body -> content(operation.putObject("requestBody"), body));
        ObjectNode responses = operation.putObject("responses");
        ObjectNode ok = responses.putObject("200").put("description", "done");
        if (route.answer() != Void.class) content(ok, route.answer());
        ObjectNode problem = responses.putObject("default").put("description", String.join("; ", ERRORS));
        problem.putObject("content")
                .putObject("application/json")
                .putObject("schema")
                .put("$ref", "#/components/schemas/Problem");
        if (route.access() == Route.Access.TOKEN)
            operation.putArray("security").addObject().putArray("token");
        return operation;
    }

    private static ObjectNode parameter(String in, String name, String meaning) {
        ObjectNode parameter = MAPPER.createObjectNode().put("name", name).put("in", in);
        if (!meaning.isEmpty()) parameter.put("description", meaning);
        parameter.putObject("schema").put("type", "string");
        return parameter;
    }

    private void content(ObjectNode to, Class<?> type) {
        to.putObject("content").putObject("application/json").set("schema", schema(type));
    }

    private ObjectNode schema(Type type) {
        return switch (type) {
            case Class<?> known -> schema(known);
            case ParameterizedType generic -> schema((Class<?>) generic.getRawType(), generic.getActualTypeArguments());
            case GenericArrayType array -> list(array.getGenericComponentType());
            default -> MAPPER.createObjectNode();
        };
    }

    private ObjectNode schema(Class<?> raw, Type[] arguments) {
        if (raw == Optional.class) return schema(arguments[0]);
        if (Collection.class.isAssignableFrom(raw)) return list(arguments[0]);
        ObjectNode map = typed("object");
        map.set("additionalProperties", schema(arguments[arguments.length - 1]));
        return map;
    }

    private ObjectNode list(Type element) {
        ObjectNode list = typed("array");
        list.set("items", schema(element));
        return list;
    }

    private ObjectNode schema(Class<?> type) {
        if (type.isArray()) return list(type.getComponentType());
        if (type == int.class || type == long.class || type == Long.class || type == Integer.class)
            return typed("integer");
        if (type == OptionalInt.class || type == OptionalLong.class || type == Bytes.class) return typed("integer");
        if (type == double.class || type == Double.class) return typed("number");
        if (type == boolean.class || type == Boolean.class) return typed("boolean");
        if (type == Instant.class) return typed("string").put("format", "date-time");
        if (type == Duration.class) return typed("string").put("description", "as in 45s or 1h30m");
        if (type.isEnum()) {
            ObjectNode words = typed("string");
            ArrayNode known = words.putArray("enum");
            Arrays.stream(type.getEnumConstants()).forEach(word -> known.add(word.toString()));
            return words;
        }
        if (type.isSealed() && type.isInterface())
            return typed("object").put("description", "one of several, by `type`");
        boolean id = type.getPackageName().equals("dev.muster.core.state")
                && type.isRecord()
                && Comparable.class.isAssignableFrom(type);
        if (!type.isRecord() || id || type == Actor.class) return typed("string");
        String name = name(type);
        if (!schemas.containsKey(name)) {
            schemas.put(name, MAPPER.createObjectNode());
            schemas.put(name, schemaOf(type));
        }
        return MAPPER.createObjectNode().put("$ref", "#/components/schemas/" + name);
    }

    private ObjectNode schemaOf(Class<?> type) {
        ObjectNode object = typed("object");
        ObjectNode properties = object.putObject("properties");
        for (RecordComponent component : type.getRecordComponents()) {
            properties.set(snake(component.getName()), schema(component.getGenericType()));
        }
        return object;
    }

    /// A nested record by both names: `JobRow.Detail` is `JobDetail`.
    private static String name(Class<?> type) {
        Class<?> outer = type.getDeclaringClass();
        if (outer == null) return type.getSimpleName().replaceAll("(Row|View)$", "");
        if (outer.getSimpleName().endsWith("Routes")) return type.getSimpleName();
        String prefix = outer.getSimpleName().replaceAll("(Row|View|Service)$", "");
        String own = type.getSimpleName().replaceAll("(Row|View)$", "");
        return own.startsWith(prefix) ? own : prefix + own;
    }

    private static String snake(String name) {
        return name.replaceAll("([A-Z])", "_$1").toLowerCase(Locale.ROOT);
    }

    private static ObjectNode typed(String type) {
        return MAPPER.createObjectNode().put("type", type);
    }
}
