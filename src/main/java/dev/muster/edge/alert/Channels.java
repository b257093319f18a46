package dev.muster.edge.alert;

import dev.muster.core.state.AlertLevel;
import dev.muster.edge.config.AlertFile;
import dev.muster.edge.config.AlertNumbers;
import dev.muster.edge.config.ChannelSpec;
import dev.muster.edge.config.ConfigException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// All ways to tell people, as the file and the environment have them now. A file that changes is read again; one that is
/// broken changes nothing, and says so.
public final class Channels implements AutoCloseable {
    /// Nobody waits longer for a change, and a disk is not asked more often.
    static final Duration LOOK = Duration.ofSeconds(5);

    /// One channel, as people see it.
    ///
    /// @param rules  that it takes; all where there are none
    /// @param except rules that it does not take
    /// @param always rules that it takes at any level
    /// @param masked where it goes, without what is secret of it
    public record Listed(
            String name,
            String type,
            List<AlertLevel> levels,
            List<String> rules,
            List<String> except,
            List<String> always,
            String masked) {}

    /// What tells that a file is another: an editor writes a new one, or the same one anew.
    private record Stamp(FileTime changed, long bytes, Optional<Object> inode) {}

    private record Open(ChannelSpec spec, Channel channel) {}

    private final Optional<Path> path;
    private final Map<String, String> environment;
    private final Collection<String> rules;
    private final InstantSource clock;
    private final Sender sender;
    private final Map<String, Open> open = new LinkedHashMap<>();
    private Optional<Stamp> stamp = Optional.empty();
    /// What the stamp belongs to has been read, or cannot be.
    private boolean settled;
    private Instant looked;
    private AlertFile file;
    private Optional<String> broken = Optional.empty();

    private Channels(
            Optional<Path> path, Map<String, String> environment, Collection<String> rules, InstantSource clock) {
        this.path = path;
        this.environment = Map.copyOf(environment);
        this.rules = List.copyOf(rules);
        this.clock = clock;
        this.sender = new Sender(clock);
        this.looked = clock.instant();
        this.file = AlertFile.of(environment);
        read();
        reopen();
    }

    /// @param path  of a file that may come later
    /// @param rules that there are; slips in names of them are noted
    public static Channels open(
            Optional<Path> path, Map<String, String> environment, Collection<String> rules, InstantSource clock) {
        return new Channels(path, environment, rules, clock);
    }

    /// In the file's order.
    public synchronized List<Listed> list() {
        look();
        return open.values().stream().map(one -> listed(one.spec)).toList();
    }

    private static Listed listed(ChannelSpec spec) {
        return new Listed(
                spec.name(), spec.type(), spec.levels(), spec.rules(), spec.except(), spec.always(), spec.masked());
    }

    public synchronized Optional<Channel> of(String name) {
        look();
        return Optional.ofNullable(open.get(name)).map(Open::channel);
    }

    /// Names of those that are to be told of it.
    public synchronized List<String> takers(String rule, AlertLevel level) {
        look();
        return open.values().stream()
                .filter(one -> one.spec.takes(rule, level))
                .map(one -> one.spec.name())
                .toList();
    }

    /// What the prior system's files say besides.
    public synchronized AlertNumbers numbers() {
        look();
        return file.numbers();
    }

    public synchronized Optional<Deadman> deadman() {
        look();
        return file.deadman().map(spec -> new Deadman(spec, sender));
    }

    /// What of the file is not used, and why.
    public synchronized List<AlertFile.Note> notes() {
        look();
        return file.notes();
    }

    /// Why the file cannot be read; what is used then is what it was before.
    public synchronized Optional<String> broken() {
        look();
        return broken;
    }

    // ---- the file

    private void look() {
        Instant now = clock.instant();
        boolean soon = now.isBefore(looked.plus(LOOK)) && !now.isBefore(looked);
        if (soon) return;
        looked = now;
        if (read()) reopen();
    }

    /// Is there anything new?
    private boolean read() {
        if (path.isEmpty()) return false;
        Optional<Stamp> now = stamp(path.get());
        if (settled && now.equals(stamp)) return false;
        boolean wasThere = stamp.isPresent();
        stamp = now;
        settled = true;
        try {
            file = AlertFile.read(path.get(), bytes(path.get()), environment, rules);
            broken = Optional.empty();
        } catch (ConfigException e) {
            broken = Optional.of(e.getMessage());
        } catch (NoSuchFileException e) {
            // Some editors take the old file away first: it is gone when it still is at the next look.
            settled = !wasThere;
            broken = wasThere ? Optional.of(path.get() + " is gone") : Optional.empty();
            if (settled) file = AlertFile.of(environment);
        } catch (IOException e) {
            // Its rights may change, which nobody sees of it.
            settled = false;
            String reason = e.getClass().getSimpleName();
            broken = Optional.of("expected a file that can be read, but found " + path.get() + " (" + reason + ")");
        }
        return broken.isEmpty();
    }

    /// Empty where nobody can see it.
    private static Optional<Stamp> stamp(Path path) {
        try {
            BasicFileAttributes found = Files.readAttributes(path, BasicFileAttributes.class);
            return Optional.of(new Stamp(found.lastModifiedTime(), found.size(), Optional.ofNullable(found.fileKey())));
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    private static byte[] bytes(Path path) throws IOException {
        try (InputStream in = Files.newInputStream(path)) {
            // One more than it may have, so that it is seen to be too long.
            return in.readNBytes(AlertFile.BYTES_MAX + 1);
        }
    }

    /// Those that are as they were go on.
    private void reopen() {
        Map<String, Open> before = new LinkedHashMap<>(open);
        open.clear();
        for (ChannelSpec spec : file.channels()) {
            Open old = before.get(spec.name());
            boolean kept = old != null && old.spec.equals(spec);
            open.put(spec.name(), kept ? before.remove(spec.name()) : new Open(spec, channel(spec)));
        }
        before.values().forEach(one -> one.channel.close());
    }

    private Channel channel(ChannelSpec spec) {
        return switch (spec.way()) {
            case ChannelSpec.Way.Slack way -> new Slack(way, spec.timeout(), sender);
            case ChannelSpec.Way.Discord way -> new Discord(way, spec.timeout(), sender);
            case ChannelSpec.Way.PagerDuty way -> new PagerDuty(way, spec.timeout(), sender);
            case ChannelSpec.Way.Opsgenie way -> new Opsgenie(way, spec.timeout(), sender);
            case ChannelSpec.Way.Webhook way -> new Webhook(way, spec.timeout(), sender);
            case ChannelSpec.Way.Alertmanager way -> new Alertmanager(way, spec.timeout(), sender);
            case ChannelSpec.Way.Mail way -> new Mail(way, spec.timeout(), Optional.empty());
        };
    }

    @Override
    public synchronized void close() {
        open.values().forEach(one -> one.channel.close());
        open.clear();
        sender.close();
    }
}
