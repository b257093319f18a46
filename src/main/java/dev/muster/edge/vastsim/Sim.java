package dev.muster.edge.vastsim;

import dev.muster.market.Answer;
import dev.muster.market.Happening;
import dev.muster.market.Instance;
import dev.muster.market.Market;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.function.Function;
import tools.jackson.databind.node.ObjectNode;

/// What all endpoints share.
final class Sim implements AutoCloseable {
    private static final int HAPPENINGS_KEPT = 1000;

    /// What the key is worth at the moment.
    enum KeyState {
        GOOD,
        INVALID,
        /// of a session that ended
        EXPIRED
    }

    final SimSettings settings;
    final Boot boot;
    final Guests guests;
    final Clockwork clock;
    final Results results = new Results();
    final Faults faults = new Faults();
    private final Deque<Happening> happenings = new ArrayDeque<>();
    volatile KeyState key = KeyState.GOOD;
    /// As the service is at its worst: numbers in searches are not looked at, and addresses carry line ends.
    volatile boolean sloppy;

    Sim(SimSettings settings, Boot boot) {
        this.settings = settings;
        this.boot = boot;
        this.guests = new Guests(boot);
        this.clock = Clockwork.start(Market.of(settings.seed(), settings.market()), settings.speed(), this::happened);
    }

    private void happened(Market market, List<Happening> news) {
        for (Happening happening : news) {
            guests.happened(market, happening);
            synchronized (happenings) {
                happenings.addLast(happening);
                if (happenings.size() > HAPPENINGS_KEPT) happenings.removeFirst();
            }
        }
    }

    /// The newest ones, oldest first.
    List<Happening> happenings() {
        synchronized (happenings) {
            return new ArrayList<>(happenings);
        }
    }

    /// @throws Refusal when the market refuses
    Answer order(Function<Market, Answer> order) {
        Answer answer = clock.with(order);
        if (answer instanceof Answer.Refused refused && refused.left().isEmpty()) throw Refusal.of(refused);
        return answer;
    }

    /// @return `{"success":true}`
    Reply done(Function<Market, Answer> order) {
        order(order);
        return Reply.json(200, Json.success());
    }

    /// @throws Refusal when there is none
    Instance instance(long id) {
        return clock.with(market -> market.instance(id))
                .orElseThrow(() -> new Refusal(
                        404, "no_such_instance", "error 404/3603: no_such_instance Instance " + id + " not found."));
    }

    List<ObjectNode> rows() {
        return clock.with(market -> market.instances().stream()
                .map(instance -> row(instance, market))
                .toList());
    }

    ObjectNode row(Instance instance, Market market) {
        ObjectNode row = InstanceJson.row(instance, guests.doors(instance.id()), market.now());
        if (sloppy) row.put("public_ipaddr", row.get("public_ipaddr").asString("") + " \n");
        return row;
    }

    @Override
    public void close() {
        clock.close();
        guests.close();
    }
}
