package dev.muster.edge.program;

import dev.muster.edge.alert.Watchman;
import dev.muster.edge.cli.Exit;
import dev.muster.edge.cli.Failure;
import dev.muster.edge.cli.Programs;
import dev.muster.edge.cli.Shell;
import dev.muster.edge.config.ConfigException;
import dev.muster.edge.config.NodeConfig;
import dev.muster.edge.node.AgentLog;
import dev.muster.edge.node.NodeRuntime;
import dev.muster.edge.node.StartFailure;
import dev.muster.edge.rent.RentDesk;
import java.io.IOException;
import java.nio.file.Files;

/// `muster up`: runs a node in the foreground until SIGTERM or Ctrl-C. Its jobs stay when it ends.
final class UpProgram {
    private UpProgram() {}

    @SuppressWarnings("try") // the watchman only has to be closed
    static int run(Programs.Options options, Shell shell) throws Failure {
        NodeConfig config = config(options, shell);
        openLog(config);
        try (MachineGauges gauges = new MachineGauges(config.data());
                RentDesk desk = Renting.desk(config, shell.env());
                Alarms alarms = new Alarms(config, shell.env());
                NodeRuntime node = NodeRuntime.start(config, HttpServers::open, gauges, desk, alarms.desk());
                Watchman watchman = alarms.watchman(node)) {
            Thread closing = new Thread(node::close, "close");
            Runtime.getRuntime().addShutdownHook(closing);
            tell(node.config(), shell);
            shell.out()
                    .println("node " + config.name() + " is up, API on "
                            + node.config().listen() + ":"
                            + node.config().ports().api() + ", data in " + config.data());
            node.awaitEnd();
            return Exit.DONE;
        } catch (StartFailure e) {
            throw new Failure(e.exitCode(), "START", e.getMessage(), "");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return Exit.ERROR;
        }
    }

    /// On a full disk the agent is needed most: it starts without.
    private static void tell(NodeConfig config, Shell shell) {
        try {
            Address.write(config);
        } catch (IOException e) {
            shell.err()
                    .println("cannot write " + config.data().resolve(Address.FILE) + ": " + e.getMessage()
                            + "; until there is room, who looks after this host does not find the API");
        }
    }

    private static void openLog(NodeConfig config) throws Failure {
        try {
            AgentLog.open(config.data().resolve("logs"));
        } catch (IOException e) {
            throw new Failure(
                    Exit.ERROR,
                    "IO",
                    "cannot write the log in " + config.data().resolve("logs") + ": " + e.getMessage(),
                    "make room, or correct the directory's permissions");
        }
    }

    private static NodeConfig config(Programs.Options options, Shell shell) throws Failure {
        if (!Files.isRegularFile(options.data().resolve(NodeConfig.FILE))
                && !options.flags().containsKey("name")) {
            throw new Failure(
                    Exit.ERROR,
                    "NO_NODE",
                    "expected a node in " + options.data() + ", but there is no " + NodeConfig.FILE,
                    "`muster cluster init --data " + options.data()
                            + " --name n1` makes a new cluster, `muster cluster join`" + " a node of an existing one");
        }
        try {
            return NodeConfig.load(options.data(), options.flags(), shell.env());
        } catch (ConfigException e) {
            throw new Failure(Exit.ERROR, "CONFIG", e.getMessage(), "");
        }
    }
}
