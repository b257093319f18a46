package dev.muster.edge.http;

import dev.muster.core.plan.Soft;
import dev.muster.edge.node.Member;
import dev.muster.edge.view.HealthView;
import dev.muster.edge.view.Picture;
import dev.muster.edge.wire.Wire;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/// What may have to be asked of the leader is asked once a second, apart from any request, so that `/health`, `/status`
/// and `/metrics` never wait for anybody. While nobody looks, it is asked less often: with every node's question a leader
/// answers all it knows.
final class Pulse implements AutoCloseable {
    private static final Logger LOG = System.getLogger(Pulse.class.getName());
    private static final Duration EVERY = Duration.ofSeconds(1);
    private static final Duration UNWATCHED_EVERY = Duration.ofSeconds(4);
    private static final Duration WATCHED = Duration.ofSeconds(15);
    /// What the leader heard is shown for this long after it was last told; then nobody leads as far as we know.
    private static final Duration SOFT_KEPT = Duration.ofSeconds(5);

    private final Member member;
    private final ApiSettings settings;
    private final Thread thread;
    private volatile Heard heard;
    private volatile byte[] health;
    private volatile Instant looked;

    private record Heard(Optional<Soft> soft, Instant at) {}

    private Pulse(Member member, ApiSettings settings) {
        this.member = member;
        this.settings = settings;
        this.looked = settings.clock().instant();
        this.heard = new Heard(Optional.empty(), looked);
        this.health = health();
        this.thread = Thread.ofVirtual().name("api-pulse").unstarted(this::beat);
    }

    static Pulse start(Member member, ApiSettings settings) {
        Pulse pulse = new Pulse(member, settings);
        pulse.thread.start();
        return pulse;
    }

    byte[] healthJson() {
        looked = settings.clock().instant();
        return health;
    }

    Picture picture() {
        looked = settings.clock().instant();
        return seen();
    }

    private Picture seen() {
        Instant now = settings.clock().instant();
        Heard last = heard;
        boolean fresh = Duration.between(last.at(), now).compareTo(SOFT_KEPT) < 0;
        return new Picture(
                member.self(),
                member.state(),
                member.standing(),
                fresh ? last.soft() : Optional.empty(),
                member.sightings(),
                now);
    }

    private byte[] health() {
        return Wire.bytes(HealthView.of(seen(), settings.telemetry().get(), settings.version()));
    }

    private void beat() {
        boolean failing = false;
        while (!Thread.currentThread().isInterrupted()) {
            try {
                heard = new Heard(member.soft(), settings.clock().instant());
                health = health();
                failing = false;
            } catch (RuntimeException e) {
                if (!failing)
                    LOG.log(Level.WARNING, "api_pulse_failed; /health shows older figures until it works again", e);
                failing = true;
            }
            try {
                Thread.sleep(pause());
            } catch (InterruptedException e) {
                return;
            }
        }
    }

    private Duration pause() {
        boolean watched = Duration.between(looked, settings.clock().instant()).compareTo(WATCHED) < 0;
        return watched ? EVERY : UNWATCHED_EVERY;
    }

    @Override
    public void close() {
        thread.interrupt();
    }
}
