package dev.muster.edge.vastsim;

import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// Instances that exist on the wire only.
final class NoBoot implements Boot {
    private static final int FIRST_PORT = 20_000;

    @Override
    public Doors admit(Facts facts) {
        int ssh = 10_000 + (int) (facts.id() % 10_000) * 2;
        Map<String, Integer> ports = new HashMap<>();
        ports.put("22/tcp", FIRST_PORT);
        for (String port : facts.ports()) ports.put(port, FIRST_PORT + ports.size());
        return new Doors("ssh" + (1 + facts.id() % 9) + ".vast.ai", ssh, "203.0.113.1", ports);
    }

    @Override
    public void start(Facts facts) {}

    @Override
    public void stop(long id) {}

    @Override
    public void wipe(long id) {}

    @Override
    public void destroy(long id) {}

    @Override
    public void keys(long id, List<String> keys) {}

    @Override
    public String log(long id) {
        return "";
    }

    @Override
    public String run(long id, List<String> words) {
        return "total 0\n";
    }

    @Override
    public void close() {}
}
