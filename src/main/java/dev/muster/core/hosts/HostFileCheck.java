package dev.muster.core.hosts;

import dev.muster.core.hosts.Finding.Kind;
import dev.muster.core.hosts.HostFile.Voter;
import dev.muster.core.state.NodeId;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Looks through a file of hosts for what cannot work, and for what was probably not meant.
public final class HostFileCheck {
    /// Where a finding about the whole file stands.
    private static final Place TOP = new Place(1, 1);

    /// What scripts and people wrote into notes while the status went on saying `ready`.
    private static final Pattern GONE =
            Pattern.compile("\\b(destroyed|terminated|deleted|decommissioned|retired)\\b", Pattern.CASE_INSENSITIVE);

    private final HostFile file;
    private final List<Finding> findings = new ArrayList<>();

    private HostFileCheck(HostFile file) {
        this.file = file;
    }

    /// All findings, in the file's order.
    public static List<Finding> of(HostFile file) {
        HostFileCheck check = new HostFileCheck(file);
        check.counts();
        check.agreement();
        check.voters();
        check.endpoints();
        file.hosts().forEach(check::host);
        return check.findings.stream()
                .sorted((one, other) -> one.at().compareTo(other.at()))
                .toList();
    }

    private void counts() {
        if (file.hosts().isEmpty()) {
            add(Kind.NO_HOSTS, "hosts", TOP, "expected hosts, but found none", "write them below `hosts:`");
        }
        List<Voter> voters = file.voters();
        int count = new TreeSet<>(voters.stream().map(Voter::name).toList()).size();
        Place at = voters.isEmpty() ? TOP : voters.getFirst().at();
        if (count == 0) {
            String hint = "name three or five stable hosts below `p2p_voters:`";
            add(Kind.NO_VOTERS, "p2p_voters", at, "expected voters, but the file names none", hint);
        } else if (count == 1) {
            String text = "one voter: its loss stops the control plane";
            add(Kind.ONE_VOTER, "p2p_voters", at, text, "name two more stable hosts");
        } else if (count % 2 == 0) {
            String text = count + " voters survive the loss of " + (count - 1) / 2 + ", as " + (count - 1) + " would";
            add(Kind.EVEN_VOTERS, "p2p_voters", at, text, "add one, or remove one");
        }
        long able =
                voters.stream().map(Voter::name).distinct().filter(this::able).count();
        int needed = count / 2 + 1;
        if (count > 0 && able < needed) {
            String text = "expected at least " + needed + " of " + count
                    + " voters to be in service with p2p enabled, but found " + able;
            add(Kind.NO_MAJORITY, "p2p_voters", at, text, "without a majority the cluster is read-only");
        }
    }

    private boolean able(String name) {
        return file.host(name)
                .filter(host -> host.inService() && host.reach().p2p())
                .isPresent();
    }

    /// The list and the hosts' own words are two answers to one question.
    private void agreement() {
        boolean flagged = file.hosts().stream().anyMatch(Host::voter);
        if (file.listed().isEmpty() || !flagged) return;
        for (Host host : file.hosts()) {
            if (host.voter() == file.votes(host.name())) continue;
            String text = host.voter()
                    ? "`p2p_voter: true`, but it is not in the list of voters; the list counts"
                    : "is in the list of voters, but without the `p2p_voter: true` that others have; the list counts";
            add(Kind.VOTERS_DISAGREE, host.name(), host.at(), text, "keep the list, and drop `p2p_voter`");
        }
    }

    private void voters() {
        TreeSet<String> seen = new TreeSet<>();
        for (Voter voter : file.voters()) {
            if (!seen.add(voter.name())) {
                String text = "expected each voter once, but found it again";
                add(Kind.VOTER_TWICE, voter.name(), voter.at(), text, "remove the second line");
                continue;
            }
            file.host(voter.name()).ifPresentOrElse(host -> voter(voter, host), () -> missing(voter));
        }
    }

    private void missing(Voter voter) {
        String text = "expected the voter to be one of the hosts, but there is none of that name";
        add(Kind.VOTER_MISSING, voter.name(), voter.at(), text, "add it to `hosts:`, or take it out of the list");
    }

    private void voter(Voter voter, Host host) {
        if (!NodeId.possible(host.name())) {
            String text = "expected a voter by a name that a node can have, but no node can join by this one";
            add(Kind.VOTER_UNUSABLE_NAME, host.name(), voter.at(), text, "name it otherwise here and in `hosts:`");
        }
        if (!host.inService()) {
            String text = "expected the voter to be ready, but it is "
                    + host.status().shown() + (host.work().unknown() ? " with a role that nobody knows" : "");
            add(Kind.VOTER_OUT_OF_SERVICE, host.name(), voter.at(), text, "bring it back, or let another host vote");
        }
        if (!host.reach().p2p()) {
            String text = "expected the voter to take part in the cluster's network, but found `p2p_enabled: false`";
            add(Kind.VOTER_WITHOUT_P2P, host.name(), voter.at(), text, "enable it, or let another host vote");
        }
        if (host.machine().ephemeral()) {
            String text = "the voter is ephemeral: its provider may take it away at any time, and its vote with it";
            add(Kind.VOTER_EPHEMERAL, host.name(), voter.at(), text, "let a host vote that stays");
        }
        if (host.reach().nat() || host.reach().relay()) {
            String found = host.reach().nat() ? "nat_blocked" : "force_relay_mode";
            String text = "the voter cannot be dialled (`" + found + ": true`), but voters have to reach each other";
            add(Kind.VOTER_BEHIND_NAT, host.name(), voter.at(), text, "open its port, or let another host vote");
        }
    }

    /// One machine under two names is given work twice.
    private void endpoints() {
        Map<String, Host> first = new TreeMap<>();
        Map<String, Host> firstTailscale = new TreeMap<>();
        for (Host host : file.hosts()) {
            if (!host.inService()) continue;
            Host.Reach reach = host.reach();
            String address = reach.address().toLowerCase(Locale.ROOT);
            Host same = seen(first, address, address + ":" + reach.port(), host);
            Host sameTailscale = seen(firstTailscale, reach.tailscale(), reach.tailscale(), host);
            if (same != host) sameEndpoint(host, same, "address " + address + ":" + reach.port());
            else if (sameTailscale != host) sameEndpoint(host, sameTailscale, "Tailscale address " + reach.tailscale());
        }
    }

    /// The first host of that key, which may be the host itself.
    private static Host seen(Map<String, Host> first, String address, String key, Host host) {
        if (address.isEmpty() || Address.of(address) == Address.PLACEHOLDER) return host;
        Host before = first.putIfAbsent(key, host);
        return before == null ? host : before;
    }

    private void sameEndpoint(Host host, Host other, String what) {
        String text = "has the same " + what + " as " + other.name() + " in line "
                + other.at().line() + ": one machine under two names is given work twice";
        add(Kind.SAME_ENDPOINT, host.name(), host.at(), text, "remove one of them, or retire it");
    }

    private void host(Host host) {
        if (host.inService()) {
            working(host);
        }
        if (host.status().service() != HostStatus.Service.GONE) address(host);
    }

    private void working(Host host) {
        Matcher gone = GONE.matcher(host.note());
        if (gone.find()) {
            String text = "is " + host.status().shown() + ", but its note says \""
                    + gone.group().toLowerCase(Locale.ROOT) + "\": " + shortened(host.note());
            add(Kind.NOTE_SAYS_GONE, host.name(), host.at(), text, "correct the status, or the note");
        }
        if (host.work().does(HostRole.Duty.TRAIN) && !host.work().training()) {
            String roles = String.join(
                    ", ", host.work().roles().stream().map(HostRole::word).toList());
            String text = "has the role " + roles + ", but `training_enabled: false`";
            add(Kind.TRAINING_DISABLED, host.name(), host.at(), text, "enable training, or give it another role");
        }
        if (host.reach().dialled().isEmpty()) {
            String text = "expected an address, but found neither ssh_host nor tailscale_ip";
            add(Kind.NO_ADDRESS, host.name(), host.at(), text, "write `ssh_host:`");
        }
    }

    private void address(Host host) {
        Host.Reach reach = host.reach();
        String address = reach.dialled();
        if (Address.of(address) == Address.PLACEHOLDER || Address.of(reach.tailscale()) == Address.PLACEHOLDER) {
            String found = Address.of(address) == Address.PLACEHOLDER ? address : reach.tailscale();
            String text = "expected an address, but found \"" + found + "\", which is a template's";
            add(Kind.PLACEHOLDER, host.name(), host.at(), text, "write the machine's own, or remove the line");
            return;
        }
        // A private address is no trouble where another way leads to the machine.
        if (!reach.tailscale().isEmpty()
                || !reach.proxy().isEmpty()
                || !reach.tunnel().isEmpty()) return;
        if (Address.of(address) == Address.LOCAL) {
            String text = address + " is whichever machine reads the file; no other one reaches this host by it";
            add(Kind.LOCAL_ADDRESS, host.name(), host.at(), text, "write the name others know it by, or tailscale_ip");
        } else if (Address.of(address) == Address.PRIVATE) {
            String text = address + " is a private address, and only machines of that network reach it";
            add(
                    Kind.PRIVATE_ADDRESS,
                    host.name(),
                    host.at(),
                    text,
                    "write its public address, tailscale_ip or ssh_proxy");
        }
    }

    private static String shortened(String note) {
        return note.length() > 80 ? note.substring(0, 80) + "…" : note;
    }

    private void add(Kind kind, String about, Place at, String message, String hint) {
        findings.add(new Finding(kind, about, at, message, hint));
    }
}
