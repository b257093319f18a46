package dev.muster.edge.vastsim;

import dev.muster.market.Happening;
import dev.muster.market.Instance;
import dev.muster.market.Market;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Has the boot do what happens on the market, in order for each instance.
final class Guests implements AutoCloseable {
    private static final Logger LOG = System.getLogger(Guests.class.getName());
    private static final Pattern PORT = Pattern.compile("-p\\s+(\\d+):(\\d+)(?:/(tcp|udp))?");
    private static final int PORTS_MAX = 64;
    private static final long END_SECONDS = 30;

    private final Boot boot;
    private final Map<Long, Boot.Doors> doors = new ConcurrentHashMap<>();
    private final Map<Long, ExecutorService> hands = new ConcurrentHashMap<>();

    Guests(Boot boot) {
        this.boot = boot;
    }

    private interface Act {
        void run() throws IOException, InterruptedException;
    }

    void happened(Market market, Happening happening) {
        long id = happening.instance();
        Optional<Instance> instance = market.instance(id);
        switch (happening) {
            case Happening.Created created -> instance.ifPresent(one -> admit(facts(one)));
            case Happening.Booted booted ->
                instance.map(Guests::facts).ifPresent(facts -> act(id, () -> boot.start(facts)));
            case Happening.Halted halted -> act(id, () -> boot.stop(id));
            case Happening.Wiped wiped -> act(id, () -> boot.wipe(id));
            case Happening.Destroyed destroyed -> {
                act(id, () -> boot.destroy(id));
                doors.remove(id);
                Optional.ofNullable(hands.remove(id)).ifPresent(ExecutorService::shutdown);
            }
            case Happening.KeysChanged changed ->
                instance.ifPresent(one -> act(id, () -> boot.keys(id, one.keyTexts())));
            case Happening.Queued queued -> {}
            case Happening.Failed failed -> {}
            case Happening.RiseOffered offered -> {}
        }
    }

    private void admit(Boot.Facts facts) {
        try {
            doors.put(facts.id(), boot.admit(facts));
        } catch (IOException e) {
            LOG.log(Level.WARNING, "vastsim_no_place instance=" + facts.id(), e);
        }
    }

    private void act(long id, Act act) {
        ExecutorService hand = hands.computeIfAbsent(
                id,
                any -> Executors.newSingleThreadExecutor(
                        Thread.ofPlatform().daemon().name("vastsim-" + id).factory()));
        hand.execute(() -> {
            try {
                act.run();
            } catch (IOException | RuntimeException e) {
                LOG.log(Level.WARNING, "vastsim_boot_failed instance=" + id, e);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
    }

    /// How it is reached; empty when it has no place.
    Optional<Boot.Doors> doors(long id) {
        return Optional.ofNullable(doors.get(id));
    }

    private static Boot.Facts facts(Instance instance) {
        Map<String, String> env = new LinkedHashMap<>();
        List<String> ports = new ArrayList<>();
        instance.order().env().forEach((name, value) -> {
            Matcher port = PORT.matcher(name);
            if (port.matches() && ports.size() < PORTS_MAX)
                ports.add(port.group(2) + "/" + (port.group(3) == null ? "tcp" : port.group(3)));
            else if (!name.startsWith("-")) env.put(name, value);
        });
        env.put("CONTAINER_ID", Long.toString(instance.id()));
        env.put("VAST_CONTAINERLABEL", "C." + instance.id());
        env.put("GPU_COUNT", Integer.toString(instance.offer().gpus()));
        env.put(Cards.NAME, instance.offer().machine().gpuName());
        env.put(Cards.DRIVER, instance.offer().machine().driver());
        env.put(Cards.MIB, Integer.toString(instance.offer().machine().gpuRamMb()));
        return new Boot.Facts(
                instance.id(),
                instance.order().image(),
                instance.order().onstart().orElse(""),
                env,
                ports,
                instance.keyTexts());
    }

    @Override
    public void close() {
        hands.values().forEach(ExecutorService::shutdownNow);
        try {
            for (ExecutorService hand : hands.values()) hand.awaitTermination(END_SECONDS, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        boot.close();
    }
}
