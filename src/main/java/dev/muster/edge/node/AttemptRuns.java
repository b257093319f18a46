package dev.muster.edge.node;

import dev.muster.core.agent.LocalAttempt;
import dev.muster.core.agent.LocalAttempt.Phase;
import dev.muster.core.state.Attempt;
import dev.muster.core.state.AttemptId;
import dev.muster.core.state.Bytes;
import dev.muster.core.state.Command;
import dev.muster.core.state.JobSpec;
import dev.muster.core.state.NodeId;
import dev.muster.core.state.Saved;
import dev.muster.core.state.SecretBlanks;
import dev.muster.core.state.Table;
import dev.muster.edge.archive.Tar;
import dev.muster.edge.process.ProcessSpec;
import dev.muster.edge.process.ProcessState;
import dev.muster.edge.process.StartResult;
import dev.muster.edge.process.Supervisor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BiFunction;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The attempts of this node on their way: prepared, started, watched, stopped, ended. What blocks runs on a virtual thread
/// of its own; each step is in the journal before it is taken.
final class AttemptRuns implements AutoCloseable {
    /// Attempts whose output is kept after the cluster knows their end, the newest.
    static final int LOGS_KEPT = 200;
    /// Begins the reason of an attempt that was stopped because it filled the disk; the journal keeps it.
    static final String DISK_FULL = "disk full: ";
    /// Begins the reason of an attempt that did not go well; the rule follows, then the evidence.
    static final String ABORTED = "aborted by ";
    /// Output kept of an attempt that ended on a full disk.
    private static final long TAIL_BYTES = 4L << 20;
    /// How long a result waits for room; its process has ended.
    private static final Duration ROOM_WAIT = Duration.ofMinutes(10);

    private static final Duration LOOK = Duration.ofSeconds(1);
    private static final Duration RETRY = Duration.ofSeconds(1);

    private static final Logger LOG = LoggerFactory.getLogger(AttemptRuns.class);

    private final NodeId self;
    private final AttemptJournal journal;
    private final Supervisor supervisor;
    private final Artifacts artifacts;
    private final Fetcher fetcher;
    private final Room room;
    private final Map<String, String> environment;
    private final SecretFiles secrets;
    private final Runnable changed;
    private final Saver saver;
    private final Evidence evidence;
    private volatile BiFunction<LocalAttempt, Boolean, AttemptWatch.Seen> lastLook =
            (attempt, succeeded) -> AttemptWatch.Seen.NOTHING;
    /// What attempts that run here began without.
    private final Map<AttemptId, String> leftOut = new ConcurrentHashMap<>();
    private final Set<AttemptId> preparing = ConcurrentHashMap.newKeySet();
    private final Map<AttemptId, Thread> fetchingInputs = new ConcurrentHashMap<>();
    private final Map<AttemptId, String> stopAsked = new ConcurrentHashMap<>();
    private final Set<AttemptId> finishing = ConcurrentHashMap.newKeySet();
    private final Thread watch = Thread.ofVirtual().name("attempts").unstarted(this::watch);
    private volatile boolean closed;

    /// @param environment the agent's own
    /// @param changed     told after each step
    AttemptRuns(
            NodeId self,
            AttemptJournal journal,
            Supervisor supervisor,
            Artifacts artifacts,
            Fetcher fetcher,
            Room room,
            Map<String, String> environment,
            SecretFiles secrets,
            Runnable changed) {
        this.self = self;
        this.journal = journal;
        this.supervisor = supervisor;
        this.artifacts = artifacts;
        this.fetcher = fetcher;
        this.room = room;
        this.environment = environment;
        this.secrets = secrets;
        this.changed = changed;
        this.saver = new Saver(journal, artifacts, room, changed);
        this.evidence = new Evidence(journal, artifacts, room);
    }

    /// Who is asked what was seen of an attempt that ended, and whether it succeeded.
    void watchedBy(BiFunction<LocalAttempt, Boolean, AttemptWatch.Seen> look) {
        lastLook = look;
    }

    /// Takes up what the journal says. Call once.
    void resume() {
        for (LocalAttempt attempt : journal.all().values()) {
            switch (attempt.phase()) {
                case PREPARING -> prepare(attempt);
                case STOPPING -> supervisor.stop(key(attempt), attempt.spec().grace());
                case RUNNING, ENDED -> LOG.debug("taken up {}", attempt.id());
            }
        }
        endOrphans();
        watch.start();
        saver.start();
    }

    /// A process whose journal entry is lost: nobody could ever report its end.
    private void endOrphans() {
        supervisor.states().states().forEach((key, state) -> {
            boolean known = journal.all().values().stream()
                    .anyMatch(attempt -> key(attempt).equals(key));
            if (!known && !state.ended()) {
                LOG.error("process.orphan key={} then=\"stopped\"", key);
                supervisor.stop(key, Duration.ofSeconds(10));
            }
        });
    }

    /// Why nothing begins here now, or empty.
    Optional<String> closed() {
        return room.closed();
    }

    /// Writes the journal and starts to prepare the attempt.
    ///
    /// @throws IOException when the journal cannot be written; then nothing has begun
    ///
    /// @param saved with what it is to begin
    void begin(AttemptId id, long token, JobSpec spec, Saved saved) throws IOException {
        if (journal.find(id).isPresent()) return;
        journal.begin(id, token, spec, saved);
        LOG.info("attempt.begun attempt={} token={} job=\"{}\"", id, token, spec.name());
        prepare(journal.find(id).orElseThrow());
    }

    private void prepare(LocalAttempt attempt) {
        if (!preparing.add(attempt.id())) return;
        Thread.ofVirtual().name("prepare-" + attempt.id()).start(() -> {
            try {
                prepareAndStart(attempt);
            } finally {
                preparing.remove(attempt.id());
                changed.run();
            }
        });
    }

    private void prepareAndStart(LocalAttempt attempt) {
        try {
            Optional<ProcessState> before = supervisor.state(key(attempt));
            if (before.isPresent()) started(attempt, before.get()); // the agent ended between the start and the journal
            else prepareAnew(attempt);
        } catch (InterruptedException e) {
            if (!closed) end(attempt.id(), stopped(attempt));
        } catch (IOException | IllegalArgumentException e) {
            if (!closed) end(attempt.id(), stopAsked.containsKey(attempt.id()) ? stopped(attempt) : notStarted(e));
        }
    }

    private Attempt.Ending stopped(LocalAttempt attempt) {
        String why = stopAsked.getOrDefault(attempt.id(), "interrupted");
        return Results.plain(LocalAttempt.status(why), OptionalInt.empty(), why + "; it had not started");
    }

    private static Attempt.Ending notStarted(Exception e) {
        return Results.plain(Attempt.Status.FAILED, OptionalInt.empty(), "before the start: " + e.getMessage());
    }

    private void prepareAnew(LocalAttempt attempt) throws IOException, InterruptedException {
        secrets.read(SecretBlanks.names(attempt.spec().env())); // before anything is fetched for it
        Path work = journal.work(attempt.id());
        AttemptJournal.delete(work);
        Files.createDirectories(work);
        List<Attempt.Stored> saved = fetchInputs(attempt);
        for (JobSpec.Input input : attempt.spec().inputs()) if (input.unpacked()) unpack(input, work);
        Set<String> laid = laySaved(attempt, saved, work);
        for (JobSpec.Input input : attempt.spec().inputs()) {
            // An earlier attempt has gone on with it.
            if (input.unpacked() || laid.contains(input.path())) continue;
            Path target = room(work, input.path());
            if (input.as() == JobSpec.As.COPY) artifacts.layCopy(input.artifact(), target);
            else artifacts.lay(input.artifact(), target);
        }
        for (JobSpec.Output output : attempt.spec().outputs()) {
            Files.createDirectories(work.resolve(output.path()).getParent());
        }
        start(attempt, work, !laid.isEmpty());
    }

    private void unpack(JobSpec.Input input, Path work) throws IOException {
        try {
            Tar.unpack(artifacts.path(input.artifact()), work.resolve(input.path()));
        } catch (IOException e) {
            throw new IOException("input " + input.artifact().brief() + " cannot be unpacked: " + e.getMessage(), e);
        }
    }

    /// Where a file is to lie; one that an archive has left there makes room.
    private static Path room(Path work, String path) throws IOException {
        Path target = work.resolve(path);
        Files.createDirectories(target.getParent());
        Files.deleteIfExists(target);
        return target;
    }

    /// What earlier attempts have saved. What cannot be had is left out: the attempt begins all the same, and says so when
    /// it ends.
    ///
    /// @return the paths of those that can
    private Set<String> laySaved(LocalAttempt attempt, List<Attempt.Stored> saved, Path work) {
        Set<String> laid = new TreeSet<>();
        for (Attempt.Stored file : saved) {
            try {
                artifacts.layCopy(file.sha(), room(work, file.path()));
                laid.add(file.path());
            } catch (IOException e) {
                leftOut(attempt.id(), file, e.toString());
            }
        }
        if (!laid.isEmpty()) LOG.info("attempt.resumed attempt={} files={}", attempt.id(), laid.size());
        return laid;
    }

    private void leftOut(AttemptId id, Attempt.Stored file, String why) {
        LOG.warn("attempt.begins-without attempt={} file={} reason=\"{}\"", id, file.path(), why);
        leftOut.merge(id, "it began without " + file.path() + ": " + why, (first, more) -> first);
    }

    /// The one part that may take long, and the only one that is interrupted by a stop: an interrupt while the journal is
    /// written or the process starts would leave it open what has happened.
    ///
    /// @return of what earlier attempts have saved, what is here now
    private List<Attempt.Stored> fetchInputs(LocalAttempt attempt) throws IOException, InterruptedException {
        List<Attempt.Stored> saved = new ArrayList<>();
        fetchingInputs.put(attempt.id(), Thread.currentThread());
        try {
            if (closed) throw new InterruptedException("this node stops");
            for (JobSpec.Input input : attempt.spec().inputs()) fetcher.need(input.artifact());
            for (Attempt.Stored file : attempt.saved().files().values()) {
                Optional<String> why = fetcher.wish(file.sha(), !leftOut.containsKey(attempt.id()));
                if (why.isEmpty()) saved.add(file);
                else leftOut(attempt.id(), file, why.get());
            }
        } finally {
            fetchingInputs.remove(attempt.id());
            if (Thread.interrupted()) LOG.debug("{} is to stop", attempt.id());
        }
        if (stopAsked.containsKey(attempt.id())) throw new InterruptedException("to stop before the start");
        return saved;
    }

    private void start(LocalAttempt attempt, Path work, boolean resumed) throws IOException, InterruptedException {
        Map<String, String> values =
                secrets.read(SecretBlanks.names(attempt.spec().env()));
        switch (supervisor.start(JobProcess.of(attempt, self, work, environment, values, resumed))) {
            case StartResult.Started(ProcessState state) -> started(attempt, state);
            case StartResult.AlreadyKnown(ProcessState state) -> started(attempt, state);
            case StartResult.Refused(var reason, String message) -> throw new IOException(message);
        }
    }

    private void started(LocalAttempt attempt, ProcessState state) throws IOException {
        AttemptId id = attempt.id();
        long pid = state instanceof ProcessState.Running running ? running.pid() : 0;
        journal.running(id, pid);
        LOG.info("attempt.started attempt={} pid={}", id, pid);
        String why = stopAsked.get(id);
        if (why != null) stopRunning(id, why, Optional.empty());
        supervisor
                .state(key(attempt))
                .ifPresent(now -> look(journal.find(id).orElseThrow(), now)); // it may have ended by now
    }

    /// Ends an attempt: at once while it is prepared, by SIGTERM and later SIGKILL while it runs.
    ///
    /// @param grace instead of the spec's
    void stop(AttemptId id, String why, Optional<Duration> grace) {
        LocalAttempt attempt = journal.find(id).orElse(null);
        if (attempt == null) return;
        switch (attempt.phase()) {
            case PREPARING -> {
                stopAsked.put(id, why);
                interruptFetch(id);
            }
            case RUNNING -> stopRunning(id, why, grace);
            case STOPPING, ENDED -> LOG.debug("{} is ending already", id);
        }
    }

    private void interruptFetch(AttemptId id) {
        fetchingInputs.computeIfPresent(id, (same, thread) -> {
            thread.interrupt();
            return thread;
        });
    }

    private void stopRunning(AttemptId id, String why, Optional<Duration> grace) {
        try {
            if (!journal.stopping(id, why)) return;
            LocalAttempt attempt = journal.find(id).orElseThrow();
            LOG.info("attempt.stopping attempt={} why=\"{}\"", id, why);
            supervisor.stop(key(attempt), grace.orElse(attempt.spec().grace()));
        } catch (IOException e) {
            LOG.error("attempt.not-stopped attempt={} reason=\"{}\" then=\"tried again\"", id, e.toString());
        }
    }

    /// Ends an attempt that does not go well, as failed for good: another would go the same way. It has its grace, and is saved.
    void abort(AttemptId id, String rule, String evidence) {
        LocalAttempt attempt = journal.find(id).orElse(null);
        if (attempt != null && attempt.phase() == Phase.RUNNING)
            stopRunning(id, ABORTED + rule + ": " + evidence, Optional.empty());
    }

    /// As [#stop], and ends it as failed. A journal that cannot be written holds up nothing here: then an agent that is
    /// killed before the end has only the exit status.
    void stopForRoom(AttemptId id, String why, Duration grace) {
        LocalAttempt attempt = journal.find(id).orElse(null);
        if (attempt == null) return;
        stopAsked.put(id, why);
        try {
            journal.stopping(id, why);
        } catch (IOException e) {
            LOG.warn("attempt.stop-not-kept attempt={} reason=\"{}\" then=\"stopped all the same\"", id, e.toString());
        }
        supervisor.stop(key(attempt), grace);
    }

    /// Is an attempt on its way out so that there is room?
    boolean makingRoom() {
        return journal.all().values().stream()
                .anyMatch(attempt -> attempt.phase() != Phase.ENDED
                        && stopReason(attempt)
                                .filter(why -> why.startsWith(DISK_FULL))
                                .isPresent());
    }

    private Optional<String> stopReason(LocalAttempt attempt) {
        return attempt.stopWhy().or(() -> Optional.ofNullable(stopAsked.get(attempt.id())));
    }

    /// What the attempt has on the disk. Takes as long as it has files, some seconds at most.
    Footprint footprint(LocalAttempt attempt, Instant since) {
        return Footprint.of(journal.work(attempt.id()), since)
                .plus(Footprint.of(supervisor.directory(key(attempt)), since));
    }

    /// Looks which processes have ended.
    private void watch() {
        try {
            while (!closed) {
                // The journal first: what runs by it was in the supervisor before.
                Table<AttemptId, LocalAttempt> attempts = journal.all();
                Supervisor.Snapshot snapshot = supervisor.states();
                for (LocalAttempt attempt : attempts.values()) {
                    boolean live = attempt.phase() == Phase.RUNNING || attempt.phase() == Phase.STOPPING;
                    if (live) look(attempt, snapshot.states().get(key(attempt)));
                }
                supervisor.awaitChange(snapshot.revision(), LOOK);
            }
        } catch (InterruptedException e) {
            LOG.debug("closed", e);
        }
    }

    private void look(LocalAttempt attempt, ProcessState state) {
        if (state == null) {
            finish(
                    attempt,
                    new ProcessState.Lost(
                            ProcessState.Why.UNREADABLE,
                            "expected the record of the process, but it is gone from this node's disk"));
        } else if (state.ended()) {
            finish(attempt, state);
        } else if (state instanceof ProcessState.Running running
                && attempt.pid().orElse(0) == 0) {
            try {
                journal.running(attempt.id(), running.pid());
                changed.run();
            } catch (IOException e) {
                LOG.debug("the pid is noted later", e);
            }
        }
    }

    private void finish(LocalAttempt attempt, ProcessState state) {
        if (!finishing.add(attempt.id())) return;
        Thread.ofVirtual().name("finish-" + attempt.id()).start(() -> {
            try {
                end(attempt.id(), ending(attempt, state));
            } catch (RuntimeException e) {
                LOG.error("attempt.broken attempt={}", attempt.id(), e);
                end(attempt.id(), Results.plain(Attempt.Status.FAILED, OptionalInt.empty(), "internal error: " + e));
            } finally {
                finishing.remove(attempt.id());
            }
        });
    }

    private Attempt.Ending ending(LocalAttempt attempt, ProcessState state) {
        Optional<String> unsaved = saver.last(attempt.id());
        Optional<String> without = Optional.ofNullable(leftOut.remove(attempt.id()));
        Attempt.Ending ending = result(attempt, state);
        AttemptWatch.Seen seen = lastLook.apply(attempt, ending.status() == Attempt.Status.SUCCEEDED);
        // One that fails before it could be stopped says more of itself than the rule, and is not tried again either.
        boolean failed = ending.status() == Attempt.Status.FAILED;
        if (seen.abort().isPresent() && ending.status() == Attempt.Status.SUCCEEDED)
            ending = aborted(ending.exitCode(), ABORTED + seen.abort().get());
        else if (seen.abort().isPresent() && failed) ending = ending.forGood();
        Redaction redaction = new Redaction(secrets, attempt.spec());
        ending = ending.noted(redaction.text(ending.note()));
        if (without.isPresent()) ending = Results.noted(ending, without.get());
        if (unsaved.isPresent()) ending = Results.noted(ending, unsaved.get());
        Evidence.Kept kept = evidence.keep(attempt, key(attempt), supervisor.logs(), redaction);
        if (kept.missing().isPresent())
            ending = Results.noted(ending, kept.missing().get());
        return ending.with(seen.traces().with(kept.files()));
    }

    private Attempt.Ending result(LocalAttempt attempt, ProcessState state) {
        LocalAttempt now = journal.find(attempt.id()).orElse(attempt);
        Results.Store store = (path, file) -> stored(now.id(), path, file);
        ProcessSpec process = JobProcess.of(now, self, journal.work(now.id()), environment, Map.of(), false);
        Attempt.Ending ending = Results.ending(now, state, process, store, supervisor.logs());
        Optional<String> why =
                stopReason(journal.find(now.id()).orElse(now)).filter(text -> text.startsWith(DISK_FULL));
        Optional<String> aborted =
                stopReason(journal.find(now.id()).orElse(now)).filter(text -> text.startsWith(ABORTED));
        if (aborted.isPresent() && ending.status() != Attempt.Status.SUCCEEDED)
            return aborted(ending.exitCode(), aborted.get());
        boolean full = why.isPresent() || room.isShort();
        if (ending.status() == Attempt.Status.SUCCEEDED || !full) return ending;
        String note = why.orElseGet(() -> ending.note() + "; the node's disk was full when it ended: " + self + " had "
                + new Bytes(Math.max(0, room.free())) + " left, and this job had written "
                + new Bytes(footprint(now, Instant.EPOCH).bytes()) + "; its directory was freed");
        free(now);
        return Results.plain(why.isPresent() ? Attempt.Status.FAILED : ending.status(), ending.exitCode(), note);
    }

    private static Attempt.Ending aborted(OptionalInt exit, String why) {
        return Results.plain(Attempt.Status.FAILED, exit, why).forGood().as("ABORTED");
    }

    /// A result waits while somebody makes room: it is not lost to another job that filled the disk.
    private Attempt.Stored stored(AttemptId id, String path, Path file) throws IOException {
        long giveUpAt = System.nanoTime() + ROOM_WAIT.toNanos();
        for (boolean told = false; ; told = true) {
            boolean full = room.isShort() || makingRoom();
            try {
                return artifacts.store(path, file);
            } catch (IOException e) {
                boolean waits = full || room.isShort() || makingRoom();
                boolean stays = journal.find(id)
                        .filter(now -> now.phase() == Phase.RUNNING)
                        .isPresent();
                if (closed || !waits || !stays || System.nanoTime() > giveUpAt) throw e;
                if (!told) LOG.warn("attempt.result-waits attempt={} for=room reason=\"{}\"", id, e.getMessage());
                pause();
            }
        }
    }

    /// An attempt that did not succeed leaves nothing that anybody needs but the end of its output.
    private void free(LocalAttempt attempt) {
        supervisor.stop(key(attempt), Duration.ZERO); // what it left behind holds files too
        try {
            AttemptJournal.delete(journal.work(attempt.id()));
            supervisor.keepTail(key(attempt), TAIL_BYTES);
            LOG.info("attempt.freed attempt={} free={}", attempt.id(), new Bytes(Math.max(0, room.free())));
        } catch (IOException e) {
            LOG.warn(
                    "attempt.not-freed attempt={} reason=\"{}\" then=\"with its discard\"", attempt.id(), e.toString());
        }
    }

    /// Journals the end; tried again for as long as the disk says no.
    void end(AttemptId id, Attempt.Ending ending) {
        boolean told = false;
        while (!closed) {
            try {
                journal.ended(id, ending);
                LOG.info(
                        "attempt.ended attempt={} status={} exit={} note=\"{}\"",
                        id,
                        ending.status(),
                        ending.exitCode().isPresent() ? ending.exitCode().getAsInt() : "unknown",
                        ending.note());
                stopAsked.remove(id);
                changed.run();
                return;
            } catch (IOException e) {
                if (!told)
                    LOG.error("attempt.end-not-kept attempt={} reason=\"{}\" then=\"tried again\"", id, e.toString());
                told = true;
                room.relieve();
                pause();
            }
        }
    }

    /// The cluster refused a result for what it says: the attempt ends all the same, as failed.
    void refused(Command command, Member.Answer.Refused no) {
        if (!(command instanceof Command.FinishAttempt(AttemptId id, long token, Attempt.Ending ending))) return;
        if (no.code().equals("STALE")
                || no.code().equals("NOT_FOUND")
                || no.code().equals("FULL")) return;
        if (journal.find(id).filter(attempt -> attempt.phase() == Phase.ENDED).isEmpty()) return;
        end(
                id,
                Results.plain(
                        Attempt.Status.FAILED, ending.exitCode(), "the cluster refused the result: " + no.message()));
    }

    private static void pause() {
        try {
            Thread.sleep(RETRY);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /// The cluster knows the end: the working directory goes, the output stays until newer ones need the room.
    void discard(AttemptId id) throws IOException {
        journal.discard(id);
        forgetOldLogs();
    }

    /// Of this machine, which somebody else will have.
    void forgetSecrets(Set<String> names) throws IOException {
        Set<String> deleted = secrets.delete(names);
        if (!deleted.isEmpty()) LOG.info("secrets.deleted names=\"{}\"", String.join(", ", deleted));
    }

    private record Kept(String key, Instant at) {}

    private void forgetOldLogs() throws IOException {
        List<Kept> kept = new ArrayList<>();
        supervisor.states().states().forEach((key, state) -> {
            boolean owned = journal.all().values().stream()
                    .anyMatch(attempt -> key(attempt).equals(key));
            if (!owned && state.ended())
                kept.add(new Kept(key, state instanceof ProcessState.Exited exited ? exited.at() : Instant.EPOCH));
        });
        kept.sort(Comparator.comparing(Kept::at).reversed());
        for (Kept old : kept.subList(Math.min(LOGS_KEPT, kept.size()), kept.size())) supervisor.forget(old.key());
    }

    private static String key(LocalAttempt attempt) {
        return JobProcess.key(attempt.id(), attempt.token());
    }

    /// Stops watching. Processes run on, and what was being prepared is prepared again by the next agent.
    @Override
    public void close() {
        closed = true;
        watch.interrupt();
        saver.close();
        fetchingInputs.keySet().forEach(this::interruptFetch);
    }
}
