package dev.muster.edge.swarm;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.core.state.NodeId;
import dev.muster.core.state.Sha256;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// The plain way, and the limits of single peers.
@Tag("slow")
@Timeout(value = 2, unit = TimeUnit.MINUTES)
class OneSourceTest {
    private static final int MIB = 1 << 20;
    private static final Optional<Transport> HTTP = Optional.of(Transport.HTTP);

    @TempDir
    Path base;

    private Lab lab;

    @BeforeEach
    void start() {
        lab = new Lab(base);
    }

    @AfterEach
    void stop() {
        lab.close();
    }

    private static Swarm.Settings settings(boolean dialable, Map<String, Long> overrides) {
        Ways ways = new Ways(Ways.NONE.ssh(), Optional.empty(), overrides);
        return new Swarm.Settings(Lab.TOKEN, dialable, 0, 0, 24, Transport.HTTP, ways);
    }

    @Test
    void whatTheSwarmLeftIsGoneOnWithAlsoWhenTheManifestIsLost() throws Exception {
        byte[] file = Lab.bytes(8 * MIB, 1);
        Sha256 sha = Lab.sha(file);
        lab.source("s", file);
        Path dir = base.resolve("r");
        Path part = dir.resolve("artifacts/parts/" + sha);
        Files.createDirectories(part.getParent());
        byte[] half = file.clone();
        Arrays.fill(half, 4 * MIB, 8 * MIB, (byte) 0);
        Files.write(part, half);

        Lab.Node receiver = lab.start("r", settings(true, Map.of()), dir, 0);
        Fetched how = receiver.fetch(sha, HTTP).get(60, TimeUnit.SECONDS);

        assertThat(receiver.read(sha)).isEqualTo(file);
        assertThat(how.bytes()).isEqualTo(4 * MIB);
    }

    @Test
    void whereNobodyKnowsThePiecesItGoesOnAfterTheLastByte() throws Exception {
        byte[] file = Lab.bytes(4 * MIB, 2);
        Sha256 sha = Lab.sha(file);
        Lab.Node source = lab.source("s", file);
        noManifest(source, sha);
        Path dir = base.resolve("r");
        Path aside = dir.resolve("artifacts/parts/" + sha + ".http");
        Files.createDirectories(aside.getParent());
        Files.write(aside, Arrays.copyOf(file, 3 * MIB));

        Lab.Node receiver = lab.start("r", settings(true, Map.of()), dir, 0);
        Fetched how = receiver.fetch(sha, HTTP).get(60, TimeUnit.SECONDS);

        assertThat(receiver.read(sha)).isEqualTo(file);
        assertThat(how.bytes()).isEqualTo(MIB);
    }

    @Test
    void wrongBytesOfAnEarlierTryAreFetchedAgain() throws Exception {
        byte[] file = Lab.bytes(4 * MIB, 3);
        Sha256 sha = Lab.sha(file);
        Lab.Node source = lab.source("s", file);
        noManifest(source, sha);
        Path dir = base.resolve("r");
        Path aside = dir.resolve("artifacts/parts/" + sha + ".http");
        Files.createDirectories(aside.getParent());
        Files.write(aside, new byte[MIB]);

        Lab.Node receiver = lab.start("r", settings(true, Map.of()), dir, 0);
        receiver.fetch(sha, HTTP).get(60, TimeUnit.SECONDS);

        assertThat(receiver.read(sha)).isEqualTo(file);
    }

    /// Its manifest cannot be written where a folder stands in the way.
    private void noManifest(Lab.Node source, Sha256 sha) throws Exception {
        Files.createDirectories(base.resolve(source.id + "/manifests/" + sha + "/in-the-way"));
    }

    @Test
    void aDamagedCopyIsRefusedAndTheNextHolderAsked() throws Exception {
        byte[] file = Lab.bytes(2 * MIB, 4);
        Sha256 sha = Lab.sha(file);
        Lab.Node damaged = lab.source("a", file);
        Path stored = damaged.store.path(Lab.name(sha)).orElseThrow();
        Files.setPosixFilePermissions(stored, PosixFilePermissions.fromString("rw-------"));
        byte[] other = file.clone();
        other[MIB] ^= 1;
        Files.write(stored, other);
        Lab.Node receiver = lab.start("r", settings(true, Map.of()));

        assertThat(receiver.fetch(sha, HTTP))
                .failsWithin(60, TimeUnit.SECONDS)
                .withThrowableThat()
                .withMessageContaining("a: expected " + file.length + " bytes with SHA-256 " + sha);

        lab.source("b", file);
        receiver.fetch(sha, HTTP).get(60, TimeUnit.SECONDS);
        assertThat(receiver.read(sha)).isEqualTo(file);
    }

    @Test
    void aHolderThatNobodyCanDialGivesByConnectionsThatItOpens() throws Exception {
        byte[] file = Lab.bytes(3 * MIB, 5);
        Sha256 sha = Lab.sha(file);
        Lab.Node hidden = lab.start("hidden", settings(false, Map.of()));
        hidden.hold(file);
        Lab.Node receiver = lab.start("r", settings(true, Map.of()));

        Fetched how = receiver.fetch(sha, HTTP).get(60, TimeUnit.SECONDS);

        assertThat(receiver.read(sha)).isEqualTo(file);
        assertThat(how.from()).containsExactly(Map.entry(hidden.id, (long) file.length));
    }

    @Test
    void whatIsTakenFromOnePeerKeepsToItsOwnLimit() throws Exception {
        byte[] file = Lab.bytes(4 * MIB, 6);
        Sha256 sha = Lab.sha(file);
        lab.source("vast-1", file);
        Lab.Node limited = lab.start("r1", settings(true, Map.of("vast-*", 2L * MIB)));

        assertThat(limited.fetch(sha, HTTP).get(60, TimeUnit.SECONDS).took()).isGreaterThan(Duration.ofMillis(1_500));
    }

    @Test
    void whatIsSentToOnePeerKeepsToItsOwnLimit() throws Exception {
        byte[] file = Lab.bytes(4 * MIB, 7);
        Sha256 sha = Lab.sha(file);
        lab.start("s", settings(true, Map.of("vast-*", 2L * MIB))).hold(file);
        Lab.Node limited = lab.start("vast-7", Lab.settings());

        assertThat(limited.fetch(sha, HTTP).get(60, TimeUnit.SECONDS).took()).isGreaterThan(Duration.ofMillis(1_500));
    }

    @Test
    void aNameCountsMoreThanAPatternAndALongerPatternMoreThanAShorterOne() {
        PeerRates rates = new PeerRates(Map.of("*", 1L, "vast-*", 2L, "vast-*-eu", 3L, "vast-1-eu", 4L, "a.b", 5L));

        assertThat(rates.rate(new NodeId("n1"))).isEqualTo(1);
        assertThat(rates.rate(new NodeId("vast-9"))).isEqualTo(2);
        assertThat(rates.rate(new NodeId("vast-9-eu"))).isEqualTo(3);
        assertThat(rates.rate(new NodeId("vast-1-eu"))).isEqualTo(4);
        assertThat(rates.rate(new NodeId("a-b"))).isEqualTo(1);
        assertThat(new PeerRates(Map.of()).rate(new NodeId("n1"))).isZero();
    }
}
