package dev.muster.sim;

import dev.muster.core.state.Actor;
import dev.muster.core.state.Command;
import dev.muster.core.state.Envelope;
import dev.muster.core.state.Outcome;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/// People, who give orders through any node, do not always get the answer, and then ask again under the same id.
final class Desk {
    private static final long RETRY_MS = 5_000;
    /// Well below [dev.muster.core.state.Journal#ANSWERS_KEPT]: a later retry could be taken for a new order.
    private static final long GIVE_UP_MS = 300_000;

    private final World world;
    private final List<Order> orders = new ArrayList<>();
    private int losses;

    /// What somebody asked for, and what became of it.
    static final class Order {
        final String request;
        final Envelope envelope;
        final long askedAtMs;
        private int tries;
        private Optional<Outcome> answer = Optional.empty();
        private boolean givenUp;

        private Order(String request, Envelope envelope, long askedAtMs) {
            this.request = request;
            this.envelope = envelope;
            this.askedAtMs = askedAtMs;
        }

        Optional<Outcome> answer() {
            return answer;
        }

        boolean givenUp() {
            return givenUp;
        }

        boolean open() {
            return answer.isEmpty() && !givenUp;
        }
    }

    Desk(World world) {
        this.world = world;
    }

    List<Order> orders() {
        return List.copyOf(orders);
    }

    /// The answers to the next so many tries get lost on the way back.
    void loseAnswers(int count) {
        losses += count;
    }

    Order ask(String person, String why, Command command, Consumer<Outcome> answered) {
        String request = "r" + (orders.size() + 1);
        Envelope envelope = new Envelope(Optional.of(request), Actor.person(person), why, command);
        Order order = new Order(request, envelope, world.agenda().nowMs());
        orders.add(order);
        attempt(order, answered);
        return order;
    }

    private void attempt(Order order, Consumer<Outcome> answered) {
        if (!order.open()) return;
        if (world.agenda().nowMs() - order.askedAtMs > GIVE_UP_MS) {
            order.givenUp = true;
            world.tell(order.request + " given up", "no answer for " + GIVE_UP_MS / 60_000 + " minutes");
            return;
        }
        entry(order.tries++).ifPresent(node -> node.order(order.envelope, outcome -> answer(order, outcome, answered)));
        world.agenda().in(RETRY_MS, () -> attempt(order, answered));
    }

    private Optional<SimNode> entry(int tries) {
        List<SimNode> running = world.nodes().stream().filter(SimNode::running).toList();
        if (running.isEmpty()) return Optional.empty();
        int at = world.chance().isCalm()
                ? tries % running.size()
                : world.chance().below(running.size());
        return Optional.of(running.get(at));
    }

    private void answer(Order order, Outcome outcome, Consumer<Outcome> answered) {
        if (losses > 0) {
            losses--;
            world.tell("answer to " + order.request + " lost", "");
            return;
        }
        if (!order.open()) return;
        order.answer = Optional.of(outcome);
        world.checks().answered(order.request, outcome);
        world.tell("answer to " + order.request + ": " + text(outcome), "");
        answered.accept(outcome);
    }

    private static String text(Outcome outcome) {
        return switch (outcome) {
            case Outcome.Accepted(var events, String created) -> created.isEmpty() ? "done" : created;
            case Outcome.Refused(var code, String message) -> "refused " + code + ": " + message;
        };
    }
}
