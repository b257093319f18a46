package dev.muster.log;

import dev.muster.core.state.Actor;
import dev.muster.core.state.ClusterState;
import dev.muster.core.state.Envelope;
import dev.muster.core.state.NodeId;
import dev.muster.edge.wire.Wire;
import dev.muster.sim.Logged;
import dev.muster.sim.Trial;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import tools.jackson.databind.JsonNode;

/// A log as it was written by some earlier build: a line for each place, and a last line with the state they gave.
///
/// Logs are added when the handling of orders changes, and never recorded again: `main SEED NODES MINUTES FILE`.
record OldLog(List<Logged> places, JsonNode state) {
    /// One line: an order, or Raft's configuration.
    private record Line(Instant at, Optional<Envelope> order, Optional<List<NodeId>> voters, Optional<Actor> by) {
        static Line of(Logged logged) {
            return switch (logged.body()) {
                case Logged.Body.Order(Envelope envelope) ->
                    new Line(logged.at(), Optional.of(envelope), Optional.empty(), Optional.empty());
                case Logged.Body.Voters(List<NodeId> voters, Actor by) ->
                    new Line(logged.at(), Optional.empty(), Optional.of(voters), Optional.of(by));
            };
        }

        Logged logged() {
            return new Logged(
                    at,
                    order.isPresent()
                            ? new Logged.Body.Order(order.get())
                            : new Logged.Body.Voters(voters.orElseThrow(), by.orElseThrow()));
        }
    }

    static OldLog read(Path file) throws IOException {
        List<String> lines = Files.readAllLines(file);
        List<Logged> places = new ArrayList<>();
        for (String line : lines.subList(0, lines.size() - 1)) {
            places.add(Wire.read(line, Line.class).logged());
        }
        return new OldLog(places, Wire.MAPPER.readTree(lines.getLast()));
    }

    static ClusterState replay(ClusterState from, List<Logged> places) {
        ClusterState state = from;
        for (Logged place : places) state = place.apply(state).state();
        return state;
    }

    public static void main(String[] args) throws IOException {
        Trial.Plan plan = new Trial.Plan(
                Long.parseLong(args[0]), Integer.parseInt(args[1]), 3, Duration.ofMinutes(Long.parseLong(args[2])), 1);
        List<Logged> places = Trial.log(plan);
        List<String> lines =
                new ArrayList<>(places.stream().map(Line::of).map(Wire::text).toList());
        lines.add(Wire.text(replay(ClusterState.EMPTY, places)));
        Files.write(Path.of(args[3]), lines);
    }
}
