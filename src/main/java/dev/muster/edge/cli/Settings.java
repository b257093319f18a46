package dev.muster.edge.cli;

import dev.muster.edge.view.Doc;
import dev.muster.edge.view.NotJson;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/// Which nodes to ask, and with what token: options over environment over the context file.
final class Settings {
    static final String NODE_DEFAULT = "http://127.0.0.1:8770";
    private static final Duration TIMEOUT = Duration.ofSeconds(30);
    private static final List<String> CONTEXT = List.of("node", "nodes", "token");
    private static final List<String> TOKENS = List.of("MUSTER_TOKEN", "RINGRIFT_CLUSTER_AUTH_TOKEN");
    private static final List<String> TOKEN_FILES = List.of("MUSTER_TOKEN_FILE", "RINGRIFT_CLUSTER_AUTH_TOKEN_FILE");

    private Settings() {}

    static Client client(Args args) throws Failure {
        Map<String, String> env = args.shell().env();
        Doc context = context(env);
        return new Client(
                nodes(args, env, context),
                token(args, env, context),
                args.globalDuration("--timeout", TIMEOUT),
                actor(env));
    }

    /// `$XDG_CONFIG_HOME/muster/context.json`: `{"nodes": ["http://n1:8770", …], "token": "…"}`, or one `node`.
    static Path contextFile(Map<String, String> env) {
        String base = env.getOrDefault("XDG_CONFIG_HOME", "");
        Path folder = base.isEmpty() ? Path.of(env.getOrDefault("HOME", "/"), ".config") : Path.of(base);
        return folder.resolve("muster").resolve("context.json");
    }

    private static Doc context(Map<String, String> env) throws Failure {
        Path file = contextFile(env);
        if (!Files.exists(file)) return Doc.object();
        try {
            Doc context = Doc.json(Files.readAllBytes(file));
            for (String key : context.entries().keySet()) {
                if (!CONTEXT.contains(key)) {
                    throw Failure.usage(file + ": expected the keys nodes and token, but found " + key, "");
                }
            }
            return context;
        } catch (IOException e) {
            throw Failure.usage("expected to read " + file + ", but found " + e, "");
        } catch (NotJson e) {
            throw Failure.usage(file + " is no JSON: " + e.getMessage(), "");
        }
    }

    private static List<String> nodes(Args args, Map<String, String> env, Doc context) {
        Optional<String> written = args.text("--api").or(() -> args.global("--node"));
        if (written.isPresent()) return list(written.get());
        String variable = env.getOrDefault("MUSTER_NODE", "");
        if (!variable.isBlank()) return list(variable);
        List<String> several = Stream.concat(context.list("nodes").stream(), context.list("node").stream())
                .map(Doc::text)
                .toList();
        if (!several.isEmpty()) return several;
        return context.has("node") ? List.of(context.text("node")) : List.of(NODE_DEFAULT);
    }

    /// `job run --node n3` chooses the node that is to run the job; an address looks different.
    static boolean isUrl(String text) {
        return text.contains(":") || text.contains("/");
    }

    private static List<String> list(String commaSeparated) {
        return Stream.of(commaSeparated.split(","))
                .map(String::strip)
                .filter(node -> !node.isEmpty())
                .toList();
    }

    private static String token(Args args, Map<String, String> env, Doc context) throws Failure {
        Optional<String> written = args.text("--token").or(() -> first(env, TOKENS));
        if (written.isPresent()) return written.get().strip();
        Optional<String> file = first(env, TOKEN_FILES);
        if (file.isEmpty()) return context.text("token");
        try {
            return Files.readString(Path.of(file.get())).strip();
        } catch (IOException e) {
            throw Failure.usage("expected the cluster's token in " + file.get() + ", but found " + e, "");
        }
    }

    private static Optional<String> first(Map<String, String> env, List<String> names) {
        return names.stream()
                .map(name -> env.getOrDefault(name, ""))
                .filter(value -> !value.isBlank())
                .findFirst();
    }

    /// For the audit.
    private static String actor(Map<String, String> env) {
        String user = env.getOrDefault("MUSTER_ACTOR", env.getOrDefault("USER", ""));
        return user.isBlank() ? "somebody" : user;
    }
}
