package dev.muster.edge.provider;

import dev.muster.edge.view.Doc;
import dev.muster.edge.view.DocText;
import dev.muster.edge.view.NotJson;
import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpConnectTimeoutException;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.channels.ClosedChannelException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import javax.net.ssl.SSLHandshakeException;

/// JSON over HTTP to one provider: at its pace, with its key, and with a clear answer to the question whether what was
/// asked may have been done.
final class Rest implements AutoCloseable {
    private static final Duration CONNECT = Duration.ofSeconds(10);
    /// Answers are some kilobytes for each machine; an agent has 64 MB in all.
    private static final int BYTES_MAX = 8 << 20;
    private static final int ATTEMPTS = 4;
    private static final Duration BACKOFF = Duration.ofMillis(500);
    private static final int SHOWN_MAX = 160;

    /// Where the key comes from, asked for each request: it may be changed while we run.
    interface Keys {
        ApiKey get() throws ProviderFailure.Denied;
    }

    /// What a provider's answer means.
    interface Judge {
        /// @throws ProviderFailure when it is a no; a no that the caller has to look into is none
        void check(int status, Doc answer) throws ProviderFailure;

        /// Does it tell of what was done, although its status says that the server is out of order?
        default boolean isAnswer(Doc answer) {
            return false;
        }
    }

    private record Answer(int status, String text) {}

    private final String provider;
    private final URI base;
    private final Keys keys;
    private final Pacing pacing;
    private final Judge judge;
    private final Surroundings around;
    private final HttpClient http;

    Rest(String provider, URI base, Keys keys, Pacing pacing, Judge judge, Surroundings around) {
        this.provider = provider;
        this.base = base;
        this.keys = keys;
        this.pacing = pacing;
        this.judge = judge;
        this.around = around;
        this.http = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .followRedirects(HttpClient.Redirect.NEVER)
                .connectTimeout(CONNECT)
                .build();
    }

    /// The answer to a request, which was found to be a yes.
    Doc ask(Call call) throws ProviderFailure {
        boolean unsure = false;
        for (int attempt = 1; ; attempt++) {
            try {
                return once(call);
            } catch (ProviderFailure.Unavailable | ProviderFailure.Unsure e) {
                unsure |= e instanceof ProviderFailure.Unsure;
                if (!again(call, unsure) || attempt == ATTEMPTS) throw told(e, unsure);
                around.tap().said(e.getMessage() + "; once more");
                pause(backoff(attempt), call, unsure);
            }
        }
    }

    private static boolean again(Call call, boolean unsure) {
        return switch (call.again()) {
            case READ, HARMLESS -> true;
            case UNTIL_TAKEN -> !unsure;
            case NEVER -> false;
        };
    }

    /// An answer that was lost stays lost, whatever the last attempt came to.
    private ProviderFailure told(ProviderFailure last, boolean unsure) {
        return unsure && last instanceof ProviderFailure.Unavailable
                ? new ProviderFailure.Unsure(provider, last.getMessage().substring(provider.length() + 2))
                : last;
    }

    /// Half a second, doubled each time, with as much again by chance: those who failed together do not come together.
    private Duration backoff(int attempt) {
        long millis = BACKOFF.toMillis() << (attempt - 1);
        return Duration.ofMillis(millis + around.dice().nextLong(millis + 1));
    }

    private Doc once(Call call) throws ProviderFailure {
        ApiKey key = keys.get();
        String url = base + call.path();
        pause(pacing.turn(call.pace(), around.clock().instant()), call, false);
        around.tap().request(call.method(), url, call.body(), key);
        if (call.changes() && around.tap().dry())
            throw new ProviderFailure.Refused(provider, ProviderFailure.DRY_RUN, "nothing was sent: --dry-run");
        Instant begun = around.clock().instant();
        Answer answer = exchange(request(call, url, key), call, key);
        Duration took = Duration.between(begun, around.clock().instant());
        pacing.took(call.pace(), took);
        around.tap().answer(answer.status, answer.text.length(), took);
        if (answer.status == 429) {
            pacing.refused(call.pace(), around.clock().instant());
            throw new ProviderFailure.Unavailable(provider, "asked too often (429 " + words(answer.text, key) + ")");
        }
        return judged(answer, call, key);
    }

    private HttpRequest request(Call call, String url, ApiKey key) {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(url))
                .header("Authorization", "Bearer " + key.secret())
                .header("Accept", "application/json")
                .header("User-Agent", "muster");
        if (!call.body().isObject())
            return request.method(call.method(), BodyPublishers.noBody()).build();
        return request.header("Content-Type", "application/json")
                .method(call.method(), BodyPublishers.ofString(DocText.compact(call.body())))
                .build();
    }

    private Answer exchange(HttpRequest request, Call call, ApiKey key) throws ProviderFailure {
        try {
            HttpResponse<byte[]> response = send(request);
            String text = new String(response.body(), StandardCharsets.UTF_8);
            // Some servers say the key that they did not like.
            return new Answer(response.statusCode(), key.hiddenIn(text));
        } catch (ConnectException | HttpConnectTimeoutException | SSLHandshakeException e) {
            throw new ProviderFailure.Unavailable(
                    provider, "expected an answer from " + host() + ", but cannot connect: " + words(reason(e), key));
        } catch (IOException e) {
            throw lost(call, "the connection to " + host() + " was lost: " + words(reason(e), key));
        } catch (TimeoutException e) {
            throw lost(
                    call,
                    "expected " + host() + " to answer within "
                            + around.patience().toSeconds() + " s");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw lost(call, "interrupted while waiting for " + host());
        }
    }

    private HttpResponse<byte[]> send(HttpRequest request) throws IOException, TimeoutException, InterruptedException {
        CompletableFuture<HttpResponse<byte[]>> sent =
                http.sendAsync(request, BodyHandlers.limiting(BodyHandlers.ofByteArray(), BYTES_MAX));
        try {
            return sent.get(around.patience().toMillis(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof IOException io) throw io;
            throw new IOException(e.getCause());
        } finally {
            sent.cancel(true);
        }
    }

    private Doc judged(Answer answer, Call call, ApiKey key) throws ProviderFailure {
        Doc doc = json(answer.text);
        boolean yes = answer.status >= 200 && answer.status < 300;
        String found = "expected JSON, but found " + answer.status + " \"" + words(answer.text, key) + "\"";
        if (answer.status >= 500) {
            if (judge.isAnswer(doc)) return doc;
            throw lost(call, "is out of order (" + answer.status + " \"" + words(answer.text, key) + "\")");
        }
        if (answer.status >= 300 && answer.status < 400)
            throw new ProviderFailure.Unavailable(provider, found + "; does its address still stand, " + base + "?");
        if (!yes && !doc.isObject() && isPage(answer.text)) throw new ProviderFailure.Unavailable(provider, found);
        if (yes && !doc.isObject()) throw lost(call, found);
        judge.check(answer.status, doc.isObject() ? doc : Doc.object().with("msg", words(answer.text, key)));
        return doc;
    }

    /// Nothing when it is no JSON.
    private static Doc json(String text) {
        try {
            return Doc.json(text.getBytes(StandardCharsets.UTF_8));
        } catch (NotJson e) {
            return Call.NO_BODY;
        }
    }

    private static boolean isPage(String text) {
        return text.stripLeading().startsWith("<");
    }

    private ProviderFailure lost(Call call, String message) {
        return call.changes()
                ? new ProviderFailure.Unsure(provider, message + "; it may have been done all the same")
                : new ProviderFailure.Unavailable(provider, message);
    }

    private void pause(Duration time, Call call, boolean unsure) throws ProviderFailure {
        if (time.isZero()) return;
        try {
            around.pause().of(time);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            String message = "interrupted before " + call.method() + " " + call.path();
            throw told(new ProviderFailure.Unavailable(provider, message), unsure);
        }
    }

    /// A text from elsewhere, without a key: whoever keeps it asks nobody but us.
    ///
    /// @return empty while it is not there
    Optional<String> fetch(URI url) throws ProviderFailure {
        around.tap().said("GET " + url.getScheme() + "://" + url.getHost() + url.getPath());
        try {
            HttpResponse<byte[]> response = send(HttpRequest.newBuilder(url).build());
            return response.statusCode() == 200
                    ? Optional.of(new String(response.body(), StandardCharsets.UTF_8))
                    : Optional.empty();
        } catch (IOException | TimeoutException e) {
            throw new ProviderFailure.Unavailable(provider, "cannot fetch from " + url.getHost() + ": " + reason(e));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new ProviderFailure.Unavailable(provider, "interrupted while fetching from " + url.getHost());
        }
    }

    void pause(Duration time) throws ProviderFailure {
        pause(time, Call.get("", ""), false);
    }

    private String host() {
        return base.getAuthority();
    }

    private static String reason(Exception e) {
        Throwable at = e;
        while (at.getMessage() == null && at.getCause() != null) at = at.getCause();
        if (at.getMessage() != null) return at.getMessage();
        // The JDK's client has no words for it.
        return at instanceof ClosedChannelException || at instanceof ConnectException
                ? "nobody answers there"
                : at.getClass().getSimpleName();
    }

    /// The first words of what should have been JSON, without a page's marks and without secrets.
    private static String words(String text, ApiKey key) {
        String plain = text.replaceAll("(?is)<(script|style)\\b.*?</\\1>", " ")
                .replaceAll("<[^>]*>", " ")
                .replaceAll("[\\s\\p{Cntrl}]+", " ")
                .strip();
        String clean = Wiretap.clean(plain, key);
        return clean.length() <= SHOWN_MAX ? clean : clean.substring(0, SHOWN_MAX) + "…";
    }

    @Override
    public void close() {
        http.shutdownNow();
    }
}
