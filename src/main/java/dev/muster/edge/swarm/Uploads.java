package dev.muster.edge.swarm;

import dev.muster.core.state.NodeId;
import dev.muster.core.state.Sha256;
import dev.muster.edge.wire.Wire;
import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.nio.channels.Channels;
import java.nio.channels.WritableByteChannel;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Answers requests on one connection after the other, whoever opened it:
///
///     GET /artifacts/{sha}            a file's bytes, with ranges; 416 for those that are not here yet
///     GET /artifacts/{sha}/manifest   its chunks' hashes
///     GET /artifacts/{sha}/have       which chunks are here, eight to a byte
///     GET /artifacts/{sha}/place      where it lies for rsync over SSH, in JSON; 404 where no SSH is offered
///     POST /artifacts/reverse         from now on the other side answers on this connection
///     POST /artifacts/{sha}/exchange  what a receiver and the leader tell each other; see [ExchangeCodec]
///     POST /artifacts/reach           asks the leader whether one can be dialled
final class Uploads {
    /// Clients close idle connections before.
    private static final int IDLE_MILLIS = 60_000;
    private static final long DEAF_NANOS = TimeUnit.SECONDS.toNanos(30);
    /// Sent at once, at most.
    private static final long PIECE_BYTES = 64 << 10;
    private static final Limiter NO_LIMIT = new Limiter(0);
    private static final int BODY_MAX = 64 << 10;
    private static final Pattern PATH = Pattern.compile("/artifacts/([0-9a-f]{64})(/manifest|/have|/exchange|/place)?");
    private static final String REACH = "/artifacts/reach";
    private static final String NO_SSH = "`ssh.user` in this node's node.yaml offers what it holds";
    private static final String NO_ROUTE = "this port serves /artifacts/{sha}";

    private static final Logger LOG = LoggerFactory.getLogger(Uploads.class);

    private final LocalChunks chunks;
    private final Lead lead;
    private final byte[] token;
    private final Semaphore places;
    private final Set<Caller> sending = ConcurrentHashMap.newKeySet();
    private final Limiter limiter;
    private final PeerRates peers;
    private final Counters counters;

    /// @param atOnce uploads at the same time; more are told to come back
    Uploads(
            LocalChunks chunks,
            Lead lead,
            String token,
            int atOnce,
            Limiter limiter,
            PeerRates peers,
            Counters counters) {
        this.chunks = chunks;
        this.lead = lead;
        this.token = digest(token);
        this.places = new Semaphore(atOnce);
        this.limiter = limiter;
        this.peers = peers;
        this.counters = counters;
    }

    private record Body(String code, String message, String hint) {}

    /// Answers until one side closes. The connection is closed at the end, unless it was turned round.
    void serve(Socket socket) {
        if (!turnedRound(socket)) close(socket);
    }

    private boolean turnedRound(Socket socket) {
        try {
            socket.setTcpNoDelay(true);
            socket.setSoTimeout(IDLE_MILLIS);
            InputStream in = new BufferedInputStream(socket.getInputStream(), 4096);
            Caller caller = new Caller(socket);
            OutputStream out = caller.out();
            while (true) {
                Optional<Head> request = Head.read(in);
                if (request.isEmpty()) break;
                if (request.get().start().startsWith("POST /artifacts/reverse ")) {
                    return turned(request.get(), socket, out);
                }
                answer(request.get(), body(in, request.get()), caller, out);
                if (request.get().closes()) break;
            }
        } catch (IOException e) {
            LOG.debug("a connection ended", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (RuntimeException e) {
            LOG.error("artifact-port.broken", e);
        }
        return false;
    }

    private static void close(Socket socket) {
        try {
            socket.close();
        } catch (IOException e) {
            LOG.debug("closing", e);
        }
    }

    private static byte[] body(InputStream in, Head request) throws IOException {
        long length = request.length();
        if (length > BODY_MAX) {
            throw new IOException("expected at most " + BODY_MAX + " bytes, but found " + length);
        }
        byte[] body = in.readNBytes((int) length);
        if (body.length < length) throw new EOFException("expected " + length + " bytes, but it closed");
        return body;
    }

    private boolean turned(Head request, Socket socket, OutputStream out) throws IOException {
        Optional<String> node = request.field("muster-node");
        if (!allowed(request)) {
            unauthorized(request, out);
            return false;
        }
        if (node.isEmpty()) {
            refuse(out, 400, "", new Body("INVALID", "expected the header Muster-Node", ""));
            return false;
        }
        NodeId from;
        try {
            from = new NodeId(node.get());
        } catch (IllegalArgumentException e) {
            refuse(out, 400, "", new Body("INVALID", String.valueOf(e.getMessage()), ""));
            return false;
        }
        write(out, "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: muster-reverse\r\n\r\n");
        chunks.reversed(from, socket);
        return true;
    }

    private void answer(Head request, byte[] body, Caller caller, OutputStream out)
            throws IOException, InterruptedException {
        String[] words = request.start().split(" ");
        String target = words.length < 2 ? "" : words[1];
        Matcher path = PATH.matcher(target);
        boolean reach = target.equals(REACH);
        boolean told = reach || target.endsWith("/exchange");
        String method = told ? "POST" : "GET";
        if (!reach && !path.matches()) {
            refuse(out, 404, "", new Body("NOT_FOUND", "no such route or artifact", NO_ROUTE));
        } else if (!words[0].equals(method)) {
            refuse(out, 405, "Allow: " + method + "\r\n", new Body("METHOD_NOT_ALLOWED", "expected " + method, ""));
        } else if (!caller.allowed(request)) {
            unauthorized(request, out);
        } else if (told) {
            tell(reach ? Optional.empty() : Optional.of(new Sha256(path.group(1))), body, out);
        } else {
            Sha256 sha = new Sha256(path.group(1));
            switch (path.group(2)) {
                case null -> file(sha, request, caller);
                case "/manifest" -> small(sha, chunks.manifest(sha), out);
                case "/place" -> place(sha, chunks.place(sha, asker(request)), out);
                default -> small(sha, chunks.have(sha), out);
            }
        }
    }

    /// @param sha empty when a node asks whether it can be dialled
    private void tell(Optional<Sha256> sha, byte[] body, OutputStream out) throws IOException {
        byte[] answer;
        try {
            answer = sha.isPresent()
                    ? ExchangeCodec.bytes(lead.answer(ExchangeCodec.ask(sha.get(), body)))
                    : ExchangeCodec.bytes(lead.answer(ExchangeCodec.reach(body)));
        } catch (IOException e) {
            refuse(out, 400, "", new Body("INVALID", String.valueOf(e.getMessage()), ""));
            return;
        }
        bytes(answer, out);
    }

    /// Who asks on one connection.
    private final class Caller {
        private final OutputStream out;
        private final WritableByteChannel channel;
        private final Socket socket;
        private Optional<String> good = Optional.empty();
        private volatile long wentNanos;

        Caller(Socket socket) throws IOException {
            this.socket = socket;
            this.out = socket.getOutputStream();
            this.channel = socket.getChannel() == null ? Channels.newChannel(out) : socket.getChannel();
        }

        /// Some bytes went to it.
        void went() {
            wentNanos = System.nanoTime();
        }

        long silence() {
            return System.nanoTime() - wentNanos;
        }

        OutputStream out() {
            return out;
        }

        /// For a file's bytes.
        WritableByteChannel channel() {
            return channel;
        }

        /// The same words as before on the same connection need no second look.
        boolean allowed(Head request) {
            Optional<String> header = request.field("authorization");
            if (good.isPresent() && good.equals(header)) return true;
            boolean allowed = Uploads.this.allowed(request);
            if (allowed) good = header;
            return allowed;
        }
    }

    private boolean allowed(Head request) {
        String header = request.field("authorization").orElse("");
        boolean scheme = header.regionMatches(true, 0, "Bearer ", 0, 7);
        return MessageDigest.isEqual(token, digest(scheme ? header.substring(7).strip() : ""));
    }

    private static void unauthorized(Head request, OutputStream out) throws IOException {
        refuse(
                out,
                401,
                "",
                new Body(
                        "UNAUTHORIZED",
                        request.field("authorization").isEmpty()
                                ? "expected `Authorization: Bearer <cluster token>`, but found no token"
                                : "expected the cluster's token, but found another one",
                        "give it by --token, MUSTER_TOKEN or MUSTER_TOKEN_FILE"));
    }

    private void small(Sha256 sha, Optional<byte[]> bytes, OutputStream out) throws IOException {
        if (bytes.isEmpty()) {
            absent(sha, out);
        } else {
            bytes(bytes.get(), out);
        }
    }

    private static void bytes(byte[] body, OutputStream out) throws IOException {
        byte[] head = ("HTTP/1.1 200 OK\r\nContent-Type: application/octet-stream\r\nContent-Length: " + body.length
                        + "\r\n\r\n")
                .getBytes(StandardCharsets.ISO_8859_1);
        byte[] all = new byte[head.length + body.length];
        System.arraycopy(head, 0, all, 0, head.length);
        System.arraycopy(body, 0, all, head.length, body.length);
        out.write(all);
    }

    /// Who says that it asks; a name that is none limits nothing.
    private static Optional<NodeId> asker(Head request) {
        try {
            return request.field("muster-node").map(NodeId::new);
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    private void place(Sha256 sha, Optional<SshPlace> place, OutputStream out) throws IOException {
        if (place.isPresent()) small(sha, place.map(SshPlace::bytes), out);
        else refuse(out, 404, "", new Body("NOT_FOUND", sha + " is not offered by ssh here", NO_SSH));
    }

    private static void absent(Sha256 sha, OutputStream out) throws IOException {
        refuse(
                out,
                404,
                "",
                new Body("NOT_FOUND", sha + " is not held here", "`/v1/artifacts/" + sha + "` lists its holders"));
    }

    private void file(Sha256 sha, Head request, Caller to) throws IOException, InterruptedException {
        OutputStream out = to.out();
        if (!places.tryAcquire()) {
            counters.refused.increment();
            giveUpDeaf();
            refuse(out, 503, "Retry-After: 1\r\n", new Body("BUSY", "all upload places are taken", "try again"));
            return;
        }
        try {
            Optional<LocalChunks.Content> content = chunks.open(sha);
            if (content.isEmpty()) {
                absent(sha, out);
                return;
            }
            try (LocalChunks.Content file = content.get()) {
                to.went();
                sending.add(to);
                send(file, request, to);
            }
        } finally {
            sending.remove(to);
            places.release();
        }
    }

    /// Receivers that take nothing for so long keep others from being served; nothing else ends them.
    private void giveUpDeaf() {
        for (Caller caller : sending) {
            if (caller.silence() > DEAF_NANOS) {
                LOG.warn("artifact-port.deaf-receiver address={}", caller.socket.getRemoteSocketAddress());
                close(caller.socket);
            }
        }
    }

    private void send(LocalChunks.Content file, Head request, Caller to) throws IOException, InterruptedException {
        OutputStream out = to.out();
        Optional<Range> range;
        try {
            range = Range.parse(request.field("range"), file.size());
        } catch (Range.Outside e) {
            refuse(
                    out,
                    416,
                    "Content-Range: bytes */" + file.size() + "\r\n",
                    new Body("INVALID", String.valueOf(e.getMessage()), ""));
            return;
        }
        Range part = range.orElse(new Range(0, file.size() - 1));
        if (!file.has(part.first(), part.last())) {
            String message = "bytes " + part.first() + "-" + part.last() + " have not arrived here yet";
            refuse(out, 416, "Content-Range: bytes */" + file.size() + "\r\n", new Body("PARTIAL", message, ""));
            return;
        }
        String where = range.isEmpty()
                ? ""
                : "Content-Range: bytes " + part.first() + "-" + part.last() + "/" + file.size() + "\r\n";
        write(
                out,
                "HTTP/1.1 " + (range.isPresent() ? "206 Partial Content" : "200 OK")
                        + "\r\nContent-Type: application/octet-stream\r\nAccept-Ranges: bytes\r\n" + where
                        + "Content-Length: " + part.length() + "\r\n\r\n");
        copy(file, part, asker(request).map(peers::of).orElse(NO_LIMIT), to);
    }

    private void copy(LocalChunks.Content file, Range part, Limiter peer, Caller to)
            throws IOException, InterruptedException {
        for (long position = part.first(); position <= part.last(); ) {
            long piece = Math.min(limiter.piece(peer.piece(PIECE_BYTES)), part.last() + 1 - position);
            limiter.take(piece);
            peer.take(piece);
            for (long left = piece; left > 0; ) {
                long sent = file.transfer(position, left, to.channel());
                // Another length than was promised: the reader must not take it for the whole file.
                if (sent <= 0) throw new EOFException("expected " + (part.last() + 1 - position) + " more bytes");
                counters.bytesOut.add(sent);
                to.went();
                position += sent;
                left -= sent;
            }
        }
    }

    private static void refuse(OutputStream out, int status, String headers, Body body) throws IOException {
        byte[] json = Wire.bytes(body);
        write(
                out,
                "HTTP/1.1 " + status + " No\r\n" + headers + "Content-Type: application/json\r\nContent-Length: "
                        + json.length + "\r\n\r\n" + new String(json, StandardCharsets.UTF_8));
    }

    private static void write(OutputStream out, String text) throws IOException {
        out.write(text.getBytes(StandardCharsets.UTF_8));
    }

    /// Of equal length, whatever was sent, so that a comparison takes the same time however much is right.
    private static byte[] digest(String text) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }
}
