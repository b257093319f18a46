package dev.muster.edge.config;

import dev.muster.core.hosts.Place;
import java.io.ByteArrayInputStream;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.Set;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Parse;
import org.snakeyaml.engine.v2.common.Anchor;
import org.snakeyaml.engine.v2.common.ScalarStyle;
import org.snakeyaml.engine.v2.events.AliasEvent;
import org.snakeyaml.engine.v2.events.Event;
import org.snakeyaml.engine.v2.events.NodeEvent;
import org.snakeyaml.engine.v2.events.ScalarEvent;
import org.snakeyaml.engine.v2.exceptions.Mark;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;

/// Reads YAML with the place of everything, anchors, aliases and merge keys, and goes on after a key that stands twice.
public final class YamlTree {
    /// Deeper nesting is no configuration, but somebody's attempt to use up the stack.
    private static final int DEPTH_MAX = 64;
    /// Most entries that merge keys may add: a file of 1 MiB can ask for billions.
    private static final int MERGED_MAX = 100_000;

    private static final Set<String> NOTHING = Set.of("", "~", "null", "Null", "NULL");

    private static final LoadSettings SETTINGS = LoadSettings.builder().build();

    /// What cannot be read any further.
    public static final class Unreadable extends Exception {
        private static final long serialVersionUID = 1L;
        private final transient Place at;

        public Unreadable(Place at, String message) {
            super(message);
            this.at = at;
        }

        public Place at() {
            return at;
        }
    }

    /// Of a key that stands twice in its mapping, which one counts?
    public enum Counts {
        FIRST,
        /// As Python's readers have it.
        LAST
    }

    /// Told of each key that stands again in its mapping.
    public interface Again {
        void found(String path, Place at, Place first);
    }

    private final Iterator<Event> events;
    private final Counts counts;
    private final Again again;
    private final Map<Anchor, YamlNode> anchors = new HashMap<>();
    private Place last = new Place(1, 1);
    private int merged;

    private YamlTree(Iterator<Event> events, Counts counts, Again again) {
        this.events = events;
        this.counts = counts;
        this.again = again;
    }

    /// @throws Unreadable when it is no single YAML document
    public static YamlNode read(byte[] utf8, Counts counts, Again again) throws Unreadable {
        return read(utf8, counts, again, YamlTree::document);
    }

    /// One after the other, as `---` parts them.
    ///
    /// @throws Unreadable when it is no YAML
    public static List<YamlNode> readAll(byte[] utf8, Counts counts, Again again) throws Unreadable {
        return read(utf8, counts, again, YamlTree::documents);
    }

    private interface Part<T> {
        T of(YamlTree tree) throws Unreadable;
    }

    private static <T> T read(byte[] utf8, Counts counts, Again again, Part<T> part) throws Unreadable {
        Iterable<Event> events = new Parse(SETTINGS).parseInputStream(new ByteArrayInputStream(utf8));
        YamlTree tree = new YamlTree(events.iterator(), counts, again);
        try {
            return part.of(tree);
        } catch (MarkedYamlEngineException e) {
            throw new Unreadable(e.getProblemMark().map(YamlTree::place).orElse(tree.last), told(e));
        } catch (YamlEngineException e) {
            throw new Unreadable(tree.last, "expected YAML, but found: " + e.getMessage());
        } catch (NoSuchElementException e) {
            throw new Unreadable(tree.last, "expected YAML, but found the end of the file");
        }
    }

    /// Would there be more values than that, if each alias were written out? Each part is looked at once.
    public static boolean standsForMore(YamlNode tree, long most) {
        return values(tree, most, new IdentityHashMap<>()) > most;
    }

    private static long values(YamlNode node, long most, Map<YamlNode, Long> known) {
        Long before = known.get(node);
        if (before != null) return before;
        long sum = 1;
        List<YamlNode> parts = switch (node) {
            case YamlNode.Scalar scalar -> List.of();
            case YamlNode.Sequence many -> many.elements();
            case YamlNode.Mapping group ->
                group.entries().values().stream().map(YamlNode.Entry::value).toList();
        };
        for (YamlNode part : parts) sum = Math.min(most + 1, sum + values(part, most, known));
        known.put(node, sum);
        return sum;
    }

    private static String told(MarkedYamlEngineException e) {
        String context = e.getContext() == null ? "" : e.getContext() + ": ";
        return "expected YAML, but found: " + context + e.getProblem();
    }

    private YamlNode document() throws Unreadable {
        Event first = next();
        while (first.getEventId() == Event.ID.StreamStart || first.getEventId() == Event.ID.DocumentStart)
            first = next();
        if (first.getEventId() == Event.ID.StreamEnd) return new YamlNode.Scalar(new Place(1, 1), "", true);
        YamlNode node = node(first, "", 0);
        Event after = next();
        while (after.getEventId() == Event.ID.DocumentEnd) after = next();
        if (after.getEventId() != Event.ID.StreamEnd)
            throw new Unreadable(last, "expected one document, but found a second one (`---`)");
        return node;
    }

    private List<YamlNode> documents() throws Unreadable {
        List<YamlNode> found = new ArrayList<>();
        for (Event next = next(); next.getEventId() != Event.ID.StreamEnd; next = next()) {
            switch (next.getEventId()) {
                case StreamStart, DocumentEnd -> {}
                // An anchor is known in its own document only.
                case DocumentStart -> anchors.clear();
                default -> found.add(node(next, "", 0));
            }
        }
        return found;
    }

    private Event next() {
        Event event = events.next();
        event.getStartMark().ifPresent(mark -> last = place(mark));
        return event;
    }

    private YamlNode node(Event event, String path, int depth) throws Unreadable {
        Place at = last;
        if (depth > DEPTH_MAX) throw new Unreadable(at, "expected at most " + DEPTH_MAX + " levels, but found more");
        if (event instanceof AliasEvent alias) return named(alias.getAlias(), at);
        YamlNode node = switch (event.getEventId()) {
            case MappingStart -> mapping(at, path, depth);
            case SequenceStart -> sequence(at, path, depth);
            case Scalar -> scalar((ScalarEvent) event, at);
            default -> throw new Unreadable(at, "expected a value, but found " + event);
        };
        Optional<Anchor> anchor = event instanceof NodeEvent found ? found.getAnchor() : Optional.empty();
        anchor.ifPresent(name -> anchors.put(name, node));
        return node;
    }

    private YamlNode named(Anchor name, Place at) throws Unreadable {
        YamlNode node = anchors.get(name);
        if (node == null)
            throw new Unreadable(
                    at, "expected an alias of something that stands before it, but found *" + name.getValue());
        return node;
    }

    private static YamlNode scalar(ScalarEvent event, Place at) {
        boolean nothing = event.getScalarStyle() == ScalarStyle.PLAIN && NOTHING.contains(event.getValue());
        return new YamlNode.Scalar(at, nothing ? "" : event.getValue(), nothing);
    }

    private YamlNode sequence(Place at, String path, int depth) throws Unreadable {
        List<YamlNode> elements = new ArrayList<>();
        for (Event next = next(); next.getEventId() != Event.ID.SequenceEnd; next = next()) {
            elements.add(node(next, path, depth + 1));
        }
        return new YamlNode.Sequence(at, elements);
    }

    private YamlNode mapping(Place at, String path, int depth) throws Unreadable {
        Map<String, YamlNode.Entry> entries = new LinkedHashMap<>();
        List<YamlNode> defaults = new ArrayList<>();
        for (Event next = next(); next.getEventId() != Event.ID.MappingEnd; next = next()) {
            Place keyAt = last;
            if (!(node(next, path, depth + 1) instanceof YamlNode.Scalar word))
                throw new Unreadable(keyAt, "expected a key of one word, but found a mapping or a list");
            String key = word.nothing() ? "null" : word.text();
            String below = path.isEmpty() ? key : path + "." + key;
            YamlNode value = node(next(), below, depth + 1);
            if (key.equals("<<") && !(value instanceof YamlNode.Scalar)) defaults.add(value);
            else put(entries, key, new YamlNode.Entry(keyAt, value), below);
        }
        for (YamlNode one : defaults) merge(one, entries, at);
        return new YamlNode.Mapping(at, entries);
    }

    private void put(Map<String, YamlNode.Entry> entries, String key, YamlNode.Entry entry, String path) {
        YamlNode.Entry before = entries.putIfAbsent(key, entry);
        if (before == null) return;
        if (counts == Counts.LAST) entries.put(key, entry);
        again.found(path, entry.at(), before.at());
    }

    /// What the mapping says itself counts more than what it takes over.
    private void merge(YamlNode from, Map<String, YamlNode.Entry> entries, Place at) throws Unreadable {
        if (from instanceof YamlNode.Sequence several) {
            for (YamlNode one : several.elements()) {
                if (!(one instanceof YamlNode.Mapping)) throw new Unreadable(at, MERGE + one.brief());
                merge(one, entries, at);
            }
        } else if (from instanceof YamlNode.Mapping mapping) {
            merged += mapping.entries().size();
            if (merged > MERGED_MAX)
                throw new Unreadable(at, "expected at most " + MERGED_MAX + " merged keys, but found more");
            mapping.entries().forEach(entries::putIfAbsent);
        }
    }

    private static final String MERGE = "expected `<<` to take over a mapping or a list of mappings, but found ";

    private static Place place(Mark mark) {
        return new Place(mark.getLine() + 1, mark.getColumn() + 1);
    }
}
