package dev.muster.edge.provider;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ApiKeyTest {
    @Test
    void aKeyIsTakenOutOfATextUnlessItIsALetterOrTwo() {
        assertThat(new ApiKey("0123456789abcdef").hiddenIn("no key 0123456789abcdef!"))
                .isEqualTo("no key [removed]!");
        assertThat(new ApiKey("k").hiddenIn("{\"disk_space\": 10}")).isEqualTo("{\"disk_space\": 10}");
        assertThat(new ApiKey("0123456789abcdef")).hasToString("***");
    }
}
