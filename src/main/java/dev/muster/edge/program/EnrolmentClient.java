package dev.muster.edge.program;

import dev.muster.edge.cli.Exit;
import dev.muster.edge.cli.Failure;
import dev.muster.edge.view.Doc;
import dev.muster.edge.view.DocText;
import dev.muster.edge.view.NotJson;
import java.io.IOException;
import java.io.InputStream;
import java.net.HttpURLConnection;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;

/// Shows a one-time token to the cluster's nodes in turn, until one has given the cluster's own token for it.
final class EnrolmentClient {
    private static final int CONNECT_MS = 3_000;
    /// Longer than a node waits for a leader.
    private static final int READ_MS = 20_000;
    /// Each node this often: one of them may have lost its leader for a moment.
    private static final int ROUNDS = 3;

    private EnrolmentClient() {}

    /// @param voters their APIs, `host:port`
    record Answer(String clusterId, String token, Optional<String> role, List<String> voters) {
        /// Where the node asks for its cluster: where it was enrolled, then the voters.
        List<String> seeds(List<String> given) {
            Set<String> all = new LinkedHashSet<>(given);
            all.addAll(voters);
            return List.copyOf(all);
        }
    }

    /// Every try carries the same request id, so that the token is used once however many nodes took it.
    ///
    /// @throws Failure with the cluster's word why not, or that nobody could be asked
    static Answer ask(List<String> seeds, String token, String name) throws Failure {
        Doc form = Doc.object()
                .with("name", name)
                .with("token", token)
                .with("request", UUID.randomUUID().toString());
        byte[] body = DocText.compact(form).getBytes(StandardCharsets.UTF_8);
        List<String> troubles = new ArrayList<>();
        for (int round = 0; round < ROUNDS; round++) {
            troubles.clear();
            for (String seed : seeds) {
                try {
                    Optional<Answer> answer = answer(seed, body);
                    if (answer.isPresent()) return answer.get();
                    troubles.add(seed + " has no leader to ask");
                } catch (IOException | NotJson e) {
                    troubles.add(seed + ": " + e.getMessage());
                }
            }
        }
        throw new Failure(
                Exit.ERROR,
                "UNAVAILABLE",
                "nobody could be asked: " + String.join("; ", troubles),
                "the token may have been used all the same: where it is refused as used, `muster cluster token --for "
                        + name + "` makes another; nothing was written");
    }

    /// @return nothing when another node, or the same one later, may know more
    private static Optional<Answer> answer(String seed, byte[] body) throws IOException, Failure {
        String address = seed.contains(":") ? seed : seed + ":8770";
        HttpURLConnection connection = (HttpURLConnection)
                URI.create("http://" + address + "/v1/enrol").toURL().openConnection();
        connection.setConnectTimeout(CONNECT_MS);
        connection.setReadTimeout(READ_MS);
        connection.setDoOutput(true);
        connection.setRequestProperty("Content-Type", "application/json");
        connection.getOutputStream().write(body);
        int status = connection.getResponseCode();
        Doc doc = read(status == 200 ? connection.getInputStream() : connection.getErrorStream());
        if (status == 200) return Optional.of(read(doc));
        if (status == 503) return Optional.empty();
        throw new Failure(
                status == 429 ? Exit.ERROR : Exit.NOT_ALLOWED,
                doc.text("code"),
                doc.has("message") ? doc.text("message") : address + " answered " + status,
                doc.has("hint") && !doc.text("hint").isEmpty() ? doc.text("hint") : "nothing was written");
    }

    private static Doc read(InputStream in) throws IOException {
        if (in == null) return Doc.object();
        try (in) {
            return Doc.json(in.readAllBytes());
        }
    }

    private static Answer read(Doc doc) {
        List<String> voters = doc.list("voters").stream()
                .map(voter -> voter.text("host") + ":" + voter.text("api_port"))
                .toList();
        Optional<String> role =
                doc.has("role") ? Optional.of(doc.text("role").toLowerCase(Locale.ROOT)) : Optional.empty();
        return new Answer(doc.text("cluster_id"), doc.text("token"), role, voters);
    }
}
