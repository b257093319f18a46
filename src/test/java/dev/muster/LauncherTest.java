package dev.muster;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The launcher `muster`, copied to a folder with a space in its name, with JDKs and a Maven that are short scripts.
/// The scripts print what they were called with, so a test takes tens of milliseconds.
class LauncherTest {
    private static final String MAVEN = """
            #!/bin/bash
            echo "$JAVA_HOME" >> "$MAVEN_CALLS"
            for argument in "$@"; do case $argument in -Dmuster.target=*) target=${argument#*=} ;; esac; done
            [[ ! -f $(dirname "$0")/broken ]] || { echo "[ERROR] Main.java:[3,1] ';' expected"; exit 1; }
            mkdir -p "$target/lib" && echo jar > "$target/muster.jar" && echo lib > "$target/lib/some-1.0.jar"
            """;

    /// Trains (makes the file named by -XX:AOTCacheOutput) or prints its arguments, one a line.
    private static final String JAVA = """
            #!/bin/bash
            for argument in "$@"; do case $argument in -XX:AOTCacheOutput=*) echo cache > "${argument#*=}"; exit ;; esac; done
            echo "java=$0"; echo "home=$MUSTER_HOME"; printf '%s\\n' "$@"
            """;

    @TempDir
    Path folder;

    private Path root;
    private final Map<String, String> environment = new HashMap<>();

    @BeforeEach
    void makeACheckout() throws IOException {
        root = Files.createDirectory(folder.toRealPath().resolve("a checkout"));
        Files.copy(Path.of("muster"), root.resolve("muster"));
        root.resolve("muster").toFile().setExecutable(true);
        Files.createDirectories(root.resolve("src/main/java"));
        Files.createDirectories(root.resolve("src/build"));
        Files.writeString(root.resolve("src/main/java/Main.java"), "class Main {}");
        Files.writeString(root.resolve("pom.xml"), "<project/>");
        makeOld(root);
        script(folder.resolve("maven/bin/mvn"), MAVEN);
        environment.put(
                "MUSTER_JDK_PLACES", jdk("jvm/jdk-25", "25.0.3").getParent().toString());
        environment.put("MAVEN_HOME", folder.resolve("maven").toString());
        environment.put("MAVEN_CALLS", folder.resolve("calls").toString());
    }

    @Test
    void theFirstCallBuildsAndTheSecondDoesNot() throws Exception {
        var first = muster("status");
        assertThat(first.err()).contains("building muster (once)");
        assertThat(first.out()).contains("home=" + root, "status");
        var second = muster("status");
        assertThat(second.err()).isEmpty();
        assertThat(second.out()).isEqualTo(first.out());
        assertThat(builds()).isEqualTo(1);
    }

    @Test
    void twoCallsAtOnceBuildOnce() throws Exception {
        var one = start(List.of("status"));
        var two = start(List.of("status"));
        assertThat(finish(one).status()).isZero();
        assertThat(finish(two).status()).isZero();
        assertThat(builds()).isEqualTo(1);
    }

    @Test
    void aNewerSourceOrADeletedOneIsBuiltAgain() throws Exception {
        muster("status");
        later(Files.writeString(root.resolve("src/main/java/Main.java"), "class Main { int a; }"));
        muster("status");
        assertThat(builds()).isEqualTo(2);
        Files.delete(root.resolve("src/main/java/Main.java"));
        later(root.resolve("src/main/java"));
        muster("status");
        assertThat(builds()).isEqualTo(3);
    }

    @Test
    void aFailedBuildShowsItsErrorsAndLeavesTheOlderBuild() throws Exception {
        muster("status");
        Files.createFile(folder.resolve("maven/bin/broken"));
        later(root.resolve("pom.xml"));
        var failed = muster("status");
        assertThat(failed.status()).isEqualTo(1);
        assertThat(failed.out()).isEmpty();
        assertThat(failed.err()).contains("';' expected", "the build failed");
        environment.put("MUSTER_BUILD", "off");
        assertThat(muster("status").status()).isZero();
        assertThat(builtFolders()).hasSize(1);
    }

    @Test
    void anOlderBuildStaysWhileAProcessRunsFromIt() throws Exception {
        muster("status");
        Path old = builtFolders().getFirst();
        Process agent = new ProcessBuilder(
                        "tail", "-f", "/dev/null", old.resolve("muster.jar").toString())
                .start();
        try {
            rebuildTwice();
            assertThat(builtFolders()).contains(old);
        } finally {
            agent.destroyForcibly().waitFor(10, TimeUnit.SECONDS);
        }
        rebuildTwice();
        assertThat(builtFolders()).hasSize(2).doesNotContain(old);
    }

    @Test
    void anAgentAndTheCommandLineGetTheirOwnFlagsAndCaches() throws Exception {
        var command = muster("node", "list").out();
        assertThat(command).contains("-XX:TieredStopAtLevel=1", "/cli.aot").doesNotContain("CompactObjectHeaders");
        var agent = muster("--data-dir=x", "up").out();
        assertThat(agent).contains("-Xmx128m", "-XX:+UseCompactObjectHeaders", "/agent.aot", "--data-dir=x");
        environment.put("MUSTER_HEAP", "192m");
        environment.put("MUSTER_JAVA_OPTS", "-Da=1 -Db=2");
        assertThat(muster("up").out())
                .contains("-Xmx192m\n", "\n-Da=1\n-Db=2\n-jar\n")
                .doesNotContain("-Xmx128m");
    }

    @Test
    void argumentsArriveAsTheyWereGiven() throws Exception {
        assertThat(muster("job", "run", "--", "sh", "-c", "echo \"$HOME\"  *", "")
                        .out())
                .endsWith("\njob\nrun\n--\nsh\n-c\necho \"$HOME\"  *\n\n");
    }

    @Test
    void javaHomeOfAnotherVersionIsPassedOver() throws Exception {
        environment.put("JAVA_HOME", jdk("other/jdk-17", "17.0.15").toString());
        assertThat(muster("status").out())
                .contains("java=" + folder.toRealPath().resolve("jvm/jdk-25/bin/java"));
        assertThat(Files.readString(folder.resolve("calls"))).contains("jvm/jdk-25");
    }

    @Test
    void musterJavaHomeWinsAndIsNeverPassedOver() throws Exception {
        Path chosen = jdk("elsewhere/my jdk", "25.0.1");
        environment.put("MUSTER_JAVA_HOME", chosen.toString());
        assertThat(muster("status").out()).contains("java=" + chosen.resolve("bin/java"));
        environment.put("MUSTER_JAVA_HOME", jdk("elsewhere/old", "21").toString());
        var refused = muster("status");
        assertThat(refused.status()).isEqualTo(1);
        assertThat(refused.err()).contains("expected MUSTER_JAVA_HOME to be a JDK 25", "is Java 21");
    }

    @Test
    void whatIsMissingIsSaid() throws Exception {
        environment.put(
                "MUSTER_JDK_PLACES", jdk("other/jdk-17", "17.0.15").getParent().toString());
        var noJdk = muster("status");
        assertThat(noJdk.status()).isEqualTo(1);
        assertThat(noJdk.err()).contains("expected a JDK 25", "only 17.0.15 in ", "MUSTER_JAVA_HOME");
    }

    @Test
    void anotherJdkGetsItsOwnCaches() throws Exception {
        muster("status");
        environment.put("MUSTER_JAVA_HOME", jdk("newer/jdk", "25.0.9").toString());
        var run = muster("status");
        assertThat(run.err()).contains("preparing start-up caches for Java 25.0.9");
        assertThat(run.out()).contains("25.0.9").contains("/cli.aot");
        assertThat(muster("status").err()).isEmpty();
        assertThat(builds()).isEqualTo(1);
    }

    @Test
    void itWorksThroughALinkAndFromAnyFolder() throws Exception {
        Path bin = Files.createDirectories(folder.resolve("bin"));
        Files.createSymbolicLink(bin.resolve("real"), root.resolve("muster"));
        Files.createSymbolicLink(bin.resolve("muster"), Path.of("real"));
        var run = finish(start(bin, List.of("./muster", "status")));
        assertThat(run.out()).contains("home=" + root + "\n");
        assertThat(finish(start(root.resolve("src/main"), List.of("../../muster", "status")))
                        .out())
                .isEqualTo(run.out());
    }

    @Test
    void aPackagedInstallNeverBuilds() throws Exception {
        Files.delete(root.resolve("pom.xml"));
        Files.writeString(root.resolve("muster.jar"), "jar");
        var run = muster("status");
        assertThat(run.err()).isEmpty();
        assertThat(run.out()).contains("-jar\n" + root.resolve("muster.jar") + "\nstatus\n");
        assertThat(root.resolve(".build")).doesNotExist();
        assertThat(builds()).isZero();
    }

    private void rebuildTwice() throws Exception {
        for (int i = 0; i < 2; i++) {
            later(root.resolve("pom.xml"));
            assertThat(muster("status").status()).isZero();
        }
    }

    /// Every file and folder an hour old, so that a test makes exactly one of them newer than the last build.
    private static void makeOld(Path top) throws IOException {
        try (Stream<Path> files = Files.walk(top)) {
            for (Path file : files.toList()) setTime(file, 3600);
        }
    }

    /// Makes one file newer than the last build, however coarse the file system's clock is.
    private void later(Path file) throws IOException {
        for (Path built : builtFolders()) setTime(built.resolve("stamp"), 60);
        setTime(file, 30);
    }

    private static void setTime(Path file, long secondsAgo) throws IOException {
        Files.setLastModifiedTime(file, FileTime.from(Instant.now().minusSeconds(secondsAgo)));
    }

    private List<Path> builtFolders() throws IOException {
        try (Stream<Path> files = Files.list(root.resolve(".build"))) {
            return files.filter(file -> Files.exists(file.resolve("stamp"))).toList();
        }
    }

    private int builds() throws IOException {
        Path calls = folder.resolve("calls");
        return Files.exists(calls) ? Files.readAllLines(calls).size() : 0;
    }

    private Path jdk(String name, String version) throws IOException {
        Path home = folder.toRealPath().resolve(name);
        script(home.resolve("bin/java"), JAVA);
        script(home.resolve("bin/javac"), JAVA);
        Files.writeString(
                home.resolve("release"), "IMPLEMENTOR=\"Some\"\nJAVA_VERSION=\"" + version + "\"\nOS_ARCH=\"x86_64\"");
        return home;
    }

    private static void script(Path file, String text) throws IOException {
        Files.createDirectories(file.getParent());
        Files.writeString(file, text);
        file.toFile().setExecutable(true);
    }

    private record Run(int status, String out, String err) {}

    private record Started(Process process, Path out, Path err) {}

    private Run muster(String... arguments) throws Exception {
        return finish(start(List.of(arguments)));
    }

    private Started start(List<String> arguments) throws IOException {
        var command = new ArrayList<String>();
        command.add(root.resolve("muster").toString());
        command.addAll(arguments);
        return start(folder, command);
    }

    private Started start(Path directory, List<String> command) throws IOException {
        Path out = Files.createTempFile(folder, "out", "");
        Path err = Files.createTempFile(folder, "err", "");
        var builder = new ProcessBuilder(command)
                .directory(directory.toFile())
                .redirectOutput(out.toFile())
                .redirectError(err.toFile());
        builder.environment().keySet().removeIf(name -> name.startsWith("MUSTER_") || name.equals("JAVA_HOME"));
        builder.environment().putAll(environment);
        return new Started(builder.start(), out, err);
    }

    private static Run finish(Started started) throws Exception {
        assertThat(started.process().waitFor(30, TimeUnit.SECONDS))
                .as("the launcher ends")
                .isTrue();
        return new Run(started.process().exitValue(), Files.readString(started.out()), Files.readString(started.err()));
    }
}
