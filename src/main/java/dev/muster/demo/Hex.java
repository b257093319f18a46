package dev.muster.demo;

import dev.muster.demo.Arguments.UsageException;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/// The sample workload's commands: `selfplay`, `train`, `evaluate`, `compare` and `show`.
///
/// Exit status: 0 done, 1 it failed, 2 the command line is wrong. Messages of failure go to the error stream.
public final class Hex {
    private static final String USAGE = """
            usage: hex COMMAND, with
              selfplay  --board N [--games G] [--model FILE] --seed S --out games.db [--results FILE]
              train     --board N --games DIR [--model FILE] [--epochs E] --seed S --out model.bin
              evaluate  --board N --candidate FILE [--current FILE] [--games G] --seed S --out matches.json
              compare   --board N --a FILE|random --b FILE|random [--games G] --seed S [--json]
              show      --board N --model FILE|random [--seed S]
            """;

    /// Time between two lines of progress.
    private static final long PROGRESS_NANOS = 2_000_000_000L;

    private final PrintStream out;
    private final PrintStream err;

    Hex(PrintStream out, PrintStream err) {
        this.out = out;
        this.err = err;
    }

    /// Runs one command and ends the process with its exit status.
    public static void main(String[] args) {
        System.exit(new Hex(System.out, System.err).run(args));
    }

    /// Runs one command and returns its exit status.
    int run(String... args) {
        try {
            if (args.length == 0) throw new UsageException("expected a command\n" + USAGE.stripTrailing());
            List<String> words = Arrays.asList(args).subList(1, args.length);
            switch (args[0]) {
                case "selfplay" ->
                    selfplay(flags(words, "--board", "--games", "--model", "--seed", "--out", "--results"));
                case "train" -> train(flags(words, "--board", "--games", "--model", "--epochs", "--seed", "--out"));
                case "evaluate" ->
                    evaluate(flags(words, "--board", "--candidate", "--current", "--games", "--seed", "--out"));
                case "compare" ->
                    compare(new Arguments(
                            words, List.of("--board", "--a", "--b", "--games", "--seed"), List.of("--json")));
                case "show" -> show(flags(words, "--board", "--model", "--seed"));
                case "help", "--help", "-h" -> out.print(USAGE);
                default -> throw new UsageException("unknown command \"" + args[0] + "\"\n" + USAGE.stripTrailing());
            }
            return 0;
        } catch (UsageException e) {
            err.println("hex: " + e.getMessage());
            return 2;
        } catch (IOException e) {
            err.println("hex: " + e.getMessage());
            return 1;
        }
    }

    private static Arguments flags(List<String> words, String... flags) {
        return new Arguments(words, List.of(flags), List.of());
    }

    private void selfplay(Arguments arguments) throws IOException {
        Board board = arguments.board();
        Settings settings = Settings.defaults(board.size());
        int games = arguments.number("--games", 1, 1_000_000, settings.games());
        Model model = arguments.has("--model") ? model(arguments, "--model", board) : null;
        SelfPlay selfPlay = new SelfPlay(board, model, settings, arguments.seed());
        try (GameFile file = GameFile.open(arguments.output("--out"), board.size())) {
            int before = file.count();
            out.println("board " + board.size() + ", " + (model == null ? "no model" : "model " + model.sha256()) + ", "
                    + before + " of " + games + " games are there");
            long start = System.nanoTime();
            long told = start;
            for (int number = before; number < games; number++) {
                file.add(selfPlay.play(number));
                if (System.nanoTime() - told < PROGRESS_NANOS) continue;
                told = System.nanoTime();
                out.println(progress(number + 1, games, before, told - start));
            }
            out.println(progress(Math.max(before, games), games, before, System.nanoTime() - start) + " done");
            if (arguments.has("--results"))
                AtomicFile.write(
                        arguments.output("--results"),
                        ("{\"games\":" + file.count() + "}\n").getBytes(StandardCharsets.UTF_8));
        }
    }

    private static String progress(int done, int games, int before, long nanos) {
        return format("games %d/%d %.1f/s", done, games, (done - before) * 1e9 / Math.max(1, nanos));
    }

    private void train(Arguments arguments) throws IOException {
        Board board = arguments.board();
        Settings settings = Settings.defaults(board.size());
        Path folder = arguments.folder("--games");
        Path output = arguments.output("--out");
        Network start =
                arguments.has("--model") ? model(arguments, "--model", board).network() : null;
        long seed = arguments.seed();
        GameFolder games = GameFolder.read(folder, board, settings.gamesKept(), err::println);
        if (games.games().isEmpty()) {
            throw new IOException("expected games of board " + board.size() + " in *.db files below " + folder
                    + ", found none in " + games.files() + " readable files");
        }
        Training training = new Training(board, settings, games.games(), seed);
        int epochs = arguments.number("--epochs", 1, 10_000, training.usualEpochs());
        out.println(format(
                "%d games in %d files, %d positions, %d epochs",
                games.games().size(), games.files(), training.samples(), epochs));
        long began = System.nanoTime();
        Network network = training.run(
                start,
                epochs,
                (epoch, loss) -> out.println(format(
                        "epoch %d/%d loss %.4f %.1f s", epoch, epochs, loss, (System.nanoTime() - began) / 1e9)));
        Model model = Model.write(network, output);
        out.println("model " + model.sha256() + ", generation " + network.generation());
    }

    private void evaluate(Arguments arguments) throws IOException {
        Board board = arguments.board();
        int games = arguments.evenGames(Settings.defaults(board.size()).gauntletGames());
        long seed = arguments.seed();
        Path output = arguments.output("--out");
        Model candidate = model(arguments, "--candidate", board);
        List<Player> opponents = new ArrayList<>(List.of(Player.RANDOM));
        if (arguments.has("--current")) opponents.add(model(arguments, "--current", board));

        List<Match> matches = new ArrayList<>();
        for (Player opponent : opponents) {
            if (opponent.name().equals(candidate.name())) {
                out.println("the candidate is the current model; they do not play");
                continue;
            }
            Match match = Match.play(board, candidate, opponent, games, seed);
            out.println("against " + opponent.name() + ": " + match.text());
            matches.add(match);
        }
        AtomicFile.write(output, Match.json(matches).getBytes(StandardCharsets.UTF_8));
    }

    private void compare(Arguments arguments) throws IOException {
        Board board = arguments.board();
        int games = arguments.evenGames(200);
        long seed = arguments.seed();
        Player a = player(arguments, "--a", board);
        Player b = player(arguments, "--b", board);
        Match match = Match.play(board, a, b, games, seed);
        out.println(arguments.has("--json") ? match.json() : match.text());
    }

    private void show(Arguments arguments) throws IOException {
        Board board = arguments.board();
        Player player = player(arguments, "--model", board);
        long seed = arguments.has("--seed") ? arguments.seed() : 1;
        out.print(Drawing.of(board, Match.game(board, player, player, seed, 0)));
    }

    private static Player player(Arguments arguments, String flag, Board board) throws IOException {
        return arguments.text(flag).equals("random") ? Player.RANDOM : model(arguments, flag, board);
    }

    private static Model model(Arguments arguments, String flag, Board board) throws IOException {
        Model model = Model.read(arguments.file(flag));
        int size = model.network().board().size();
        if (size == board.size()) return model;
        throw new UsageException("expected " + flag + " of board " + board.size() + ", found one of board " + size);
    }

    private static String format(String pattern, Object... values) {
        return String.format(Locale.ROOT, pattern, values);
    }
}
