package dev.muster.edge.alert;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;

/// A mail server on loopback that keeps what it gets. It offers what it is told to, and answers some words as it is told to.
final class SmtpSink implements AutoCloseable {
    private final ServerSocket server;
    private final Optional<SSLContext> tls;
    private final Optional<String> login;
    private final Map<String, String> answers = new TreeMap<>();
    private final List<String> mails = new ArrayList<>();
    private final List<String> words = new ArrayList<>();
    private final List<Socket> open = new ArrayList<>();
    private volatile boolean silent;

    /// @param tls   offered as STARTTLS, and asked for before a login
    /// @param login `user:password`
    SmtpSink(Optional<SSLContext> tls, Optional<String> login) throws IOException {
        this.server = new ServerSocket(0, 10, InetAddress.getLoopbackAddress());
        this.tls = tls;
        this.login = login;
        Thread.ofVirtual().start(this::accept);
    }

    int port() {
        return server.getLocalPort();
    }

    /// What begins like this is answered like that.
    SmtpSink answering(String word, String answer) {
        answers.put(word, answer);
        return this;
    }

    SmtpSink falls() {
        silent = true;
        return this;
    }

    synchronized List<String> mails() {
        return List.copyOf(mails);
    }

    synchronized List<String> words() {
        return List.copyOf(words);
    }

    private void accept() {
        try {
            while (true) {
                Socket socket = server.accept();
                synchronized (this) {
                    open.add(socket);
                }
                Thread.ofVirtual().start(() -> talk(socket));
            }
        } catch (IOException e) {
            // closed
        }
    }

    private void talk(Socket socket) {
        try (socket) {
            if (silent) {
                Thread.sleep(60_000);
                return;
            }
            session(socket, false);
        } catch (IOException e) {
            // the other side left
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void session(Socket socket, boolean secure) throws IOException {
        BufferedReader in = new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8));
        OutputStream out = socket.getOutputStream();
        boolean known = login.isEmpty();
        if (!secure) say(out, "220 sink ESMTP");
        for (String line = in.readLine(); line != null; line = in.readLine()) {
            note((secure ? "TLS " : "") + line);
            Optional<String> fixed = fixed(line);
            String verb = line.split("[ :]", 2)[0].toUpperCase(java.util.Locale.ROOT);
            if (fixed.isPresent()) say(out, fixed.get());
            else if (verb.equals("EHLO")) hello(out, secure);
            else if (verb.equals("STARTTLS") && tls.isPresent()) {
                say(out, "220 go on");
                SSLSocket upgraded = (SSLSocket)
                        tls.get().getSocketFactory().createSocket(socket, "localhost", socket.getPort(), true);
                upgraded.setUseClientMode(false);
                session(upgraded, true);
                return;
            } else if (verb.equals("AUTH")) {
                String given = new String(
                        Base64.getDecoder().decode(line.substring(line.lastIndexOf(' ') + 1)), StandardCharsets.UTF_8);
                known = login.filter(one -> given.endsWith("\0" + one.replace(':', '\0')))
                        .isPresent();
                say(out, known ? "235 welcome" : "535 5.7.8 who are you, " + given.replace("\0", "/"));
            } else if (verb.equals("MAIL") || verb.equals("RCPT")) say(out, known ? "250 ok" : "530 log in first");
            else if (verb.equals("DATA")) {
                say(out, "354 go on");
                mail(in);
                say(out, "250 kept");
            } else if (verb.equals("QUIT")) {
                say(out, "221 bye");
                return;
            } else say(out, "250 ok");
        }
    }

    private Optional<String> fixed(String line) {
        return answers.entrySet().stream()
                .filter(one -> line.startsWith(one.getKey()))
                .map(Map.Entry::getValue)
                .findFirst();
    }

    private void hello(OutputStream out, boolean secure) throws IOException {
        String offers = "250-sink\r\n";
        if (tls.isPresent() && !secure) offers += "250-STARTTLS\r\n";
        if (login.isPresent() && (secure || tls.isEmpty())) offers += "250-AUTH PLAIN\r\n";
        say(out, offers + "250 8BITMIME");
    }

    private void mail(BufferedReader in) throws IOException {
        StringBuilder text = new StringBuilder();
        for (String line = in.readLine(); line != null && !line.equals("."); line = in.readLine())
            text.append(line).append('\n');
        synchronized (this) {
            mails.add(text.toString());
        }
    }

    private synchronized void note(String line) {
        words.add(line);
    }

    private static void say(OutputStream out, String line) throws IOException {
        out.write((line + "\r\n").getBytes(StandardCharsets.UTF_8));
        out.flush();
    }

    @Override
    public void close() throws IOException {
        server.close();
        synchronized (this) {
            for (Socket socket : open) socket.close();
        }
    }
}
