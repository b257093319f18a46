package dev.muster.edge.config;

import dev.muster.core.hosts.Host;
import dev.muster.core.hosts.HostFile;
import dev.muster.core.hosts.HostStatus;
import dev.muster.core.hosts.Place;
import dev.muster.core.state.NodeId;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Changes one host in a file that people keep, in its text: comments, order, quotes, blank lines and line ends stay as they
/// are, byte for byte.
///
/// The new text is read again, and has to say exactly what the old one said but for the one change; else there is none.
/// What cannot be edited this way (hosts within braces, keys that stand elsewhere) is refused with the reason.
public final class HostFileEditor {
    /// What the reader takes for hosts, in its order.
    private static final List<String> NAMES = List.of("name", "id", "hostname", "host");

    private static final Pattern PLAIN = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._/@-]*");
    /// What YAML takes for something else than a text.
    private static final Pattern SPECIAL =
            Pattern.compile("(?i)true|false|yes|no|on|off|null|[-+.\\d][\\d._]*(e[-+]?\\d+)?|0[xo][0-9a-f]+");
    /// A comment that is a heading rather than about the host below it.
    private static final Pattern HEADING = Pattern.compile("(.)\\1{2,}");

    private final String shown;
    private final YamlLines lines;
    private final YamlNode tree;
    private final HostFile file;

    private HostFileEditor(String shown, YamlLines lines, YamlNode tree, HostFile file) {
        this.shown = shown;
        this.lines = lines;
        this.tree = tree;
        this.file = file;
    }

    /// A part of the text, and what takes its place.
    private record Splice(int from, int to, String text) {
        static Splice insert(int at, String text) {
            return new Splice(at, at, text);
        }
    }

    /// A host where it stands.
    ///
    /// @param path    as [YamlDiff] calls it
    /// @param element it is a list's
    private record Found(Host host, String path, YamlNode value, boolean element) {}

    /// @param shown as messages call the file
    /// @throws ConfigException when it cannot be read, or cannot be edited without touching something else
    public static HostEdit.Edited edit(String shown, byte[] old, HostEdit edit) throws ConfigException {
        HostFileReader.Loaded loaded = HostFileReader.read(shown, old);
        if (loaded.broken()) throw refused(shown, "it has problems; `muster doctor --file` lists them");
        String text = new String(old, StandardCharsets.UTF_8);
        String mark = text.startsWith(MARK) ? MARK : "";
        String rest = text.substring(mark.length());
        HostEdit.Edited edited =
                new HostFileEditor(shown, new YamlLines(rest), tree(shown, rest), loaded.file()).edited(edit);
        byte[] whole = bytes(mark + new String(edited.text(), StandardCharsets.UTF_8));
        return new HostEdit.Edited(whole, edited.reminder());
    }

    /// A byte order mark, which is no part of the text.
    private static final String MARK = "\uFEFF";

    private static YamlNode tree(String shown, String text) throws ConfigException {
        try {
            return YamlTree.read(bytes(text), YamlTree.Counts.FIRST, (path, at, first) -> {});
        } catch (YamlTree.Unreadable e) {
            throw refused(shown, e.at() + ": " + e.getMessage());
        }
    }

    private HostEdit.Edited edited(HostEdit edit) throws ConfigException {
        Optional<Found> found = find(edit.host());
        if (edit instanceof HostEdit.Add add) {
            if (found.isPresent())
                throw refused(found.get().host().at(), "expected no host " + add.host() + " yet, but it stands here");
            return checked(edit, add(add), found);
        }
        Found there = found.orElseThrow(() -> refused("expected a host " + edit.host() + ", but there is none"));
        if (edit instanceof HostEdit.Status status) {
            boolean says = there.host().status().wanted().equals(Optional.of(status.desired()));
            if (says) return new HostEdit.Edited(bytes(lines.text()), Optional.empty());
            return checked(edit, status(there, HostStatus.word(status.desired())), found);
        }
        return checked(edit, remove(there), found);
    }

    // ---- finding

    private Optional<Found> find(NodeId id) {
        Optional<Host> host = file.host(id.name());
        if (host.isEmpty()) return Optional.empty();
        return in(tree, host.get(), "", 0).or(() -> Optional.of(new Found(host.get(), "", tree, false)));
    }

    /// Hosts stand one to three levels deep.
    private Optional<Found> in(YamlNode node, Host host, String path, int depth) {
        if (depth > 3) return Optional.empty();
        if (node instanceof YamlNode.Mapping mapping) {
            for (Map.Entry<String, YamlNode.Entry> entry : mapping.entries().entrySet()) {
                String below = path.isEmpty() ? entry.getKey() : path + "." + entry.getKey();
                boolean it = depth > 0
                        && entry.getValue().at().equals(host.at())
                        && entry.getKey().equals(host.name());
                if (it)
                    return Optional.of(new Found(host, below, entry.getValue().value(), false));
                if (entry.getValue().at().compareTo(host.at()) > 0) continue;
                Optional<Found> found = in(entry.getValue().value(), host, below, depth + 1);
                if (found.isPresent()) return found;
            }
        } else if (node instanceof YamlNode.Sequence list) {
            for (int i = 0; i < list.elements().size(); i++) {
                if (!(list.elements().get(i) instanceof YamlNode.Mapping element)) continue;
                boolean it = NAMES.stream()
                        .map(element.entries()::get)
                        .anyMatch(entry -> entry != null && entry.at().equals(host.at()));
                if (it) return Optional.of(new Found(host, path + "[" + i + "]", element, true));
            }
        }
        return Optional.empty();
    }

    // ---- the status of one

    private Splice status(Found found, String word) throws ConfigException {
        if (!(found.value() instanceof YamlNode.Mapping mapping)) return insert(found, word);
        YamlNode.Entry written = mapping.entries().get("status");
        // What `<<` takes over stands before the host.
        boolean own = written != null && written.at().compareTo(mapping.at()) >= 0;
        return own ? replace(written, word) : insert(found, word);
    }

    private Splice replace(YamlNode.Entry entry, String word) throws ConfigException {
        if (!(entry.value() instanceof YamlNode.Scalar scalar))
            throw refused(entry.at(), "its status is no single word");
        if (scalar.nothing() && !written(scalar)) {
            int colon = lines.text().indexOf(':', lines.offset(entry.at()));
            return Splice.insert(colon + 1, " " + word);
        }
        int from = lines.offset(scalar.at());
        String rest = lines.text().substring(from);
        Matcher value = VALUE.matcher(rest);
        if (!value.lookingAt()) throw refused(entry.at(), "its status is not written in one plain or quoted word");
        String quote = value.group().substring(0, 1);
        boolean quoted = quote.equals("'") || quote.equals("\"");
        return new Splice(from, from + value.end(), quoted ? quote + word + quote : word);
    }

    /// In quotes, or plain up to a comment, a comma, a brace or the line's end.
    private static final Pattern VALUE = Pattern.compile(
            "'(?:[^'\\r\\n])*'|\"(?:[^\"\\\\\\r\\n])*\"|[A-Za-z0-9_~](?:[A-Za-z0-9_. -]*[A-Za-z0-9_.-])?");

    /// `~` and `null` stand in the text, and nothing does not.
    private boolean written(YamlNode.Scalar scalar) {
        return lines.text().substring(lines.offset(scalar.at())).matches("(?s)(~|null|Null|NULL)(\\s.*|)");
    }

    private Splice insert(Found found, String word) throws ConfigException {
        if (found.value() instanceof YamlNode.Mapping mapping) {
            int at = lines.offset(mapping.at());
            Matcher anchored =
                    ANCHOR.matcher(lines.text()).region(at, lines.text().length());
            if (anchored.lookingAt()) at = anchored.end();
            if (at < lines.text().length() && lines.text().charAt(at) == '{') return within(mapping, at, word);
            return found.element() ? below(found, mapping, word) : under(found, word);
        }
        return under(found, word);
    }

    private static final Pattern ANCHOR = Pattern.compile("&\\S+[ \\t]+");

    /// Right behind the opening brace.
    private Splice within(YamlNode.Mapping mapping, int brace, String word) {
        String rest = lines.text().substring(brace + 1);
        if (mapping.entries().isEmpty()) return Splice.insert(brace + 1, "status: " + word);
        boolean spaced = rest.startsWith(" ") || rest.startsWith("\n") || rest.startsWith("\r");
        return Splice.insert(brace + 1, spaced ? " status: " + word + "," : "status: " + word + ", ");
    }

    /// In the line below the host's name.
    private Splice under(Found found, String word) throws ConfigException {
        int line = found.host().at().line() - 1;
        int column = column(found);
        int first = lines.first(line, column);
        String indent = first == line ? " ".repeat(column + 2) : " ".repeat(lines.indent(first));
        return line(line, indent + "status: " + word);
    }

    /// In a line before the element's second key.
    private Splice below(Found found, YamlNode.Mapping mapping, String word) {
        List<Place> keys = mapping.entries().values().stream()
                .map(YamlNode.Entry::at)
                .filter(at -> at.compareTo(mapping.at()) >= 0)
                .sorted(Comparator.naturalOrder())
                .toList();
        String text = " ".repeat(keys.getFirst().column() - 1) + "status: " + word;
        int line = keys.size() > 1 ? keys.get(1).line() - 2 : found.host().at().line() - 1;
        return line(line, text);
    }

    /// A new line behind that one.
    private Splice line(int line, String text) {
        String ending = lines.ending(line);
        return Splice.insert(lines.behind(line), lines.open(line) ? ending + text : text + ending);
    }

    // ---- a host more or less

    private Splice add(HostEdit.Add add) throws ConfigException {
        if (!(tree instanceof YamlNode.Mapping top)) throw refused("expected keys and values");
        for (String section : List.of("hosts", "nodes", "standard_hosts", "remote_hosts")) {
            YamlNode.Entry entry = top.entries().get(section);
            if (entry == null) continue;
            if (entry.value().nothing()) return line(entry.at().line() - 1, block(add, 2, 4, false, "\n"));
            if (!(entry.value() instanceof YamlNode.Mapping hosts)) {
                throw refused(entry.at(), "its hosts are a list, whose form is its writer's; add the host by hand");
            }
            return behind(add, hosts, entry.at());
        }
        if (!file.hosts().isEmpty())
            throw refused("its hosts stand in lists, whose form is their writer's; add the host by hand");
        int end = lines.count() - 1;
        return line(end, "hosts:" + lines.ending(end) + block(add, 2, 4, false, lines.ending(end)));
    }

    /// In the manner of the last one.
    private Splice behind(HostEdit.Add add, YamlNode.Mapping hosts, Place section) throws ConfigException {
        List<YamlNode.Entry> all = hosts.entries().values().stream()
                .filter(entry -> entry.at().compareTo(hosts.at()) >= 0)
                .sorted(Comparator.comparing(YamlNode.Entry::at))
                .toList();
        if (all.isEmpty()) throw refused(section, "it has no host whose form could be followed");
        YamlNode.Entry last = all.getLast();
        int line = last.at().line() - 1;
        int column = last.at().column() - 1;
        if (lines.indent(line) != column)
            throw refused(last.at(), "its hosts stand within braces; add the host by hand");
        int first = lines.first(line, column);
        int inner = first == line ? column + 2 : lines.indent(first);
        int end = lines.lastWithComments(line, column);
        boolean apart =
                all.size() > 1 && commentsAbove(line, column) > 0 && lines.blank(commentsAbove(line, column) - 1);
        String block = block(add, column, inner, quoted(last.value()), lines.ending(end));
        return line(end, apart ? lines.ending(end) + block : block);
    }

    /// Addresses are quoted there.
    private boolean quoted(YamlNode host) {
        if (!(host instanceof YamlNode.Mapping mapping)) return false;
        YamlNode.Entry address = mapping.entries().get("ssh_host");
        return address != null
                && lines.text().startsWith("'", lines.offset(address.value().at()));
    }

    private static String block(HostEdit.Add add, int column, int inner, boolean quoted, String ending) {
        List<String> all = new ArrayList<>();
        all.add(" ".repeat(column) + plain(add.host().name(), false) + ":");
        String indent = " ".repeat(inner);
        all.add(indent + "ssh_host: " + plain(add.address(), quoted));
        if (!add.user().isEmpty()) all.add(indent + "ssh_user: " + plain(add.user(), false));
        if (add.port().isPresent()) all.add(indent + "ssh_port: " + add.port().getAsInt());
        if (!add.role().isEmpty()) all.add(indent + "role: " + plain(add.role(), false));
        all.add(indent + "status: " + HostStatus.word(add.desired()));
        return String.join(ending, all);
    }

    private static String plain(String text, boolean quoted) {
        boolean safe = PLAIN.matcher(text).matches() && !SPECIAL.matcher(text).matches();
        return safe && !quoted ? text : "'" + text.replace("'", "''") + "'";
    }

    private Splice remove(Found found) throws ConfigException {
        int line = found.host().at().line() - 1;
        int column = column(found);
        if (found.element()) line = elementLine(found, line);
        int from = commentsAbove(line, column);
        int to = lines.lastWithComments(line, column) + 1;
        // The blank line that set it apart goes with it.
        boolean apart = from == 0 || lines.blank(from - 1);
        if (to < lines.count() && lines.blank(to) && apart) to++;
        return new Splice(lines.start(from), lines.start(to), "");
    }

    /// Where the element's dash stands: its name need not be its first key.
    private int elementLine(Found found, int line) throws ConfigException {
        if (!(found.value() instanceof YamlNode.Mapping mapping)) return line;
        int dash = mapping.at().line() - 1;
        if (!lines.line(dash).strip().startsWith("-"))
            throw refused(found.host().at(), ELSEWHERE);
        return dash;
    }

    /// The column of its key or its dash, from 0.
    private int column(Found found) throws ConfigException {
        Place at = found.host().at();
        int line = at.line() - 1;
        if (found.element()) return lines.indent(elementLine(found, line));
        String before = lines.line(line)
                .substring(0, Math.min(at.column() - 1, lines.line(line).length()));
        if (!before.isBlank() || found.path().isEmpty()) throw refused(at, ELSEWHERE);
        return at.column() - 1;
    }

    private static final String ELSEWHERE = "it stands within braces, or elsewhere by an alias; edit it by hand";

    /// The first of the comments right above that are about this host.
    private int commentsAbove(int line, int column) {
        int from = line;
        while (from > 0
                && lines.comment(from - 1)
                && lines.indent(from - 1) == column
                && !HEADING.matcher(lines.line(from - 1).replaceAll("[A-Za-z0-9\\s]", ""))
                        .find()) from--;
        return from;
    }

    // ---- proof

    private HostEdit.Edited checked(HostEdit edit, Splice splice, Optional<Found> found) throws ConfigException {
        String text = lines.text();
        String now = text.substring(0, splice.from()) + splice.text() + text.substring(splice.to());
        List<String> differences;
        HostFileReader.Loaded read;
        try {
            read = HostFileReader.read(shown, bytes(now));
            differences = YamlDiff.of(tree, tree(shown, now));
        } catch (ConfigException e) {
            throw refused("after the edit it could not be read; edit it by hand: " + e.getMessage());
        }
        if (read.broken() || !wanted(edit, differences, found) || !says(edit, read.file())) {
            throw refused("the edit would change something else as well (" + String.join(", ", differences)
                    + "); edit it by hand");
        }
        return new HostEdit.Edited(
                bytes(now), edit instanceof HostEdit.Remove ? reminder(edit.host(), read.file()) : Optional.empty());
    }

    private static boolean wanted(HostEdit edit, List<String> differences, Optional<Found> found) {
        if (differences.size() != 1) return false;
        String only = differences.getFirst();
        String path = found.map(Found::path).orElse("");
        return switch (edit) {
            case HostEdit.Status status -> only.equals("~" + path + ".status") || only.equals("+" + path + ".status");
            case HostEdit.Remove remove -> only.equals("-" + path);
            case HostEdit.Add add ->
                only.startsWith("+") && only.endsWith("hosts." + add.host())
                        || only.equals("+nodes." + add.host())
                        || only.equals("+hosts");
        };
    }

    private static boolean says(HostEdit edit, HostFile now) {
        Optional<Host> host = now.host(edit.host().name());
        return switch (edit) {
            case HostEdit.Status status ->
                host.filter(one -> one.status().wanted().equals(Optional.of(status.desired())))
                        .isPresent();
            case HostEdit.Remove remove -> true;
            case HostEdit.Add add ->
                host.filter(one -> one.reach().address().equals(add.address())).isPresent();
        };
    }

    private Optional<String> reminder(NodeId id, HostFile now) {
        if (now.host(id.name()).isPresent())
            return Optional.of(id + " stands in " + shown + " a second time; that one counts now");
        return now.votes(id.name()) ? Optional.of(shown + " still names " + id + " as a voter") : Optional.empty();
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private ConfigException refused(Place at, String why) {
        return new ConfigException("the hosts", List.of(shown + ":" + at + ": " + why));
    }

    private ConfigException refused(String why) {
        return refused(shown, why);
    }

    private static ConfigException refused(String shown, String why) {
        return new ConfigException("the hosts", List.of(shown + ": " + why));
    }
}
