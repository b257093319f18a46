package dev.muster.edge.node;

import dev.muster.edge.config.NodeConfig;
import dev.muster.edge.program.MachineGauges;
import java.nio.file.Path;
import java.util.Map;

/// One node as a process of its own, for measuring memory: `java … NodeProcess DATA`, configured by `DATA/node.yaml`.
final class NodeProcess {
    private NodeProcess() {}

    public static void main(String[] args) throws Exception {
        Path data = Path.of(args[0]);
        AgentLog.open(data.resolve("logs"));
        NodeConfig config = NodeConfig.load(data, Map.of(), System.getenv());
        try (MachineGauges gauges = new MachineGauges(data)) {
            NodeRuntime node = NodeRuntime.start(config, Cluster::servers, gauges);
            Runtime.getRuntime().addShutdownHook(new Thread(node::close));
            node.awaitEnd();
        }
    }
}
