package dev.muster.edge.process;

import dev.muster.edge.process.ProcTable.Identity;
import dev.muster.edge.process.ProcTable.Proc;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// Which processes belong to which attempt, at one moment.
///
/// A process belongs to an attempt if it is in the shim's session, or descends from the command (a launcher may give
/// its workers sessions of their own), or was started with the attempt's `MUSTER_PROCESS` (an orphan in another
/// session). The shim and the tools that it runs, such as its log writer, do not count: they are ours.
final class Census {
    private static final String MARKER = "MUSTER_PROCESS";

    private final Map<Long, Proc> all;
    private final Map<Long, List<Proc>> children = new HashMap<>();
    private final Map<Long, String> markers = new HashMap<>();

    private Census(Map<Long, Proc> all) {
        this.all = all;
        all.values()
                .forEach(proc -> children.computeIfAbsent(proc.ppid(), _ -> new ArrayList<>())
                        .add(proc));
    }

    /// What is needed to recognise the processes of one attempt.
    ///
    /// @param marker the value of `MUSTER_PROCESS`
    /// @param job    the command, once it was started
    record Session(String marker, Identity shim, Optional<Identity> job) {}

    static Census take() throws IOException {
        return new Census(ProcTable.all());
    }

    /// Every process there is, whosever it is.
    Set<Identity> identities() {
        Set<Identity> identities = new HashSet<>();
        all.values().forEach(proc -> identities.add(proc.identity()));
        return identities;
    }

    List<Proc> members(Session session) {
        Set<Proc> roots = new HashSet<>();
        session.job().flatMap(this::find).ifPresent(roots::add);
        all.values().stream().filter(proc -> marked(proc, session)).forEach(roots::add);
        Set<Proc> members = new HashSet<>();
        roots.forEach(root -> members.addAll(treeUnder(root)));
        // Once the shim is gone its pid, and so its session, may be another's.
        find(session.shim()).ifPresent(shim -> {
            all.values().stream().filter(proc -> proc.session() == shim.pid()).forEach(members::add);
            members.remove(shim);
            members.removeAll(tools(shim, session));
        });
        long self = ProcessHandle.current().pid();
        members.removeIf(proc -> !proc.alive() || proc.pid() == self);
        return List.copyOf(members);
    }

    private Optional<Proc> find(Identity identity) {
        return Optional.ofNullable(all.get(identity.pid()))
                .filter(proc -> proc.identity().equals(identity));
    }

    private boolean marked(Proc proc, Session session) {
        return proc.identity().startTicks() >= session.shim().startTicks()
                && session.marker()
                        .equals(markers.computeIfAbsent(proc.pid(), pid -> ProcTable.startedWith(pid, MARKER)));
    }

    /// The shim's children other than the command, with all below them.
    private Collection<Proc> tools(Proc shim, Session session) {
        return children.getOrDefault(shim.pid(), List.of()).stream()
                .filter(child -> !Optional.of(child.identity()).equals(session.job()))
                .flatMap(child -> treeUnder(child).stream())
                .toList();
    }

    private List<Proc> treeUnder(Proc root) {
        List<Proc> tree = new ArrayList<>();
        Deque<Proc> open = new ArrayDeque<>(List.of(root));
        while (!open.isEmpty()) {
            Proc proc = open.pop();
            tree.add(proc);
            open.addAll(children.getOrDefault(proc.pid(), List.of()));
        }
        return tree;
    }
}
