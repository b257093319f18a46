package dev.muster.edge.swarm;

import dev.muster.core.state.NodeId;
import dev.muster.core.state.Sha256;
import dev.muster.core.swarm.SwarmPlanner;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// [Exchange]'s words as bytes. A receiver and the leader exchange dozens of them a second for every file; as JSON over
/// the API they cost two thirds of what a whole distribution cost the leader.
///
/// The first byte is the format; a reader refuses others, and the file then comes by another way. Numbers are big-endian,
/// names as [DataOutputStream#writeUTF]. Which file is meant says the path.
final class ExchangeCodec {
    private static final byte FORMAT = 2;
    private static final SwarmPlanner.Failure[] FAILURES = SwarmPlanner.Failure.values();

    private ExchangeCodec() {}

    private interface Writing {
        void to(DataOutputStream out) throws IOException;
    }

    private interface Reading<T> {
        T from(DataInputStream in) throws IOException;
    }

    static byte[] bytes(Exchange.Ask ask) {
        return written(out -> {
            name(out, ask.node());
            out.writeBoolean(ask.have().isPresent());
            if (ask.have().isPresent()) {
                out.writeInt(ask.have().get().length);
                out.write(ask.have().get());
            }
            out.writeInt(ask.got().size());
            for (Exchange.Got got : ask.got()) {
                out.writeInt(got.chunk());
                name(out, got.source());
            }
            out.writeInt(ask.failed().size());
            for (Exchange.Failed failed : ask.failed()) {
                out.writeInt(failed.chunk());
                name(out, failed.source());
                out.writeByte(failed.why().ordinal());
            }
            out.writeBoolean(ask.dialable());
            out.writeLong(ask.upRate());
            out.writeLong(ask.downRate());
            out.writeLong(ask.roundTripMillis());
            out.writeLong(ask.waitMillis());
        });
    }

    /// @throws IOException when these are not an [Exchange.Ask]'s bytes
    static Exchange.Ask ask(Sha256 sha, byte[] bytes) throws IOException {
        return read(bytes, in -> {
            NodeId node = name(in);
            Optional<byte[]> have = in.readBoolean() ? Optional.of(block(in)) : Optional.empty();
            List<Exchange.Got> got = list(in, each -> new Exchange.Got(each.readInt(), name(each)));
            List<Exchange.Failed> failed =
                    list(in, each -> new Exchange.Failed(each.readInt(), name(each), failure(each)));
            return new Exchange.Ask(
                    node, sha, have, got, failed, in.readBoolean(), amount(in), amount(in), amount(in), amount(in));
        });
    }

    static byte[] bytes(Exchange.Answer answer) {
        return written(out -> {
            out.writeBoolean(answer.leading());
            out.writeBoolean(answer.known());
            out.writeInt(answer.assigned().size());
            for (Exchange.Assigned assigned : answer.assigned()) {
                out.writeInt(assigned.chunk());
                name(out, assigned.source());
                out.writeBoolean(assigned.reversed());
            }
            names(out, answer.peers());
            names(out, answer.struck());
            out.writeBoolean(answer.dialable());
            out.writeLong(answer.againMillis());
        });
    }

    /// @throws IOException when these are not an [Exchange.Answer]'s bytes
    static Exchange.Answer answer(byte[] bytes) throws IOException {
        return read(
                bytes,
                in -> new Exchange.Answer(
                        in.readBoolean(),
                        in.readBoolean(),
                        list(in, each -> new Exchange.Assigned(each.readInt(), name(each), each.readBoolean())),
                        list(in, ExchangeCodec::name),
                        list(in, ExchangeCodec::name),
                        in.readBoolean(),
                        in.readLong()));
    }

    static byte[] bytes(Exchange.Reach reach) {
        return written(out -> {
            name(out, reach.node());
            out.writeBoolean(reach.dialable());
            out.writeLong(reach.waitMillis());
        });
    }

    /// @throws IOException when these are not an [Exchange.Reach]'s bytes
    static Exchange.Reach reach(byte[] bytes) throws IOException {
        return read(bytes, in -> new Exchange.Reach(name(in), in.readBoolean(), in.readLong()));
    }

    static byte[] bytes(Exchange.Calls calls) {
        return written(out -> {
            out.writeBoolean(calls.leading());
            out.writeBoolean(calls.dialable());
            names(out, calls.call());
        });
    }

    /// @throws IOException when these are not an [Exchange.Calls]'s bytes
    static Exchange.Calls calls(byte[] bytes) throws IOException {
        return read(bytes, in -> new Exchange.Calls(in.readBoolean(), in.readBoolean(), list(in, ExchangeCodec::name)));
    }

    private static byte[] written(Writing writing) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(256);
        try (DataOutputStream out = new DataOutputStream(bytes)) {
            out.writeByte(FORMAT);
            writing.to(out);
        } catch (IOException e) {
            throw new UncheckedIOException("memory does not fail", e);
        }
        return bytes.toByteArray();
    }

    private static <T> T read(byte[] bytes, Reading<T> reading) throws IOException {
        try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(bytes))) {
            int format = in.read();
            if (format != FORMAT) throw new IOException("expected words of format " + FORMAT + ", but found " + format);
            T read = reading.from(in);
            if (in.available() > 0) throw new IOException("expected an end, but found " + in.available() + " bytes");
            return read;
        } catch (IllegalArgumentException e) {
            throw new IOException("expected an exchange's words: " + e.getMessage(), e);
        }
    }

    private static void name(DataOutputStream out, NodeId node) throws IOException {
        out.writeUTF(node.name());
    }

    private static NodeId name(DataInputStream in) throws IOException {
        return new NodeId(in.readUTF());
    }

    private static void names(DataOutputStream out, List<NodeId> nodes) throws IOException {
        out.writeInt(nodes.size());
        for (NodeId node : nodes) name(out, node);
    }

    private static SwarmPlanner.Failure failure(DataInputStream in) throws IOException {
        int ordinal = in.readUnsignedByte();
        if (ordinal >= FAILURES.length) throw new IOException("expected a reason, but found " + ordinal);
        return FAILURES[ordinal];
    }

    private static long amount(DataInputStream in) throws IOException {
        long amount = in.readLong();
        if (amount < 0) throw new IOException("expected 0 or more, but found " + amount);
        return amount;
    }

    private static byte[] block(DataInputStream in) throws IOException {
        return in.readNBytes(count(in, 1));
    }

    private static <T> List<T> list(DataInputStream in, Reading<T> each) throws IOException {
        int count = count(in, 2);
        List<T> list = new ArrayList<>(count);
        for (int i = 0; i < count; i++) list.add(each.from(in));
        return list;
    }

    /// As many as there can be in what is left, so that a number alone takes no memory.
    private static int count(DataInputStream in, int least) throws IOException {
        int count = in.readInt();
        if (count < 0 || (long) count * least > in.available()) {
            throw new IOException("expected at most " + in.available() / least + " entries, but found " + count);
        }
        return count;
    }
}
