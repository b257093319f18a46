package dev.muster.edge.cli;

import java.util.Map;
import java.util.Stack;
import picocli.CommandLine.IParameterPreprocessor;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;

/// `--watch n1` watches the node n1; `--watch=5 n1` and `--watch 5s n1` do so every five seconds.
final class WatchTime implements IParameterPreprocessor {
    private final String usual;

    WatchTime(String usual) {
        this.usual = usual;
    }

    @Override
    public boolean preprocess(Stack<String> args, CommandSpec command, ArgSpec option, Map<String, Object> info) {
        boolean attached = info.getOrDefault("separator", " ").toString().equals("=");
        boolean time = !args.isEmpty() && args.peek().matches("(\\d+(ms|s|m|h|d))+");
        if (attached || time) return false;
        args.push(usual);
        return false;
    }
}
