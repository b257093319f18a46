package dev.muster.edge.raft;

import static dev.muster.edge.raft.Voters.await;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Tag("slow")
@Timeout(value = 5, unit = TimeUnit.MINUTES)
class TlsTest {
    private static final String PASSWORD = "changeit";

    @TempDir
    Path dir;

    @Test
    void votersWithCertificatesOfTheAuthorityWorkTogetherAndLetNobodyElseIn() throws Exception {
        RaftConfig.Tls ours = certificate("ours");
        RaftConfig.Tls foreign = certificate("foreign");
        try (Voters voters = Voters.of(dir.resolve("voters"), 3, 1000)) {
            List<VoterAddress> all = voters.founders();
            voters.start(voters.config(all.get(0)).withTls(ours));
            voters.start(voters.config(all.get(1)).withTls(ours));
            voters.propose("a");

            RaftVoter plain = voters.start(voters.config(all.get(2)));
            voters.propose("b");
            staysOut(plain);
            voters.stop("n2");

            RaftVoter stranger = voters.start(voters.config(all.get(2)).withTls(foreign));
            voters.propose("c");
            staysOut(stranger);
            voters.stop("n2");

            voters.start(voters.config(all.get(2)).withTls(ours));
            await("the third has it all", () -> voters.machine("n2").entries().equals(List.of("a", "b", "c")));
        }
    }

    private static void staysOut(RaftVoter voter) {
        long until =
                System.nanoTime() + 4 * RaftConfig.Timing.DEFAULT.electionMax().toNanos();
        await("several election timeouts", () -> {
            assertThat(voter.leadership().leader()).isEmpty();
            assertThat(voter.appliedIndex()).isEqualTo(-1);
            return System.nanoTime() > until;
        });
    }

    /// A key for 127.0.0.1 with a certificate from an authority of its own, as PEM files; made by the JDK's keytool.
    private RaftConfig.Tls certificate(String name) throws Exception {
        Path store = dir.resolve(name + ".p12");
        Path request = dir.resolve(name + ".csr");
        Path certificate = dir.resolve(name + ".pem");
        Path authority = dir.resolve(name + "-authority.pem");
        keytool(store, "-genkeypair", "-alias", "authority", "-keyalg", "EC", "-dname", "CN=" + name, "-ext", "bc:c");
        keytool(store, "-genkeypair", "-alias", "voter", "-keyalg", "EC", "-dname", "CN=voter");
        keytool(store, "-certreq", "-alias", "voter", "-file", request.toString());
        keytool(
                store,
                "-gencert",
                "-alias",
                "authority",
                "-infile",
                request.toString(),
                "-outfile",
                certificate.toString(),
                "-rfc",
                "-ext",
                "SAN=ip:127.0.0.1");
        keytool(store, "-exportcert", "-alias", "authority", "-rfc", "-file", authority.toString());
        return new RaftConfig.Tls(key(store, dir.resolve(name + ".key")), certificate, authority);
    }

    private static void keytool(Path store, String... arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "keytool").toString()));
        command.addAll(List.of(arguments));
        command.addAll(List.of("-keystore", store.toString(), "-storepass", PASSWORD));
        assertThat(new ProcessBuilder(command)
                        .redirectErrorStream(true)
                        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                        .start()
                        .waitFor())
                .as(command.toString())
                .isZero();
    }

    private static Path key(Path store, Path file) throws Exception {
        KeyStore keys = KeyStore.getInstance("PKCS12");
        try (InputStream in = Files.newInputStream(store)) {
            keys.load(in, PASSWORD.toCharArray());
        }
        byte[] pkcs8 = keys.getKey("voter", PASSWORD.toCharArray()).getEncoded();
        return Files.writeString(
                file,
                "-----BEGIN PRIVATE KEY-----\n" + Base64.getMimeEncoder().encodeToString(pkcs8)
                        + "\n-----END PRIVATE KEY-----\n");
    }
}
