package dev.muster.edge.node;

import java.io.FileOutputStream;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.security.SecureRandom;
import java.util.HexFormat;

/// Where a node keeps what.
record DataDir(Path root) {
    private static final int IDENTITY_BYTES = 16;

    Path raft() {
        return root.resolve("raft");
    }

    /// The voters last heard of, so that the node finds the cluster again without its seeds.
    Path voters() {
        return root.resolve("voters.json");
    }

    /// The highest revision this node has acted on.
    Path revision() {
        return root.resolve("revision");
    }

    /// Where gossip reached others.
    Path members() {
        return root.resolve("members.json");
    }

    /// Each attempt's journal and working directory.
    Path jobs() {
        return root.resolve("jobs");
    }

    /// Where this directory's last agent ran: see [Whereabouts].
    Path place() {
        return root.resolve("place");
    }

    /// The journal of fixes.
    Path fixes() {
        return root.resolve("fixes");
    }

    /// What jobs are given by name.
    SecretFiles secrets() {
        return new SecretFiles(root.resolve(SecretFiles.FOLDER));
    }

    /// What happened, for longer than the state remembers it.
    Path events() {
        return root.resolve("events.db");
    }

    Path logs() {
        return root.resolve("logs");
    }

    /// The hashes of files' chunks, made when they are first asked for.
    Path manifests() {
        return root.resolve("manifests");
    }

    Path artifacts() {
        return root.resolve("artifacts");
    }

    /// This data directory's own name, made once: two machines under one node name are told apart by it.
    ///
    /// @throws IOException when it cannot be read or made
    String identity() throws IOException {
        Path file = root.resolve("identity");
        if (Files.exists(file)) {
            String known = Files.readString(file).strip();
            if (known.matches("[0-9a-f]{32}")) return known;
            throw new IOException("expected 32 hexadecimal digits in " + file + ", but found " + known.length()
                    + " other characters; restore the file, or delete it and `muster node remove` this node's name");
        }
        byte[] random = new byte[IDENTITY_BYTES];
        new SecureRandom().nextBytes(random);
        String made = HexFormat.of().formatHex(random);
        replace(file, made.getBytes(StandardCharsets.UTF_8));
        return made;
    }

    /// Puts `bytes` in the file's place: after a crash at any moment there is the old content or the new one.
    static void replace(Path file, byte[] bytes) throws IOException {
        Path fresh = file.resolveSibling(file.getFileName() + ".new");
        try (FileOutputStream out = new FileOutputStream(fresh.toFile())) { // a channel would break off at an interrupt
            out.write(bytes);
            out.getFD().sync();
        }
        Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        sync(file.toAbsolutePath().getParent());
    }

    /// Makes a rename or a new name in the directory last. An interrupt waits: a channel would break off at it.
    static void sync(Path directory) throws IOException {
        boolean interrupted = Thread.interrupted();
        try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
            channel.force(true);
        } finally {
            if (interrupted) Thread.currentThread().interrupt();
        }
    }
}
