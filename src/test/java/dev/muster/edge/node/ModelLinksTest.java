package dev.muster.edge.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.muster.core.state.ConfigKey;
import dev.muster.core.state.Sha256;
import dev.muster.edge.config.ModelNames;
import dev.muster.edge.swarm.Manifests;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ModelLinksTest {
    private static final ConfigKey HEX = new ConfigKey("hex8_2p");
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    @TempDir
    Path data;

    private LocalFiles artifacts;
    private ModelLinks links;
    private Path file;
    private Path link;
    private Sha256 first;
    private Sha256 second;

    @BeforeEach
    void open() throws IOException {
        artifacts = LocalFiles.open(data.resolve("artifacts"), new Manifests(data.resolve("manifests")), 1);
        links = ModelLinks.open(data, ModelNames.DEFAULT, artifacts);
        file = data.resolve("models/canonical_hex8_2p.pth");
        link = data.resolve("models/ringrift_best_hex8_2p.pth");
        first = stored("first");
        second = stored("second");
    }

    private Sha256 stored(String text) throws IOException {
        Path made = Files.writeString(data.resolve("made"), text);
        return artifacts.store("made", made).sha();
    }

    private void bothHold(String text) throws IOException {
        assertThat(Files.isSymbolicLink(file)).isFalse();
        assertThat(file).hasContent(text);
        assertThat(Files.readSymbolicLink(link)).isEqualTo(Path.of("canonical_hex8_2p.pth"));
        assertThat(link).hasContent(text);
        try (Stream<Path> all = Files.list(data.resolve("models"))) {
            assertThat(all.filter(path -> path.getFileName().toString().startsWith(".muster-new")))
                    .isEmpty();
        }
    }

    @Test
    void theFileIsTheStoresAndTheLinkIsRelative() throws Exception {
        links.point(HEX, first);

        bothHold("first");
        assertThat(Files.isSameFile(file, artifacts.path(first))).isTrue();
        assertThat(links.all().require(HEX)).isEqualTo(first);
        assertThat(links.point(HEX, first)).isEmpty();
    }

    @Test
    void twoPromotionsInARowEndWithTheLastAndBackAgain() throws Exception {
        links.point(HEX, first);
        assertThat(links.point(HEX, second))
                .containsExactly("canonical_hex8_2p.pth is " + second.brief() + " instead of " + first.brief());
        bothHold("second");
        links.point(HEX, first);
        bothHold("first");
        assertThat(artifacts.path(second)).hasContent("second");
    }

    @Test
    void aNewAgentKnowsWhatIsInPlace() throws Exception {
        links.point(HEX, first);
        links.point(HEX, second);
        assertThat(ModelLinks.open(data, ModelNames.DEFAULT, artifacts).all().require(HEX))
                .isEqualTo(second);
    }

    @Test
    void theLinkOfAnEarlierBuildGoes() throws Exception {
        Path old = data.resolve("models/hex8_2p");
        Files.createSymbolicLink(
                old,
                data.resolve("models")
                        .toRealPath()
                        .relativize(artifacts.path(first).toRealPath()));
        Path other = Files.createSymbolicLink(data.resolve("models/mine"), data.resolve("made"));
        ModelLinks.open(data, ModelNames.DEFAULT, artifacts);
        assertThat(Files.isSymbolicLink(old)).isFalse();
        assertThat(Files.isSymbolicLink(other)).isTrue();
        assertThat(artifacts.path(first)).hasContent("first");
    }

    @Test
    void aFileWhereTheLinkShouldBeIsMovedAsideAndTheNextOneToo() throws Exception {
        for (String text : List.of("mine", "mine again")) {
            Files.deleteIfExists(link);
            Files.writeString(link, text);
            assertThat(links.point(HEX, first).toString()).contains("where a link should be, moved to");
            bothHold("first");
        }
        assertThat(data.resolve("models/ringrift_best_hex8_2p.pth.muster-aside-1"))
                .hasContent("mine");
        assertThat(data.resolve("models/ringrift_best_hex8_2p.pth.muster-aside-2"))
                .hasContent("mine again");
    }

    @Test
    void somebodyElsesCanonicalFileIsMovedAsideAndALinkInItsPlaceReplaced() throws Exception {
        Files.writeString(file, "mine");
        links.point(HEX, first);
        bothHold("first");
        assertThat(data.resolve("models/canonical_hex8_2p.pth.muster-aside-1")).hasContent("mine");

        Path precious = Files.writeString(data.resolve("precious"), "precious");
        Files.delete(file);
        Files.createSymbolicLink(file, precious);
        assertThat(links.point(HEX, second).toString()).contains("was a link to " + precious);
        bothHold("second");
        assertThat(precious).hasContent("precious");
    }

    @Test
    void aDirectoryInTheWayIsMovedAsideWithAllInIt() throws Exception {
        Files.createDirectories(file);
        Files.writeString(file.resolve("inside"), "x");
        links.point(HEX, first);
        bothHold("first");
        assertThat(data.resolve("models/canonical_hex8_2p.pth.muster-aside-1/inside"))
                .hasContent("x");
    }

    @Test
    void missingBrokenAndForeignLinksAreFoundAndMadeAgain() throws Exception {
        links.point(HEX, first);
        Files.delete(link);
        displacedThenPutBack();
        Files.delete(link);
        Files.createSymbolicLink(link, Path.of("nowhere"));
        displacedThenPutBack();
        Files.delete(link);
        Files.createSymbolicLink(link, data.resolve("made"));
        displacedThenPutBack();
        Files.delete(file);
        displacedThenPutBack();
        assertThat(data.resolve("made")).exists();
    }

    private void displacedThenPutBack() throws IOException {
        Eventually.await("it to be found", PATIENCE, () -> !links.all().has(HEX));
        assertThat(links.point(HEX, first)).hasSize(1);
        bothHold("first");
    }

    @Test
    void aLinkThatCannotBeWrittenIsTroubleUntilItIsWrittenOrNotWantedAnyMore() throws Exception {
        links.point(HEX, first);
        Path models = data.resolve("models");
        Path away = Files.move(models, data.resolve("away"));
        Files.writeString(models, "no directory");
        assertThatThrownBy(() -> links.point(HEX, second)).isInstanceOf(IOException.class);
        assertThat(links.troubles().require(second)).startsWith("links not written: ");

        links.keepOnly((config, sha) -> sha.equals(second));
        assertThat(links.troubles().keys()).containsExactly(second);
        links.keepOnly((config, sha) -> sha.equals(first));
        assertThat(links.troubles().isEmpty()).isTrue();

        assertThatThrownBy(() -> links.point(HEX, second)).isInstanceOf(IOException.class);
        Files.delete(models);
        Files.move(away, models);
        links.point(HEX, second);
        assertThat(links.troubles().isEmpty()).isTrue();
        bothHold("second");
    }

    @Test
    void aModelThatWasWrittenToInPlaceIsDoubtedAlsoByTheNextAgent() throws Exception {
        links.point(HEX, first);
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r--r--"));
        FileTime before = Files.getLastModifiedTime(file);
        Files.writeString(file, "FIRST");
        Files.setLastModifiedTime(file, FileTime.fromMillis(before.toMillis() + 1));

        Eventually.await("it to be found", PATIENCE, () -> {
            assertThat(links.all().require(HEX)).isEqualTo(first);
            return artifacts.doubted().contains(first);
        });

        artifacts = LocalFiles.open(data.resolve("artifacts"), new Manifests(data.resolve("manifests")), 1);
        ModelLinks next = ModelLinks.open(data, ModelNames.DEFAULT, artifacts);
        assertThat(artifacts.doubted()).containsExactly(first);
        next.verified(first);
        next.point(HEX, first);
        assertThat(artifacts.doubted()).as("what was read since").isEmpty();
    }

    @Test
    void whatTheStoreFoundDamagedIsNotPlayedWithUntilItHasComeAgain() throws Exception {
        links.point(HEX, first);
        Path quarantined = data.resolve("quarantined");
        Files.createLink(quarantined, file);
        links.withdraw(first, quarantined);
        assertThat(file).doesNotExist();
        assertThat(links.all().has(HEX)).isFalse();
        links.point(HEX, first);
        bothHold("first");
    }

    @Test
    void aFileThatTheStoreFetchedAgainReplacesTheOldOne() throws Exception {
        links.point(HEX, first);
        Files.delete(artifacts.path(first));
        assertThat(links.all().require(HEX)).isEqualTo(first);
        stored("first");
        links.point(HEX, first);
        assertThat(Files.isSameFile(file, artifacts.path(first))).isTrue();
    }
}
