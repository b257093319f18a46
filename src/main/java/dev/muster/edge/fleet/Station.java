package dev.muster.edge.fleet;

import dev.muster.core.fleet.Sight;
import java.io.IOException;
import java.util.List;

/// One host, as a fleet is worked on. Every call may be repeated; each says in its exception what the host said.
public interface Station {
    /// What is there.
    ///
    /// @throws IOException when it cannot be looked at
    Sight.Reached look() throws IOException, InterruptedException;

    /// Puts the bundle there beside other releases; the first one becomes the one that starts.
    void install(Bundle bundle) throws IOException, InterruptedException;

    /// Makes the data directory of a founder.
    ///
    /// @param token of the cluster
    void found(String node, String token, List<String> arguments) throws IOException, InterruptedException;

    /// Makes the data directory of a node that joins.
    ///
    /// @param token one-time
    void enrol(String node, String token, List<String> arguments) throws IOException, InterruptedException;

    /// Lays a secret into the data directory, for its owner only; in the place of one that is there.
    void secret(String name, String value) throws IOException, InterruptedException;

    /// Starts the agent and waits until it answers as this node.
    Answering start() throws IOException, InterruptedException;

    /// Ends the agent and starts it again; its jobs go on.
    Answering restart() throws IOException, InterruptedException;

    /// Makes another release the one that runs. One that does not answer is given up for the one before.
    Answering change(String release) throws IOException, InterruptedException;

    /// [#change] to the release before the present one, by the host's own record.
    Answering rollback() throws IOException, InterruptedException;

    /// Ends the agent; its jobs go on.
    void stop() throws IOException, InterruptedException;

    /// Asks the API of the agent there, with that node's own token.
    ///
    /// @param body JSON, or empty
    /// @return the answer's JSON
    /// @throws IOException also when the answer is an error
    String ask(String method, String path, String body) throws IOException, InterruptedException;

    /// An agent that answered.
    record Answering(long pid, String release) {}
}
