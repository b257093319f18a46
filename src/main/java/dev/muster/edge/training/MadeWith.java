package dev.muster.edge.training;

import dev.muster.edge.view.Doc;
import dev.muster.edge.view.NotJson;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.SortedMap;
import java.util.TreeMap;

/// What a file beside the checkpoints says that they were made with is what the config says. What one of them does not say is no difference.
///
/// @param name in the folder, a JSON object
/// @param at   the object in it that is compared; empty for all of it
/// @param same keys of the config by keys of the file
record MadeWith(String name, String at, SortedMap<String, String> same) implements Rule {
    /// The prior system's files have 2 KB.
    private static final int BYTES_MAX = 1 << 20;

    MadeWith {
        same = new TreeMap<>(same);
    }

    @Override
    public String expected() {
        return "made with this config's " + String.join(", ", same.values());
    }

    @Override
    public boolean holds(Setting value, Scope config) {
        return differences(value, config).isEmpty();
    }

    /// In words, as `latent_dim 64, here latent.dim is 32`.
    List<String> differences(Setting value, Scope config) {
        Optional<Doc> made = made(value, config);
        if (made.isEmpty()) return List.of(name + " is no JSON object");
        List<String> differences = new ArrayList<>();
        for (Map.Entry<String, String> pair : same.entrySet()) {
            String there = made.get().text(pair.getKey());
            Optional<Setting> here = config.find(pair.getValue()).filter(found -> !found.isNothing());
            if (there.isEmpty() || here.isEmpty() || alike(there, here.get())) continue;
            differences.add(pair.getKey() + " " + there + ", here " + pair.getValue() + " is "
                    + here.get().brief());
        }
        return differences;
    }

    private Optional<Doc> made(Setting value, Scope config) {
        if (!(value instanceof Setting.Single single)) return Optional.empty();
        try (InputStream in = Files.newInputStream(
                config.base().resolve(Path.of(single.text())).resolve(name))) {
            Doc file = Doc.json(in.readNBytes(BYTES_MAX));
            return Optional.of(at.isEmpty() ? file : file.get(at)).filter(Doc::isObject);
        } catch (IOException | InvalidPathException | NotJson e) {
            return Optional.empty();
        }
    }

    private static boolean alike(String there, Setting here) {
        if (!(here instanceof Setting.Single single)) return false;
        if (single.text().equals(there)) return true;
        OptionalDouble number = single.number();
        try {
            return number.isPresent() && number.getAsDouble() == Double.parseDouble(there);
        } catch (NumberFormatException e) {
            return false;
        }
    }
}
