package dev.muster.edge.vastsim;

import java.io.IOException;
import java.util.List;
import java.util.Map;

/// What makes instances real. Calls for one instance come one after the other, those for different ones at the same
/// time.
public interface Boot extends AutoCloseable {
    /// What it is to run.
    ///
    /// @param onstart the script; may be empty
    /// @param env     variables; docker's options are not among them
    /// @param ports   asked for, as `8080/tcp`
    /// @param keys    public keys that open it
    record Facts(
            long id, String image, String onstart, Map<String, String> env, List<String> ports, List<String> keys) {
        public Facts {
            env = Map.copyOf(env);
            ports = List.copyOf(ports);
            keys = List.copyOf(keys);
        }
    }

    /// How it is reached once it runs.
    ///
    /// @param ports of the outside by those of the inside, with `22/tcp`
    record Doors(String sshHost, int sshPort, String publicIp, Map<String, Integer> ports) {
        public Doors {
            ports = Map.copyOf(ports);
        }
    }

    /// A place for an instance that was rented; nothing runs yet. Quick.
    Doors admit(Facts facts) throws IOException;

    /// Runs it, on the disk that it had.
    void start(Facts facts) throws IOException, InterruptedException;

    /// Ends everything of it; its disk is kept.
    void stop(long id) throws IOException, InterruptedException;

    /// Empties its disk.
    void wipe(long id) throws IOException;

    /// Its disk is gone, and its place.
    void destroy(long id) throws IOException, InterruptedException;

    /// From now on these open it.
    void keys(long id, List<String> keys) throws IOException;

    /// What it has written.
    String log(long id) throws IOException;

    /// Runs `ls`, `du` or `rm` on its disk.
    ///
    /// @return what it wrote
    String run(long id, List<String> words) throws IOException, InterruptedException;

    /// Ends everything.
    @Override
    void close();

    /// Nothing is real: for who looks at the wire only.
    static Boot none() {
        return new NoBoot();
    }
}
