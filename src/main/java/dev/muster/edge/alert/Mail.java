package dev.muster.edge.alert;

import dev.muster.edge.config.ChannelSpec;
import dev.muster.edge.support.Redaction;
import jakarta.mail.Address;
import jakarta.mail.AuthenticationFailedException;
import jakarta.mail.Message;
import jakarta.mail.MessagingException;
import jakarta.mail.SendFailedException;
import jakarta.mail.Session;
import jakarta.mail.Transport;
import jakarta.mail.internet.InternetAddress;
import jakarta.mail.internet.MimeMessage;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.Date;
import java.util.List;
import java.util.Optional;
import java.util.Properties;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import javax.net.ssl.SSLSocketFactory;
import org.eclipse.angus.mail.smtp.SMTPAddressFailedException;
import org.eclipse.angus.mail.smtp.SMTPSendFailedException;
import org.eclipse.angus.mail.smtp.SMTPSenderFailedException;

/// Mail by SMTP, one for each notice. Those of one alert are one thread, and one that is sent again has the same id.
final class Mail implements Channel {
    /// A mail is some ten steps, each with a time limit of its own; together they may take three of them.
    private static final int STEPS = 3;
    private static final int SHOWN_MAX = 200;

    private final ChannelSpec.Way.Mail way;
    private final Duration timeout;
    private final Optional<SSLSocketFactory> trusted;

    /// @param trusted who checks the server's certificate; the system's own where there is none
    Mail(ChannelSpec.Way.Mail way, Duration timeout, Optional<SSLSocketFactory> trusted) {
        this.way = way;
        this.timeout = timeout;
        this.trusted = trusted;
    }

    @Override
    public void tell(Notice notice) throws NotTold, InterruptedException {
        String password = way.password().isPresent() ? Sender.key(way.password().get()) : "";
        FutureTask<Void> sending = new FutureTask<>(() -> {
            send(notice, password);
            return null;
        });
        // Its sockets end with it when it is interrupted.
        Thread thread = Thread.ofVirtual().name("mail").start(sending);
        try {
            sending.get(timeout.toMillis() * STEPS, TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            throw NotTold.now("expected " + server() + " to take the mail within "
                    + timeout.multipliedBy(STEPS).toSeconds() + " s, but it did not");
        } catch (ExecutionException e) {
            throw e.getCause() instanceof MessagingException found
                    ? failure(found, password)
                    : NotTold.now("cannot send by " + server() + ": "
                            + words(e.getCause().toString(), password));
        } finally {
            thread.interrupt();
        }
    }

    private void send(Notice notice, String password) throws MessagingException {
        Session session = Session.getInstance(properties());
        MimeMessage message = message(session, notice, way);
        try (Transport transport = session.getTransport("smtp")) {
            if (way.user().isEmpty()) transport.connect();
            else transport.connect(way.user(), password);
            transport.sendMessage(message, message.getAllRecipients());
        }
    }

    private Properties properties() {
        Properties properties = new Properties();
        String limit = Long.toString(timeout.toMillis());
        properties.put("mail.smtp.host", way.host());
        properties.put("mail.smtp.port", Integer.toString(way.port()));
        properties.put("mail.smtp.connectiontimeout", limit);
        properties.put("mail.smtp.timeout", limit);
        properties.put("mail.smtp.writetimeout", limit);
        properties.put("mail.smtp.auth", Boolean.toString(!way.user().isEmpty()));
        properties.put("mail.smtp.auth.mechanisms", "PLAIN LOGIN");
        properties.put("mail.smtp.ssl.checkserveridentity", "true");
        // Who can be told is; who cannot is named.
        properties.put("mail.smtp.sendpartial", "true");
        switch (way.security()) {
            case STARTTLS -> {
                properties.put("mail.smtp.starttls.enable", "true");
                properties.put("mail.smtp.starttls.required", "true");
            }
            case TLS -> properties.put("mail.smtp.ssl.enable", "true");
            case NONE -> {}
        }
        trusted.ifPresent(factory -> properties.put("mail.smtp.ssl.socketFactory", factory));
        return properties;
    }

    static MimeMessage message(Session session, Notice notice, ChannelSpec.Way.Mail way) throws MessagingException {
        MimeMessage message = new Known(session, id(notice, way));
        message.setFrom(new InternetAddress(way.from(), true));
        for (String to : way.to()) message.addRecipient(Message.RecipientType.TO, new InternetAddress(to, true));
        message.setSubject(NoticeText.title(notice), StandardCharsets.UTF_8.name());
        message.setSentDate(Date.from(notice.at()));
        message.setHeader("In-Reply-To", thread(notice, way));
        message.setHeader("References", thread(notice, way));
        // Nobody's holiday is to answer us (RFC 3834).
        message.setHeader("Auto-Submitted", "auto-generated");
        message.setText(NoticeText.body(notice), StandardCharsets.UTF_8.name());
        message.saveChanges();
        return message;
    }

    /// The same for all notices of an alert: nobody has the mail that it names, and readers gather those that answer it.
    private static String thread(Notice notice, ChannelSpec.Way.Mail way) {
        return "<muster." + NoticeText.hash(notice.key()) + "@" + domain(way) + ">";
    }

    private static String id(Notice notice, ChannelSpec.Way.Mail way) {
        // Tests have no number.
        long number = notice.number() == 0 ? notice.at().toEpochMilli() : notice.number();
        return "<muster." + NoticeText.hash(notice.key()) + "." + number + "@" + domain(way) + ">";
    }

    private static String domain(ChannelSpec.Way.Mail way) {
        return way.from().substring(way.from().indexOf('@') + 1);
    }

    /// The library makes up an id each time.
    private static final class Known extends MimeMessage {
        private final String id;

        Known(Session session, String id) {
            super(session);
            this.id = id;
        }

        @Override
        protected void updateMessageID() throws MessagingException {
            setHeader("Message-ID", id);
        }
    }

    // ---- what went wrong

    private NotTold failure(MessagingException e, String password) {
        String said = words(said(e), password);
        String message = server() + " did not take the mail: " + said + partly(e);
        return isLasting(e) ? NotTold.lasting(message) : NotTold.now(message);
    }

    /// The server's word counts: 5 for no, 4 for later (RFC 5321, 4.2.1).
    private boolean isLasting(MessagingException e) {
        int code = code(e);
        if (code > 0) return code >= 500;
        if (e instanceof AuthenticationFailedException) return !said(e).startsWith("4");
        return String.valueOf(e.getMessage()).startsWith("STARTTLS is required");
    }

    /// Of several answers, one that may become a yes.
    private static int code(MessagingException e) {
        int code = 0;
        for (Exception at = e;
                at != null;
                at = at instanceof MessagingException found ? found.getNextException() : null) {
            int found = switch (at) {
                case SMTPAddressFailedException address -> address.getReturnCode();
                case SMTPSenderFailedException sender -> sender.getReturnCode();
                case SMTPSendFailedException all -> all.getNextException() == null ? all.getReturnCode() : 0;
                default -> 0;
            };
            if (found > 0 && (code == 0 || found < code)) code = found;
        }
        return code;
    }

    private static String said(MessagingException e) {
        Exception last = e;
        while (last instanceof SendFailedException at && at.getNextException() != null) last = at.getNextException();
        return String.valueOf(last.getMessage());
    }

    /// Whom it was told all the same.
    private static String partly(MessagingException e) {
        if (!(e instanceof SendFailedException failed)) return "";
        List<Address> valid =
                failed.getValidSentAddresses() == null ? List.of() : Arrays.asList(failed.getValidSentAddresses());
        return valid.isEmpty() ? "" : "; it took it for " + valid.size() + " others";
    }

    private String server() {
        return way.host() + ":" + way.port();
    }

    private static String words(String text, String password) {
        String clean = Redaction.of(List.of(password)).apply(NoticeText.clean(text));
        return NoticeText.cut(clean, SHOWN_MAX);
    }
}
