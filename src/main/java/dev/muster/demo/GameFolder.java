package dev.muster.demo;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileVisitOption;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.stream.Stream;

/// All games below a folder, each once, in an order that does not depend on how the files lie.
///
/// @param games the games of the wanted board, newest generation first, then by id
/// @param files files that were read
record GameFolder(List<Game> games, int files) {
    private static final Comparator<Game> NEWEST_FIRST =
            Comparator.comparingInt(Game::generation).reversed().thenComparing(Game::id);

    /// Reads every `*.db` below `folder` and keeps the first `limit` games: more would not be learned from, and
    /// memory is small. A file that cannot be read and a game that cannot be replayed are told to `complain` and left
    /// out. Throws `IOException` if the folder itself cannot be listed.
    static GameFolder read(Path folder, Board board, int limit, Consumer<String> complain) throws IOException {
        TreeSet<Game> kept = new TreeSet<>(NEWEST_FIRST);
        int files = 0;
        for (Path file : list(folder)) {
            List<Game> games;
            try {
                games = GameFile.read(file);
            } catch (IOException e) {
                complain.accept("skipped " + e.getMessage());
                continue;
            }
            files++;
            for (Game game : games) {
                if (game.board() != board.size()) continue;
                try {
                    game.samples(board, 1);
                    kept.add(game);
                    if (kept.size() > limit) kept.pollLast();
                } catch (IllegalArgumentException e) {
                    complain.accept("skipped game " + game.id() + " in " + file + ": " + e.getMessage());
                }
            }
        }
        return new GameFolder(List.copyOf(kept), files);
    }

    private static List<Path> list(Path folder) throws IOException {
        try (Stream<Path> files = Files.walk(folder, FileVisitOption.FOLLOW_LINKS)) {
            return files.filter(GameFile::named).sorted().toList();
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
    }
}
