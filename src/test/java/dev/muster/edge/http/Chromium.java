package dev.muster.edge.http;

import dev.muster.edge.wire.Wire;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.WebSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import tools.jackson.databind.JsonNode;

/// Debian's Chromium without a window, told what to do by its DevTools protocol: a socket and JSON, so no library drives it.
final class Chromium implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final int TABS_MAX = 60;

    private final Process process;
    private final HttpClient client = HttpClient.newHttpClient();
    private final WebSocket socket;
    private final AtomicInteger next = new AtomicInteger();
    private final Map<Integer, CompletableFuture<JsonNode>> asked = new ConcurrentHashMap<>();
    private final List<String> complaints = new CopyOnWriteArrayList<>();

    private Chromium(Process process, URI page) throws Exception {
        this.process = process;
        this.socket = client.newWebSocketBuilder()
                .buildAsync(page, new Listener())
                .get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
        for (String domain : List.of("Page", "Runtime", "Log", "Network")) ask(domain + ".enable", Map.of());
    }

    static Optional<Path> installed() {
        return List.of("/usr/bin/chromium", "/usr/bin/chromium-browser").stream()
                .map(Path::of)
                .filter(Files::isExecutable)
                .findFirst();
    }

    /// @param folder for its profile
    static Chromium start(Path folder) throws Exception {
        Process process = new ProcessBuilder(
                        installed().orElseThrow().toString(),
                        "--headless=new",
                        "--no-sandbox",
                        "--disable-gpu",
                        "--disable-dev-shm-usage",
                        "--disable-background-networking",
                        "--disable-component-update",
                        "--disable-sync",
                        "--no-first-run",
                        "--no-default-browser-check",
                        "--hide-scrollbars",
                        "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
                        "--remote-debugging-port=0",
                        "--user-data-dir=" + folder,
                        "about:blank")
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("chromium.log").toFile())
                .start();
        try {
            return new Chromium(process, page(folder, process));
        } catch (Exception e) {
            process.destroyForcibly();
            throw e;
        }
    }

    private static URI page(Path folder, Process process) throws Exception {
        Path file = folder.resolve("DevToolsActivePort");
        Instant end = Instant.now().plus(PATIENCE);
        while (!Files.exists(file) || Files.readString(file).lines().count() < 2) {
            if (!process.isAlive() || Instant.now().isAfter(end))
                throw new IOException("chromium did not start: " + Files.readString(folder.resolve("chromium.log")));
            Thread.sleep(50);
        }
        String port = Files.readAllLines(file).getFirst();
        HttpRequest request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/json/list"))
                .build();
        try (HttpClient client = HttpClient.newHttpClient()) {
            while (true) {
                JsonNode pages = Wire.STRICT.readTree(
                        client.send(request, BodyHandlers.ofString()).body());
                for (JsonNode page : pages)
                    if (page.path("type").asString().equals("page"))
                        return URI.create(page.path("webSocketDebuggerUrl").asString());
                Thread.sleep(50);
            }
        }
    }

    private final class Listener implements WebSocket.Listener {
        private final StringBuilder text = new StringBuilder();

        @Override
        public CompletionStage<?> onText(WebSocket from, CharSequence data, boolean last) {
            text.append(data);
            if (last) {
                heard(Wire.STRICT.readTree(text.toString()));
                text.setLength(0);
            }
            from.request(1);
            return null;
        }
    }

    private void heard(JsonNode message) {
        if (message.has("id")) {
            CompletableFuture<JsonNode> answer = asked.remove(message.get("id").asInt());
            if (answer != null) answer.complete(message);
            return;
        }
        JsonNode told = message.path("params");
        switch (message.path("method").asString()) {
            case "Runtime.exceptionThrown" -> complaints.add("exception: " + told);
            case "Runtime.consoleAPICalled" -> {
                String type = told.path("type").asString();
                if (type.equals("error") || type.equals("warning")) complaints.add("console: " + told);
            }
            case "Log.entryAdded" -> {
                JsonNode entry = told.path("entry");
                if (!entry.path("level").asString().matches("verbose|info"))
                    complaints.add("log: " + entry.path("text").asString() + " "
                            + entry.path("url").asString());
            }
            default -> {}
        }
    }

    /// What a person would see in red in the console: errors, warnings, refusals by the policy.
    List<String> complaints() {
        return List.copyOf(complaints);
    }

    void forgive() {
        complaints.clear();
    }

    JsonNode ask(String method, Map<String, ?> parameters) throws Exception {
        int id = next.incrementAndGet();
        CompletableFuture<JsonNode> answer = new CompletableFuture<>();
        asked.put(id, answer);
        String text = Wire.STRICT.writeValueAsString(Map.of("id", id, "method", method, "params", parameters));
        synchronized (this) {
            socket.sendText(text, true).get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
        }
        JsonNode found = answer.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
        if (found.has("error")) throw new IOException(method + ": " + found.get("error"));
        return found.get("result");
    }

    /// The value of an expression, when it is there.
    JsonNode run(String script) throws Exception {
        JsonNode result =
                ask("Runtime.evaluate", Map.of("expression", script, "awaitPromise", true, "returnByValue", true));
        if (result.has("exceptionDetails")) throw new IOException(script + ": " + result.get("exceptionDetails"));
        return result.path("result").path("value");
    }

    /// Goes there, and returns when it is loaded.
    void open(String url) throws Exception {
        run("window.leaving = true");
        ask("Page.navigate", Map.of("url", url));
        loaded();
    }

    /// Waits for the page that comes after the one that was marked as left.
    void loaded() throws Exception {
        until("!window.leaving && document.readyState === 'complete'");
    }

    void until(String script) throws Exception {
        Instant end = Instant.now().plus(PATIENCE);
        while (true) {
            try {
                if (run(script).asBoolean(false)) return;
            } catch (IOException e) {
                // Between two pages there is none to ask.
            }
            if (Instant.now().isAfter(end)) throw new AssertionError("it did not come to hold: " + script);
            Thread.sleep(10);
        }
    }

    /// Presses a key as a keyboard does.
    void key(String name, int code, String text) throws Exception {
        Map<String, ?> key = Map.of("key", name, "code", name, "windowsVirtualKeyCode", code, "text", text);
        for (String type : List.of(text.isEmpty() ? "rawKeyDown" : "keyDown", "keyUp")) {
            Map<String, Object> event = new HashMap<>(key);
            event.put("type", type);
            ask("Input.dispatchKeyEvent", event);
        }
    }

    void type(String words) throws Exception {
        ask("Input.insertText", Map.of("text", words));
    }

    /// Goes on from where the focus is, as those do who have no mouse.
    void tabTo(String selector) throws Exception {
        for (int times = 0; times < TABS_MAX; times++) {
            key("Tab", 9, "");
            if (run("document.activeElement.matches('" + selector + "')").asBoolean()) return;
        }
        throw new AssertionError("the Tab key does not lead to " + selector);
    }

    void enter() throws Exception {
        run("window.leaving = true");
        key("Enter", 13, "\r");
    }

    void dark(boolean dark) throws Exception {
        ask(
                "Emulation.setEmulatedMedia",
                Map.of("features", List.of(Map.of("name", "prefers-color-scheme", "value", dark ? "dark" : "light"))));
    }

    void size(int width, int height, boolean phone) throws Exception {
        ask(
                "Emulation.setDeviceMetricsOverride",
                Map.of("width", width, "height", height, "deviceScaleFactor", phone ? 2 : 1, "mobile", phone));
    }

    void picture(Path file) throws Exception {
        String data = ask("Page.captureScreenshot", Map.of("format", "png"))
                .path("data")
                .asString();
        Files.write(file, Base64.getDecoder().decode(data));
    }

    @Override
    public void close() {
        try {
            ask("Browser.close", Map.of());
            process.waitFor(5, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (Exception e) {
            // It may be gone before it answers.
        }
        client.shutdownNow();
        process.destroyForcibly();
    }
}
