package dev.muster.edge.dataset;

import dev.muster.edge.training.Setting;
import dev.muster.edge.training.TrainingConfig;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// What a training config says of its data.
///
/// @param split   empty where it says none
/// @param caches  what training made of the data, and would use again
/// @param sources from where files come, by the names that they are to have
public record ConfigData(
        Path root, List<String> tasks, Optional<String> split, List<String> caches, Map<String, String> sources) {
    public ConfigData {
        tasks = List.copyOf(tasks);
        caches = List.copyOf(caches);
        sources = Map.copyOf(sources);
    }

    /// One that cannot be used.
    public static final class Unusable extends Exception {
        private static final long serialVersionUID = 1L;

        Unusable(String message) {
            super(message);
        }
    }

    /// @throws Unusable with the place and what is wrong there
    public static ConfigData read(Path config) throws Unusable {
        try {
            Setting.Group settings = TrainingConfig.read(config).settings();
            List<String> tasks = texts(settings.find("data.task"));
            Optional<String> root = texts(settings.find("data.root")).stream().findFirst();
            if (root.isEmpty() || tasks.isEmpty())
                throw new Unusable(config + ": expected data.root and data.task, but found "
                        + (root.isPresent() ? "no data.task" : tasks.isEmpty() ? "neither" : "no data.root"));
            for (String task : tasks) Splits.expectName(task);
            Optional<String> split = texts(settings.find("data.split")).stream().findFirst();
            if (split.isPresent()) Splits.expectName(split.get());
            List<String> caches = new ArrayList<>(texts(settings.find("training.latent_cache_dir")));
            caches.addAll(texts(settings.find("data.latent_cache_dir")));
            return new ConfigData(Path.of(root.get()), tasks, split, caches, sources(settings));
        } catch (TrainingConfig.Unreadable | IllegalArgumentException e) {
            String where = e instanceof TrainingConfig.Unreadable ? "" : config + ": ";
            throw new Unusable(where + e.getMessage());
        }
    }

    private static Map<String, String> sources(Setting.Group settings) {
        Map<String, String> sources = new LinkedHashMap<>();
        if (!(settings.find("data.download.train_files").orElse(null) instanceof Setting.Many files)) return sources;
        for (Setting file : files.elements()) {
            Optional<String> source = texts(file.find("source")).stream().findFirst();
            if (source.isEmpty()) continue;
            sources.put(source.get().substring(source.get().lastIndexOf('/') + 1), source.get());
            texts(file.find("symlink")).forEach(name -> sources.put(name, source.get()));
        }
        return sources;
    }

    /// A text, or a list of them.
    private static List<String> texts(Optional<Setting> found) {
        List<Setting> all = found.map(one -> one instanceof Setting.Many many ? many.elements() : List.of(one))
                .orElse(List.of());
        return all.stream()
                .filter(one -> one instanceof Setting.Single && !one.isNothing())
                .map(one -> ((Setting.Single) one).text().strip())
                .filter(text -> !text.isEmpty())
                .toList();
    }
}
