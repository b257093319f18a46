package dev.muster.edge.node;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;

/// The answers to a batch as bytes, for the way through Raft's reply. They never leave the process, so they are as plain
/// as can be.
final class Answers {
    private static final int DONE = 0;
    private static final int REFUSED = 1;

    private Answers() {}

    static byte[] bytes(List<Member.Answer> answers) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(16 * answers.size() + 4);
        try (DataOutputStream out = new DataOutputStream(bytes)) {
            out.writeInt(answers.size());
            for (Member.Answer answer : answers) write(out, answer);
        } catch (IOException e) {
            throw new UncheckedIOException(e); // memory does not fail
        }
        return bytes.toByteArray();
    }

    private static void write(DataOutputStream out, Member.Answer answer) throws IOException {
        switch (answer) {
            case Member.Answer.Done(long revision, String created) -> {
                out.writeByte(DONE);
                out.writeLong(revision);
                out.writeUTF(created);
            }
            case Member.Answer.Refused(String code, String message) -> {
                out.writeByte(REFUSED);
                out.writeUTF(code);
                out.writeUTF(message.length() > 10_000 ? message.substring(0, 10_000) : message);
            }
            case Member.Answer.Unavailable unavailable ->
                throw new IllegalArgumentException("the log never answers " + unavailable);
        }
    }

    static List<Member.Answer> read(byte[] bytes) {
        try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(bytes))) {
            int count = in.readInt();
            List<Member.Answer> answers = new ArrayList<>(count);
            for (int i = 0; i < count; i++) {
                answers.add(
                        in.readByte() == DONE
                                ? new Member.Answer.Done(in.readLong(), in.readUTF())
                                : new Member.Answer.Refused(in.readUTF(), in.readUTF()));
            }
            return answers;
        } catch (IOException e) {
            throw new UncheckedIOException("expected a batch's answers, but found " + bytes.length + " other bytes", e);
        }
    }
}
