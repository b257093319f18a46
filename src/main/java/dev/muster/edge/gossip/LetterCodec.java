package dev.muster.edge.gossip;

import dev.muster.core.gossip.Letter;
import dev.muster.core.gossip.Opinion;
import dev.muster.core.gossip.Profile;
import dev.muster.core.gossip.Rumor;
import dev.muster.core.state.Endpoints;
import dev.muster.core.state.NodeId;
import dev.muster.core.state.Role;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/// Letters as bytes. Rumors and profiles are blocks with their length before them: what a newer version adds at their end
/// is skipped, and a kind of letter that this version does not know is no letter.
final class LetterCodec {
    /// A part of a table with names and hosts as long as they may be is half of it.
    static final int LETTER_MAX = 128 * 1024;

    private static final int VOTER = 1;
    private static final int DIALABLE = 2;

    private LetterCodec() {}

    static byte[] write(Letter letter) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(64);
        try {
            DataOutputStream out = new DataOutputStream(bytes);
            head(out, letter);
            out.writeShort(letter.rumors().size());
            for (Rumor rumor : letter.rumors()) block(out, rumorBytes(rumor));
        } catch (IOException e) {
            throw new IllegalStateException("memory does not fail", e);
        }
        return bytes.toByteArray();
    }

    private static void head(DataOutputStream out, Letter letter) throws IOException {
        switch (letter) {
            case Letter.Ping(long number, var rumors) -> numbered(out, 1, number);
            case Letter.Ack(long number, var rumors) -> numbered(out, 2, number);
            case Letter.PingFor(long number, NodeId target, var rumors) -> {
                numbered(out, 3, number);
                out.writeUTF(target.name());
            }
            case Letter.Nack(long number, var rumors) -> numbered(out, 4, number);
            case Letter.News news -> out.writeByte(5);
            case Letter.Compare(long digest, var rumors) -> numbered(out, 6, digest);
            case Letter.Table(boolean last, boolean answer, var rumors) -> {
                out.writeByte(7);
                out.writeBoolean(last);
                out.writeBoolean(answer);
            }
            case Letter.Same same -> out.writeByte(8);
        }
    }

    private static void numbered(DataOutputStream out, int kind, long number) throws IOException {
        out.writeByte(kind);
        out.writeLong(number);
    }

    private static void block(DataOutputStream out, byte[] bytes) throws IOException {
        out.writeShort(bytes.length);
        out.write(bytes);
    }

    private static byte[] rumorBytes(Rumor rumor) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(128);
        DataOutputStream out = new DataOutputStream(bytes);
        out.writeUTF(rumor.about().name());
        out.writeByte(rumor.opinion().ordinal());
        out.writeLong(rumor.incarnation());
        out.writeUTF(rumor.by().name());
        out.writeLong(rumor.forMs());
        out.writeBoolean(rumor.profile().isPresent());
        if (rumor.profile().isPresent()) block(out, profileBytes(rumor.profile().get()));
        return bytes.toByteArray();
    }

    private static byte[] profileBytes(Profile profile) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(96);
        DataOutputStream out = new DataOutputStream(bytes);
        out.writeUTF(profile.identity());
        out.writeUTF(profile.version());
        out.writeUTF(profile.role().name());
        Endpoints at = profile.endpoints();
        out.writeUTF(at.host());
        out.writeShort(at.apiPort());
        out.writeShort(at.artifactPort());
        out.writeShort(at.raftPort());
        out.writeShort(at.gossipPort().orElse(0));
        out.writeByte((profile.voter() ? VOTER : 0) | (profile.dialable() ? DIALABLE : 0));
        out.writeByte(profile.via().size());
        for (NodeId member : profile.via()) out.writeUTF(member.name());
        return bytes.toByteArray();
    }

    /// @return empty for a kind of letter of a newer version
    /// @throws IOException when the bytes are no letter
    static Optional<Letter> read(byte[] bytes) throws IOException {
        DataInputStream in = new DataInputStream(new ByteArrayInputStream(bytes));
        try {
            int kind = in.readUnsignedByte();
            return switch (kind) {
                case 1 -> Optional.of(new Letter.Ping(in.readLong(), rumors(in)));
                case 2 -> Optional.of(new Letter.Ack(in.readLong(), rumors(in)));
                case 3 -> Optional.of(new Letter.PingFor(in.readLong(), new NodeId(in.readUTF()), rumors(in)));
                case 4 -> Optional.of(new Letter.Nack(in.readLong(), rumors(in)));
                case 5 -> Optional.of(new Letter.News(rumors(in)));
                case 6 -> Optional.of(new Letter.Compare(in.readLong(), rumors(in)));
                case 7 -> Optional.of(new Letter.Table(in.readBoolean(), in.readBoolean(), rumors(in)));
                case 8 -> Optional.of(new Letter.Same(rumors(in)));
                default -> Optional.empty();
            };
        } catch (IllegalArgumentException e) {
            throw new IOException("expected a letter, but " + e.getMessage(), e);
        }
    }

    private static List<Rumor> rumors(DataInputStream in) throws IOException {
        int count = in.readUnsignedShort();
        List<Rumor> rumors = new ArrayList<>();
        for (int i = 0; i < count; i++) rumor(block(in)).ifPresent(rumors::add);
        return rumors;
    }

    private static DataInputStream block(DataInputStream in) throws IOException {
        byte[] bytes = new byte[in.readUnsignedShort()];
        in.readFully(bytes);
        return new DataInputStream(new ByteArrayInputStream(bytes));
    }

    /// @return empty for an opinion of a newer version
    private static Optional<Rumor> rumor(DataInputStream in) throws IOException {
        NodeId about = new NodeId(in.readUTF());
        int opinion = in.readUnsignedByte();
        long incarnation = in.readLong();
        NodeId by = new NodeId(in.readUTF());
        long forMs = in.readLong();
        Optional<Profile> profile = in.readBoolean() ? Optional.of(profile(block(in))) : Optional.empty();
        if (opinion >= Opinion.values().length) return Optional.empty();
        return Optional.of(new Rumor(about, Opinion.values()[opinion], incarnation, by, forMs, profile));
    }

    private static Profile profile(DataInputStream in) throws IOException {
        String identity = in.readUTF();
        String version = in.readUTF();
        Role role = role(in.readUTF());
        String host = in.readUTF();
        int api = in.readUnsignedShort();
        int artifacts = in.readUnsignedShort();
        int raft = in.readUnsignedShort();
        int gossip = in.readUnsignedShort();
        int flags = in.readUnsignedByte();
        List<NodeId> via = new ArrayList<>();
        for (int count = in.readUnsignedByte(); count > 0; count--) via.add(new NodeId(in.readUTF()));
        return new Profile(
                identity,
                version,
                role,
                new Endpoints(host, api, artifacts, raft, gossip == 0 ? OptionalInt.empty() : OptionalInt.of(gossip)),
                (flags & VOTER) != 0,
                (flags & DIALABLE) != 0,
                via);
    }

    /// A role of a newer version is taken for one that does everything; the log has what it really is.
    private static Role role(String name) {
        for (Role role : Role.values()) if (role.name().equals(name)) return role;
        return Role.MIXED;
    }
}
