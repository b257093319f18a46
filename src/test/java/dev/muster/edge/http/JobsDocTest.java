package dev.muster.edge.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.core.state.JobSpec;
import dev.muster.core.state.Resources;
import java.io.IOException;
import java.lang.reflect.RecordComponent;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import tools.jackson.dataformat.yaml.YAMLMapper;

/// `docs/JOBS.md` says what the parser knows.
class JobsDocTest {
    private static final Path DOC = Path.of("docs/JOBS.md");

    @Test
    void everyKeyOfAJobHasItsLine() throws IOException {
        String text = Files.readString(DOC);
        for (Class<?> type : List.of(JobSpec.class, Resources.class, JobSpec.Input.class, JobSpec.Output.class)) {
            for (RecordComponent field : type.getRecordComponents()) {
                assertThat(text).as(type.getSimpleName()).contains("\n| `" + snake(field.getName()) + "` | ");
            }
        }
        assertThat(text).contains("\n| `cpus` | ").contains("\n| `why` | ");
    }

    @Test
    void theDefaultsAreTheParsers() throws IOException {
        JobSpec bare = Forms.job(YAMLMapper.builder().build().readTree("command: [/bin/play]"));
        String text = Files.readString(DOC);
        assertThat(bare.name()).isEqualTo("play");
        assertThat(text)
                .contains("| `tasks` | 1 to " + JobSpec.TASKS_MAX + " | " + bare.tasks() + " |")
                .contains("| `nodes` | 1 to " + JobSpec.NODES_MAX + " | " + bare.nodes() + " |")
                .contains("| `priority` | 0 to 100 | " + bare.priority() + " |")
                .contains("| `max_attempts` | 1 to 100 | " + bare.maxAttempts() + " |")
                .contains("| `cpu_millis` | thousandths of a core | "
                        + bare.resources().cpuMillis() + " |")
                .contains("| `grace` | duration | `" + bare.grace().toMinutes() + "m` |");
    }

    @Test
    void theExamplesAreJobs() throws IOException {
        List<JobSpec> examples = new ArrayList<>();
        StringBuilder example = new StringBuilder();
        for (String line : (Files.readString(DOC) + "\n").lines().toList()) {
            if (line.startsWith("    ")) example.append(line.substring(4)).append('\n');
            else if (!example.isEmpty()) {
                examples.add(Forms.job(YAMLMapper.builder().build().readTree(example.toString())));
                example.setLength(0);
            }
        }
        assertThat(examples).hasSize(5);
        assertThat(examples).anyMatch(job -> job.nodes() == 3);
        assertThat(examples.getFirst().resources().cpuMillis()).isEqualTo(1500);
        assertThat(examples.getLast().inputs().getFirst().path()).isEqualTo("games.jsonl");
        assertThat(examples.getLast().outputs()).contains(new JobSpec.Output("train.log", false));
    }

    private static String snake(String name) {
        return name.replaceAll("([A-Z])", "_$1").toLowerCase(Locale.ROOT);
    }
}
