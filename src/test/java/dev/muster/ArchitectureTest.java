package dev.muster;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.belongToAnyOf;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.AccessTarget;
import com.tngtech.archunit.core.domain.JavaAccess;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption.DoNotIncludeTests;
import com.tngtech.archunit.lang.ArchRule;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/// The arrows between packages, and what keeps core the same on every voter. Plain tests, because under
/// Surefire
/// ArchUnit's own `@ArchTest` fields run zero tests and stay green.
class ArchitectureTest {
    private static final JavaClasses CODE =
            new ClassFileImporter().withImportOption(new DoNotIncludeTests()).importPackages("dev.muster");

    /// Most lines of a source file; in a longer one, look for the second subject.
    private static final int LINES_MAX = 600;

    @Test
    void coreUsesTheJdkItsMapsAndItself() {
        check(
                "core",
                classes()
                        .that(are("core"))
                        .should()
                        .onlyDependOnClassesThat(resideInAnyPackage(
                                "java..", "org.pcollections..", "org.jspecify..", "dev.muster.core..")));
    }

    @Test
    void coreHasNoInputNoOutputAndNoThreads() {
        check(
                "core",
                noClasses()
                        .that(are("core"))
                        .should()
                        .dependOnClassesThat(resideInAnyPackage(
                                "java.io..",
                                "java.net..",
                                "java.nio.channels..",
                                "java.nio.file..",
                                "java.util.concurrent..",
                                "java.util.logging.."))
                        .orShould()
                        .dependOnClassesThat(
                                belongToAnyOf(Thread.class, Runtime.class, Process.class, ProcessBuilder.class)));
    }

    @Test
    void coreHasNoClockAndNoDice() {
        check("core", noClasses().that(are("core")).should().accessTargetWhere(clockOrDice()));
    }

    @Test
    void coreKeepsNoCollectionWhoseOrderChangesFromRunToRun() {
        check("core", noClasses().that(are("core")).should().accessTargetWhere(saltedOrder()));
    }

    @Test
    void theSimulatorUsesCoreAndTheMarketOnly() {
        check(
                "sim",
                noClasses().that(are("sim")).should().dependOnClassesThat(areOursOutside("sim", "core", "market")));
    }

    @Test
    void theEdgeKnowsNoSimulator() {
        check("edge", noClasses().that(are("edge")).should().dependOnClassesThat(are("sim")));
    }

    @Test
    void theDemoKnowsNothingOfTheRest() {
        check("demo", noClasses().that(are("demo")).should().dependOnClassesThat(areOursOutside("demo")));
    }

    @Test
    void theMarketKnowsNothingOfTheRest() {
        check("market", noClasses().that(are("market")).should().dependOnClassesThat(areOursOutside("market")));
    }

    @Test
    void theMarketHasNoClockAndNoDiceOfItsOwn() {
        check("market", noClasses().that(are("market")).should().accessTargetWhere(clockOrDice()));
    }

    @Test
    void nobodyUsesMain() {
        noClasses()
                .that()
                .doNotBelongToAnyOf(Main.class)
                .should()
                .dependOnClassesThat(belongToAnyOf(Main.class))
                .allowEmptyShould(CODE.size() == 1)
                .check(CODE);
    }

    @Test
    void ratisStaysInItsPackage() {
        checkOnly("org.apache.ratis..", "dev.muster.edge.raft..");
    }

    @Test
    void helidonStaysInItsPackages() {
        checkOnly("io.helidon..", "dev.muster.edge.http..", "dev.muster.edge.web..", "dev.muster.edge.vastsim..");
    }

    @Test
    void picocliStaysInTheCommandLine() {
        checkOnly("picocli..", "dev.muster", "dev.muster.edge.cli..");
    }

    @Test
    void zstandardStaysInItsPackage() {
        checkOnly("com.github.luben..", "dev.muster.edge.delta..");
    }

    @Test
    void theYamlEngineStaysWhereFilesOfOthersAreRead() {
        checkOnly("org.snakeyaml..", "dev.muster.edge.config..");
    }

    @Test
    void sqliteStaysInItsPackages() {
        checkOnly("org.sqlite..", "dev.muster.demo..", "dev.muster.edge.snapshot..");
    }

    @Test
    void jhdfStaysInItsPackage() {
        checkOnly("io.jhdf..", "dev.muster.edge.dataset..");
    }

    @Test
    void whatDrawsStaysInItsPackage() {
        checkOnly("org.knowm..", "dev.muster.edge.plot..");
        checkOnly("org.apache.batik..", "dev.muster.edge.plot..");
        checkOnly("java.awt..", "dev.muster.edge.plot..");
    }

    @Test
    void mailStaysInItsPackage() {
        checkOnly("jakarta.mail..", "dev.muster.edge.alert..");
        checkOnly("org.eclipse.angus..", "dev.muster.edge.alert..");
    }

    @Test
    void everyPackageSaysWhatItOwns() throws IOException {
        List<Path> silent = sources("src/main/java")
                .map(Path::getParent)
                .distinct()
                .filter(folder -> !folder.endsWith("dev/muster"))
                .filter(folder -> !Files.exists(folder.resolve("package-info.java")))
                .toList();
        assertThat(silent).as("packages without a package-info.java").isEmpty();
    }

    @Test
    void noSourceFileIsTooLong() throws IOException {
        List<String> tooLong = Stream.concat(sources("src/main/java"), sources("src/test/java"))
                .map(file -> file + ": " + lines(file))
                .filter(line -> Integer.parseInt(line.substring(line.lastIndexOf(' ') + 1)) > LINES_MAX)
                .toList();
        assertThat(tooLong).as("files of more than %s lines", LINES_MAX).isEmpty();
    }

    /// Checks a rule about our package `name`. It may find nothing to check only while that package does
    /// not exist.
    private static void check(String name, ArchRule rule) {
        boolean absent = CODE.stream().noneMatch(are(name));
        rule.allowEmptyShould(absent).check(CODE);
    }

    private static void checkOnly(String library, String... users) {
        noClasses()
                .that()
                .resideOutsideOfPackages(users)
                .should()
                .dependOnClassesThat(resideInAnyPackage(library))
                .check(CODE);
    }

    private static DescribedPredicate<JavaClass> are(String name) {
        return resideInAnyPackage("dev.muster." + name + "..");
    }

    private static DescribedPredicate<JavaClass> areOursOutside(String... names) {
        var ours = resideInAnyPackage("dev.muster..");
        var inside = resideInAnyPackage(
                Stream.of(names).map(name -> "dev.muster." + name + "..").toArray(String[]::new));
        return ours.and(DescribedPredicate.not(inside)).as("are ours outside of %s", List.of(names));
    }

    /// Anything that gives another answer when asked again: the time, random numbers without a seed, the
    /// environment.
    private static DescribedPredicate<JavaAccess<?>> clockOrDice() {
        Set<String> owners = Set.of(
                "java.time.Clock",
                "java.time.InstantSource",
                "java.security.SecureRandom",
                "java.util.concurrent.ThreadLocalRandom",
                "java.lang.System");
        Set<String> targets = Set.of(
                "java.lang.Math.random()",
                "java.util.Random.<init>()",
                "java.util.SplittableRandom.<init>()",
                "java.util.UUID.randomUUID()",
                "java.util.random.RandomGenerator.getDefault()",
                "java.util.Collections.shuffle(java.util.List)");
        return describe("it asks a clock, dice or the environment", access -> {
            var target = access.getTarget();
            var owner = target.getOwner().getFullName();
            if (target.getFullName().startsWith("java.lang.System.arraycopy(")) return false;
            return owners.contains(owner)
                    || targets.contains(target.getFullName())
                    || (owner.startsWith("java.time.") && target.getName().equals("now"));
        });
    }

    /// `Set.of`, `Map.copyOf` and their like iterate in an order salted anew by each JVM: two voters
    /// would disagree,
    /// and a seed would not repeat. With one element there is no order.
    private static DescribedPredicate<JavaAccess<?>> saltedOrder() {
        return describe("it makes a set or map in salted order; take a Table, a TreeMap or a List", access -> {
            var target = access.getTarget();
            return switch (target.getOwner().getFullName()) {
                case "java.util.Set" -> isSalted(target, 1);
                case "java.util.Map" -> isSalted(target, 2);
                case "java.util.stream.Collectors" ->
                    target.getName().startsWith("toUnmodifiable")
                            && !target.getName().equals("toUnmodifiableList");
                default -> false;
            };
        });
    }

    private static boolean isSalted(AccessTarget target, int parametersOfOne) {
        return switch (target.getName()) {
            case "copyOf", "ofEntries" -> true;
            case "of" ->
                target instanceof AccessTarget.CodeUnitAccessTarget unit
                        && (unit.getRawParameterTypes().size() > parametersOfOne
                                || unit.getRawParameterTypes().stream().anyMatch(JavaClass::isArray));
            default -> false;
        };
    }

    private static Stream<Path> sources(String root) throws IOException {
        try (Stream<Path> files = Files.walk(Path.of(root))) {
            return files.filter(file -> file.toString().endsWith(".java")).toList().stream();
        }
    }

    private static int lines(Path file) {
        try (Stream<String> lines = Files.lines(file)) {
            return (int) lines.count();
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }
}
