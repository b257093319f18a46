package dev.muster.edge.view;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.muster.edge.config.Nearest;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.dataformat.yaml.YAMLFactory;

class DocTest {
    private static Doc json(String text) {
        return Doc.json(text.getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void jsonIsReadAndWrittenAsItIs() {
        String text = "{\"a\":[1,-2,3.5,true,false,null],\"b\":{\"c\":\"x\\ny\\u00e9\\\"\\\\\"},\"d\":[],\"e\":{}}";
        assertThat(DocText.compact(json(text)).replace("é", "\\u00e9")).isEqualTo(text);
        assertThat(json(" 7 ").text()).isEqualTo("7");
        assertThat(json("-9100000000000000001").text()).isEqualTo("-9100000000000000001");
        assertThat(json("{\"n\":99223372036854775807}").decimal("n")).hasValue(99223372036854775807.0);
        assertThat(json("1e3").text()).isEqualTo("1000");
    }

    @Test
    void whatIsMissingIsEmpty() {
        Doc doc = json("{\"a\":{\"b\":null}}");
        assertThat(doc.get("x").get("y").text()).isEmpty();
        assertThat(doc.get("a").has("b")).isFalse();
        assertThat(doc.list("a")).isEmpty();
        assertThat(doc.number("a")).isZero();
        assertThat(doc.decimal("x")).isEmpty();
        assertThat(doc.time("a")).isEmpty();
        assertThat(json("{\"t\":\"yesterday\"}").time("t")).isEmpty();
    }

    @Test
    void whatIsNoJsonIsToldWithItsPlace() {
        for (String wrong : List.of(
                "",
                "{",
                "[1,",
                "{\"a\" 1}",
                "{a:1}",
                "[1 2]",
                "tru",
                "\"x",
                "\"\\q\"",
                "\"\\u12\"",
                "1 2",
                "-",
                "{\"a\":1,}",
                "+1")) {
            assertThatThrownBy(() -> json(wrong))
                    .as(wrong)
                    .isInstanceOf(NotJson.class)
                    .hasMessageContaining("line 1, column");
        }
        assertThatThrownBy(() -> json("{\n  \"a\": x}"))
                .hasMessage("expected a value at line 2, column 8, but found \"x\"");
        assertThatThrownBy(() -> json("[".repeat(300))).hasMessageContaining("at most 200 levels");
        assertThat(json("[" + "[],".repeat(500) + "[]]").list()).hasSize(501);
    }

    @Test
    void itReadsWhatAnotherWriterWrites() {
        Random random = new Random(7);
        for (int times = 0; times < 200; times++) {
            var tree = JsonMapper.shared().createObjectNode();
            StringBuilder letters = new StringBuilder();
            for (int letter = 0; letter < 20; letter++) letters.append((char) random.nextInt(0xd7ff));
            tree.put("text", letters.toString()).put("number", random.nextInt()).put("decimal", random.nextGaussian());
            Doc doc = Doc.json(JsonMapper.shared().writeValueAsBytes(tree));
            assertThat(doc.text("text")).isEqualTo(letters.toString());
            assertThat(doc.number("number")).isEqualTo(tree.get("number").asLong());
            assertThat(doc.decimal("decimal").orElseThrow())
                    .isEqualTo(tree.get("decimal").asDouble());
            assertThat(JsonMapper.shared().readTree(DocText.json(doc))).isEqualTo(tree);
        }
    }

    @Test
    void yamlIsWrittenSoThatItIsReadBackTheSame() {
        Doc doc = json(
                "{\"name\":\"n1\",\"no\":\"no\",\"empty\":\"\",\"number\":\"12\",\"list\":[{\"a\":1,\"b\":[1,\"x: y\"]},[],\"- z\"],"
                        + "\"map\":{\"k\":{\"deep\":\"line\\nfeed\"}},\"none\":null,\"on\":true,\"share\":0.5,\"colon\":\"a: b # c\"}");
        byte[] yaml = DocText.yaml(doc).getBytes(StandardCharsets.UTF_8);
        Doc back = Doc.read(new YAMLFactory(), new ByteArrayInputStream(yaml));
        assertThat(DocText.compact(back)).isEqualTo(DocText.compact(doc));
    }

    @Test
    void tablesAreAlignedAndOfOneLineEach() {
        String table = new TextTable("NAME", ">COUNT", "LAST")
                .row("a", 1, "x\ny")
                .row("longer", 100, "")
                .render();
        assertThat(table).isEqualTo("NAME    COUNT  LAST\na           1  x y\nlonger    100  -\n");
    }

    @Test
    void theNearestWordIsFoundAndNoneThatIsFar() {
        assertThat(Nearest.of("prioritty", List.of("priority", "name"))).contains("priority");
        assertThat(Nearest.of("xyz", List.of("priority", "name"))).isEmpty();
        assertThat(Nearest.distance("kitten", "sitting")).isEqualTo(3);
    }
}
