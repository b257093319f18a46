package dev.muster.edge.process;

import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

/// The files of one attempt. `shim.sh` says which of them it writes.
///
/// @param path `attempts/KEY`; made whole and renamed into place, so that it exists with its journal entry or not at
///             all
record AttemptDir(Path path) {
    /// As many bytes as the shim writes into `exit.tmp`.
    private static final String RESERVED = "-".repeat(31) + "\n";

    private static final JsonMapper JSON = new JsonMapper();

    /// The journal entry, `start.json`. Holds no values of the environment: they may be secret.
    ///
    /// @param nonce tells this start from any other of the same key, on any agent of this machine
    record Entry(String key, String nonce, List<String> command, List<String> envNames, String workDir, String bootId) {
        String marker() {
            return key + ":" + nonce;
        }
    }

    /// Who decided about the start. Made by link(2) with its content, so exactly one claim ever is.
    sealed interface Claim {
        /// The shim runs, or ran, the command.
        ///
        /// @param at when it claimed, by the machine's clock
        record Shim(ProcTable.Identity process, String bootId, Instant at) implements Claim {}

        /// An agent found that no shim had claimed it; a shim that comes later does nothing.
        record Agent() implements Claim {}
    }

    /// Writes the journal entry and makes it durable.
    ///
    /// @throws IOException with nothing left behind but a directory that the next [Supervisor#open(Path)] removes
    static AttemptDir create(Path attempts, Entry entry) throws IOException {
        Path unfinished = attempts.resolve(".new-" + entry.key());
        Disk.deleteTree(unfinished);
        try {
            Files.createDirectory(unfinished);
            Disk.writeAndForce(unfinished.resolve("start.json"), JSON.writeValueAsString(entry) + "\n");
            Disk.writeAndForce(unfinished.resolve("exit.tmp"), RESERVED);
            Disk.forceDirectory(unfinished);
            Path path = Files.move(unfinished, attempts.resolve(entry.key()), StandardCopyOption.ATOMIC_MOVE);
            Disk.forceDirectory(attempts);
            return new AttemptDir(path);
        } catch (IOException e) {
            Disk.deleteTree(unfinished);
            throw e;
        }
    }

    /// Removes it at once for whoever looks, then from the disk.
    void delete() throws IOException {
        Path gone = path.resolveSibling(".gone-" + key());
        Disk.deleteTree(gone);
        if (Files.exists(path)) {
            Files.move(path, gone, StandardCopyOption.ATOMIC_MOVE);
        }
        Disk.forceDirectory(gone.resolveSibling(""));
        Disk.deleteTree(gone);
    }

    String key() {
        return path.getFileName().toString();
    }

    Entry entry() throws IOException {
        try {
            return JSON.readValue(Files.readString(path.resolve("start.json")), Entry.class);
        } catch (JacksonException e) {
            throw new IOException(
                    "expected a journal entry in " + path.resolve("start.json") + ", but found "
                            + e.getOriginalMessage(),
                    e);
        }
    }

    Optional<Claim> claim() throws IOException {
        // Blank only after a power cut that the file did not reach the disk before; then no boot is the same.
        Optional<String> text = read("claim").filter(it -> !it.isBlank());
        return text.isEmpty() ? Optional.empty() : Optional.of(parse(text.get()));
    }

    private Claim parse(String text) throws IOException {
        String[] words = text.strip().split(" ");
        if (words.length == 4 && words[0].equals("shim")) {
            ProcTable.Identity process = new ProcTable.Identity(Long.parseLong(words[1]), Long.parseLong(words[2]));
            return new Claim.Shim(process, words[3], modified("claim"));
        }
        if (words[0].equals("agent")) {
            return new Claim.Agent();
        }
        throw new IOException(
                "expected `shim PID TICKS BOOT` or `agent` in " + path.resolve("claim") + ", but found " + text);
    }

    /// Takes the start away from any shim. Where one was faster, its claim stays.
    void claimForAgent() throws IOException {
        Path mine = path.resolve("claim.agent");
        Files.deleteIfExists(mine);
        Disk.writeAndForce(mine, "agent\n");
        try {
            Files.createLink(path.resolve("claim"), mine);
            Disk.forceDirectory(path);
        } catch (FileAlreadyExistsException _) {
            // The shim was faster: its claim holds.
        } finally {
            Files.deleteIfExists(mine);
        }
    }

    Optional<ProcessState.Exited> exit() throws IOException {
        Optional<String> text = read("exit");
        if (text.isEmpty()) {
            return Optional.empty();
        }
        int code = Integer.parseInt(text.get().substring("exit ".length()).strip());
        Instant at = modified("exit");
        boolean signalled = code > 128 && code <= 192;
        return Optional.of(
                new ProcessState.Exited(code, signalled ? OptionalInt.of(code - 128) : OptionalInt.empty(), at));
    }

    /// The command's process; empty before it starts.
    Optional<ProcTable.Identity> job() throws IOException {
        // Read between the shim's open and its write, the file is empty for an instant.
        String[] words = read("job").orElse("").strip().split(" ");
        return words.length == 2
                ? Optional.of(new ProcTable.Identity(Long.parseLong(words[0]), Long.parseLong(words[1])))
                : Optional.empty();
    }

    /// Where the shim's own complaints go.
    Path shimLog() {
        return path.resolve("shim.log");
    }

    private Instant modified(String name) throws IOException {
        return Files.getLastModifiedTime(path.resolve(name)).toInstant();
    }

    private Optional<String> read(String name) throws IOException {
        try {
            return Optional.of(Files.readString(path.resolve(name)));
        } catch (NoSuchFileException _) {
            return Optional.empty();
        }
    }
}
