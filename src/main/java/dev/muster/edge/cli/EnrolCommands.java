package dev.muster.edge.cli;

import dev.muster.core.state.Enrolment;
import dev.muster.edge.view.Doc;
import dev.muster.edge.view.TokenText;
import dev.muster.edge.wire.Durations;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import picocli.CommandLine.Model.CommandSpec;

/// `muster cluster token --for NODE` and `muster cluster tokens`: one-time tokens, by which a machine becomes a node.
final class EnrolCommands {
    private static final int TOKEN_BYTES = 32;

    private EnrolCommands() {}

    /// @param own what it does without `--for`
    static Verb token(Verb.Action own) {
        return Verb.of(
                        "token",
                        "Make a one-time token for a new node, or print this machine's cluster token.",
                        args -> args.text("--for").isPresent() ? forNode(args) : printed(args, own))
                .option("--for", "NODE", "a token by which one machine may join under this name, once")
                .option("--ttl", "TIME", "with --for: good for so long, 1h unless told")
                .option(
                        "--role",
                        "ROLE",
                        "with --for: the only role it may join with: mixed, selfplay, training or coordinator; worker is"
                                + " any of them, voter any and a vote")
                .flag("--revoke", "with --for: the name's token is worth nothing any more")
                .order();
    }

    static CommandSpec tokens() {
        return Verb.of(
                        "tokens",
                        "List one-time tokens, without what opens them.",
                        args -> Show.answer(
                                args,
                                "/v1/cluster/tokens",
                                (doc, wide, now) -> TokenText.list(doc, now),
                                Show.names("tokens", "node")))
                .watchable()
                .build();
    }

    private static int printed(Args args, Verb.Action own) throws Failure {
        for (String option : List.of("--ttl", "--role")) if (args.text(option).isPresent()) throw needsFor(option);
        if (args.flag("--revoke")) throw needsFor("--revoke");
        return own.run(args);
    }

    private static Failure needsFor(String option) {
        return Failure.usage("expected --for NODE with " + option, "`muster cluster token --for n7 --ttl 1h`");
    }

    private static int forNode(Args args) throws Failure {
        String node = args.text("--for").orElseThrow();
        if (args.flag("--revoke")) {
            Client.Answer done =
                    Settings.client(args).order("DELETE", "/v1/cluster/tokens/" + Words.segment(node), Words.why(args));
            return Show.done(args, done, "the token for " + node + " is worth nothing any more");
        }
        Duration ttl = args.duration("--ttl", Enrolment.TTL_DEFAULT);
        String token = random();
        String sha = sha(token);
        Doc body = Words.why(args).with("node", node).with("token_sha256", sha).with("ttl", Durations.text(ttl));
        Client.Answer done = Settings.client(args)
                .order(
                        "POST",
                        "/v1/cluster/tokens",
                        withRole(body, args.text("--role").orElse("worker")));
        if (!done.doc().text("created").equals(sha)) {
            throw new Failure(
                    Exit.ERROR,
                    "CONFLICT",
                    "expected a new order, but the request id "
                            + args.text("--request-id").orElse("")
                            + " is an earlier one's, whose token was printed then",
                    "`muster cluster token --for " + node + "` makes another one, which replaces it");
        }
        return print(args, node, token, ttl);
    }

    private static Doc withRole(Doc body, String written) {
        String word = written.toLowerCase(Locale.ROOT);
        return switch (word) {
            case "worker" -> body;
            case "voter" -> body.with("voter", true);
            default -> body.with("role", word);
        };
    }

    /// The token alone on stdout, so that it can be sent into a file; what to do with it beside it.
    private static int print(Args args, String node, String token, Duration ttl) throws Failure {
        Doc made = Doc.object().with("node", node).with("token", token).with("ttl", Durations.text(ttl));
        args.shell().out().print(args.output().render(made, wide -> token + "\n", doc -> List.of(token)));
        if (args.output() == Output.TABLE || args.output() == Output.WIDE)
            args.shell()
                    .err()
                    .println("good once, for " + Durations.text(ttl)
                            + "; on the new machine, with this line in FILE: muster cluster join HOST:8770 --name "
                            + node + " --enrol-token-file FILE");
        return Exit.DONE;
    }

    private static String random() {
        byte[] bytes = new byte[TOKEN_BYTES];
        new SecureRandom().nextBytes(bytes);
        return HexFormat.of().formatHex(bytes);
    }

    private static String sha(String token) {
        try {
            return HexFormat.of()
                    .formatHex(MessageDigest.getInstance("SHA-256").digest(token.getBytes(StandardCharsets.UTF_8)));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }
}
