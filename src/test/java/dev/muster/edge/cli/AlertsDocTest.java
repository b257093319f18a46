package dev.muster.edge.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import dev.muster.core.alert.AlertRule;
import dev.muster.core.state.AlertPolicy;
import dev.muster.edge.config.AlertPolicyFile;
import dev.muster.edge.config.AlertWish;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

/// docs/ALERTS.md has a section for each rule, and names only commands that there are.
class AlertsDocTest {
    private static final Path DOC = Path.of("docs/ALERTS.md");
    private static final Pattern INLINE = Pattern.compile("`muster ([^`]+)`");
    private static final Pattern LINE = Pattern.compile("(?m)^    \\./muster ([^#\n]+)");
    private static final Pattern WORD = Pattern.compile("\"[^\"]*\"|'[^']*'|\\S+");

    private static String text() throws IOException {
        return Files.readString(DOC);
    }

    @Test
    void everyRuleHasItsSection() throws IOException {
        List<String> sections = text().lines()
                .filter(line -> line.matches("## [a-z-]+"))
                .map(line -> line.substring(3))
                .toList();
        assertThat(sections).containsExactlyElementsOf(AlertRule.words());
        for (AlertRule rule : AlertRule.values()) assertThat(rule.runbook()).isEqualTo("docs/ALERTS.md#" + rule.word());
    }

    /// Where to look and what to do: a command, or the section that has it.
    @Test
    void everySectionSaysWhatToDo() throws IOException {
        for (String section : text().split("\n## ")) {
            String name = section.lines().findFirst().orElse("");
            if (AlertRule.find(name).isEmpty()) continue;
            assertThat(section).as(name).containsPattern("`muster |As `node-lost`");
        }
    }

    @Test
    void theCommandsAreThoseThereAre() throws IOException {
        List<String> commands = new ArrayList<>();
        for (Pattern pattern : List.of(INLINE, LINE)) {
            Matcher found = pattern.matcher(text());
            while (found.find()) commands.add(found.group(1).strip());
        }
        assertThat(commands).hasSizeGreaterThan(50);
        for (String command : commands) {
            List<String> words = new ArrayList<>();
            Matcher word = WORD.matcher(command);
            while (word.find()) words.add(word.group().replaceAll("^['\"]|['\"]$", ""));
            CommandLine line = new CommandLine(Catalog.whole(), Verb.FACTORY);
            assertThatCode(() -> parse(line, words)).as("muster " + command).doesNotThrowAnyException();
        }
    }

    /// A sentence may go on with what a command is given: `muster voter add` another node.
    private static void parse(CommandLine line, List<String> words) {
        try {
            line.parseArgs(words.toArray(String[]::new));
        } catch (CommandLine.MissingParameterException e) {
            assertThat(words).hasSizeBetween(2, 3);
        }
    }

    @Test
    void theExampleIsAPolicyAndNamesEveryKey() throws Exception {
        Matcher yaml =
                Pattern.compile("```yaml\n(gather.*?)```", Pattern.DOTALL).matcher(text());
        assertThat(yaml.find()).isTrue();
        AlertWish wish = AlertPolicyFile.read(DOC, yaml.group(1).getBytes(StandardCharsets.UTF_8));
        AlertPolicy policy = wish.on(AlertPolicy.DEFAULT);
        assertThat(policy.gather()).isEqualTo(AlertPolicy.DEFAULT.gather());
        assertThat(policy.again()).isEqualTo(AlertPolicy.DEFAULT.again());
        assertThat(policy.cooldown()).isEqualTo(AlertPolicy.DEFAULT.cooldown());
        assertThat(policy.clear()).isEqualTo(AlertPolicy.DEFAULT.clear());
        assertThat(policy.hourMax()).isEqualTo(AlertPolicy.DEFAULT.hourMax());
        assertThat(policy.quiet()).hasSize(2);
        assertThat(wish.limits().keys()).contains("hourly-cost", "peers", "budget");
        assertThat(wish.off()).isPresent();
        assertThat(wish.zone()).isPresent();
    }

    /// Holds are those of the rules.
    @Test
    void theHoldsAreTheRules() throws IOException {
        for (String section : text().split("\n## ")) {
            String name = section.lines().findFirst().orElse("");
            AlertRule rule = AlertRule.find(name).orElse(null);
            if (rule == null) continue;
            long seconds = rule.hold().toSeconds();
            String hold =
                    seconds == 0 ? "" : seconds < 60 ? "Hold: " + seconds + " s" : "Hold: " + seconds / 60 + " min";
            if (hold.isEmpty()) assertThat(section).as(name).doesNotContain("Hold:");
            else assertThat(section).as(name).contains(hold);
        }
    }
}
