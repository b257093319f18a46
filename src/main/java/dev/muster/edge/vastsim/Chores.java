package dev.muster.edge.vastsim;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// `ls`, `du` and `rm` as the service's `execute` has them, on an instance's disk and nowhere else: an absolute path
/// begins there.
final class Chores {
    private static final int TEXT_MAX = 1 << 20;

    private Chores() {}

    static String run(Path home, List<String> words) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(words.getFirst()));
        boolean named = false;
        for (String word : words.subList(1, words.size())) {
            if (word.startsWith("-")) {
                if (!word.matches("-[a-zA-Z0-9]+")) return words.getFirst() + ": unknown option " + word + "\n";
                command.add(word);
                continue;
            }
            Path path = home.resolve(word.replaceAll("^/+", "")).normalize();
            if (!inside(home, path)) return words.getFirst() + ": cannot access '" + word + "': Permission denied\n";
            command.add("./" + home.relativize(path));
            named = true;
        }
        if (!named && words.getFirst().equals("rm")) return "rm: missing operand\n";
        Process process = new ProcessBuilder(command)
                .directory(home.toFile())
                .redirectErrorStream(true)
                .start();
        process.getOutputStream().close();
        byte[] said = process.getInputStream().readNBytes(TEXT_MAX);
        if (said.length == TEXT_MAX) process.destroy();
        process.waitFor();
        return new String(said, StandardCharsets.UTF_8);
    }

    /// Also by way of links: the folder in which the path stands is really below.
    private static boolean inside(Path home, Path path) throws IOException {
        if (!path.startsWith(home)) return false;
        if (path.equals(home)) return true;
        Path parent = path.getParent();
        while (!Files.exists(parent, LinkOption.NOFOLLOW_LINKS)) parent = parent.getParent();
        return parent.toRealPath().startsWith(home.toRealPath());
    }
}
