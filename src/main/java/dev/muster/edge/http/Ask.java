package dev.muster.edge.http;

import dev.muster.core.state.NodeId;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Function;

/// Asks many nodes at once.
final class Ask {
    /// Nodes that are asked at once: a thousand answers of 4 KiB each would still fit.
    private static final int ASKED_MAX = 64;

    private Ask() {}

    /// @return the answers, in the nodes' order
    static <T> List<T> each(List<NodeId> nodes, Function<NodeId, T> ask) {
        List<T> answers = new ArrayList<>();
        if (nodes.isEmpty()) return answers;
        try (ExecutorService executor = Executors.newFixedThreadPool(
                ASKED_MAX, Thread.ofVirtual().name("ask-", 0).factory())) {
            List<Future<T>> asked = new ArrayList<>();
            for (NodeId node : nodes) asked.add(executor.submit(() -> ask.apply(node)));
            for (Future<T> answer : asked) answers.add(answer.get());
        } catch (ExecutionException e) {
            throw new IllegalStateException(e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw Problem.of(503, "UNAVAILABLE", "this node stops", "ask another node");
        }
        return answers;
    }
}
