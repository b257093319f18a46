package dev.muster.edge.raft;

import java.net.SocketAddress;
import java.net.URI;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.ratis.thirdparty.io.grpc.NameResolver;
import org.apache.ratis.thirdparty.io.grpc.NameResolverProvider;
import org.apache.ratis.thirdparty.io.grpc.NameResolverRegistry;
import org.apache.ratis.thirdparty.io.grpc.internal.DnsNameResolverProvider;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Where voters are really asked that the log knows at another address. Ratis never changes the address of a voter that
/// it knows, not even when that one is taken out and in again; but its connections ask how to get to an address, and this
/// is who answers. One for the process, as gRPC has it.
final class Redirects {
    private static final Logger LOG = LoggerFactory.getLogger(Redirects.class);

    private static final Redirects ALL = new Redirects();

    private final Map<String, String> targets = new ConcurrentHashMap<>();
    private final List<Way> ways = new ArrayList<>();
    private boolean registered;

    private Redirects() {}

    /// From now on connections are made by what is said here; before the first one.
    static void install() {
        ALL.register();
    }

    private synchronized void register() {
        if (registered) return;
        registered = true;
        NameResolverRegistry.getDefaultRegistry().register(new Ways());
    }

    /// @param at `host:port`, as the log has it
    /// @param to where to ask instead; the same as `at` to ask there
    static void set(String at, String to) {
        ALL.put(at, to);
    }

    private void put(String at, String to) {
        String before = at.equals(to) ? targets.remove(at) : targets.put(at, to);
        if (to.equals(before == null ? at : before)) return;
        LOG.info("raft.redirected at={} to={}", at, to);
        List<Way> affected;
        synchronized (this) {
            affected = ways.stream().filter(way -> way.target.equals(at)).toList();
        }
        affected.forEach(Way::again);
    }

    private synchronized void opened(Way way) {
        ways.add(way);
    }

    private synchronized void closed(Way way) {
        ways.remove(way);
    }

    /// Above gRPC's own, so that it is asked for addresses without a scheme.
    private static final class Ways extends NameResolverProvider {
        private static final int ABOVE_DNS = 6;

        private final DnsNameResolverProvider dns = new DnsNameResolverProvider();

        @Override
        protected boolean isAvailable() {
            return true;
        }

        @Override
        protected int priority() {
            return ABOVE_DNS;
        }

        @Override
        public String getDefaultScheme() {
            return "voter";
        }

        @Override
        public Collection<Class<? extends SocketAddress>> getProducedSocketAddressTypes() {
            return dns.getProducedSocketAddressTypes();
        }

        @Override
        public NameResolver newNameResolver(URI uri, NameResolver.Args args) {
            return new Way(uri.getPath().substring(1), dns, args);
        }
    }

    /// The way to one address, wherever it leads at the moment.
    private static final class Way extends NameResolver {
        private final String target;
        private final DnsNameResolverProvider dns;
        private final Args args;
        private Listener2 listener;
        private NameResolver now;

        Way(String target, DnsNameResolverProvider dns, Args args) {
            this.target = target;
            this.dns = dns;
            this.args = args;
            this.now = resolver();
        }

        private NameResolver resolver() {
            return dns.newNameResolver(URI.create("dns:///" + ALL.targets.getOrDefault(target, target)), args);
        }

        @Override
        public String getServiceAuthority() {
            return now.getServiceAuthority();
        }

        @Override
        public void start(Listener2 told) {
            listener = told;
            now.start(told);
            ALL.opened(this);
        }

        /// In the channel's own turn, as gRPC calls everything else here.
        private void again() {
            args.getSynchronizationContext().execute(() -> {
                now.shutdown();
                now = resolver();
                now.start(listener);
            });
        }

        @Override
        public void refresh() {
            now.refresh();
        }

        @Override
        public void shutdown() {
            ALL.closed(this);
            now.shutdown();
        }
    }
}
