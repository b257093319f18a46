package dev.muster.edge.cli;

import java.util.List;
import java.util.Map;
import java.util.Stack;
import picocli.CommandLine.IParameterPreprocessor;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;

/// `--run-arg=--tag=a=b`: what follows the `=` is the value, also where it looks like an option of this command.
final class AnyWord implements IParameterPreprocessor {
    /// No option begins with it.
    private static final String MARK = "\u0001";

    @Override
    public boolean preprocess(Stack<String> args, CommandSpec command, ArgSpec option, Map<String, Object> info) {
        if (!args.isEmpty()) args.push(MARK + args.pop());
        return false;
    }

    /// As they were written.
    static List<String> written(List<String> words) {
        return words.stream().map(word -> word.replaceFirst("^" + MARK, "")).toList();
    }
}
