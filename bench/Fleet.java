import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// Many agents of one cluster on this machine; a JSON line per case on standard output, progress on standard error.
///
/// Arguments: `--case check` (the default: all), `--hosts N` (43), `--rounds N` (5).
public final class Fleet {
    private static final List<String> CASES = List.of("check");

    private Fleet() {}

    public static void main(String[] args) throws Exception {
        Map<String, Integer> options = new LinkedHashMap<>(Map.of("--hosts", 43, "--rounds", 5));
        List<String> cases = CASES;
        for (int i = 0; i + 1 < args.length; i += 2) {
            if (args[i].equals("--case") && CASES.contains(args[i + 1])) cases = List.of(args[i + 1]);
            else if (options.containsKey(args[i])) options.put(args[i], Integer.parseInt(args[i + 1]));
            else
                throw new IllegalArgumentException(
                        "expected --case of " + CASES + " or one of " + options.keySet() + ", but found " + args[i]);
        }
        for (String name : cases) {
            switch (name) {
                case "check" -> System.out.println(FleetCheck.run(options.get("--hosts"), options.get("--rounds")));
                default -> throw new IllegalStateException(name);
            }
        }
        System.exit(0);
    }
}
