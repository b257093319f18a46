package dev.muster.edge.cli;

import dev.muster.core.state.ArtifactKind;
import dev.muster.core.state.Bytes;
import dev.muster.core.state.Command;
import dev.muster.core.state.Hardware;
import dev.muster.core.state.Instance;
import dev.muster.core.state.InstanceId;
import dev.muster.core.state.Money;
import dev.muster.core.state.NodeId;
import dev.muster.core.state.Observed;
import dev.muster.core.state.Rent;
import dev.muster.core.state.Role;
import dev.muster.core.state.Sighting;
import dev.muster.edge.provider.FakeApi;
import dev.muster.edge.provider.FakeApi.Reply;
import java.io.IOException;
import java.time.Instant;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/// With a provider that answers as told, and one machine there.
abstract class RentedHarness extends CliHarness {
    static final String SEARCH = "POST /api/v0/bundles/";
    static final String LIST = "GET /api/v1/instances/";

    FakeApi vast;

    @BeforeEach
    void vast() throws IOException {
        vast = FakeApi.start();
        env.put("VAST_URL", vast.base().toString());
        env.put("VAST_API_KEY", "vast-key-that-nobody-may-see");
        vast.on(SEARCH, Reply.json("{'offers':[" + offer(1, 0.08) + "," + offer(2, 0.07) + "]}"));
    }

    @AfterEach
    void gone() throws IOException {
        vast.close();
    }

    static String offer(int id, double perHour) {
        return "{'id':" + id + ",'machine_id':" + id * 10 + ",'host_id':7,'gpu_name':'RTX 3070'"
                + ",'num_gpus':1,'gpu_ram':8192,'cpu_cores_effective':8,'cpu_ram':32000,'disk_space':100,'dph_base':"
                + perHour + ",'storage_cost':0.072,'min_bid':0.03,'reliability2':0.99"
                + ",'duration':864000,'rentable':true,'verification':'verified','geolocation':'Oregon, US'}";
    }

    Instance instance(int number) {
        return member.state().rentals().instances().require(new InstanceId(number));
    }

    /// i1 as vast's 101, running, in the cluster, with a file that is only there.
    void running() {
        member.order(new Command.RentInstance(
                Optional.empty(),
                terms("vast"),
                Optional.empty(),
                member.state().rentals().scaling().windowsAt(member.now)));
        see(1, "101", Observed.RUNNING);
        member.join("vast-101", Role.SELFPLAY, new Hardware(8_000, Bytes.gib(16), 1, Bytes.gib(8), "RTX 3070"));
        member.order(new Command.PutArtifact(
                MODEL, 41_943_040, "games-17.jsonl", ArtifactKind.GAMES, Optional.empty(), new NodeId("vast-101")));
    }

    static Rent terms(String provider) {
        return new Rent(
                provider,
                "1",
                "10",
                "RTX 3070",
                1,
                Optional.empty(),
                Money.parse("0.08"),
                Money.parse("0.001"),
                10,
                "",
                Role.MIXED);
    }

    void see(int number, String rented, Observed observed) {
        member.order(new Command.SightInstance(
                new InstanceId(number),
                new Sighting(
                        rented, observed, Money.parse("0.08"), Money.parse("0.08"), Optional.<Instant>empty(), "")));
    }
}
