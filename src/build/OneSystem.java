import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import java.util.zip.ZipOutputStream;

/// Copies a jar without the native libraries of other systems.
///
/// Why: a bundle is for Linux with glibc on one kind of processor, and SQLite, Zstandard and Netty bring their libraries
/// for up to twenty: half of what a host would be sent.
/// Usage: `java OneSystem.java ARCH FOLDER [FROM.jar...]`, ARCH as `uname -m` says it; each jar goes to FOLDER.
final class OneSystem {
    private static final Pattern NATIVE = Pattern.compile(".*\\.(so|dll|dylib|jnilib)");

    private OneSystem() {}

    public static void main(String[] args) throws IOException {
        if (args.length < 2) throw new IllegalArgumentException("expected ARCH FOLDER, but found " + List.of(args));
        Pattern wanted = wanted(args[0]);
        for (String from : List.of(args).subList(2, args.length)) {
            copy(Path.of(from), Path.of(args[1]).resolve(Path.of(from).getFileName()), wanted);
        }
    }

    /// As they are spelled: `org/sqlite/native/Linux/x86_64/`, `linux/amd64/`, `…_epoll_x86_64.so`.
    private static Pattern wanted(String arch) {
        String names = switch (arch) {
            case "x86_64" -> "x86_64|amd64";
            case "aarch64" -> "aarch64|aarch_64";
            default -> throw new IllegalArgumentException("expected x86_64 or aarch64, but found " + arch);
        };
        return Pattern.compile(".*(linux[/_](" + names + ")|native_epoll_(" + names + "))[/.].*");
    }

    private static void copy(Path from, Path to, Pattern wanted) throws IOException {
        try (var jar = new ZipFile(from.toFile())) {
            List<ZipEntry> all = jar.stream().map(e -> (ZipEntry) e).toList();
            List<ZipEntry> kept = all.stream()
                    .filter(entry -> isKept(entry.getName(), wanted))
                    .toList();
            if (kept.size() == all.size()) Files.copy(from, to);
            else write(jar, kept, to);
        }
    }

    private static boolean isKept(String name, Pattern wanted) {
        return !NATIVE.matcher(name).matches()
                || wanted.matcher(name.toLowerCase(Locale.ROOT)).matches();
    }

    /// Entries keep their times, so the same jar in gives the same jar out.
    private static void write(ZipFile jar, List<ZipEntry> kept, Path to) throws IOException {
        try (var out = new ZipOutputStream(Files.newOutputStream(to))) {
            for (ZipEntry entry : kept) {
                var copy = new ZipEntry(entry.getName());
                copy.setTime(entry.getTime());
                out.putNextEntry(copy);
                try (var content = jar.getInputStream(entry)) {
                    content.transferTo(out);
                }
                out.closeEntry();
            }
        }
    }
}
