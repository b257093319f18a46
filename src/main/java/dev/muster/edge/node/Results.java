package dev.muster.edge.node;

import dev.muster.core.agent.LocalAttempt;
import dev.muster.core.run.Failure;
import dev.muster.core.state.Attempt;
import dev.muster.core.state.JobKind;
import dev.muster.core.state.JobSpec;
import dev.muster.core.state.Match;
import dev.muster.core.state.Table;
import dev.muster.edge.model.ModelCheck;
import dev.muster.edge.model.ModelFile;
import dev.muster.edge.process.LogReader;
import dev.muster.edge.process.ProcessSpec;
import dev.muster.edge.process.ProcessState;
import dev.muster.edge.wire.Wire;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import tools.jackson.core.JacksonException;

/// How an attempt ended: from its exit status, what it left in its directory, and whether it was told to stop.
final class Results {
    /// Longest part of an output line that goes into a note.
    private static final int LINE_MAX = 300;
    private static final int TAIL_BYTES = 8 << 10;
    /// 5,000 lines of about 250 bytes are 1.2 MB.
    private static final long MATCHES_MAX_BYTES = 4L << 20;

    /// Where outputs go.
    interface Store {
        /// @return what the file is now known as, verified
        Attempt.Stored store(String path, Path file) throws IOException;
    }

    /// What a `matches` file holds.
    private record MatchesFile(List<Line> matches) {}

    private record Line(String player, String opponent, int wins, int draws, int losses) {
        Match match() {
            if (player == null || opponent == null) {
                throw new IllegalArgumentException("expected a player and an opponent on each line, but found " + this);
            }
            return new Match(player, opponent, wins, draws, losses);
        }
    }

    /// Something about the results is not as the spec says; the message is the attempt's note.
    private static final class Unfit extends Exception {
        private static final long serialVersionUID = 1L;

        Unfit(String message) {
            super(message);
        }
    }

    /// The process says that it succeeded, and left a model that cannot be one. Another try may well make a whole one.
    private static final class BrokenModel extends IOException {
        private static final long serialVersionUID = 1L;

        BrokenModel(String message) {
            super(message);
        }
    }

    private Results() {}

    /// Stores what the spec declares when the process succeeded. May take as long as the outputs are large.
    ///
    /// @param process as it was started
    static Attempt.Ending ending(
            LocalAttempt attempt, ProcessState state, ProcessSpec process, Store store, LogReader logs) {
        return switch (state) {
            case ProcessState.Lost lost -> lost(attempt, lost);
            case ProcessState.Exited exited
            when attempt.stopWhy().isPresent() ->
                plain(
                        LocalAttempt.status(attempt.stopWhy().get()),
                        OptionalInt.of(exited.code()),
                        attempt.stopWhy().get());
            case ProcessState.Exited exited when exited.code() != 0 -> failed(attempt, exited, process, logs);
            case ProcessState.Exited exited -> succeeded(attempt.spec(), process.workDir(), store);
            case ProcessState.Starting starting -> throw new IllegalArgumentException("it has not ended");
            case ProcessState.Running running -> throw new IllegalArgumentException("it has not ended");
        };
    }

    static Attempt.Ending plain(Attempt.Status status, OptionalInt exitCode, String note) {
        return new Attempt.Ending(status, exitCode, List.of(), List.of(), cut(note, 1_000));
    }

    /// The same end, with more to say.
    static Attempt.Ending noted(Attempt.Ending ending, String more) {
        String note = ending.note().isEmpty() ? more : ending.note() + "; " + more;
        return ending.noted(cut(note, 1_000));
    }

    /// A failure that another try would only repeat.
    private static Attempt.Ending forGood(OptionalInt exitCode, String note) {
        return plain(Attempt.Status.FAILED, exitCode, note + "; not tried again")
                .forGood();
    }

    private static Attempt.Ending failed(
            LocalAttempt attempt, ProcessState.Exited exited, ProcessSpec process, LogReader logs) {
        OptionalInt code = OptionalInt.of(exited.code());
        boolean neverRan = (exited.code() == 127 || exited.code() == 126) && !JobProcess.canStart(process);
        String note = failure(attempt, exited, neverRan, logs);
        return neverRan ? forGood(code, note) : blamed(plain(Attempt.Status.FAILED, code, note), exited, process, logs);
    }

    /// What its output says of the cause stands in the note, where the last line is not it.
    private static Attempt.Ending blamed(
            Attempt.Ending ending, ProcessState.Exited exited, ProcessSpec process, LogReader logs) {
        Failure failure = Causes.of(process.key(), exited.code(), logs);
        if (failure.kind() == Failure.Kind.UNKNOWN) return ending;
        boolean told = ending.note().contains(cut(failure.proof(), LINE_MAX));
        String more = failure.kind().words() + (told ? "" : ": " + cut(failure.proof(), LINE_MAX));
        return noted(ending, more).as(failure.kind().name());
    }

    /// What took the whole node is nobody's fault; what took only this attempt, most often want of memory, counts as a
    /// failure, or it would be tried for ever.
    private static Attempt.Ending lost(LocalAttempt attempt, ProcessState.Lost lost) {
        boolean counts = lost.why() == ProcessState.Why.VANISHED;
        Attempt.Status status = attempt.stopWhy()
                .map(LocalAttempt::status)
                .orElse(counts ? Attempt.Status.FAILED : Attempt.Status.LOST);
        return plain(
                status,
                OptionalInt.empty(),
                attempt.stopWhy().map(why -> why + "; ").orElse("") + lost.detail());
    }

    private static String failure(LocalAttempt attempt, ProcessState.Exited exited, boolean neverRan, LogReader logs) {
        String how = exited.signal().isPresent()
                ? "ended by signal " + exited.signal().getAsInt()
                : "exited with " + exited.code();
        String program = attempt.spec().command().getFirst();
        if (neverRan && exited.code() == 127) return how + " (command not found: " + program + ")";
        if (neverRan) return how + " (not executable: " + program + ")";
        return lastLine(JobProcess.key(attempt.id(), attempt.token()), logs)
                .map(line -> how + ": " + line)
                .orElse(how);
    }

    private static Optional<String> lastLine(String key, LogReader logs) {
        try {
            long end = logs.read(key, 0, 0).end();
            byte[] tail =
                    logs.read(key, Math.max(0, end - TAIL_BYTES), TAIL_BYTES).bytes();
            List<String> lines = new String(tail, StandardCharsets.UTF_8)
                    .lines()
                    .map(line -> line.replaceAll("\\p{Cntrl}", "").strip())
                    .filter(line -> !line.isEmpty())
                    .toList();
            return lines.isEmpty() ? Optional.empty() : Optional.of(cut(lines.getLast(), LINE_MAX));
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    private static String cut(String text, int max) {
        return text.length() <= max ? text : text.substring(0, max) + "…";
    }

    private static Attempt.Ending succeeded(JobSpec spec, Path work, Store store) {
        try {
            List<Match> matches =
                    spec.matches().isPresent() ? matches(work, spec.matches().get()) : List.of();
            List<Attempt.Stored> stored = new ArrayList<>();
            for (JobSpec.Output output : spec.outputs()) {
                Optional<Path> file = file(work, output);
                if (file.isEmpty()) continue;
                if (isModel(spec, output)) whole(output, file.get());
                stored.add(store.store(output.path(), file.get()));
            }
            Table<String, Double> results = spec.results().isPresent()
                    ? Numbers.read(work, spec.results().get())
                    : Table.empty();
            return new Attempt.Ending(
                    Attempt.Status.SUCCEEDED, OptionalInt.of(0), stored, matches, "", false, results, "");
        } catch (Unfit | Numbers.Unread e) {
            return forGood(OptionalInt.of(0), e.getMessage());
        } catch (BrokenModel e) {
            return plain(Attempt.Status.FAILED, OptionalInt.of(0), e.getMessage());
        } catch (IOException e) {
            return plain(
                    Attempt.Status.FAILED,
                    OptionalInt.of(0),
                    "the process succeeded, but its outputs cannot be stored: " + e);
        }
    }

    /// What a training's loop takes for its candidate, and whatever is named like a model.
    private static boolean isModel(JobSpec spec, JobSpec.Output output) {
        boolean candidate =
                spec.kind() == JobKind.TRAINING && output.equals(spec.outputs().getFirst());
        return candidate || ModelFile.isNamedLikeOne(output.path());
    }

    private static void whole(JobSpec.Output output, Path file) throws IOException {
        if (ModelFile.check(file, output.path()) instanceof ModelCheck.Broken(String reason)) {
            throw new BrokenModel("output " + output.path() + " is no whole model: " + reason);
        }
    }

    private static Optional<Path> file(Path work, JobSpec.Output output) throws IOException, Unfit {
        Path file = work.resolve(output.path());
        if (!Files.exists(file, LinkOption.NOFOLLOW_LINKS)) {
            if (output.required()) throw new Unfit("expected output " + output.path() + ", but the process left none");
            return Optional.empty();
        }
        return Optional.of(inside(work, file, "output " + output.path()));
    }

    /// A symbolic link must not make a file of somewhere else an output.
    private static Path inside(Path work, Path file, String what) throws IOException, Unfit {
        if (!Files.isRegularFile(file)) throw new Unfit("expected " + what + " to be a file, but it is none");
        if (!file.toRealPath().startsWith(work.toRealPath())) {
            throw new Unfit("expected " + what + " in the working directory, but it is a link to " + file.toRealPath());
        }
        return file;
    }

    private static List<Match> matches(Path work, String path) throws IOException, Unfit {
        Path file = work.resolve(path);
        if (!Files.exists(file)) throw new Unfit("expected match results in " + path + ", but the process left none");
        inside(work, file, path);
        if (Files.size(file) > MATCHES_MAX_BYTES) {
            throw new Unfit(
                    "expected at most " + MATCHES_MAX_BYTES + " bytes in " + path + ", but found " + Files.size(file));
        }
        try {
            List<Line> matches = Wire.STRICT
                    .readValue(Files.readAllBytes(file), MatchesFile.class)
                    .matches();
            if (matches == null) throw new Unfit("expected {\"matches\":[…]} in " + path + ", but found no matches");
            if (matches.size() > Attempt.Ending.MATCHES_MAX) {
                throw new Unfit("expected at most " + Attempt.Ending.MATCHES_MAX + " matches in " + path
                        + ", but found " + matches.size());
            }
            return matches.stream().map(Line::match).toList();
        } catch (IllegalArgumentException e) {
            throw new Unfit(path + ": " + e.getMessage());
        } catch (JacksonException e) {
            throw new Unfit("expected {\"matches\":[{player,opponent,wins,draws,losses}]} in " + path + ", but "
                    + e.getOriginalMessage().replaceFirst(" \\(class .*", ""));
        }
    }
}
