package dev.muster.core.keepalive;

import dev.muster.core.health.Health;
import dev.muster.core.plan.Action;
import dev.muster.core.plan.Credit;
import dev.muster.core.plan.Errand;
import dev.muster.core.plan.Policy;
import dev.muster.core.plan.Renting;
import dev.muster.core.plan.Soft;
import dev.muster.core.plan.Wait;
import dev.muster.core.rent.Rented;
import dev.muster.core.scale.Rebid;
import dev.muster.core.state.Again;
import dev.muster.core.state.ClusterState;
import dev.muster.core.state.Command;
import dev.muster.core.state.Custody;
import dev.muster.core.state.Desired;
import dev.muster.core.state.Durations;
import dev.muster.core.state.Group;
import dev.muster.core.state.Instance;
import dev.muster.core.state.InstanceId;
import dev.muster.core.state.Money;
import dev.muster.core.state.Node;
import dev.muster.core.state.NodeId;
import dev.muster.core.state.Observed;
import dev.muster.core.state.Scaling;
import dev.muster.core.state.Sighting;
import dev.muster.core.state.Trouble;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;

/// One machine, looked at once.
final class Care {
    /// From when an order may have been passed on, by us or by an earlier leader, until it is certain that the provider
    /// would list it: a leader passes it on within half a minute, waits a minute for the answer, and rows come late.
    private static final Duration GRACE = Duration.ofSeconds(150);
    /// The log's times are of other machines' clocks.
    private static final Duration CLOCKS_APART = Duration.ofSeconds(30);
    /// After which a machine that should be gone is a person's business.
    private static final Duration ENDING_MAX = Duration.ofMinutes(5);
    /// One failure alone may be the network's.
    private static final int REFUSED_TIMES = 3;

    private final ClusterState state;
    private final Soft soft;
    private final Renting renting;
    private final Policy policy;
    private final Scaling scaling;
    private final Instant now;
    private final Instance instance;
    private final Rows rows;
    private final Optional<Group> group;
    /// Why nothing is the machine's fault now.
    private final Optional<String> lack;

    Care(ClusterState state, Soft soft, Policy policy, Instant now, Rows rows, Instance instance) {
        this.state = state;
        this.soft = soft;
        this.renting = soft.renting();
        this.policy = policy;
        this.scaling = state.rentals().scaling();
        this.now = now;
        this.instance = instance;
        this.rows = rows;
        this.group = state.termsOf(instance).map(one -> scaling.at(one, now));
        this.lack = Credit.lack(state.rentals(), renting, instance.rent().provider(), now);
    }

    void decide(List<Action> actions, List<Wait> waits) {
        Optional<Rented> row = row();
        row.map(this::sighting)
                .filter(seen -> instance.seen().filter(seen::same).isEmpty())
                .ifPresent(seen -> actions.add(propose(
                        new Command.SightInstance(instance.id(), seen),
                        instance.rent().provider() + " lists it as " + seen.observed())));
        if (instance.seen().isEmpty()) {
            if (row.isEmpty()) unseen(actions, waits);
            return;
        }
        if (vanished()) {
            gone(actions);
            return;
        }
        // What it was before is no reason for anything any more.
        if (row.isPresent() && !same(row.get())) return;
        silent(actions);
        switch (instance.will()) {
            case RUN -> running(actions, waits);
            case STOP -> stopping(actions, waits);
            case END -> ending(actions, waits);
        }
    }

    /// By the id that it was found under; before that by its label.
    private Optional<Rented> row() {
        return instance.rented().map(rows::withId).orElseGet(() -> rows.withLabel(instance.label()));
    }

    private boolean same(Rented row) {
        return sighting(row).observed() == instance.seen().orElseThrow().observed();
    }

    private Sighting sighting(Rented row) {
        boolean stoppedByUs =
                instance.will() == Instance.Will.STOP && instance.released().isPresent();
        return new Sighting(
                row.id(),
                row.observed(stoppedByUs),
                row.bill().perHourNow(),
                row.bill().perHourRunning(),
                row.bill().ends(),
                row.message());
    }

    /// Only the leader that wrote the order down passes it on. Everybody else looks whether it is there.
    private void unseen(List<Action> actions, List<Wait> waits) {
        boolean ours = instance.term() == state.fleet().term();
        Optional<Instant> sent = renting.created().find(instance.id());
        if (ours && sent.isEmpty()) {
            unsent(actions);
            return;
        }
        Optional<Renting.Tried> create = renting.last(new Errand.Create(instance.id()));
        if (create.filter(Renting.Tried::running).isPresent()) {
            waits.add(wait(Wait.Reason.INSTANCE, "is being ordered"));
            return;
        }
        Instant since = later(
                instance.orderedAt().plus(GRACE), sent.map(at -> at.plus(GRACE)).orElseGet(this::surely));
        if (rows.twiceWithoutLabel(instance.label(), since)) {
            actions.add(propose(
                    new Command.AbandonInstance(instance.id(), "it never came to be"), "in neither of two listings"));
        } else if (ours && create.filter(tried -> tried.failures() == 0).isPresent() && now.isBefore(since)) {
            waits.add(wait(
                    Wait.Reason.INSTANCE,
                    "is ordered, and not listed by " + instance.rent().provider() + " yet"));
        } else {
            waits.add(wait(
                    Wait.Reason.INSTANCE,
                    "may have been ordered; " + instance.rent().provider() + " is looked through for its label "
                            + (now.isBefore(since)
                                    ? "until " + since.truncatedTo(ChronoUnit.SECONDS)
                                            + ", and if it is not there then, nothing was rented"
                                    : "once more")));
        }
    }

    /// From when on it would be listed, whoever passed it on: an earlier leader did so before the log had a later one, or
    /// just after. Leaders that follow each other do not begin anew.
    private Instant surely() {
        Instant ours = soft.leadingSince().plus(GRACE);
        return instance.orphanedAt()
                .map(at -> at.plus(GRACE).plus(CLOCKS_APART))
                .filter(ours::isAfter)
                .orElse(ours);
    }

    /// Nobody has asked for it yet, and nobody does who does not want it running.
    private void unsent(List<Action> actions) {
        if (instance.will() == Instance.Will.RUN) {
            actions.add(new Action.Run(new Errand.Create(instance.id()), instance.why()));
            return;
        }
        String what = instance.will() == Instance.Will.END ? "ended" : "stopped";
        actions.add(propose(new Command.AbandonInstance(instance.id(), what + " before it was ordered"), ""));
    }

    /// By its id alone: another with its label may be anybody's.
    private boolean vanished() {
        return rows.twiceWithoutId(instance.rented().orElseThrow(), instance.seenAt());
    }

    /// What was never of any use to whoever ordered it is missed, as one that failed is.
    private void gone(List<Action> actions) {
        String how = instance.will() == Instance.Will.END ? "ended" : "its provider no longer has it";
        if (instance.will() == Instance.Will.RUN && node().isEmpty() && more())
            actions.add(propose(
                    new Command.ReplaceInstance(instance.id()),
                    how + ", and it never joined; last seen as "
                            + instance.seen().orElseThrow().observed()));
        actions.add(propose(new Command.FinishInstance(instance.id(), how), "in neither of the last two listings"));
    }

    private boolean more() {
        return instance.again().filter(again -> again.left() > 0).isPresent();
    }

    /// Its provider says that it does not run, and nothing is heard of its node: no need to wait any longer, and no fault
    /// of the observer's.
    private void silent(List<Action> actions) {
        boolean down = switch (instance.seen().orElseThrow().observed()) {
            case STOPPED, QUEUED, PREEMPTED, FAILED, HOST_LOST, GONE -> true;
            case PROVISIONING, PULLING, RUNNING, STOPPING, UNKNOWN -> false;
        };
        Optional<Node> node = node().filter(known -> !known.fenced())
                .filter(known -> instance.released().isEmpty());
        if (!down || node.isEmpty()) return;
        Duration silence = Health.silence(state, node.get().id(), soft, now);
        if (silence.compareTo(policy.suspectAfter()) < 0) return;
        actions.add(propose(
                new Command.FenceNode(node.get().id()),
                instance.rent().provider() + " lists it as "
                        + instance.seen().orElseThrow().observed() + ", and it is silent for "
                        + Durations.brief(silence)));
    }

    // ---- wanted running

    private void running(List<Action> actions, List<Wait> waits) {
        Sighting seen = instance.seen().orElseThrow();
        Optional<String> contract = contract(seen);
        if (contract.isPresent()) {
            replace(contract.get(), "", false, actions, waits);
            return;
        }
        Duration useless = useless(seen.observed());
        if (useless.compareTo(scaling.bootMax().plus(scaling.joinMax())) >= 0) {
            replace("does not stay up", ", without being of use for " + Durations.brief(useless), true, actions, waits);
            return;
        }
        switch (seen.observed()) {
            case PROVISIONING, PULLING ->
                within(scaling.bootMax(), "does not come up", "is coming up", true, actions, waits);
            case RUNNING -> joined(actions, waits);
            case STOPPED -> {
                run(new Errand.Start(instance.id()), "it is to run", actions);
                within(scaling.outbidMax(), "does not start", "is being started", false, actions, waits);
            }
            case STOPPING, UNKNOWN -> {
                String what = "is " + seen.observed();
                within(scaling.lostMax(), what, what, false, actions, waits);
            }
            case QUEUED -> {
                String what = "waits for its GPU, which somebody else has,";
                within(scaling.outbidMax(), what, what, false, actions, waits);
            }
            case PREEMPTED -> outbid(actions, waits);
            case FAILED -> replace("has failed: " + seen.message(), "", true, actions, waits);
            case HOST_LOST -> {
                String what = "cannot be reached by its provider";
                within(scaling.lostMax(), what, what, true, actions, waits);
            }
            case GONE -> waits.add(wait(Wait.Reason.INSTANCE, "is gone"));
        }
    }

    /// For how long it could have been of use, and was not: one that goes up and down begins each deadline anew, and this is
    /// the one that it does not.
    private Duration useless(Observed observed) {
        boolean goesOn = switch (observed) {
            case PROVISIONING, PULLING, RUNNING, STOPPING, HOST_LOST, UNKNOWN -> true;
            case STOPPED, QUEUED, PREEMPTED, FAILED, GONE -> false;
        };
        Instant free = later(
                later(instance.freeAt(), instance.willAt()),
                Credit.backSince(state.rentals(), renting, instance.rent().provider()));
        boolean said =
                row().isPresent() && rows.asked(free.plus(scaling.bootMax()).plus(scaling.joinMax()));
        // What the brake keeps in service is not replaced either.
        boolean serves = node().filter(node -> !gone(node)).isPresent();
        if (!goesOn || !said || serves) return Duration.ZERO;
        Duration silence =
                node().map(node -> Health.silence(state, node.id(), soft, now)).orElse(Duration.between(free, now));
        Duration time = Duration.between(free, now);
        return silence.compareTo(time) < 0 ? silence : time;
    }

    private static boolean gone(Node node) {
        return node.fenced() || node.desired() == Desired.RETIRED;
    }

    /// Why it has to be replaced though it runs.
    private Optional<String> contract(Sighting seen) {
        if (group.isEmpty()) return Optional.empty();
        Optional<String> ends = scaling.contractEnds(instance, now).map(end -> "has a contract that ends at " + end);
        return ends.or(() -> scaling.dearer(instance)
                ? Optional.of("costs " + seen.perHourRunning().brief() + " per hour instead of "
                        + instance.rent().perHour().brief())
                : Optional.empty());
    }

    /// As with fences: a fault that takes much of the fleet is more likely the observer's, so what the brake keeps in service
    /// is not replaced either.
    private void joined(List<Action> actions, List<Wait> waits) {
        Errand install = new Errand.Install(instance.id());
        Optional<Node> node = node();
        if (node.isEmpty()) {
            run(install, "it runs, and is not in the cluster", actions);
            String note = words(install);
            within(scaling.joinMax(), "does not join" + note, "is joining" + note, true, actions, waits);
            return;
        }
        Duration silence = silence(node.get());
        // No sign of life since its machine runs: nobody has started its agent.
        Duration sign = Health.silence(state, node.get().id(), soft, now);
        boolean unheard = sign.compareTo(Duration.between(instance.seenAt(), now)) > 0;
        if (silence.compareTo(policy.fenceAfter()) < 0 && !unheard) return;
        if (gone(node.get()) && silence.compareTo(scaling.lostMax()) >= 0) {
            if (foreign()) run(install, "its agent is silent for " + Durations.brief(silence), actions);
            replace("is silent", " for " + Durations.brief(silence) + words(install), true, actions, waits);
            return;
        }
        run(install, "its agent is silent for " + Durations.brief(silence), actions);
        waits.add(wait(
                Wait.Reason.INSTANCE,
                "is silent for " + Durations.brief(silence) + "; its agent is started again" + words(install)
                        + ", and it is replaced after " + Durations.brief(scaling.lostMax())));
    }

    /// Since its machine runs: before that nobody could be heard.
    private Duration silence(Node node) {
        Duration silence = Health.silence(state, node.id(), soft, now);
        Duration runs = Duration.between(instance.seenAt(), now);
        return silence.compareTo(runs) > 0 ? runs : silence;
    }

    /// `, because ...` of the last try that failed.
    private String words(Errand errand) {
        return renting.last(errand)
                .filter(tried -> !tried.note().isEmpty())
                .map(tried -> " (" + tried.note() + ")")
                .orElse("");
    }

    /// It comes back by itself when our bid wins again.
    private void outbid(List<Action> actions, List<Wait> waits) {
        Duration time = soFar();
        Optional<String> unpaid = unpaid(actions);
        if (unpaid.isPresent()) {
            waits.add(wait(Wait.Reason.INSTANCE, "is outbid for " + Durations.brief(time) + "; " + unpaid.get()));
            return;
        }
        Rebid rebid = Rebid.of(state.rentals(), renting, instance, group, now);
        boolean holds =
                node().filter(node -> !Custody.sole(state, node.id()).isEmpty()).isPresent();
        if (group.isPresent() && (over(scaling.outbidMax()) || rebid.replace() && !holds)) {
            String raised = Rebid.raisedSince(instance)
                    .map(raise -> ", and a bid of " + instance.rent().bid().orElse(raise.from()) + " did not help")
                    .orElse("");
            replace("is outbid", " for " + Durations.brief(time) + raised + ": " + rebid.why(), false, actions, waits);
            return;
        }
        bidAgain(rebid, actions);
        waits.add(wait(
                Wait.Reason.INSTANCE,
                "is outbid for " + Durations.brief(time) + ": " + rebid.why()
                        + (group.isPresent()
                                ? "; replaced after " + Durations.brief(scaling.outbidMax())
                                : "; it comes back when its bid wins")));
    }

    /// Why it may have been stopped for lack of credit, which its provider lists like a higher bid; empty when it was not.
    /// What was stopped so is not started by its bid.
    private Optional<String> unpaid(List<Action> actions) {
        String provider = instance.rent().provider();
        if (instance.rent().bid().isEmpty()) return lack;
        if (lack.isPresent()) {
            run(new Errand.Start(instance.id()), "it shows whether there is credit again", actions);
            return lack;
        }
        if (!Credit.shown(renting, provider, instance.seenAt())) {
            run(new Errand.AskCredit(provider), instance.id() + " is outbid, or the account lacks credit", actions);
            return Optional.of("whether the account has credit is asked first");
        }
        Instant back = Credit.backSince(state.rentals(), renting, provider);
        if (!back.isAfter(instance.seenAt()) || !Credit.fresh(back, now)) return Optional.empty();
        run(new Errand.Start(instance.id()), "it may have stopped for lack of credit", actions);
        return Optional.of(provider + ": the account has credit again, and it is started before more is bid");
    }

    /// A higher bid at once, but never before the provider has the last one that is in the log.
    private void bidAgain(Rebid rebid, List<Action> actions) {
        Money bid = instance.rent().bid().orElse(null);
        if (bid == null) return;
        Errand.Bid errand = new Errand.Bid(instance.id(), bid);
        boolean made = renting.last(errand)
                .filter(tried -> !tried.running() && tried.failures() == 0)
                .isPresent();
        boolean raised = Rebid.raisedSince(instance).isPresent();
        if (!made && (raised || rebid.next().isEmpty() && rebid.ask().isEmpty())) run(errand, "it is outbid", actions);
        else if (rebid.next().isPresent())
            actions.add(propose(
                    new Command.RaiseBid(instance.id(), rebid.next().get(), scaling.windowsAt(now)), rebid.why()));
        rebid.ask().ifPresent(find -> actions.add(new Action.Run(find, "is outbid: " + rebid.why())));
    }

    /// A person's machine that has only lost its place is left to that person.
    ///
    /// @param what  once the time is over
    /// @param doing until then
    private void within(
            Duration most, String what, String doing, boolean blame, List<Action> actions, List<Wait> waits) {
        String time = " for " + Durations.brief(soFar());
        if (lack.isPresent()) {
            waits.add(wait(Wait.Reason.INSTANCE, doing + time + "; " + lack.get()));
            return;
        }
        boolean over = over(most);
        if (over && (blame || group.isPresent())) replace(what, time, blame, actions, waits);
        else if (over) waits.add(wait(Wait.Reason.STUCK, what + time + ", and it is yours to end or to wait for"));
        else waits.add(wait(Wait.Reason.INSTANCE, doing + time + ", of at most " + Durations.brief(most)));
    }

    /// It is so, and wanted so, since then, and its account can pay.
    private Instant since() {
        return later(
                wantedSince(),
                Credit.backSince(state.rentals(), renting, instance.rent().provider()));
    }

    private Instant wantedSince() {
        return later(instance.seenAt(), instance.willAt());
    }

    private Duration soFar() {
        return Duration.between(since(), now);
    }

    /// It is so for longer than that, and its provider has said so since: one that cannot be asked says nothing.
    private boolean over(Duration most) {
        Instant end = since().plus(most);
        return row().isPresent() && !now.isBefore(end) && rows.asked(end);
    }

    /// It is ended, as any other is, after what it holds is safe; a group orders another by itself.
    ///
    /// @param time for how long: no part of what its host is blamed for, or each moment were another failure
    private void replace(String what, String time, boolean blame, List<Action> actions, List<Wait> waits) {
        boolean image = instance.seen().filter(Sighting::imageFault).isPresent();
        Optional<InstanceId> same = image ? failedTheSame() : Optional.empty();
        String why = what + time + (image ? image(same) : "");
        if (lack.isPresent()) {
            waits.add(wait(Wait.Reason.INSTANCE, why + ", and is kept; " + lack.get()));
            return;
        }
        if (instance.node().filter(state.fleet()::votes).isPresent()) {
            waits.add(wait(
                    Wait.Reason.STUCK,
                    why + ", and is not ended, since its node votes; `muster voter remove "
                            + instance.node().get() + "`"));
            return;
        }
        if (foreign()) {
            waits.add(yours(why));
            return;
        }
        String machine = instance.rent().machine();
        String provider = instance.rent().provider();
        if (blame && !image && !machine.isEmpty() && !scaling.blameFor().isZero())
            actions.add(propose(
                    new Command.BlameMachine(provider, machine, scaling.blameFor(), instance.id() + ": " + what), why));
        boolean another = node().isEmpty() && same.isEmpty() && more();
        Command end =
                another ? new Command.ReplaceInstance(instance.id()) : new Command.EndInstance(instance.id(), false);
        actions.add(propose(end, why));
        waits.add(wait(Wait.Reason.INSTANCE, why + "; it is ended"));
    }

    private boolean foreign() {
        return instance.foreign(state.rentals().ours(instance.label()));
    }

    /// What a person made there before is in no book of ours, and would go with it.
    private Wait yours(String why) {
        return wait(
                Wait.Reason.STUCK,
                why + ", and is not ended by itself, since it was adopted, and nobody knows what else is on it;"
                        + " `muster instance destroy " + instance.id() + "` ends it");
    }

    private static String image(Optional<InstanceId> same) {
        return same.map(other ->
                        "; " + other + " failed the same way on another host: it is the image, and nothing else is"
                                + " rented for it")
                .orElse("; that is the image's fault, not its host's");
    }

    /// The one whose place it took, when that had the same image, and failed for it.
    private Optional<InstanceId> failedTheSame() {
        return instance.again()
                .flatMap(Again::insteadOf)
                .flatMap((InstanceId id) -> state.rentals().instances().find(id))
                .filter(before -> before.rent().image().equals(instance.rent().image()))
                .filter(before -> before.seen().filter(Sighting::imageFault).isPresent())
                .map(Instance::id);
    }

    // ---- wanted stopped, or gone

    private void stopping(List<Action> actions, List<Wait> waits) {
        Observed observed = instance.seen().orElseThrow().observed();
        if (observed == Observed.STOPPED || observed == Observed.PREEMPTED) {
            boolean over = over(scaling.stoppedMax());
            if (over && foreign())
                waits.add(yours("is stopped for " + Durations.brief(soFar()) + ", and its disk is billed"));
            else if (over)
                actions.add(propose(
                        new Command.EndInstance(instance.id(), false),
                        "stopped for " + Durations.brief(soFar()) + ", and its disk is billed"));
            return;
        }
        if (instance.released().isEmpty()) {
            rescue(actions);
            return;
        }
        run(new Errand.Stop(instance.id()), asked(), actions);
        stuck(new Errand.Stop(instance.id()), "stopped", waits);
    }

    private void ending(List<Action> actions, List<Wait> waits) {
        if (instance.released().isEmpty()) {
            rescue(actions);
            return;
        }
        Errand destroy = new Errand.Destroy(instance.id());
        run(destroy, asked(), actions);
        renting.last(destroy)
                .filter(tried -> tried.failures() >= REFUSED_TIMES)
                .flatMap(tried -> Alarm.of(
                        state.rentals(), Trouble.DESTROY_FAILED, instance.id().toString(), tried.note(), now))
                .ifPresent(actions::add);
        stuck(new Errand.Destroy(instance.id()), "ended", waits);
    }

    private String asked() {
        return instance.why().isEmpty() ? "asked for" : instance.why();
    }

    /// What only it holds can be had only from a machine that runs, and an agent that does.
    private void rescue(List<Action> actions) {
        Optional<Node> node = node();
        if (node.isEmpty() || Custody.sole(state, node.get().id()).isEmpty()) return;
        Observed observed = instance.seen().orElseThrow().observed();
        boolean silent = silence(node.get()).compareTo(policy.fenceAfter()) >= 0;
        if (observed == Observed.STOPPED)
            run(new Errand.Start(instance.id()), "it holds what nobody else has", actions);
        if (observed == Observed.RUNNING && silent)
            run(new Errand.Install(instance.id()), "it holds what nobody else has", actions);
    }

    private void stuck(Errand errand, String what, List<Wait> waits) {
        Duration time = Duration.between(instance.released().orElseThrow(), now);
        boolean stuck = time.compareTo(ENDING_MAX) >= 0;
        waits.add(wait(
                stuck ? Wait.Reason.STUCK : Wait.Reason.INSTANCE,
                "is being " + what + " for " + Durations.brief(time) + words(errand)
                        + (stuck
                                ? "; it costs " + instance.committed().brief() + " per hour: look at "
                                        + instance.rent().provider() + " for "
                                        + instance.rented().orElse("")
                                : "")));
    }

    // ---- parts

    private void run(Errand errand, String why, List<Action> actions) {
        if (renting.due(errand, now)) actions.add(new Action.Run(errand, why));
    }

    private Optional<Node> node() {
        return instance.node().flatMap((NodeId id) -> state.fleet().nodes().find(id));
    }

    private Wait wait(Wait.Reason reason, String message) {
        return new Wait(instance.id().toString(), reason, message);
    }

    private static Action propose(Command command, String why) {
        return new Action.Propose(command, why);
    }

    private static Instant later(Instant one, Instant other) {
        return one.isAfter(other) ? one : other;
    }
}
