package dev.muster.edge.node;

import dev.muster.core.state.Actor;
import dev.muster.core.state.Envelope;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A node's way into the cluster: asks until it is let in, or told that it never will be.
final class Joining {
    private static final Duration ANSWER_MAX = Duration.ofSeconds(8);
    private static final Duration PAUSE = Duration.ofSeconds(1);

    private static final Logger LOG = LoggerFactory.getLogger(Joining.class);

    private final PeerService.JoinRequest request;
    private final String clusterId;
    private final Contacts contacts;
    private final PeerClient client;
    private final Function<Envelope, Member.Answer> own;
    private final BooleanSupplier votes;
    private String trouble = "";

    /// @param own   gives an order by this node's own way to the leader
    /// @param votes whether that way exists
    Joining(
            PeerService.JoinRequest request,
            String clusterId,
            Contacts contacts,
            PeerClient client,
            Function<Envelope, Member.Answer> own,
            BooleanSupplier votes) {
        this.request = request;
        this.clusterId = clusterId;
        this.contacts = contacts;
        this.client = client;
        this.own = own;
        this.votes = votes;
    }

    /// Blocks until the cluster knows this node.
    ///
    /// @throws StartFailure when it never will: the token is wrong, or another machine has the name
    void join() throws StartFailure, InterruptedException {
        while (!(votes.getAsBoolean() ? joinedByItself() : joinedBySomebody())) {
            Thread.sleep(
                    Duration.ofMillis(ThreadLocalRandom.current().nextLong(PAUSE.toMillis() / 2, PAUSE.toMillis())));
        }
        LOG.info("node.joined node={} cluster={}", request.node(), clusterId);
    }

    private boolean joinedByItself() throws StartFailure {
        return switch (own.apply(Envelope.of(Actor.node(request.node()), "joins", request.order()))) {
            case Member.Answer.Done done -> true;
            case Member.Answer.Refused(String code, String message) -> throw refused(message);
            case Member.Answer.Unavailable(String message, boolean maybe) -> tell(message);
        };
    }

    /// Asks every known address once.
    ///
    /// @return whether one let it in
    boolean joinedBySomebody() throws StartFailure {
        List<String> troubles = new ArrayList<>();
        for (String api : contacts.others()) {
            try {
                switch (client.join(api, request, ANSWER_MAX)) {
                    case PeerService.JoinAnswer.Joined joined -> {
                        accept(api, joined);
                        return true;
                    }
                    case PeerService.JoinAnswer.Refused(String code, String message) -> {
                        if (code.equals("CONFLICT")) throw refused(message);
                        troubles.add(api + ": " + message);
                    }
                    case PeerService.JoinAnswer.Unavailable(String message) -> troubles.add(api + ": " + message);
                }
            } catch (PeerClient.WrongToken e) {
                throw new StartFailure(StartFailure.NOT_ALLOWED, e.getMessage(), e);
            } catch (IOException e) {
                troubles.add(e.getMessage());
            }
        }
        return tell(
                troubles.isEmpty()
                        ? "no voter and no seed is known; name one with `seeds` in node.yaml"
                        : String.join("; ", troubles));
    }

    private void accept(String api, PeerService.JoinAnswer.Joined joined) throws StartFailure {
        if (!joined.clusterId().equals(clusterId)) {
            throw new StartFailure(
                    StartFailure.NOT_ALLOWED,
                    "expected " + api + " to be in cluster " + clusterId + ", but it is in " + joined.clusterId()
                            + "; set cluster_id or seeds in node.yaml",
                    null);
        }
        contacts.learn(joined.voters());
    }

    private static StartFailure refused(String message) {
        return new StartFailure(StartFailure.ERROR, message, null);
    }

    private boolean tell(String why) {
        if (!why.equals(trouble)) LOG.warn("node.not-joined reason=\"{}\" then=\"tried again\"", why);
        trouble = why;
        return false;
    }
}
