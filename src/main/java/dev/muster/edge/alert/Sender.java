package dev.muster.edge.alert;

import dev.muster.edge.config.Addresses;
import dev.muster.edge.config.Secret;
import dev.muster.edge.support.Redaction;
import dev.muster.edge.view.Doc;
import dev.muster.edge.view.DocText;
import dev.muster.edge.view.NotJson;
import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.UnknownHostException;
import java.net.http.HttpClient;
import java.net.http.HttpHeaders;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.channels.UnresolvedAddressException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;
import javax.net.ssl.SSLException;

/// Asks services over HTTP, and says what came of it without their secrets. One for all channels; safe for threads.
final class Sender implements AutoCloseable {
    /// Answers are a word or a line of JSON; of what is longer, only the beginning is read.
    static final int ANSWER_MAX = 8 << 10;
    private static final int SHOWN_MAX = 160;
    /// Parts of addresses that are shorter are words, as in `/services/`.
    private static final int PART_MIN = 9;
    /// Who asks us to wait for longer is asked again all the same: an alert of yesterday is none.
    private static final Duration AFTER_MAX = Duration.ofHours(1);

    /// @param secrets besides the address that must not be shown
    record Call(
            String method, URI url, Map<String, String> headers, String body, Duration timeout, List<String> secrets) {
        static Call post(URI url, Doc body, Duration timeout, String... secrets) {
            return new Call("POST", url, Map.of(), DocText.compact(body), timeout, List.of(secrets));
        }

        Call with(Map<String, String> more) {
            return new Call(method, url, more, body, timeout, secrets);
        }

        /// For mistakes that name the address: where it goes, and no more.
        String host() {
            return url.getPort() < 0 ? url.getHost() : url.getHost() + ":" + url.getPort();
        }
    }

    /// @param text its beginning, without secrets
    record Answer(String host, int status, HttpHeaders headers, String text) {
        boolean isGood() {
            return status >= 200 && status < 300;
        }

        boolean isPage() {
            return text.stripLeading().startsWith("<")
                    || headers.firstValue("Content-Type").orElse("").startsWith("text/html");
        }

        /// Nothing where it is none.
        Doc json() {
            try {
                return Doc.json(text.getBytes(StandardCharsets.UTF_8));
            } catch (NotJson e) {
                return Doc.object();
            }
        }

        /// `hooks.slack.com answered 404 "no_service"`.
        String told() {
            String words = words();
            return host + " answered " + status + (words.isEmpty() ? "" : " \"" + words + "\"");
        }

        /// Its first words, without a page's marks.
        private String words() {
            String plain =
                    text.replaceAll("(?is)<(script|style)\\b.*?</\\1>", " ").replaceAll("<[^>]*>", " ");
            return NoticeText.cut(NoticeText.clean(plain), SHOWN_MAX);
        }
    }

    private final HttpClient http;
    private final InstantSource clock;

    Sender(InstantSource clock) {
        this.clock = clock;
        this.http = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .followRedirects(HttpClient.Redirect.NEVER)
                .build();
    }

    Instant now() {
        return clock.instant();
    }

    // ---- secrets

    /// @throws NotTold when it cannot be read, or is no address
    static URI address(Secret secret) throws NotTold {
        try {
            return Addresses.parse(secret.read());
        } catch (IOException | IllegalArgumentException e) {
            throw NotTold.lasting(e.getMessage());
        }
    }

    static String key(Secret secret) throws NotTold {
        try {
            String key = secret.read();
            boolean word = key.chars().allMatch(c -> c > ' ' && c < 127);
            if (word) return key;
            throw NotTold.lasting("expected a key of printable characters without spaces, but found others");
        } catch (IOException e) {
            throw NotTold.lasting(e.getMessage());
        }
    }

    static Map<String, String> headers(Map<String, Secret> secrets) throws NotTold {
        Map<String, String> headers = new LinkedHashMap<>();
        for (Map.Entry<String, Secret> one : secrets.entrySet()) {
            try {
                String value = one.getValue().read();
                if (value.chars().anyMatch(c -> c < ' ' || c > 126))
                    throw NotTold.lasting("expected printable characters in the header " + one.getKey());
                headers.put(one.getKey(), value);
            } catch (IOException e) {
                throw NotTold.lasting(e.getMessage());
            }
        }
        return headers;
    }

    // ---- asking

    /// @throws NotTold when there is no answer at all
    Answer send(Call call) throws NotTold, InterruptedException {
        CompletableFuture<HttpResponse<byte[]>> sent;
        try {
            sent = http.sendAsync(request(call), answer -> new FirstBytes(ANSWER_MAX));
        } catch (IllegalArgumentException e) {
            throw NotTold.lasting("expected an address and headers that can be sent, but found others");
        }
        try {
            HttpResponse<byte[]> response = sent.get(call.timeout.toMillis(), TimeUnit.MILLISECONDS);
            String text = new String(response.body(), StandardCharsets.UTF_8);
            return new Answer(call.host(), response.statusCode(), response.headers(), hidden(text, call));
        } catch (TimeoutException e) {
            throw NotTold.now(
                    "expected " + call.host() + " to answer within " + call.timeout.toSeconds() + " s, but it did not");
        } catch (ExecutionException e) {
            throw NotTold.now(lost(call, e.getCause()));
        } finally {
            sent.cancel(true);
        }
    }

    private static HttpRequest request(Call call) {
        HttpRequest.Builder request = HttpRequest.newBuilder(call.url);
        if (call.method.equals("GET")) request.GET();
        else
            request.header("Content-Type", "application/json; charset=utf-8")
                    .method(call.method, BodyPublishers.ofString(call.body));
        request.setHeader("User-Agent", "muster");
        call.headers.forEach(request::setHeader);
        return request.build();
    }

    private static String lost(Call call, Throwable cause) {
        Throwable at = cause;
        while (at != null
                && !(at instanceof UnresolvedAddressException || at instanceof UnknownHostException)
                && at.getCause() != null
                && at.getMessage() == null) at = at.getCause();
        String host = call.host();
        if (at instanceof UnresolvedAddressException || at instanceof UnknownHostException)
            return "expected " + host + " to have an address, but nobody knows it";
        if (cause instanceof ConnectException) return "cannot connect to " + host + ": nobody answers there";
        String reason = at == null || at.getMessage() == null ? "it broke off" : at.getMessage();
        String what = cause instanceof SSLException ? "cannot speak TLS with " : "lost the connection to ";
        return what + host + ": " + hidden(NoticeText.cut(NoticeText.clean(reason), SHOWN_MAX), call);
    }

    /// Some say the key or the address that they did not like.
    private static String hidden(String text, Call call) {
        List<String> secrets = new ArrayList<>(call.secrets);
        secrets.add(call.url.toString());
        for (String part : new String[] {call.url.getRawPath(), call.url.getPath(), call.url.getRawQuery()}) {
            if (part == null || part.length() < PART_MIN) continue;
            secrets.add(part);
            for (String one : part.split("[/&=]")) if (one.length() >= PART_MIN) secrets.add(one);
        }
        if (call.url.getUserInfo() != null) secrets.add(call.url.getUserInfo());
        for (String value : call.headers.values()) {
            secrets.add(value);
            secrets.add(value.substring(value.indexOf(' ') + 1));
        }
        return Redaction.of(secrets).apply(text);
    }

    // ---- what an answer means

    /// What every service means by its status.
    ///
    /// @throws NotTold unless it is one of success
    void check(Answer answer) throws NotTold {
        if (!answer.isGood()) throw refused(answer);
    }

    NotTold refused(Answer answer) {
        int status = answer.status;
        if (status == 408 || status == 425 || status == 429 || status >= 500) {
            Optional<Duration> after = after(answer);
            if (after.isEmpty()) return NotTold.now(answer.told());
            return NotTold.before(
                    answer.told() + "; it asks to wait for " + after.get().toSeconds() + " s", after.get());
        }
        if (status >= 300 && status < 400)
            return NotTold.lasting(answer.told() + ", which points elsewhere; write the address that it points to");
        return NotTold.lasting(answer.told());
    }

    /// As RFC 9110 has it, in seconds or as a date; Discord says it in its JSON, too. The longer of the two.
    private Optional<Duration> after(Answer answer) {
        Optional<Duration> header = answer.headers.firstValue("Retry-After").flatMap(this::wait);
        Optional<Duration> body = answer.json().decimal("retry_after").stream()
                .mapToObj(seconds -> Duration.ofMillis((long) Math.ceil(Math.min(seconds, 1e6) * 1000)))
                .findFirst();
        return Stream.concat(body.stream(), header.stream())
                .max(Duration::compareTo)
                .map(Sender::bounded);
    }

    private Optional<Duration> wait(String text) {
        String value = text.strip();
        if (value.matches("\\d{1,9}")) return Optional.of(Duration.ofSeconds(Long.parseLong(value)));
        if (value.matches("\\d{1,9}\\.\\d{1,9}"))
            return Optional.of(Duration.ofMillis((long) Math.ceil(Double.parseDouble(value) * 1000)));
        try {
            Instant until = ZonedDateTime.parse(value, DateTimeFormatter.RFC_1123_DATE_TIME)
                    .toInstant();
            return Optional.of(Duration.between(now(), until));
        } catch (DateTimeParseException e) {
            return Optional.empty();
        }
    }

    private static Duration bounded(Duration after) {
        if (after.compareTo(Duration.ofSeconds(1)) < 0) return Duration.ofSeconds(1);
        return after.compareTo(AFTER_MAX) > 0 ? AFTER_MAX : after;
    }

    @Override
    public void close() {
        http.shutdownNow();
    }
}
