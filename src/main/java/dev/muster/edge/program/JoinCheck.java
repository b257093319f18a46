package dev.muster.edge.program;

import dev.muster.edge.cli.Exit;
import dev.muster.edge.cli.Failure;
import java.io.IOException;
import java.net.HttpURLConnection;
import java.net.URI;
import java.util.List;

/// Asks a node of the cluster before a new one's directory is written, so that a wrong token or a taken name is told at
/// once. Where nobody answers yet, the agent will ask for itself when it starts.
final class JoinCheck {
    private static final int TIMEOUT_MS = 3_000;

    private JoinCheck() {}

    /// @return whether some node answered
    static boolean ask(List<String> seeds, String token, String name) throws Failure {
        for (String seed : seeds) {
            try {
                int known = status(seed, "/v1/nodes/" + name, token);
                if (known == 401) {
                    throw new Failure(
                            Exit.NOT_ALLOWED,
                            "UNAUTHORIZED",
                            "expected the token of " + seed + "'s cluster, but it was refused",
                            "`muster cluster token` on one of its nodes prints it; nothing was written");
                }
                if (known == 200) {
                    throw new Failure(
                            Exit.ERROR,
                            "CONFLICT",
                            "expected " + name + " to be a new name, but a node of the cluster has it",
                            "choose another by --name, or `muster node remove " + name
                                    + "` if that machine is gone for good; nothing was written");
                }
                return true;
            } catch (IOException e) {
                // the next seed may answer
            }
        }
        return false;
    }

    private static int status(String seed, String path, String token) throws IOException {
        String address = seed.contains(":") ? seed : seed + ":8770";
        HttpURLConnection connection = (HttpURLConnection)
                URI.create("http://" + address + path).toURL().openConnection();
        connection.setConnectTimeout(TIMEOUT_MS);
        connection.setReadTimeout(TIMEOUT_MS);
        connection.setRequestProperty("Authorization", "Bearer " + token);
        return connection.getResponseCode();
    }
}
