package dev.muster.demo;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileVisitOption;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.stream.Stream;

/// All games below a folder, each once, in an order that does not depend on how the files lie.
///
/// @param games the games of the wanted board, newest generation first, then by id
/// @param files files that were read
record GameFolder(List<Game> games, int files) {
    /// Reads every `*.db` below `folder`. A file that cannot be read and a game that cannot be replayed are told to
    /// `complain` and left out. Throws `IOException` if the folder itself cannot be listed.
    static GameFolder read(Path folder, Board board, Consumer<String> complain) throws IOException {
        Map<String, Game> byId = new TreeMap<>();
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
                if (game.board() != board.size() || byId.containsKey(game.id())) continue;
                try {
                    game.samples(board, 1);
                    byId.put(game.id(), game);
                } catch (IllegalArgumentException e) {
                    complain.accept("skipped game " + game.id() + " in " + file + ": " + e.getMessage());
                }
            }
        }
        List<Game> games = new ArrayList<>(byId.values());
        games.sort(Comparator.comparingInt(Game::generation).reversed());
        return new GameFolder(List.copyOf(games), files);
    }

    private static List<Path> list(Path folder) throws IOException {
        try (Stream<Path> files = Files.walk(folder, FileVisitOption.FOLLOW_LINKS)) {
            return files.filter(GameFile::named).sorted().toList();
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
    }
}
