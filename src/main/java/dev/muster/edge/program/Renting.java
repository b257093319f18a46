package dev.muster.edge.program;

import dev.muster.edge.config.NodeConfig;
import dev.muster.edge.fleet.Bundles;
import dev.muster.edge.node.SecretFiles;
import dev.muster.edge.provider.Providers;
import dev.muster.edge.provider.Surroundings;
import dev.muster.edge.provider.Wiretap;
import dev.muster.edge.rent.Installer;
import dev.muster.edge.rent.KnownMachines;
import dev.muster.edge.rent.Ordering;
import dev.muster.edge.rent.ProviderCounter;
import dev.muster.edge.rent.RentDesk;
import dev.muster.edge.ssh.SshSettings;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// How a node rents while it leads: by the keys in its environment, with the bundle of its own program.
final class Renting {
    private static final String FOLDER = "rent";
    private static final Logger LOG = LoggerFactory.getLogger(Renting.class);

    private Renting() {}

    static RentDesk desk(NodeConfig config, Map<String, String> env) {
        Providers providers = new Providers(
                env,
                () -> {
                    throw new IllegalStateException("expected nobody to rent the team's own hosts");
                },
                Surroundings.system(Wiretap.OFF));
        Installer installer = new Installer(new Installer.Setup(
                config.clusterId(),
                Optional.ofNullable(env.get("VAST_SSH_USER")).filter(user -> !user.isBlank()),
                providers::preferences,
                SshSettings.defaults(),
                new KnownMachines(config.data().resolve(FOLDER).resolve("known_hosts")),
                arch -> Bundles.of(env, line -> LOG.info("rent.bundle note=\"{}\"", line))
                        .find(arch),
                new SecretFiles(config.data().resolve(SecretFiles.FOLDER))));
        return new RentDesk(
                new ProviderCounter(providers),
                new Ordering(providers::preferences, InstantSource.system(), System::nanoTime),
                installer,
                InstantSource.system());
    }
}
