package dev.muster.edge.local;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ContextTest {
    private static final Context.Owner SELF = Context.Owner.of(ProcessHandle.current());
    private static final Context.Owner OTHER =
            Context.Owner.of(ProcessHandle.current().parent().orElseThrow());

    @TempDir
    Path folder;

    private Path shared;

    @BeforeEach
    void name() {
        shared = folder.resolve("config/context.json");
    }

    private Context context(String name, Context.Owner owner) {
        return new Context(
                shared, folder.resolve(name).resolve("context.json"), List.of("http://" + name), "secret", owner);
    }

    @Test
    void aSecondDemoLeavesTheContextToTheFirst() throws Exception {
        Context first = context("first", OTHER);
        Context second = context("second", SELF);

        assertThat(first.write()).isEmpty();
        assertThat(second.write()).contains(OTHER);

        assertThat(shared).content().contains("http://first");
        assertThat(second.own()).content().contains("http://second").contains("secret");
        second.remove();
        assertThat(shared).content().contains("http://first");
        assertThat(second.own()).doesNotExist();
        first.remove();
        assertThat(shared).doesNotExist();
    }

    @Test
    void aPersonsContextIsPutBack() throws Exception {
        Files.createDirectories(shared.getParent());
        Files.writeString(shared, "{\"node\":\"http://mine\"}");
        Context demo = context("demo", SELF);

        assertThat(demo.write()).isEmpty();
        assertThat(shared).content().contains("http://demo").contains("\"pid\":" + SELF.pid());
        demo.remove();

        assertThat(shared).content().isEqualTo("{\"node\":\"http://mine\"}");
    }

    @Test
    void whatADemoLeftThatWasKilledIsReplacedAndNotPutBack() throws Exception {
        Context.Owner dead = new Context.Owner(OTHER.pid(), Instant.EPOCH);
        assertThat(context("dead", dead).write()).isEmpty();
        Context demo = context("demo", SELF);

        assertThat(demo.write()).isEmpty();
        assertThat(shared).content().contains("http://demo");
        demo.remove();

        assertThat(shared).doesNotExist();
    }
}
