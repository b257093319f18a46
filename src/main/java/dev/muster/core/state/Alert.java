package dev.muster.core.state;

import java.time.Instant;
import java.util.Optional;

/// Something that people are to know, from when it was noticed until they were told that it is over.
///
/// What is told is always the difference between what is and what was told ([Member#news]), so that no notice is lost with a leader.
///
/// @param id      its rule, as `node-lost`; or rule and subject, as `run-failed/r7`, where each subject is an alert of its own
/// @param members by subject; those that are over stay until that was told
/// @param since   its first member is open
/// @param toldAt  when people were last told something of it; empty until they were
/// @param worst   that they were told since they were last told that it is over: whoever heard that is to hear when it is again
public record Alert(
        String id, Table<String, Member> members, Instant since, Optional<Instant> toldAt, Optional<AlertLevel> worst) {
    /// A subject's name.
    public static final int SUBJECT_MAX = 120;

    static final int TEXT_MAX = 500;
    /// Of one alert: more than a fleet has nodes.
    static final int MEMBERS_MAX = 20_000;

    /// One subject.
    ///
    /// @param text in words, as of when its level was last noticed
    /// @param at   when its level was last noticed, or that it is over
    /// @param over it is
    /// @param told its level when people were last told of it; empty until they were
    public record Member(
            AlertLevel level, String text, Instant since, Instant at, boolean over, Optional<AlertLevel> told) {
        /// Is there anything that people do not know yet? What was never told and is over is nobody's business, and a level that fell is
        /// told with the next that is worth it.
        public boolean news() {
            if (over) return told.isPresent();
            return told.isEmpty() || level.compareTo(told.get()) > 0;
        }

        Member withTold() {
            return new Member(level, text, since, at, over, Optional.of(level));
        }
    }

    public static String id(String rule, String subject, boolean apart) {
        return apart ? rule + "/" + subject : rule;
    }

    public String rule() {
        int slash = id.indexOf('/');
        return slash < 0 ? id : id.substring(0, slash);
    }

    /// Is any of it going on?
    public boolean open() {
        return members.values().stream().anyMatch(member -> !member.over());
    }

    /// The worst of what goes on; of what is over, the worst it was.
    public AlertLevel level() {
        boolean open = open();
        AlertLevel worst = AlertLevel.UNKNOWN;
        for (Member member : members.values()) if (member.over() != open) worst = worst.worse(member.level());
        return worst;
    }

    static Alert begun(String id, Instant at) {
        return new Alert(id, Table.empty(), at, Optional.empty(), Optional.empty());
    }

    Alert seen(String subject, AlertLevel level, String text, Instant at) {
        Optional<Member> known = members.find(subject);
        Instant from = known.filter(member -> !member.over()).map(Member::since).orElse(at);
        return with(subject, new Member(level, text, from, at, false, known.flatMap(Member::told)));
    }

    /// What was never told is forgotten.
    Alert cleared(String subject, Instant at) {
        Member known = members.require(subject);
        if (known.told().isEmpty()) return with(members.without(subject));
        return with(subject, new Member(known.level(), known.text(), known.since(), at, true, known.told()));
    }

    Alert told(Bulletin bulletin, Instant at) {
        Table<String, Member> next = members;
        Optional<AlertLevel> most = worst;
        for (String subject : bulletin.subjects()) {
            Optional<Member> member = members.find(subject);
            if (member.isEmpty()) continue;
            AlertLevel level = member.get().level();
            most = Optional.of(most.map(level::worse).orElse(level));
            next = member.get().over()
                    ? next.without(subject)
                    : next.with(subject, member.get().withTold());
        }
        boolean over = bulletin.kind() == Bulletin.Kind.RESOLVED;
        return new Alert(id, next, since, Optional.of(at), over ? Optional.empty() : most);
    }

    private Alert with(String subject, Member member) {
        return with(members.with(subject, member));
    }

    private Alert with(Table<String, Member> changed) {
        return new Alert(id, changed, since, toldAt, worst);
    }
}
