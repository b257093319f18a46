package dev.muster.edge.local;

import dev.muster.core.state.ConfigKey;
import dev.muster.core.state.GenerationId;
import dev.muster.edge.wire.Wire;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import tools.jackson.databind.JsonNode;

/// What is measured when the loops have stopped: the bytes of each node's model, and fresh games.
final class Measure {
    private static final int STOP_SECONDS = 20;

    private final Path dir;
    private final Stores stores;
    private final Api api;
    private final Consumer<String> say;

    /// `host:port` of the artifacts of each node that is to hold what all hold.
    interface Stores {
        Map<String, String> byNode() throws IOException, InterruptedException;
    }

    /// @param dir for what it downloads
    Measure(Path dir, Stores stores, Api api, Consumer<String> say) {
        this.dir = dir;
        this.stores = stores;
        this.api = api;
        this.say = say;
    }

    /// The stage that was under way is not waited for.
    void stopJobs() throws IOException, InterruptedException {
        for (JsonNode job : open())
            api.post("/v1/jobs/" + job.path("id").asString() + "/stop", Map.of("why", "the demo ends"));
        for (int second = 0; second < STOP_SECONDS && open().size() > 0; second++) TimeUnit.SECONDS.sleep(1);
    }

    private JsonNode open() throws IOException, InterruptedException {
        return api.get("/v1/jobs?status=OPEN&limit=1000").path("jobs");
    }

    boolean distributed() throws IOException, InterruptedException {
        for (JsonNode model : api.get("/v1/models").path("models")) {
            if (model.path("distributed_at").isNull()
                    || model.path("distributed_at").isMissingNode()) return false;
        }
        return true;
    }

    List<DemoReport.ConfigReport> configs(int promotionsWanted, List<String> problems)
            throws IOException, InterruptedException {
        List<DemoReport.ConfigReport> reports = new ArrayList<>();
        for (ConfigKey config : DemoLoops.BOARDS.keySet().stream().sorted().toList()) {
            reports.add(config(config, promotionsWanted, problems));
        }
        return reports;
    }

    private DemoReport.ConfigReport config(ConfigKey config, int promotionsWanted, List<String> problems)
            throws IOException, InterruptedException {
        List<String> promoted = promoted(config);
        List<DemoReport.GenerationReport> generations = generations(config);
        if (promoted.isEmpty()) {
            return new DemoReport.ConfigReport(
                    config.name(), generations, promoted, List.of(), Map.of(), Optional.empty(), Optional.empty());
        }
        String last = promoted.getLast();
        Map<String, String> nodes = bytesOnNodes(last);
        nodes.forEach((node, sha) -> {
            if (!sha.equals(last)) problems.add(config + ": expected " + last + " on " + node + ", but found " + sha);
        });
        Path games = Files.createDirectories(dir.resolve("fresh-games"));
        Path current = download(last, games);
        say.accept(config + ": " + DemoOptions.FRESH_GAMES + " fresh games against the random player");
        DemoReport.Fresh random = fresh(config, current, "random");
        if (random.winShare() < DemoOptions.RANDOM_SHARE_MIN) {
            problems.add(config + ": expected at least " + DemoOptions.RANDOM_SHARE_MIN
                    + " of the games against random won, but found " + random.winShare());
        }
        Optional<DemoReport.Fresh> first = Optional.empty();
        if (promoted.size() > 1) {
            say.accept(config + ": " + DemoOptions.FRESH_GAMES + " fresh games against the first promoted model");
            first = Optional.of(
                    fresh(config, current, download(promoted.getFirst(), games).toString()));
            if (promotionsWanted > 1 && first.get().winShare() <= 0.5) {
                problems.add(config + ": expected the final model to beat the first, but it won "
                        + first.get().winShare() + " of the games");
            }
        }
        return new DemoReport.ConfigReport(
                config.name(), generations, promoted, distributions(config), nodes, Optional.of(random), first);
    }

    private List<String> promoted(ConfigKey config) throws IOException, InterruptedException {
        List<String> shas = new ArrayList<>();
        for (JsonNode model : api.get("/v1/models").path("models")) {
            if (!model.path("config").asString().equals(config.name())) continue;
            for (JsonNode version : api.get("/v1/models/" + config).path("history")) {
                shas.addFirst(version.path("sha").asString());
            }
        }
        return shas;
    }

    private List<DemoReport.DistributionReport> distributions(ConfigKey config)
            throws IOException, InterruptedException {
        List<DemoReport.DistributionReport> reports = new ArrayList<>();
        for (JsonNode version : api.get("/v1/models/" + config).path("history")) {
            JsonNode way = version.path("distribution");
            Map<String, Integer> transports = new TreeMap<>();
            way.path("transports")
                    .properties()
                    .forEach(one -> transports.put(one.getKey(), one.getValue().asInt()));
            reports.addFirst(new DemoReport.DistributionReport(
                    version.path("sha").asString(),
                    way.path("state").asString("UNKNOWN"),
                    way.path("seconds").asDouble(0),
                    way.path("nodes").asInt(0),
                    way.path("bytes").asLong(0),
                    transports));
        }
        return reports;
    }

    private List<DemoReport.GenerationReport> generations(ConfigKey config) throws IOException, InterruptedException {
        Map<String, JsonNode> ratings = new TreeMap<>();
        for (JsonNode rating : api.get("/v1/ratings?config=" + config).path("ratings")) {
            ratings.put(rating.path("player").asString(), rating);
        }
        List<DemoReport.GenerationReport> reports = new ArrayList<>();
        for (JsonNode generation : api.get("/v1/loops/" + config).path("generations")) {
            Optional<String> candidate =
                    Optional.ofNullable(generation.path("candidate").asString(null));
            reports.addFirst(new DemoReport.GenerationReport(
                    GenerationId.parse(generation.path("id").asString()).number(),
                    generation.path("verdict").asString(),
                    generation.path("note").asString(""),
                    candidate,
                    generation.path("matches"),
                    candidate.flatMap(sha -> Optional.ofNullable(ratings.get(sha)))));
        }
        return reports;
    }

    /// The bytes are read from each node's own store and hashed here; no node's word is taken for it.
    private Map<String, String> bytesOnNodes(String sha) throws IOException, InterruptedException {
        Map<String, String> found = new TreeMap<>();
        for (Map.Entry<String, String> node : stores.byNode().entrySet()) {
            try (InputStream in = api.stream(node.getValue(), "/artifacts/" + sha)) {
                found.put(node.getKey(), hash(in));
            } catch (IOException e) {
                found.put(node.getKey(), "missing: " + e.getMessage());
            }
        }
        return found;
    }

    private static String hash(InputStream in) throws IOException {
        try (DigestInputStream digest = new DigestInputStream(in, MessageDigest.getInstance("SHA-256"))) {
            digest.transferTo(OutputStream.nullOutputStream());
            return HexFormat.of().formatHex(digest.getMessageDigest().digest());
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }

    private Path download(String sha, Path dir) throws IOException, InterruptedException {
        Path file = dir.resolve(sha + ".model");
        IOException last = new IOException("no node to ask");
        for (String store : stores.byNode().values()) {
            try (InputStream in = api.stream(store, "/artifacts/" + sha)) {
                Files.copy(in, file, StandardCopyOption.REPLACE_EXISTING);
                return file;
            } catch (IOException e) {
                last = e;
            }
        }
        throw last;
    }

    private DemoReport.Fresh fresh(ConfigKey config, Path model, String opponent)
            throws IOException, InterruptedException {
        long seed = new SecureRandom().nextInt(1, Integer.MAX_VALUE);
        List<String> command = DemoLoops.compare(config, model.toString(), opponent, DemoOptions.FRESH_GAMES, seed);
        Process process = new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        String answer = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (process.waitFor() != 0) throw new IOException("fresh games ended with exit status " + process.exitValue());
        JsonNode result = Wire.MAPPER.readTree(answer);
        return new DemoReport.Fresh(
                DemoOptions.FRESH_GAMES,
                result.path("wins").asInt(),
                result.path("losses").asInt(),
                result.path("win_rate").asDouble(),
                result.path("low").asDouble(),
                result.path("high").asDouble());
    }
}
