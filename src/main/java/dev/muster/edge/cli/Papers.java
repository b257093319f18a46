package dev.muster.edge.cli;

import dev.muster.edge.plot.Plots;
import dev.muster.edge.view.Doc;
import dev.muster.edge.view.Paper;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// Where a report goes.
final class Papers {
    private Papers() {}

    /// @param name of its file where only a folder is named
    static int deliver(Args args, Paper paper, String name, Doc doc) throws Failure {
        Optional<String> out = args.text("--out");
        Optional<String> format = args.text("--format");
        if (format.isPresent() && !Set.of("md", "html").contains(format.get()))
            throw Failure.usage("expected --format md or html, but found \"" + format.get() + "\"", "");
        if (out.isEmpty()) {
            args.shell()
                    .out()
                    .print(args.output().render(doc, wide -> text(args, paper, format.orElse("md")), one -> List.of()));
            return Exit.DONE;
        }
        List<String> written = new ArrayList<>();
        for (Path file : files(FileNames.path("--out", out.get()), out.get().endsWith("/"), name, format)) {
            String form = format.orElse(file.toString().endsWith(".html") ? "html" : "md");
            RunFiles.write(file, text(args, paper, form));
            written.add(file.toString());
        }
        Doc told = doc.with("written", Doc.of(written));
        args.shell()
                .out()
                .print(args.output()
                        .render(told, wide -> "wrote " + String.join(" and ", written) + "\n", one -> written));
        return Exit.DONE;
    }

    private static List<Path> files(Path out, boolean slash, String name, Optional<String> format) {
        if (!slash && !Files.isDirectory(out)) return List.of(out);
        return format.map(List::of).orElse(List.of("md", "html")).stream()
                .map(ending -> out.resolve(name + "." + ending))
                .toList();
    }

    private static String text(Args args, Paper paper, String format) {
        return format.equals("html") ? page(args, paper) : paper.markdown();
    }

    /// The class that draws is not loaded before.
    static String page(Args args, Paper paper) {
        Plots plots = new Plots();
        String page = paper.html(plots::svg);
        if (!plots.trouble().isEmpty())
            args.shell()
                    .err()
                    .println("muster: no plots can be drawn here, curves are drawn in characters: " + plots.trouble());
        return page;
    }
}
