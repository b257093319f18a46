package dev.muster.edge.cli;

import dev.muster.edge.config.ConfigException;
import dev.muster.edge.config.HostEdit;
import dev.muster.edge.config.HostFileEditor;
import dev.muster.edge.config.HostFileReader;
import dev.muster.edge.config.HostFileStore;
import dev.muster.edge.view.Doc;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;

/// `--file` of an order about a node: the same change in a file of hosts. It is made in memory first, so that what cannot be
/// done is told before the cluster is asked, and written once the cluster has taken the order.
final class FileEdit {
    private final String file;
    private final String what;
    private final byte[] old;
    private final HostEdit.Edited edited;

    private FileEdit(String file, String what, byte[] old, HostEdit.Edited edited) {
        this.file = file;
        this.what = what;
        this.old = old;
        this.edited = edited;
    }

    /// @param what as in `status: retired`
    /// @throws Failure usage, when the file cannot be read, or not be edited
    static FileEdit of(Args args, String file, HostEdit edit, String what) throws Failure {
        if (file.equals("-"))
            throw Failure.usage("expected --file to name a file that can be written, but found -", "");
        byte[] old = Written.bytes(file, args.shell(), HostFileReader.BYTES_MAX);
        try {
            return new FileEdit(file, what, old, HostFileEditor.edit(file, old, edit));
        } catch (ConfigException e) {
            throw Failure.usage(e.getMessage(), "nothing was done; without --file only the cluster is told");
        }
    }

    private boolean same() {
        return Arrays.equals(old, edited.text());
    }

    /// As a plan's last line.
    String plan() {
        return same() ? file + " says so already." : file + " gets: " + what + ".";
    }

    /// @param done the order's answer
    /// @return the answer, with the file and its copy
    /// @throws Failure when the cluster has taken the order, and the file stays as it was
    Doc write(Args args, Doc done) throws Failure {
        Doc answer = done.with("file", file);
        if (same()) return answer.with("file_changed", false);
        try {
            Path backup = HostFileStore.replace(
                    Path.of(file), old, edited.text(), args.shell().clock().instant());
            edited.reminder().ifPresent(note -> args.shell().err().println("muster: " + note));
            args.shell().err().flush();
            return answer.with("file_changed", true).with("backup", backup.toString());
        } catch (IOException e) {
            throw new Failure(
                    Exit.ERROR,
                    "FILE_NOT_WRITTEN",
                    "the cluster has taken the order, but " + file + " is as it was: " + Client.reason(e),
                    "write it there by hand: " + what);
        }
    }

    static String told(Doc answer) {
        if (!answer.has("file")) return "";
        return answer.flag("file_changed")
                ? "\n" + answer.text("file") + " is written; as it was: " + answer.text("backup")
                : "\n" + answer.text("file") + " says so already";
    }
}
