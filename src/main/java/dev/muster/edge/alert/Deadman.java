package dev.muster.edge.alert;

import dev.muster.edge.config.DeadmanSpec;
import java.net.URI;
import java.time.Duration;
import java.util.List;

/// Somebody elsewhere who is asked while all is well, and who tells people when nobody asks any more: the cluster cannot
/// tell of its own end.
public final class Deadman {
    private final DeadmanSpec spec;
    private final Sender sender;

    Deadman(DeadmanSpec spec, Sender sender) {
        this.spec = spec;
        this.sender = sender;
    }

    public Duration every() {
        return spec.every();
    }

    /// Where it is, without what is secret.
    public String masked() {
        return spec.masked();
    }

    /// @throws NotTold when it has not heard us, or nobody knows
    public void ask() throws NotTold, InterruptedException {
        URI url = Sender.address(spec.url());
        String method = spec.post() ? "POST" : "GET";
        Sender.Call call =
                new Sender.Call(method, url, Sender.headers(spec.headers()), "{}", spec.timeout(), List.of());
        sender.check(sender.send(call));
    }
}
