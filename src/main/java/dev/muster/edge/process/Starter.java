package dev.muster.edge.process;

import dev.muster.edge.process.StartResult.Reason;
import dev.muster.edge.process.StartResult.Refused;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Takes one attempt from its spec to a shim that runs: refusals first, then the journal, then the process.
final class Starter {
    private static final Logger LOG = LoggerFactory.getLogger(Starter.class);

    /// What the files of an attempt take before its first output, a block each, generously.
    private static final long JOURNAL_BYTES = 64 << 10;

    private final Path attempts;
    private final ProcessLimits limits;
    private final Tools tools;
    private final String bootId;

    /// A shim that runs (and may not have claimed its start yet), or a refusal.
    sealed interface Spawn {
        record Shim(Attempt attempt) implements Spawn {}

        record No(Refused refusal) implements Spawn {}
    }

    Starter(Path attempts, ProcessLimits limits, Tools tools, String bootId) {
        this.attempts = attempts;
        this.limits = limits;
        this.tools = tools;
        this.bootId = bootId;
    }

    /// What can be known before anything is written.
    Optional<Refused> refusal(ProcessSpec spec) {
        if (!tools.missing().isEmpty()) {
            return refuse(
                    Reason.MISSING_TOOL,
                    "expected " + String.join(", ", tools.missing()) + " on this machine (looked in " + tools.path()
                            + "), but found none; install coreutils and util-linux, or busybox");
        }
        if (!Files.isDirectory(spec.workDir())) {
            return refuse(
                    Reason.NO_WORK_DIR,
                    "expected the work directory " + spec.workDir() + " of " + spec.key()
                            + " to exist, but found no directory there; make it before the start");
        }
        try {
            long free = Files.getFileStore(attempts).getUsableSpace();
            if (free < limits.freeBytesMin()) {
                return refuse(Reason.DISK_FULL, diskFull(free));
            }
            return Optional.empty();
        } catch (IOException e) {
            return refuse(Reason.JOURNAL, "could not ask how much of the disk is free: " + e);
        }
    }

    private static Optional<Refused> refuse(Reason reason, String message) {
        return Optional.of(new Refused(reason, message));
    }

    private String diskFull(long free) {
        return "expected at least " + mib(Math.max(limits.freeBytesMin(), JOURNAL_BYTES)) + " free at " + attempts
                + ", but found " + mib(free) + "; free some space, then start again";
    }

    private static String mib(long bytes) {
        return (bytes >> 20) + "MiB";
    }

    /// Journal first, then the process. A refusal leaves nothing on disk.
    ///
    /// @param onExit called when the shim ends, on a thread of the JDK
    Spawn start(ProcessSpec spec, Runnable onExit) {
        AttemptDir.Entry entry = entry(spec);
        AttemptDir dir;
        try {
            dir = AttemptDir.create(attempts, entry);
        } catch (IOException e) {
            return new Spawn.No(journalRefusal(spec, e));
        }
        try {
            Process shim = spawn(spec, entry, dir);
            shim.onExit().thenRun(onExit);
            return new Spawn.Shim(new Attempt(dir, entry, limits.drain(), shim));
        } catch (IOException e) {
            return new Spawn.No(spawnRefusal(dir, e.toString()));
        }
    }

    private AttemptDir.Entry entry(ProcessSpec spec) {
        // No secret and no dice that matter: it only has to differ from other starts on this machine.
        String nonce = HexFormat.of().toHexDigits(ThreadLocalRandom.current().nextLong());
        return new AttemptDir.Entry(
                spec.key(),
                nonce,
                spec.command(),
                spec.env().keySet().stream().sorted().toList(),
                spec.workDir().toString(),
                bootId);
    }

    private Refused journalRefusal(ProcessSpec spec, IOException e) {
        boolean full = String.valueOf(e.getMessage()).matches("(?s).*(No space left|quota).*")
                || attempts.toFile().getUsableSpace() < JOURNAL_BYTES;
        return full
                ? new Refused(Reason.DISK_FULL, diskFull(attempts.toFile().getUsableSpace()) + " (" + e + ")")
                : new Refused(Reason.JOURNAL, "could not write the journal entry of " + spec.key() + ": " + e);
    }

    private Process spawn(ProcessSpec spec, AttemptDir.Entry entry, AttemptDir dir) throws IOException {
        ProcessBuilder builder = new ProcessBuilder(
                        tools.commandLine(dir.path(), entry.marker(), limits, spec.command()))
                .directory(spec.workDir().toFile())
                .redirectInput(new File("/dev/null"))
                .redirectOutput(ProcessBuilder.Redirect.appendTo(dir.shimLog().toFile()))
                .redirectErrorStream(true);
        Map<String, String> env = builder.environment();
        env.clear();
        env.putAll(spec.env());
        env.putIfAbsent("PATH", tools.path());
        return builder.start();
    }

    /// Removes the attempt and says what its shim said.
    Refused spawnRefusal(AttemptDir dir, String why) {
        String said = "";
        try {
            Path shimLog = dir.shimLog();
            said = Files.exists(shimLog) ? ": " + Files.readString(shimLog).strip() : "";
            dir.delete();
        } catch (IOException e) {
            LOG.warn("refused_start_left_files key={}", dir.key(), e);
        }
        return new Refused(Reason.SPAWN, "could not start " + dir.key() + ": " + why + said);
    }
}
