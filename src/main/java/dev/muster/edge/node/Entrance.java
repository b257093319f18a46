package dev.muster.edge.node;

import dev.muster.core.health.Admission;
import dev.muster.core.health.Twin;
import dev.muster.core.plan.Policy;
import dev.muster.core.state.NodeId;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// What an agent does before all else when its data directory last ran elsewhere: asks the others, and where the directory
/// last ran, whether it is a copy of a node that is alive ([Admission]).
final class Entrance {
    private static final Duration PAUSE = Duration.ofMillis(500);

    private static final Logger LOG = LoggerFactory.getLogger(Entrance.class);

    private final PeerService.PresenceRequest request;
    private final Admission.Last last;
    private final Optional<String> lastApi;
    private final Contacts contacts;
    private final PeerClient client;
    private final BooleanSupplier votes;
    private final Policy policy;
    private volatile Optional<String> waits = Optional.empty();

    /// @param lastApi where the directory's last agent was reached
    /// @param votes   whether this node votes when it is let in
    Entrance(
            PeerService.PresenceRequest request,
            Admission.Last last,
            Optional<String> lastApi,
            Contacts contacts,
            PeerClient client,
            BooleanSupplier votes,
            Policy policy) {
        this.request = request;
        this.last = last;
        this.lastApi = lastApi;
        this.contacts = contacts;
        this.client = client;
        this.votes = votes;
        this.policy = policy;
    }

    boolean open() {
        return last == Admission.Last.HERE;
    }

    /// What it waits for, in words; empty when it does not.
    Optional<String> waits() {
        return waits;
    }

    /// Blocks until the agent may be its node.
    ///
    /// @throws StartFailure when another agent is
    void await() throws StartFailure, InterruptedException {
        long began = System.nanoTime();
        while (true) {
            Duration asking = Duration.ofNanos(System.nanoTime() - began);
            List<Admission.Word> words = open() ? List.of() : ask();
            Optional<Integer> others =
                    votes.getAsBoolean() ? Optional.of(contacts.otherVoters().size()) : Optional.empty();
            switch (Admission.decide(request.node(), last, words, others, asking, policy)) {
                case Admission.Verdict.Enter() -> {
                    if (!open()) LOG.info("node.let-in node={} last={} after={}", request.node(), last, asking);
                    waits = Optional.empty();
                    return;
                }
                case Admission.Verdict.Ask(String why) -> tell(why);
                case Admission.Verdict.Refuse(String why) -> throw new StartFailure(StartFailure.ERROR, why, null);
            }
            Thread.sleep(PAUSE);
        }
    }

    private void tell(String why) {
        if (waits.isEmpty()) LOG.warn("node.waits node={} last={} reason=\"{}\"", request.node(), last, why);
        waits = Optional.of(why);
    }

    /// Everybody at once: those that are away take their time.
    private List<Admission.Word> ask() throws InterruptedException {
        Set<String> addresses = new LinkedHashSet<>(contacts.others());
        lastApi.ifPresent(addresses::add);
        List<Admission.Word> words = new ArrayList<>();
        try (ExecutorService executor = Executors.newThreadPerTaskExecutor(
                Thread.ofVirtual().name("entrance-", 0).factory())) {
            List<Future<Optional<Admission.Word>>> asked = new ArrayList<>();
            for (String api : addresses) asked.add(executor.submit(() -> word(api)));
            for (Future<Optional<Admission.Word>> answer : asked) answer.get().ifPresent(words::add);
        } catch (ExecutionException e) {
            throw new IllegalStateException("expected an answer or none, but found " + e.getCause(), e);
        }
        return words;
    }

    private Optional<Admission.Word> word(String api) {
        try {
            PeerService.PresenceAnswer answer = client.presence(api, request);
            if (!answer.node().equals(request.node()))
                return Optional.of(new Admission.Word(voter(answer.node()), answer.informed(), answer.twin()));
            // Whoever answers under this node's own name is this agent, the one that it was copied from, or none of
            // both.
            return answer.presence()
                    .filter(other -> answer.identity().equals(request.identity())
                            && !other.id().equals(request.presence().id()))
                    .map(other -> new Admission.Word(false, false, Optional.of(new Twin(other, Duration.ZERO))));
        } catch (IOException e) {
            LOG.debug("{} does not tell", api, e);
            return Optional.empty();
        }
    }

    private boolean voter(NodeId node) {
        return contacts.otherVoters().stream().anyMatch(voter -> voter.id().equals(node));
    }
}
