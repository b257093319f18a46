package dev.muster.edge.swarm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.muster.core.state.Sha256;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// The machine's own rsync and ssh, against a real sshd on loopback.
@Tag("slow")
@Timeout(value = 2, unit = TimeUnit.MINUTES)
class RsyncTest {
    private static final int MIB = 1 << 20;
    private static final Optional<Transport> RSYNC = Optional.of(Transport.RSYNC);

    @TempDir
    Path base;

    private Lab lab;
    private Sshd sshd;

    @BeforeEach
    void start() throws Exception {
        Sshd.needed();
        lab = new Lab(base);
        sshd = Sshd.start(base.resolve("ss hd"));
    }

    @AfterEach
    void stop() {
        if (sshd != null) sshd.close();
        if (lab != null) lab.close();
    }

    private static Swarm.Settings settings(Ways.Ssh ssh, Transport transport, long down) {
        return new Swarm.Settings(Lab.TOKEN, true, 0, down, 24, transport, new Ways(ssh, Optional.empty(), Map.of()));
    }

    private Lab.Node holder(String name, byte[] file) throws IOException {
        Lab.Node holder =
                lab.start(name, settings(sshd.offered(), Transport.AUTO, 0), base.resolve("a node's " + name), 0);
        holder.hold(file);
        return holder;
    }

    private Lab.Node receiver() throws IOException {
        return lab.start("r", settings(sshd.login(), Transport.AUTO, 0));
    }

    /// As a bad disk would.
    private static void spoil(Lab.Node holder, byte[] file, byte[] instead) throws IOException {
        Path stored = holder.store.path(Lab.name(Lab.sha(file))).orElseThrow();
        Files.setPosixFilePermissions(stored, PosixFilePermissions.fromString("rw-------"));
        Files.write(stored, instead);
    }

    @Test
    void aFileComesFromTheHoldersStoreAndTheHostsKeyIsKept() throws Exception {
        byte[] file = Lab.bytes(8 * MIB + 77, 1);
        Sha256 sha = Lab.sha(file);
        Lab.Node holder = holder("s", file);
        Lab.Node receiver = receiver();

        Fetched how = receiver.fetch(sha, RSYNC).get(60, TimeUnit.SECONDS);

        assertThat(receiver.read(sha)).isEqualTo(file);
        assertThat(how.by()).isEqualTo(Transport.RSYNC);
        assertThat(how.from()).containsOnlyKeys(holder.id);
        assertThat(how.bytes()).isBetween((long) file.length, file.length + 100_000L);
        assertThat(holder.swarm.figures().bytesOut()).isZero();
        assertThat(sshd.known())
                .content()
                .contains(Files.readString(sshd.dir.resolve("host.pub")).split(" ")[1]);
        assertThat(receiver.store.partials()).isEmpty();
    }

    @Test
    void aKeyThatOpensNothingIsSaidAndNothingIsLeft() throws Exception {
        byte[] file = Lab.bytes(MIB, 2);
        Sha256 sha = Lab.sha(file);
        holder("s", file);
        Files.delete(sshd.dir.resolve("authorized"));

        assertThat(receiver().fetch(sha, RSYNC))
                .failsWithin(30, TimeUnit.SECONDS)
                .withThrowableThat()
                .withMessageContaining("s: rsync ended with ")
                .withMessageContaining("Permission denied");
    }

    @Test
    void anotherHostKeyThanBeforeIsRefused() throws Exception {
        byte[] file = Lab.bytes(MIB, 3);
        Sha256 sha = Lab.sha(file);
        holder("s", file);
        String other = Files.readString(sshd.dir.resolve("user.pub"));
        Files.writeString(sshd.known(), "[127.0.0.1]:" + sshd.port + " " + other);

        assertThat(receiver().fetch(sha, RSYNC))
                .failsWithin(30, TimeUnit.SECONDS)
                .withThrowableThat()
                .withMessageContaining("Host key verification failed");
    }

    @Test
    void aDamagedAndACutOffCopyAreRefusedAndTheNextHolderGivesTheFile() throws Exception {
        byte[] file = Lab.bytes(4 * MIB, 4);
        Sha256 sha = Lab.sha(file);
        byte[] damaged = file.clone();
        damaged[MIB] ^= 1;
        spoil(holder("damaged", file), file, damaged);
        spoil(holder("short", file), file, java.util.Arrays.copyOf(file, MIB));
        Lab.Node receiver = receiver();

        assertThat(receiver.fetch(sha, RSYNC))
                .failsWithin(60, TimeUnit.SECONDS)
                .withThrowableThat()
                .withMessageContaining("damaged: expected " + file.length + " bytes with SHA-256 " + sha)
                .withMessageContaining("short: expected " + file.length)
                .withMessageContaining("but found " + MIB + " with");
        assertThat(receiver.store.has(Lab.name(sha))).isFalse();

        Lab.Node good = holder("z-good", file);
        Fetched how = receiver.fetch(sha, RSYNC).get(60, TimeUnit.SECONDS);

        assertThat(receiver.read(sha)).isEqualTo(file);
        assertThat(how.from()).containsKey(good.id);
    }

    @Test
    void whatWasBrokenOffIsGoneOnWithAndNoProcessIsLeft() throws Exception {
        byte[] file = Lab.bytes(12 * MIB, 5);
        Sha256 sha = Lab.sha(file);
        holder("s", file);
        Path dir = base.resolve("r");
        Lab.Node slow = lab.start("r", settings(sshd.login(), Transport.RSYNC, 2 * MIB), dir, 0);
        CompletableFuture<Fetched> broken = slow.fetch(sha);
        Path aside = dir.resolve("artifacts/parts/" + sha + ".rsync");
        await("a third is there", () -> Files.exists(aside) && aside.toFile().length() > 4 * MIB);
        slow.close();

        await("it stopped", broken::isDone);
        assertThat(broken).isCompletedExceptionally();
        await(
                "no rsync is left",
                () -> ProcessHandle.current()
                        .descendants()
                        .noneMatch(one -> one.info().command().orElse("").matches(".*/(rsync|ssh)")));
        Lab.Node again = lab.start("r", settings(sshd.login(), Transport.RSYNC, 0), dir, 0);
        Fetched how = again.fetch(sha).get(60, TimeUnit.SECONDS);

        assertThat(again.read(sha)).isEqualTo(file);
        assertThat(how.bytes()).isLessThan(9L * MIB);
    }

    @Test
    void theRateIsKept() throws Exception {
        byte[] file = Lab.bytes(6 * MIB, 6);
        Sha256 sha = Lab.sha(file);
        holder("s", file);
        Lab.Node receiver = receiver();
        Ladder.Wish wish = receiver.wish(sha);
        PeerRates peers = new PeerRates(Map.of("s*", 2L * MIB));
        Rsync rsync = receiver.rsync(sshd.login(), new Rsync.Limits(50L * MIB, peers), Rsync.Programs.ofThisMachine());
        long start = System.nanoTime();

        rsync.bring(wish);

        assertThat(Duration.ofNanos(System.nanoTime() - start)).isGreaterThan(Duration.ofMillis(2_000));
    }

    @Test
    void aHolderWithoutSshSaysSo() throws Exception {
        byte[] file = Lab.bytes(MIB, 7);
        lab.source("s", file);

        assertThat(receiver().fetch(Lab.sha(file), RSYNC))
                .failsWithin(30, TimeUnit.SECONDS)
                .withThrowableThat()
                .withMessageContaining("s: it offers no ssh; `ssh.user` in its node.yaml does");
    }

    @Test
    void whereRsyncIsMissingItIsNotTriedByItselfAndSaysSoWhenItIsForced() throws Exception {
        byte[] file = Lab.bytes(MIB, 8);
        Sha256 sha = Lab.sha(file);
        holder("s", file);
        Lab.Node receiver = receiver();
        Rsync rsync = rsync(receiver, base.resolve("nothing"), Duration.ofSeconds(9));

        assertThat(rsync.tried(receiver.wish(sha))).isFalse();
        assertThatThrownBy(() -> rsync.bring(receiver.wish(sha)))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("expected the program rsync")
                .hasMessageContaining("apt-get install rsync");
    }

    @Test
    void itsExitStatusAndWhatItSaidLastAreTold() throws Exception {
        byte[] file = Lab.bytes(MIB, 9);
        Sha256 sha = Lab.sha(file);
        holder("s", file);
        Lab.Node receiver = receiver();
        for (int status : new int[] {12, 23}) {
            Path bin = programs("echo one\necho 'a reason' >&2\nexit " + status + "\n");

            assertThatThrownBy(() -> rsync(receiver, bin, Duration.ofSeconds(9)).bring(receiver.wish(sha)))
                    .hasMessageContaining("s: rsync ended with " + status + ": a reason");
        }
    }

    @Test
    void aStatusOfZeroWithoutTheFileIsNotBelieved() throws Exception {
        byte[] file = Lab.bytes(MIB, 10);
        Sha256 sha = Lab.sha(file);
        holder("s", file);
        Lab.Node receiver = receiver();

        assertThatThrownBy(() -> rsync(receiver, programs("exit 0\n"), Duration.ofSeconds(9))
                        .bring(receiver.wish(sha)))
                .hasMessageContaining("expected " + MIB + " bytes")
                .hasMessageContaining("but found 0 with");
    }

    @Test
    void oneThatGoesSilentIsStoppedWithItsChildren() throws Exception {
        byte[] file = Lab.bytes(MIB, 11);
        Sha256 sha = Lab.sha(file);
        holder("s", file);
        Lab.Node receiver = receiver();
        Path bin = programs("trap '' TERM\nsleep 1234 &\nwait\nwait\n");

        assertThatThrownBy(() -> rsync(receiver, bin, Duration.ofSeconds(1)).bring(receiver.wish(sha)))
                .hasMessageContaining("nothing came for 1 s");

        await(
                "nothing is left",
                () -> ProcessHandle.current()
                        .descendants()
                        .noneMatch(one -> one.info().commandLine().orElse("").contains("sleep 1234")));
    }

    @Test
    void whenTheArtifactPortGivesNothingItComesByRsync() throws Exception {
        byte[] file = Lab.bytes(200_000, 12); // too small to be worth a swarm
        Sha256 sha = Lab.sha(file);
        Ways ways = new Ways(sshd.offered(), Optional.empty(), Map.of());
        int uploads = 0;
        lab.start("s", new Swarm.Settings(Lab.TOKEN, true, 0, 0, uploads, Transport.AUTO, ways))
                .hold(file);
        Lab.Node receiver = receiver();

        Fetched how = receiver.fetch(sha).get(60, TimeUnit.SECONDS);

        assertThat(receiver.read(sha)).isEqualTo(file);
        assertThat(how.by()).isEqualTo(Transport.RSYNC);
    }

    @Test
    void whereTheArtifactPortIsOutOfReachItIsAskedElsewhere() throws Exception {
        byte[] file = Lab.bytes(MIB, 14);
        Sha256 sha = Lab.sha(file);
        lab.leader = Optional.empty(); // nobody tells the holder to open a connection
        lab.start("s", settings(sshd.offered(), Transport.AUTO, 0), base.resolve("s"), 0, "127.0.0.1:1")
                .hold(file);
        Lab.Node receiver = receiver();

        receiver.fetch(sha, RSYNC).get(60, TimeUnit.SECONDS);

        assertThat(receiver.read(sha)).isEqualTo(file);
    }

    @Test
    void aPlaceThatCouldBeTakenForAnOptionIsNone() {
        for (String json : new String[] {
            "{\"user\":\"-oProxyCommand=x\",\"host\":\"h\",\"port\":22,\"path\":\"/a\",\"rate\":0}",
            "{\"user\":\"u\",\"host\":\"-h\",\"port\":22,\"path\":\"/a\",\"rate\":0}",
            "{\"user\":\"u\",\"host\":\"h\",\"port\":0,\"path\":\"/a\",\"rate\":0}",
            "{\"user\":\"u\",\"host\":\"h\",\"port\":22,\"path\":\"a\",\"rate\":0}",
            "{\"user\":\"u\",\"host\":\"h\",\"port\":22,\"path\":\"/a\\n/b\",\"rate\":0}",
            "{}",
            "no json"
        }) {
            assertThatThrownBy(() -> SshPlace.parse(json.getBytes(java.nio.charset.StandardCharsets.UTF_8)))
                    .as(json)
                    .isInstanceOf(IOException.class)
                    .hasMessageStartingWith("expected user, host, port and path");
        }
        assertThat(new SshPlace("u", "fd00::7", 22, "/a b", 0).source()).isEqualTo("u@[fd00::7]:/a b");
    }

    @Test
    void whenNothingBringsItEachWayIsToldWithItsReason() throws Exception {
        byte[] file = Lab.bytes(200_000, 13);
        Sha256 sha = Lab.sha(file);
        Lab.Node holder = holder("s", file);
        lab.start("none", settings(sshd.offered(), Transport.AUTO, 0)).receipt(sha); // it says it has it, and does not
        lab.receipts.get(sha).remove(holder.id);

        assertThat(receiver().fetch(sha))
                .failsWithin(60, TimeUnit.SECONDS)
                .withThrowableThat()
                .withMessageContaining("no way brought it: http: expected one of [none]")
                .withMessageContaining("it answered HTTP/1.1 404")
                .withMessageContaining("; rsync: expected one of [none]");
    }

    private Rsync rsync(Lab.Node receiver, Path path, Duration silence) {
        return receiver.rsync(
                sshd.login(),
                new Rsync.Limits(0, new PeerRates(Map.of())),
                new Rsync.Programs(path.toString(), silence));
    }

    /// A folder with an ssh, and an rsync of our own.
    private Path programs(String script) throws IOException {
        Path bin = Files.createTempDirectory(base, "bin");
        for (String name : new String[] {"rsync", "ssh"}) {
            Files.writeString(bin.resolve(name), "#!/bin/sh\n" + script);
            assumeThat(bin.resolve(name).toFile().setExecutable(true)).isTrue();
        }
        return bin;
    }

    private static void await(String what, BooleanSupplier condition) throws InterruptedException {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime()).as(what).isLessThan(end);
            Thread.sleep(10);
        }
    }
}
