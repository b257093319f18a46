package dev.muster.edge.alert;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.muster.core.state.AlertLevel;
import dev.muster.edge.config.AlertFile;
import dev.muster.edge.config.ChannelSpec;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocketFactory;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Mail to a server on loopback.
class MailTest {
    private static final String PASSWORD = "correct-horse";
    private static final Optional<SSLContext> OPEN = Optional.empty();
    private static final Optional<String> ANYBODY = Optional.empty();

    @TempDir
    Path folder;

    @Test
    void aMailArrivesAtAll() throws Exception {
        try (var sink = new SmtpSink(OPEN, ANYBODY)) {
            Mail mail = mail(sink, "security: none");
            for (Notice notice : Notices.all().values()) mail.tell(notice);
            assertThat(sink.mails()).hasSize(7);
            assertThat(sink.words()).contains("RCPT TO:<ops@example.org>", "RCPT TO:<oncall@example.org>");
            assertThat(sink.mails().get(1)).contains("and 7 more", "Subject: [CRITICAL] prod: 27 nodes");
        }
    }

    @Test
    void mailsOfOneAlertAreAThreadAndTheSameMailIsTheSame() throws Exception {
        try (var sink = new SmtpSink(OPEN, ANYBODY)) {
            Mail mail = mail(sink, "security: none");
            for (Notice notice : List.of(Notices.grouped(), Notices.changed(), Notices.changed(), Notices.escalated()))
                mail.tell(notice);
            List<String> threads = headers(sink, "References");
            assertThat(threads.get(0)).isEqualTo(threads.get(1)).isNotEqualTo(threads.get(3));
            List<String> ids = headers(sink, "Message-ID");
            assertThat(ids.get(1)).isEqualTo(ids.get(2)).isNotEqualTo(ids.get(0));
        }
    }

    private static List<String> headers(SmtpSink sink, String name) {
        return sink.mails().stream()
                .map(mail -> mail.lines()
                        .filter(line -> line.startsWith(name + ":"))
                        .findFirst()
                        .orElseThrow())
                .toList();
    }

    @Test
    void noNoticeWritesAHeader() throws Exception {
        try (var sink = new SmtpSink(OPEN, ANYBODY)) {
            mail(sink, "security: none")
                    .tell(Notices.of(
                            "prod\r\nBcc: evil@example.org",
                            "a\r\nX-Evil: 1",
                            "ü\r\n\r\n.\r\nMAIL FROM:<evil@example.org>",
                            Notices.line("n\r\n.\r\nQUIT", AlertLevel.CRITICAL, "\n.\n", false)));
            String mail = sink.mails().getFirst();
            assertThat(mail.lines()).noneMatch(line -> line.startsWith("Bcc") || line.startsWith("X-Evil"));
            assertThat(sink.words()).filteredOn(word -> word.startsWith("MAIL")).hasSize(1);
            assertThat(mail).contains("Subject: =?UTF-8?");
        }
    }

    @Test
    void aPasswordGoesOverTlsOnly() throws Exception {
        SSLContext tls = certificate();
        try (var sink = new SmtpSink(Optional.of(tls), Optional.of("muster:" + PASSWORD))) {
            mail(sink, "user: muster, password: '${PW}'", Optional.of(tls.getSocketFactory()))
                    .tell(Notices.fired());
            assertThat(sink.mails()).hasSize(1);
            assertThat(sink.words()).contains("STARTTLS").anyMatch(word -> word.startsWith("TLS AUTH PLAIN"));
            assertThat(sink.words()).noneMatch(word -> word.startsWith("AUTH") || word.startsWith("MAIL"));
        }
    }

    @Test
    void withoutTlsNothingIsSent() throws Exception {
        try (var sink = new SmtpSink(OPEN, Optional.of("muster:" + PASSWORD))) {
            NotTold e = failure(mail(sink, "user: muster, password: '${PW}'"));
            assertThat(e).hasMessageContaining("STARTTLS is required");
            assertThat(e.isLasting()).isTrue();
            assertThat(sink.words()).noneMatch(word -> word.contains("AUTH") || word.contains("MAIL"));
        }
    }

    @Test
    void aCertificateOfNobodyIsNotTrusted() throws Exception {
        try (var sink = new SmtpSink(Optional.of(certificate()), Optional.of("muster:" + PASSWORD))) {
            assertThat(failure(mail(sink, "user: muster, password: '${PW}'"))).hasMessageContaining("TLS");
            assertThat(sink.mails()).isEmpty();
        }
    }

    @Test
    void aWrongPasswordIsALastingFaultAndNotShown() throws Exception {
        try (var sink = new SmtpSink(OPEN, Optional.of("muster:another"))) {
            NotTold e = failure(mail(sink, "security: none, user: muster, password: '${PW}'"));
            assertThat(e).hasMessageContaining("535 5.7.8 who are you");
            assertThat(e.isLasting()).isTrue();
            assertThat(e.toString()).doesNotContain(PASSWORD);
        }
    }

    @Test
    void theServersFirstDigitSaysWhetherItMayGoBetter() throws Exception {
        try (var sink = new SmtpSink(OPEN, ANYBODY).answering("MAIL", "451 4.7.1 greylisted")) {
            NotTold e = failure(mail(sink, "security: none"));
            assertThat(e).hasMessageContaining("greylisted");
            assertThat(e.isLasting()).isFalse();
        }
        try (var sink = new SmtpSink(OPEN, ANYBODY).answering("RCPT", "550 5.1.1 no such person")) {
            NotTold e = failure(mail(sink, "security: none"));
            assertThat(e).hasMessageContaining("no such person");
            assertThat(e.isLasting()).isTrue();
        }
    }

    @Test
    void whoCanBeToldIsAndWhoCannotIsNamed() throws Exception {
        try (var sink = new SmtpSink(OPEN, ANYBODY).answering("RCPT TO:<ops@", "550 5.1.1 ops has left")) {
            NotTold e = failure(mail(sink, "security: none"));
            assertThat(e).hasMessageContaining("ops has left").hasMessageContaining("took it for 1 other");
            assertThat(e.isLasting()).isTrue();
            assertThat(sink.mails()).hasSize(1);
        }
    }

    @Test
    void aServerThatSaysNothingIsGivenUp() throws Exception {
        try (var sink = new SmtpSink(OPEN, ANYBODY).falls()) {
            NotTold e = failure(mail(sink, "security: none"));
            assertThat(e.isLasting()).isFalse();
            assertThat(e).hasMessageContaining("127.0.0.1:" + sink.port());
        }
        SmtpSink closed = new SmtpSink(OPEN, ANYBODY);
        closed.close();
        assertThat(failure(mail(closed, "security: none")).isLasting()).isFalse();
    }

    // ---- by hand

    private static Mail mail(SmtpSink sink, String keys) throws Exception {
        return mail(sink, keys, Optional.empty());
    }

    private static Mail mail(SmtpSink sink, String keys, Optional<SSLSocketFactory> trusted) throws Exception {
        String yaml = "channels: [{type: email, host: 127.0.0.1, port: " + sink.port()
                + ", from: muster@example.org, to: [ops@example.org, oncall@example.org], " + keys + "}]";
        AlertFile file = AlertFile.read(
                Path.of("a.yaml"), yaml.getBytes(StandardCharsets.UTF_8), Map.of("PW", PASSWORD), List.of());
        assertThat(file.notes()).isEmpty();
        var way = (ChannelSpec.Way.Mail) file.channels().getFirst().way();
        return new Mail(way, Duration.ofSeconds(1), trusted);
    }

    private static NotTold failure(Mail mail) {
        return catchThrowableOfType(NotTold.class, () -> mail.tell(Notices.fired()));
    }

    /// Of its own making, for 127.0.0.1.
    private SSLContext certificate() throws Exception {
        Path store = folder.resolve("store.p12");
        String keytool =
                Path.of(System.getProperty("java.home"), "bin", "keytool").toString();
        Process made = new ProcessBuilder(
                        keytool,
                        "-genkeypair",
                        "-keyalg",
                        "EC",
                        "-dname",
                        "CN=sink",
                        "-ext",
                        "SAN=ip:127.0.0.1",
                        "-keystore",
                        store.toString(),
                        "-storepass",
                        "password",
                        "-storetype",
                        "PKCS12")
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("keytool.log").toFile())
                .start();
        assertThat(made.waitFor()).isZero();
        KeyStore keys = KeyStore.getInstance("PKCS12");
        try (InputStream in = Files.newInputStream(store)) {
            keys.load(in, "password".toCharArray());
        }
        KeyManagerFactory own = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        own.init(keys, "password".toCharArray());
        TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(keys);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(own.getKeyManagers(), trust.getTrustManagers(), null);
        return context;
    }
}
