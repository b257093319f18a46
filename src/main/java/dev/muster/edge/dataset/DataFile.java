package dev.muster.edge.dataset;

import dev.muster.edge.snapshot.DatabaseLook;
import dev.muster.edge.training.Check;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// One file to be looked at.
///
/// @param path  as it was asked for
/// @param task  whose data it is; empty where nobody says
/// @param entry what a manifest says of it
public record DataFile(Path path, String task, Optional<Manifest.Entry> entry) {
    /// A task's name ends with its dimensions, as in `burgers1d`.
    private static final Pattern DIMENSIONS = Pattern.compile("([123])d(?![a-z0-9])", Pattern.CASE_INSENSITIVE);

    public static boolean isNamedLikeOne(Path file) {
        return Format.named(file).isPresent();
    }

    public Inspection inspect(Sample sample, Progress progress) {
        Report report = new Report(path.toString(), sample, progress);
        long bytes = -1;
        String format = "";
        boolean readable = false;
        try {
            if (!isThere(report)) return new Inspection(path, "", -1, report.checks(), List.of(), List.of(), false);
            bytes = Files.size(path);
            readable = true;
            report.check("not empty", bytes > 0, "more than 0 bytes", bytes + " bytes");
            listed(bytes, report, progress);
            if (bytes > 0) format = inside(report);
        } catch (AccessDeniedException e) {
            readable = false;
            report.check("can be read", false, "a file that may be read", "no permission");
        } catch (IOException e) {
            readable = false;
            report.check("can be read", false, "a file that can be read", String.valueOf(e.getMessage()));
        }
        boolean damaged = readable && report.damage();
        return new Inspection(path, format, bytes, report.checks(), report.datasets(), report.notes(), damaged);
    }

    private boolean isThere(Report report) {
        boolean there = Files.exists(path);
        boolean link = Files.isSymbolicLink(path);
        report.check("exists", there, "a file", there ? "a file" : link ? "a link that leads nowhere" : "nothing");
        if (!there) return false;
        boolean plain = Files.isRegularFile(path);
        report.check(
                "is a file", plain, "a file", plain ? "a file" : Files.isDirectory(path) ? "a folder" : "a device");
        return plain;
    }

    private void listed(long bytes, Report report, Progress progress) throws IOException {
        if (entry.isEmpty()) {
            report.skipped("size", "what a manifest says", "no manifest lists it");
            report.skipped("hash", "what a manifest says", "no manifest lists it");
            return;
        }
        Manifest.Entry said = entry.get();
        if (said.bytes() < 0) report.skipped("size", "what the manifest says", "the manifest says none");
        else report.check("size", bytes == said.bytes(), said.bytes() + " bytes", bytes + " bytes");
        if (said.hash().isEmpty()) {
            report.skipped("hash", "what the manifest says", "the manifest says none");
        } else if (said.bytes() >= 0 && bytes != said.bytes()) {
            report.skipped("hash", said.algorithm() + " " + said.hash(), "its size is wrong already");
        } else {
            String found = said.hashOf(path, progress);
            report.check("hash", found.equals(said.hash()), said.algorithm() + " " + said.hash(), found);
        }
    }

    private String inside(Report report) throws IOException {
        Optional<Format> named = Format.named(path);
        Optional<Format> found = Format.of(path);
        try {
            if (named.isEmpty() && found.isEmpty()) {
                report.skipped("opens", "a known format", "neither its name nor its first bytes say one");
                return "";
            }
            Format format = named.orElseGet(found::get);
            boolean other = found.isPresent() && !format.isLike(found.get());
            // A user's own block may stand before HDF5's.
            if (other || found.isEmpty() && format != Format.HDF5)
                throw new Unsound(format.title, other ? found.get().title : Format.looks(path));
            if (format == Format.HDF5 && found.isEmpty()) HdfStart.read(path, Files.size(path));
            read(format, report);
            report.check("opens", true, format.title, format.title);
            if (format != Format.ZIP && format != Format.SQLITE) content(report);
            return format.title;
        } catch (Unsound e) {
            boolean unlike = found.isEmpty();
            report.failed("opens", unlike ? new Unsound(e.expected(), Format.looks(path)) : e);
            return found.map(format -> format.title).orElse("");
        }
    }

    private void read(Format format, Report report) throws Unsound, IOException {
        switch (format) {
            case HDF5 -> Hdf5.read(path, report);
            case NPY -> NumPy.read(path, report);
            case NPZ, ZIP -> Archive.read(path, report);
            case SQLITE -> database(report);
        }
    }

    private void database(Report report) throws Unsound {
        try {
            DatabaseLook look = DatabaseLook.at(path);
            boolean whole = look.wrong().isEmpty();
            String found = whole ? "ok" : String.join("; ", look.wrong());
            report.check("integrity", whole, "ok from SQLite's own check", found);
            for (Map.Entry<String, Long> table : look.rows().entrySet())
                report.aside(table.getKey(), List.of(table.getValue()), "table", table.getValue() + " rows");
            if (whole)
                report.check(
                        "tables", !look.rows().isEmpty(), "some", look.rows().size() + "");
        } catch (IOException e) {
            throw new Unsound("an SQLite database", String.valueOf(e.getMessage()));
        }
    }

    private void content(Report report) {
        List<Summary> numbers = report.datasets().stream()
                .filter(one -> one.numbers().filter(seen -> seen.looked() > 0).isPresent())
                .toList();
        boolean unreadable = report.checks().stream().anyMatch(check -> check.state() == Check.State.FAILED);
        if (numbers.isEmpty()
                && (unreadable
                        || report.datasets().stream().anyMatch(one -> one.note().length() > 0)))
            report.skipped("numbers", "some", "nothing that can be looked at");
        else report.check("numbers", !numbers.isEmpty(), "some", numbers.size() + " datasets");
        ranks(numbers, report);
    }

    /// Of the datasets with the most numbers, which are the fields; the others are coordinates and parameters.
    private void ranks(List<Summary> numbers, Report report) {
        Matcher dimensions = DIMENSIONS.matcher(task);
        if (!dimensions.find()) {
            String why = task.isEmpty() ? "nobody says whose data it is" : task + " does not say its dimensions";
            report.skipped("rank of the fields", "what the task has", why);
            return;
        }
        int axes = Integer.parseInt(dimensions.group(1));
        // Samples, time, space and channels; a steady flow has no time, which is known of two dimensions and more.
        int least = axes == 1 ? 3 : axes + 1;
        int most = axes + 3;
        long largest = numbers.stream().mapToLong(DataFile::count).max().orElse(0);
        List<Summary> fields =
                numbers.stream().filter(one -> count(one) >= largest / 2).toList();
        List<String> wrong = fields.stream()
                .filter(one -> one.shape().size() < least || one.shape().size() > most)
                .map(one -> (one.name().isEmpty() ? "" : one.name() + " ") + new Shape(one.shape()))
                .toList();
        String expected = "(samples, time, " + "xyz".substring(0, axes).replaceAll("(.)(?=.)", "$1, ") + ", channels)"
                + " or fewer, " + least + " to " + most + " axes";
        if (fields.isEmpty()) report.skipped("rank of the fields", expected, "no numbers");
        else
            report.check(
                    "rank of the fields",
                    wrong.isEmpty(),
                    expected,
                    wrong.isEmpty() ? new Shape(fields.getFirst().shape()).toString() : wrong.getFirst());
    }

    private static long count(Summary one) {
        long count = 1;
        for (long axis : one.shape()) count *= axis;
        return count;
    }
}
