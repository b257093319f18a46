package dev.muster.edge.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class OpenApiGoldenTest {
    private static final Path DOCUMENT = Path.of("src/main/resources/openapi.json");

    private final InMemoryMember member = InMemoryMember.ofFour();
    private final List<Route> routes = Routes.of(new Api(member, member, null, null, null, null, null));

    @Test
    void theDocumentDescribesTheRoutesAndTheirTypes() throws Exception {
        Golden.check(DOCUMENT, OpenApi.of(routes));
    }

    @Test
    void theServedRoutesAndTheDocumentsRoutesAreTheSame() throws Exception {
        TreeSet<String> served = new TreeSet<>();
        for (Route route : routes) served.add(route.method() + " " + route.path());
        TreeSet<String> described = new TreeSet<>();
        JsonNode paths =
                JsonMapper.shared().readTree(Files.readString(DOCUMENT)).path("paths");
        for (Map.Entry<String, JsonNode> path : paths.properties()) {
            for (String method : path.getValue().propertyNames())
                described.add(method.toUpperCase(Locale.ROOT) + " " + path.getKey());
        }
        assertThat(described).isEqualTo(served);
        assertThat(served).hasSizeGreaterThan(35);
    }
}
