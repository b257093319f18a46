import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassFileVersion;
import java.lang.classfile.ClassHierarchyResolver;
import java.lang.classfile.ClassTransform;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import java.util.zip.ZipOutputStream;

/// Copies a jar and writes its classes of Java 5 and older anew in the class file format of Java 21, with the stack
/// maps that format asks for. The code in the methods stays as it is.
///
/// Why: the JVM keeps no class older than Java 6 in a start-up cache (it says `Old class has been linked`), so picocli,
/// which is published for Java 5, would be read and verified at each start: a fifth of the time of a short command.
/// Usage: `java ModernClasses.java FROM.jar TO.jar`.
final class ModernClasses {
    /// The first class file version (Java 6) that a start-up cache takes.
    private static final int TAKEN = 50;

    private static final int WRITTEN = ClassFile.JAVA_21_VERSION;

    private static final ClassTransform VERSION = (builder, element) -> {
        if (element instanceof ClassFileVersion) builder.withVersion(WRITTEN, 0);
        else builder.with(element);
    };

    /// A method's code is written anew, with stack maps, only when it passes through a transform.
    private static final ClassTransform CODE =
            ClassTransform.transformingMethodBodies((code, element) -> code.with(element));

    private ModernClasses() {}

    public static void main(String[] args) throws IOException {
        if (args.length != 2)
            throw new IllegalArgumentException("expected FROM.jar TO.jar, but found " + List.of(args));
        try (var from = new ZipFile(args[0]);
                var to = new ZipOutputStream(Files.newOutputStream(Path.of(args[1])))) {
            var classFile = classFile(from);
            for (ZipEntry entry : from.stream().map(e -> (ZipEntry) e).toList()) {
                copy(entry, modern(classFile, entry, from.getInputStream(entry).readAllBytes()), to);
            }
        }
    }

    private static byte[] modern(ClassFile classFile, ZipEntry entry, byte[] content) {
        if (!entry.getName().endsWith(".class")) return content;
        var model = classFile.parse(content);
        return model.majorVersion() >= TAKEN ? content : classFile.transformClass(model, VERSION.andThen(CODE));
    }

    /// Entries keep their times, so the same jar in gives the same jar out.
    private static void copy(ZipEntry entry, byte[] content, ZipOutputStream to) throws IOException {
        var copy = new ZipEntry(entry.getName());
        copy.setTime(entry.getTime());
        to.putNextEntry(copy);
        to.write(content);
    }

    /// Stack maps need to know which class extends which: asked of the jar first, then of the JDK.
    private static ClassFile classFile(ZipFile jar) {
        var inJar = ClassHierarchyResolver.ofResourceParsing(name -> {
            var descriptor = name.descriptorString();
            var entry = jar.getEntry(descriptor.substring(1, descriptor.length() - 1) + ".class");
            try {
                return entry == null ? null : jar.getInputStream(entry);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });
        return ClassFile.of(
                ClassFile.StackMapsOption.GENERATE_STACK_MAPS,
                ClassFile.ClassHierarchyResolverOption.of(inJar.orElse(ClassHierarchyResolver.defaultResolver())));
    }
}
