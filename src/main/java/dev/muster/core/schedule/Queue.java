package dev.muster.core.schedule;

import dev.muster.core.state.ConfigKey;
import dev.muster.core.state.Job;
import dev.muster.core.state.JobSpec;
import dev.muster.core.state.TaskId;
import dev.muster.core.state.Work;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/// Waiting tasks in order: higher priority first; within one priority the config key with the fewest active attempts
/// first; within one config key by submission. Tasks without a config key are a share of their own.
final class Queue {
    /// One job's waiting tasks: a stretch of all waiting tasks, from which the front is taken.
    static final class Line {
        private final JobSpec spec;
        private final List<TaskId> all;
        private int next;
        private int end;

        private Line(JobSpec spec, List<TaskId> all) {
            this.spec = spec;
            this.all = all;
            this.next = all.size();
            this.end = all.size();
        }

        JobSpec spec() {
            return spec;
        }

        int size() {
            return end - next;
        }

        boolean isEmpty() {
            return next == end;
        }

        TaskId first() {
            return all.get(next);
        }

        TaskId take() {
            return all.get(next++);
        }

        void drop() {
            next = end;
        }
    }

    /// One config key's lines within one priority. What is active is counted over all priorities.
    static final class Share implements Comparable<Share> {
        private static final Comparator<Share> ORDER = Comparator.comparingInt((Share share) -> share.active[0])
                .thenComparing(share -> share.lines.getFirst().first());

        private final int[] active;
        private final ArrayDeque<Line> lines = new ArrayDeque<>();

        private Share(int[] active) {
            this.active = active;
        }

        /// The first line that has tasks left, or empty.
        Optional<Line> line() {
            while (!lines.isEmpty() && lines.getFirst().isEmpty()) lines.removeFirst();
            return Optional.ofNullable(lines.peekFirst());
        }

        /// @param attempts one for each node that the task runs on
        void placed(int attempts) {
            active[0] += attempts;
        }

        @Override
        public int compareTo(Share other) {
            return ORDER.compare(this, other);
        }
    }

    private final Map<Integer, Map<Optional<ConfigKey>, Share>> priorities = new TreeMap<>(Collections.reverseOrder());
    private final Map<Optional<ConfigKey>, int[]> active = new HashMap<>();

    private Queue() {}

    static Queue of(Work work) {
        Queue queue = new Queue();
        queue.countActive(work);
        for (Line line : lines(work)) queue.add(line);
        return queue;
    }

    /// The shares of each priority, highest first.
    Collection<List<Share>> priorities() {
        return priorities.values().stream()
                .map(shares -> List.copyOf(shares.values()))
                .toList();
    }

    private void countActive(Work work) {
        int all = 0;
        for (int count : work.derived().byKind().values()) all += count;
        for (Map.Entry<ConfigKey, Integer> entry : work.derived().byConfig()) {
            active.put(Optional.of(entry.getKey()), new int[] {entry.getValue()});
            all -= entry.getValue();
        }
        active.put(Optional.empty(), new int[] {all});
    }

    private void add(Line line) {
        Optional<ConfigKey> config = line.spec.config();
        priorities
                .computeIfAbsent(line.spec.priority(), priority -> new HashMap<>())
                .computeIfAbsent(config, key -> new Share(active.computeIfAbsent(key, none -> new int[1])))
                .lines
                .add(line);
    }

    /// Tasks and jobs are both in job order: one walk over both instead of a look-up for each task.
    private static List<Line> lines(Work work) {
        List<Line> lines = new ArrayList<>();
        List<TaskId> tasks = new ArrayList<>(work.waitingCount());
        Iterator<Job> jobs = work.jobs().values().iterator();
        Job job = null;
        for (TaskId task : work.waiting()) {
            if (job == null || !job.id().equals(task.job())) {
                do job = jobs.next();
                while (!job.id().equals(task.job()));
                lines.add(new Line(job.spec(), tasks));
            }
            tasks.add(task);
            lines.getLast().end++;
        }
        return lines;
    }
}
