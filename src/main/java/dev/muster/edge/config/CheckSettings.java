package dev.muster.edge.config;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/// What a node is to have for its work, and how it may be put right: `checks` of `node.yaml`.
///
/// @param python  the interpreter that jobs use; absent: whatever `python3` is
/// @param modules that it has to find, beside PyTorch
/// @param install the command that installs what is missing, word by word; empty: nobody may
/// @param gpus    at least so many belong here; what the machine joined with counts too
public record CheckSettings(Optional<Path> python, List<String> modules, List<String> install, int gpus) {
    public static final CheckSettings NONE = new CheckSettings(Optional.empty(), List.of(), List.of(), 0);

    private static final int GPUS_MAX = 64;

    public CheckSettings {
        modules = List.copyOf(modules);
        install = List.copyOf(install);
    }

    static CheckSettings read(Section section, Problems problems) {
        Optional<Path> python = section.value("python", CheckSettings::absolute);
        Optional<Path> venv = section.value("venv", CheckSettings::absolute).map(CheckSettings::interpreter);
        if (python.isPresent() && venv.isPresent())
            problems.add("checks", "expected python or venv, but found both; a venv brings its own python");
        List<String> modules = section.texts("modules");
        for (String module : modules)
            if (!module.matches("[A-Za-z_][A-Za-z0-9_.]*"))
                problems.add("checks.modules", "expected a module such as numpy, but found \"" + module + "\"");
        CheckSettings read = new CheckSettings(
                python.or(() -> venv), modules, section.texts("install"), section.integer("gpus", 0, 0, GPUS_MAX));
        section.end();
        return read;
    }

    private static Path absolute(String text) {
        Path path = text.startsWith("~/")
                ? Path.of(System.getProperty("user.home")).resolve(text.substring(2))
                : Path.of(text);
        if (!path.isAbsolute())
            throw new IllegalArgumentException("expected an absolute path, but found \"" + text + "\"");
        return path;
    }

    /// Of a virtual environment's folder, or of its `bin/activate`.
    private static Path interpreter(Path venv) {
        boolean script = venv.endsWith("activate") && !Files.isDirectory(venv);
        return script ? venv.resolveSibling("python") : venv.resolve("bin").resolve("python");
    }
}
