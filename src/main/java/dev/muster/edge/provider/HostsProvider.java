package dev.muster.edge.provider;

import dev.muster.core.hosts.Host;
import dev.muster.core.hosts.HostFile;
import dev.muster.core.hosts.HostStatus;
import dev.muster.core.rent.Balance;
import dev.muster.core.rent.Capabilities;
import dev.muster.core.rent.Charge;
import dev.muster.core.rent.Created;
import dev.muster.core.rent.Offer;
import dev.muster.core.rent.OfferQuery;
import dev.muster.core.rent.RentOrder;
import dev.muster.core.rent.Rented;
import dev.muster.core.state.Money;
import dev.muster.core.state.Observed;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Supplier;

/// Machines that a team owns: they are listed, and cost nothing by the hour. What a file says of them is nobody's
/// observation, so what is seen of them is unknown here; the cluster knows it by their heartbeats.
final class HostsProvider implements Provider {
    static final String NAME = "hosts";

    private final Supplier<HostFile> file;

    /// @param file read for each list
    HostsProvider(Supplier<HostFile> file) {
        this.file = file;
    }

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public Capabilities can() {
        return Capabilities.LIST_ONLY;
    }

    /// Those of the file that nobody rents.
    @Override
    public List<Rented> list() {
        return file.get().hosts().stream()
                .filter(host -> host.rented().provider().isEmpty())
                .map(HostsProvider::machine)
                .toList();
    }

    private static Rented machine(Host host) {
        Host.Reach reach = host.reach();
        Optional<Rented.Endpoint> direct = reach.dialled().isEmpty() || reach.port() == Host.NO_PORT
                ? Optional.empty()
                : Optional.of(new Rented.Endpoint(reach.dialled(), reach.port()));
        var gpus = host.machine().gpus();
        boolean gone = host.status().service() == HostStatus.Service.GONE;
        return new Rented(
                NAME,
                host.name(),
                host.name(),
                "",
                host.name(),
                gone ? Observed.GONE : Observed.UNKNOWN,
                new Offer.Gpus(
                        gpus.name(),
                        gpus.count(),
                        gpus.each().map(bytes -> bytes.count() >> 20).orElse(0L)),
                new Rented.Reach(reach.user(), direct, Optional.empty(), new TreeMap<>()),
                new Rented.Bill(Money.ZERO, Money.ZERO, Money.ZERO, false, Optional.empty(), Optional.empty()),
                "",
                host.rented().region(),
                "the file says " + host.status().shown());
    }

    @Override
    public OfferQuery.Selection offers(OfferQuery query) throws ProviderFailure {
        throw no("rent machines: these are your own");
    }

    @Override
    public List<String> gpuNames() {
        return List.of();
    }

    @Override
    public Created create(RentOrder order) throws ProviderFailure {
        throw no("rent machines: these are your own");
    }

    @Override
    public void start(String id) throws ProviderFailure {
        throw no("start a machine");
    }

    @Override
    public void stop(String id) throws ProviderFailure {
        throw no("stop a machine");
    }

    @Override
    public void destroy(String id) throws ProviderFailure {
        throw no("destroy a machine: it is your own");
    }

    @Override
    public void bid(String id, Money perHour) throws ProviderFailure {
        throw no("bid for a machine");
    }

    @Override
    public void attachKey(String id, String publicKey) throws ProviderFailure {
        throw no("add an SSH key");
    }

    @Override
    public String logs(String id, int lines) throws ProviderFailure {
        throw no("show a machine's log");
    }

    @Override
    public Balance account() throws ProviderFailure {
        throw no("tell an account's money: there is none");
    }

    @Override
    public List<Charge> charges(Instant from, Instant to) throws ProviderFailure {
        throw no("tell what was charged: nothing is");
    }

    private static ProviderFailure no(String what) {
        return new ProviderFailure.Unsupported(NAME, what);
    }

    @Override
    public void close() {}
}
