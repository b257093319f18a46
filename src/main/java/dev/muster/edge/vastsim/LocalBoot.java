package dev.muster.edge.vastsim;

import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ThreadLocalRandom;
import java.util.stream.Stream;

/// Instances as processes of this machine: each runs its `onstart` with `sh`, in a directory and a session of its own,
/// and is reached by a real sshd on loopback, as the user who runs this. There is no container around it: it sees this
/// machine, and its ports are this machine's (`VAST_TCP_PORT_8080` names the one to listen on).
public final class LocalBoot implements Boot {
    private static final Logger LOG = System.getLogger(LocalBoot.class.getName());
    private static final String DIRECT = "127.0.0.1";
    private static final int TRIES = 100;
    private static final int HOSTS = 250;

    private final Path folder;
    /// No secret: it tells this run's processes from another's.
    private final String run =
            HexFormat.of().toHexDigits(ThreadLocalRandom.current().nextLong());
    private final Map<Long, Place> places = new ConcurrentHashMap<>();
    private final Set<Integer> taken = ConcurrentHashMap.newKeySet();

    private LocalBoot(Path folder) {
        this.folder = folder;
    }

    /// @param folder for all instances, a directory each; empty: ids begin anew, and nobody is to get another's disk
    public static LocalBoot in(Path folder) throws IOException {
        Files.createDirectories(folder);
        try (Stream<Path> old = Files.list(folder)) {
            Optional<Path> first = old.findFirst();
            if (first.isPresent())
                throw new IOException("expected an empty folder for instances, but found " + first.get()
                        + "; remove it, or choose another folder by --dir");
        }
        // It insists on it, as root.
        if (System.getProperty("user.name").equals("root")) Files.createDirectories(Path.of("/run/sshd"));
        return new LocalBoot(folder.toRealPath());
    }

    @Override
    public Doors admit(Facts facts) throws IOException {
        int number = (int) (facts.id() % (HOSTS * HOSTS));
        String host = "127.88." + number / HOSTS + "." + (number % HOSTS + 1);
        Map<String, Integer> ports = new HashMap<>();
        ports.put("22/tcp", free(DIRECT));
        for (String port : facts.ports()) ports.put(port, free(DIRECT));
        Doors doors = new Doors(host, free(host), DIRECT, ports);
        Place place = new Place(folder.resolve(Long.toString(facts.id())), doors, run + "-" + facts.id());
        place.make();
        places.put(facts.id(), place);
        return doors;
    }

    /// One that nobody listens on and that was given to nobody.
    private int free(String address) throws IOException {
        for (int i = 0; i < TRIES; i++) {
            try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.ofLiteral(address))) {
                if (taken.add(socket.getLocalPort())) return socket.getLocalPort();
            }
        }
        throw new IOException("expected a free port on " + address + ", but found none in " + TRIES + " tries");
    }

    private Optional<Place> place(long id) {
        return Optional.ofNullable(places.get(id));
    }

    private Place expected(long id) throws IOException {
        return place(id).orElseThrow(() -> new IOException("expected a place for instance " + id + ", but found none"));
    }

    @Override
    public void start(Facts facts) throws IOException, InterruptedException {
        expected(facts.id()).start(facts);
    }

    @Override
    public void stop(long id) throws IOException, InterruptedException {
        expected(id).stop();
    }

    @Override
    public void wipe(long id) throws IOException {
        expected(id).wipe();
    }

    @Override
    public void destroy(long id) throws IOException, InterruptedException {
        Place place = expected(id);
        place.stop();
        place.destroy();
        places.remove(id);
        taken.remove(place.doors().sshPort());
        taken.removeAll(place.doors().ports().values());
    }

    @Override
    public void keys(long id, List<String> keys) throws IOException {
        expected(id).keys(keys);
    }

    @Override
    public String log(long id) throws IOException {
        return expected(id).read();
    }

    @Override
    public String run(long id, List<String> words) throws IOException, InterruptedException {
        return Chores.run(expected(id).home(), words);
    }

    /// Ends all processes, of all instances at the same time; directories stay.
    @Override
    public void close() {
        try (ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor()) {
            places.forEach((id, place) -> executor.execute(() -> end(id, place)));
        }
    }

    private static void end(long id, Place place) {
        try {
            place.stop();
        } catch (IOException e) {
            LOG.log(Level.WARNING, "vastsim_not_ended instance=" + id, e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
