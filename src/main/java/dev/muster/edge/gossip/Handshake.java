package dev.muster.edge.gossip;

import dev.muster.core.state.NodeId;
import dev.muster.edge.config.Token;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.SecureRandom;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/// Both sides show that they know the cluster's token without sending it: each answers the other's random bytes by an
/// HMAC-SHA256 over both greetings. Who dialled answers first, so that nobody gets an HMAC to guess at by calling.
final class Handshake {
    private static final int MAGIC = 0x4d555347; // MUSG
    private static final int GREETING_MAX = 1_024;
    private static final int NONCE = 32;
    private static final int MAC = 32;
    private static final SecureRandom RANDOM = new SecureRandom();

    /// Who speaks.
    record Name(String cluster, NodeId node, String identity) {}

    /// The other side is not of this cluster, or not who was called.
    static final class Refused extends IOException {
        private static final long serialVersionUID = 1L;

        Refused(String message) {
            super(message);
        }
    }

    private Handshake() {}

    /// As the one who dialled.
    ///
    /// @param called who is to answer
    /// @return who does
    static Name dialled(DataInputStream in, DataOutputStream out, Name self, Token token, NodeId called)
            throws IOException {
        byte[] mine = greeting(self);
        send(out, mine);
        byte[] theirs = receive(in);
        Name peer = checked(theirs, self);
        if (!peer.node().equals(called)) {
            throw new Refused("expected " + called + " to answer, but found " + peer.node());
        }
        out.write(mac(token, "dialled", mine, theirs));
        out.flush();
        verify(in, mac(token, "called", mine, theirs));
        return peer;
    }

    /// As the one who was called.
    static Name called(DataInputStream in, DataOutputStream out, Name self, Token token) throws IOException {
        byte[] theirs = receive(in);
        Name peer = checked(theirs, self);
        byte[] mine = greeting(self);
        send(out, mine);
        verify(in, mac(token, "dialled", theirs, mine));
        out.write(mac(token, "called", theirs, mine));
        out.flush();
        return peer;
    }

    private static byte[] greeting(Name self) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        DataOutputStream out = new DataOutputStream(bytes);
        byte[] nonce = new byte[NONCE];
        RANDOM.nextBytes(nonce);
        out.writeInt(MAGIC);
        out.write(nonce);
        out.writeUTF(self.cluster());
        out.writeUTF(self.node().name());
        out.writeUTF(self.identity());
        return bytes.toByteArray();
    }

    private static void send(DataOutputStream out, byte[] greeting) throws IOException {
        out.writeShort(greeting.length);
        out.write(greeting);
        out.flush();
    }

    private static byte[] receive(DataInputStream in) throws IOException {
        int length = in.readUnsignedShort();
        if (length > GREETING_MAX) throw new Refused("expected a greeting, but found " + length + " bytes");
        byte[] greeting = new byte[length];
        in.readFully(greeting);
        return greeting;
    }

    private static Name checked(byte[] greeting, Name self) throws IOException {
        DataInputStream in = new DataInputStream(new ByteArrayInputStream(greeting));
        if (in.readInt() != MAGIC)
            throw new Refused("expected a greeting of muster's gossip, but found something else");
        in.readFully(new byte[NONCE]);
        String cluster = in.readUTF();
        if (!cluster.equals(self.cluster())) {
            throw new Refused("expected a node of cluster " + self.cluster() + ", but found one of " + cluster);
        }
        try {
            return new Name(cluster, new NodeId(in.readUTF()), in.readUTF());
        } catch (IllegalArgumentException e) {
            throw new IOException("expected a node's name in the greeting", e);
        }
    }

    private static void verify(DataInputStream in, byte[] expected) throws IOException {
        byte[] found = new byte[MAC];
        in.readFully(found);
        if (!MessageDigest.isEqual(found, expected)) {
            throw new Refused("expected the cluster's token, but the other side has another one");
        }
    }

    private static byte[] mac(Token token, String role, byte[] dialled, byte[] called) {
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(token.secret().getBytes(StandardCharsets.UTF_8), "HmacSHA256"));
            mac.update(("muster gossip 1 " + role + " " + dialled.length + "\n").getBytes(StandardCharsets.UTF_8));
            mac.update(dialled);
            return mac.doFinal(called);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every JDK has HMAC-SHA256", e);
        }
    }
}
