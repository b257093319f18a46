package dev.muster.edge.cli;

import dev.muster.core.hosts.Finding;
import dev.muster.core.hosts.Host;
import dev.muster.core.hosts.HostFile;
import dev.muster.core.hosts.HostFileCheck;
import dev.muster.edge.config.ConfigException;
import dev.muster.edge.config.HostFileReader;
import dev.muster.edge.view.Doc;
import dev.muster.edge.view.HostText;
import java.util.ArrayList;
import java.util.List;

/// `--file` of `muster node list` and `muster doctor`: a file of hosts, without a cluster.
final class HostCommands {
    private HostCommands() {}

    /// Lists what is in the file; what is wrong with its text goes to stderr, and with `--json` into the answer.
    ///
    /// @throws Failure usage, with all problems at once, when the file cannot be used as it is
    static int list(Args args, String file) throws Failure {
        if (args.watches()) throw Failure.usage("expected --file or --watch, but found both", "");
        Output output = args.output();
        HostFileReader.Loaded loaded = whole(args, file);
        Doc doc = HostText.doc(loaded.file(), shown(file), loaded.findings());
        args.shell().out().print(output.render(doc, wide -> HostText.list(doc, wide), Show.names("nodes", "id")));
        return Exit.DONE;
    }

    /// The file, whose smaller problems are told.
    ///
    /// @throws Failure usage, with all problems at once, when the file does not say what its writer meant
    static HostFileReader.Loaded whole(Args args, String file) throws Failure {
        Output output = args.output();
        HostFileReader.Loaded loaded = load(args, file);
        if (loaded.broken()) throw broken(file, loaded.findings());
        if (output != Output.JSON && output != Output.YAML) {
            for (Finding found : loaded.findings()) args.shell().err().println("muster: " + line(file, found));
            args.shell().err().flush();
        }
        return loaded;
    }

    /// The hosts of a file that has to be right. `doctor` tells its warnings.
    ///
    /// @throws Failure usage, with all problems at once
    static HostFile usable(Args args, String file) throws Failure {
        HostFileReader.Loaded loaded = load(args, file);
        if (loaded.broken()) throw broken(file, loaded.findings());
        return loaded.file();
    }

    static int doctor(Args args, String file) throws Failure {
        args.output();
        HostFileReader.Loaded loaded = load(args, file);
        List<Finding> findings = new ArrayList<>(loaded.findings());
        findings.addAll(HostFileCheck.of(loaded.file()));
        findings.sort((one, other) -> one.at().compareTo(other.at()));
        Report report = new Report();
        for (Finding found : findings) report.add(shown(file) + ":" + found.at(), found);
        HostFile hosts = loaded.file();
        long ready = hosts.hosts().stream().filter(Host::inService).count();
        int voters = hosts.voters().size();
        report.ok("hosts", ready + " of " + hosts.hosts().size() + " in service, " + voters + " named as voters");
        return report.print(args);
    }

    private static HostFileReader.Loaded load(Args args, String file) throws Failure {
        byte[] bytes = Written.bytes(file, args.shell(), HostFileReader.BYTES_MAX);
        try {
            return HostFileReader.read(shown(file), bytes);
        } catch (ConfigException e) {
            throw Failure.usage(e.getMessage(), "");
        }
    }

    private static Failure broken(String file, List<Finding> findings) {
        List<String> lines = findings.stream().map(found -> line(file, found)).toList();
        String text = lines.size() == 1
                ? lines.getFirst()
                : lines.size() + " problems in the hosts:\n  " + String.join("\n  ", lines);
        return Failure.usage(text, "`muster doctor --file` goes on with what can be read");
    }

    private static String line(String file, Finding found) {
        String word = found.grade() == Finding.Grade.WARN ? "warning: " : "error: ";
        return shown(file) + ":" + found.at() + ": " + word + found.about() + ": " + found.message();
    }

    private static String shown(String file) {
        return file.equals("-") ? "stdin" : file;
    }
}
